"""How enrolments in pathways go on: from mastery to the next series, over midnight, and until their time runs out."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from portal_api.database import Database
from portal_api.domain.history import ActorKind, HistoryAction
from portal_api.domain.pathways import PathwayKind
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import history_entries, pathway_enrolments, series_enrolments
from portal_api.ticker import tick
from tests import invariants
from tests.api.calls import call
from tests.api.cases import outcomes, row_codes
from tests.client import Client, Json
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record, organisation_with_everybody

MICROSECOND = timedelta(microseconds=1)
WALK = """
    query($id: ID!) { pathwayEnrolment(id: $id) {
      status position endsAt completedAt version
      seriesEnrolments { nodes { id status startsAt endsAt series { id } trackingCode } }
      actions { action available }
    } }
"""


async def _enrolled(admin: Client, learner: Record, pathway: Record) -> str:
    """Enrols a learner, and names the enrolment in the pathway."""
    payload = await call(
        admin, "enrolInPathway", pathwayId=pathway.gid, learnerIds=[learner.gid], trackingCode="spring"
    )
    return payload["results"][0]["node"]["id"]


async def _walk(client: Client, id_: str) -> Json:
    return (await client.query(WALK, {"id": id_}))["pathwayEnrolment"]


async def _master(machine: Client, *series_enrolments_: str) -> Json:
    activities = [{"enrolmentId": id_, "questionsAnswered": 10, "questionsCorrect": 9} for id_ in series_enrolments_]
    return await call(machine, "recordSeriesActivity", "status", activities=activities)


async def _entries(organisation: Organisation, action: HistoryAction) -> list[dict[str, Any]]:
    return [row for row in await organisation.stored(history_entries) if row["action"] is action]


async def test_a_linear_pathway_opens_the_next_series_in_the_moment_of_mastery_and_ends_with_the_last(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    steps = [organisation.series() for _ in range(3)]
    pathway, learner = organisation.pathway(*steps), organisation.learner()
    admin, machine = sign_in(Role.ADMIN), sign_in(Role.INTEGRATION)
    walk = await _enrolled(admin, learner, pathway)

    for position, step in enumerate(steps, start=1):
        clock.advance(3 * DAY)
        before = await _walk(admin, walk)
        assert (before["status"], before["position"]) == ("IN_PROGRESS", position)
        [open_] = [each for each in before["seriesEnrolments"]["nodes"] if each["status"] != "MASTERED"]
        assert open_["series"] == {"id": step.gid}
        assert open_["endsAt"] == before["endsAt"]
        assert open_["trackingCode"] == "spring"
        assert outcomes(await _master(machine, open_["id"])) == ["CHANGED"]

    after = await _walk(admin, walk)
    assert (after["status"], after["position"], after["version"]) == ("COMPLETED", 3, 4)
    assert after["completedAt"] == "2026-03-11T09:30:15.250001Z"
    assert {each["status"] for each in after["seriesEnrolments"]["nodes"]} == {"MASTERED"}
    assert after["actions"] == [{"action": "WITHDRAW", "available": False}]
    starts = [each["startsAt"] for each in after["seriesEnrolments"]["nodes"]]
    assert starts == [f"2026-03-{day:02}T09:30:15.250001Z" for day in (2, 5, 8)]
    entries = {row["id"]: row for row in await organisation.stored(history_entries)}
    caused = {
        HistoryAction.PATHWAY_ENROLMENT_ADVANCED: HistoryAction.SERIES_ENROLMENT_MASTERED,
        HistoryAction.PATHWAY_ENROLMENT_COMPLETED: HistoryAction.SERIES_ENROLMENT_MASTERED,
    }
    for row in entries.values():
        if row["action"] in caused:
            assert entries[row["cause_id"]]["action"] is caused[row["action"]]
    opened = await _entries(organisation, HistoryAction.SERIES_ENROLMENT_CREATED)
    assert sorted(entries[row["cause_id"]]["action"].name for row in opened) == [
        "PATHWAY_ENROLMENT_ADVANCED",
        "PATHWAY_ENROLMENT_ADVANCED",
        "PATHWAY_ENROLMENT_CREATED",
    ]


# The clocks of Auckland are put back on 5 April 2026 at 03:00, those of Los Angeles forward on 8 March at 02:00.
NIGHTS = [
    ("UTC", datetime(2026, 3, 9, 23, 30, tzinfo=UTC), datetime(2026, 3, 10, tzinfo=UTC)),
    ("Pacific/Auckland", datetime(2026, 4, 4, 10, 59, 59, tzinfo=UTC), datetime(2026, 4, 4, 11, tzinfo=UTC)),
    ("Pacific/Auckland", datetime(2026, 4, 4, 11, tzinfo=UTC), datetime(2026, 4, 5, 12, tzinfo=UTC)),
    ("Pacific/Auckland", datetime(2026, 4, 5, 11, 59, tzinfo=UTC), datetime(2026, 4, 5, 12, tzinfo=UTC)),
    ("America/Los_Angeles", datetime(2026, 3, 8, 7, 59, tzinfo=UTC), datetime(2026, 3, 8, 8, tzinfo=UTC)),
    ("America/Los_Angeles", datetime(2026, 3, 8, 8, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)),
    ("America/Los_Angeles", datetime(2026, 3, 9, 6, 59, 59, tzinfo=UTC), datetime(2026, 3, 9, 7, tzinfo=UTC)),
]


@pytest.mark.parametrize(("zone", "mastered_at", "opens_at"), NIGHTS)
async def test_an_interleaved_pathway_opens_the_next_series_with_the_next_day_of_the_organisation(
    zone: str,
    mastered_at: datetime,
    opens_at: datetime,
    organisation: Organisation,
    sign_in: SignIn,
    clock: ManualClock,
) -> None:
    await organisation.move_to(zone)
    first, second = organisation.series(), organisation.series()
    pathway, learner = organisation.pathway(first, second, kind=PathwayKind.INTERLEAVED), organisation.learner()
    admin, machine = sign_in(Role.ADMIN), sign_in(Role.INTEGRATION)
    walk = await _enrolled(admin, learner, pathway)
    [open_] = (await _walk(admin, walk))["seriesEnrolments"]["nodes"]
    clock.now = mastered_at

    await _master(machine, open_["id"])
    _, waiting = (await _walk(admin, walk))["seriesEnrolments"]["nodes"]
    early = await _master(machine, waiting["id"])
    clock.now = opens_at - MICROSECOND
    just_before = await _walk(admin, walk)
    clock.now = opens_at
    opened = await _walk(admin, walk)
    late = await _master(machine, waiting["id"])

    assert waiting["startsAt"] == opens_at.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert row_codes(early) == [["STATUS_NOT_ALLOWED"]]
    assert just_before["seriesEnrolments"]["nodes"][1]["status"] == "WAITING_TO_START"
    assert opened["seriesEnrolments"]["nodes"][1]["status"] == "NO_ATTEMPTS"
    assert opened["endsAt"] == waiting["endsAt"]
    assert outcomes(late) == ["CHANGED"]
    assert (await _walk(admin, walk))["status"] == "COMPLETED"


async def test_several_pathways_go_on_in_one_call_as_cheaply_as_one(
    organisation: Organisation, sign_in: SignIn
) -> None:
    pathway = organisation.pathway(organisation.series(), organisation.series())
    admin, machine = sign_in(Role.ADMIN), sign_in(Role.INTEGRATION)
    counts: list[int] = []
    for number in (1, 200):
        learners = [organisation.learner().gid for _ in range(number)]
        await call(admin, "enrolInPathway", pathwayId=pathway.gid, learnerIds=learners)
        rows = [row for row in await organisation.stored(series_enrolments) if row["status"].name == "NO_ATTEMPTS"]
        ids = [f"sen_{row['id'].hex}" for row in rows if row["questions_answered"] == 0 and row["mastered_at"] is None]
        opened = {row["pathway_enrolment_id"] for row in rows}
        assert len(opened) == len(ids)
        fresh = [id_ for id_, row in zip(ids, rows, strict=True) if f"lrn_{row['learner_id'].hex}" in learners]
        before = organisation.database.tally.statements
        assert outcomes(await _master(machine, *fresh)) == ["CHANGED"] * number
        counts.append(organisation.database.tally.statements - before)

    assert counts[0] == counts[1]
    assert {row["position"] for row in await organisation.stored(pathway_enrolments)} == {2}


async def test_a_retired_pathway_and_a_retired_series_go_on_for_whoever_is_in_them(
    organisation: Organisation, sign_in: SignIn
) -> None:
    first, second = organisation.series(), organisation.series()
    pathway, learner = organisation.pathway(first, second), organisation.learner()
    admin, machine = sign_in(Role.ADMIN), sign_in(Role.INTEGRATION)
    walk = await _enrolled(admin, learner, pathway)
    await call(admin, "retirePathways", ids=[pathway.gid])
    await call(admin, "retireSeries", ids=[first.gid, second.gid])

    for _ in range(2):
        nodes = (await _walk(admin, walk))["seriesEnrolments"]["nodes"]
        [open_] = [each["id"] for each in nodes if each["status"] != "MASTERED"]
        await _master(machine, open_)

    assert (await _walk(admin, walk))["status"] == "COMPLETED"


async def test_a_preview_of_a_mastery_opens_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    pathway, learner = organisation.pathway(organisation.series(), organisation.series()), organisation.learner()
    admin, machine = sign_in(Role.ADMIN), sign_in(Role.INTEGRATION)
    walk = await _enrolled(admin, learner, pathway)
    [open_] = (await _walk(admin, walk))["seriesEnrolments"]["nodes"]
    before = await organisation.everything()
    activity = {"enrolmentId": open_["id"], "questionsAnswered": 10, "questionsCorrect": 10}

    payload = await call(machine, "recordSeriesActivity", "status", activities=[activity], preview=True)

    assert payload["results"][0]["node"] == {"status": "MASTERED"}
    assert await organisation.everything() == before


async def test_a_pathway_is_incomplete_from_the_instant_at_which_the_time_of_its_series_runs_out(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    pathway, learner = organisation.pathway(organisation.series(), organisation.series()), organisation.learner()
    admin, machine = sign_in(Role.ADMIN), sign_in(Role.INTEGRATION)
    walk = await _enrolled(admin, learner, pathway)
    counted = "{ pathwayEnrolments(filter: {status: {eq: INCOMPLETE}}) { totalCount } pathwayEnrolmentIds(filter: {status: {in: [IN_PROGRESS]}}) { totalCount } }"
    end = datetime.fromisoformat((await _walk(admin, walk))["endsAt"])

    clock.now = end - MICROSECOND
    assert (await _walk(admin, walk))["status"] == "IN_PROGRESS"
    assert await admin.query(counted) == {
        "pathwayEnrolments": {"totalCount": 0},
        "pathwayEnrolmentIds": {"totalCount": 1},
    }
    clock.now = end
    over = await _walk(admin, walk)
    refused = await _master(machine, over["seriesEnrolments"]["nodes"][0]["id"])

    assert over["status"] == "INCOMPLETE"
    assert over["seriesEnrolments"]["nodes"][0]["status"] == "DID_NOT_START"
    assert await admin.query(counted) == {
        "pathwayEnrolments": {"totalCount": 1},
        "pathwayEnrolmentIds": {"totalCount": 0},
    }
    assert row_codes(refused) == [["STATUS_NOT_ALLOWED"]]


async def test_the_ticker_writes_down_that_a_pathway_and_its_series_ended_at_the_same_instant(
    own_database: Database, new_id: RepeatableIds
) -> None:
    clock = ManualClock(START)
    made = organisation_with_everybody(own_database, clock, new_id)
    end = START + DAY
    series = made.series()
    pathway = made.pathway(series, made.series())
    for _ in range(3):
        made.pathway_enrolment(made.learner(), pathway, ends_at=end)
    later = made.pathway_enrolment(made.learner(), pathway, ends_at=end + DAY)
    await made.save()
    clock.now = end + timedelta(hours=7)

    moved = await tick(own_database, clock, new_id)
    again = await tick(own_database, clock, new_id)

    assert (moved, again) == (6, 0)
    ended = [row for row in await made.stored(history_entries) if row["action"].name.endswith("_ENDED")]
    assert {row["occurred_at"] for row in ended} == {end}
    assert {row["actor_kind"] for row in ended} == {ActorKind.CLOCK}
    assert sorted(row["to_status"] for row in ended) == ["INCOMPLETE"] * 6
    running = [row["id"] for row in await made.stored(pathway_enrolments) if row["status"].name == "IN_PROGRESS"]
    assert running == [later.id]
    await invariants.check(own_database, made.id)


async def test_what_is_extended_ends_later_with_its_pathway(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    walk = organisation.pathway_enrolment(organisation.learner(), organisation.pathway(organisation.series()))
    [row] = organisation.rows[series_enrolments]
    end = clock() + 90 * DAY

    payload = await call(
        sign_in(Role.ADMIN),
        "extendSeriesEnrolments",
        "endsAt pathwayEnrolment { endsAt version }",
        ids=[organisation.record(row["id"]).gid],
        endsAt=end.isoformat(),
    )

    text = end.strftime("%Y-%m-%dT%H:%M:%S.%fZ")
    assert payload["results"][0]["node"] == {"endsAt": text, "pathwayEnrolment": {"endsAt": text, "version": 2}}
    [entry] = await _entries(organisation, HistoryAction.PATHWAY_ENROLMENT_EXTENDED)
    [cause] = await _entries(organisation, HistoryAction.SERIES_ENROLMENT_EXTENDED)
    assert (entry["subject_id"], entry["cause_id"]) == (walk.id, cause["id"])


async def test_a_mastered_series_outside_of_any_pathway_opens_nothing(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner, series = organisation.learner(), organisation.series()
    organisation.pathway(series, organisation.series())
    alone = organisation.enrolment(learner, series, SeriesEnrolmentStatus.NO_ATTEMPTS)

    assert outcomes(await _master(sign_in(Role.INTEGRATION), alone.gid)) == ["CHANGED"]
    assert len(await organisation.stored(series_enrolments)) == 1


async def test_another_due_date_alone_leaves_the_pathway_as_it_is(organisation: Organisation, sign_in: SignIn) -> None:
    walk = organisation.pathway_enrolment(organisation.learner(), organisation.pathway(organisation.series()))
    [row] = organisation.rows[series_enrolments]

    payload = await call(
        sign_in(Role.ADMIN),
        "extendSeriesEnrolments",
        ids=[organisation.record(row["id"]).gid],
        endsAt=row["ends_at"].isoformat(),
        dueOn="2026-04-01",
    )

    assert outcomes(payload) == ["CHANGED"]
    [stored] = await organisation.stored(pathway_enrolments)
    assert (stored["id"], stored["version"]) == (walk.id, 1)
