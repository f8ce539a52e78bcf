"""Enrolment in pathways and withdrawal from them: whole or not at all, and nothing of it alone (S3, the last paragraph)."""

from datetime import timedelta

import pytest
from sqlalchemy import Table

from portal_api.domain.history import HistoryAction
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import history_entries, pathway_enrolments, series_enrolments
from tests.api.calls import call
from tests.api.cases import outcomes, row_codes
from tests.client import codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

_S = SeriesEnrolmentStatus
ENROLLED = """
  id externalRef status position enrolledAt endsAt trackingCode version learner { id } pathway { id }
  seriesEnrolments(first: 3) { nodes { status startsAt endsAt trackingCode series { id } } }
"""


async def _row(organisation: Organisation, record: Record) -> dict[str, object]:
    [row] = [row for row in await organisation.stored(record.table) if row["id"] == record.id]
    return row


async def _statuses(organisation: Organisation, table: Table) -> list[str]:
    return sorted(row["status"].name for row in await organisation.stored(table))


@pytest.mark.parametrize("kind", ["LINEAR", "INTERLEAVED"])
async def test_whoever_is_enrolled_begins_the_first_series_at_once(
    kind: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    first, second = organisation.series(), organisation.series()
    admin = sign_in(Role.ADMIN)
    made = await call(admin, "createPathway", title="Way", kind=kind, seriesIds=[first.gid, second.gid])
    pathway = made["results"][0]["node"]["id"]
    known, unknown = organisation.learner(), organisation.learner(first_signed_in_at=None)

    payload = await call(
        admin, "enrolInPathway", ENROLLED, pathwayId=pathway, learnerIds=[known.gid, unknown.gid], trackingCode="2026"
    )

    now, later = "2026-03-02T09:30:15.250001Z", "2027-03-02T09:30:15.250001Z"
    for result, learner, status in zip(
        payload["results"], (known, unknown), ("NO_ATTEMPTS", "NOT_SIGNED_IN"), strict=True
    ):
        assert result["id"] == learner.gid
        node = result["node"]
        assert node.pop("id") == node.pop("externalRef")
        assert node == {
            "status": "IN_PROGRESS",
            "position": 1,
            "enrolledAt": now,
            "endsAt": later,
            "trackingCode": "2026",
            "version": 1,
            "learner": {"id": learner.gid},
            "pathway": {"id": pathway},
            "seriesEnrolments": {
                "nodes": [
                    {
                        "status": status,
                        "startsAt": now,
                        "endsAt": later,
                        "trackingCode": "2026",
                        "series": {"id": first.gid},
                    }
                ]
            },
        }
    entries = {row["id"]: row for row in await organisation.stored(history_entries)}
    opened = [row for row in entries.values() if row["action"] is HistoryAction.SERIES_ENROLMENT_CREATED]
    assert {entries[row["cause_id"]]["action"] for row in opened} == {HistoryAction.PATHWAY_ENROLMENT_CREATED}
    assert [entries[row["cause_id"]]["learner_id"] for row in opened] == [row["learner_id"] for row in opened]


async def test_an_enrolment_fails_whole_and_names_each_series_that_is_taken_or_still_ahead(
    organisation: Organisation, sign_in: SignIn
) -> None:
    """The learner takes one series of the pathway, has another ahead in a pathway that runs, and has mastered a third."""
    taken, ahead, open_there, mastered, free = [organisation.series() for _ in range(5)]
    learner, other = organisation.learner(), organisation.learner()
    organisation.enrolment(learner, taken)
    organisation.enrolment(learner, mastered, _S.MASTERED)
    organisation.pathway_enrolment(learner, organisation.pathway(open_there, ahead))
    pathway = organisation.pathway(free, ahead, mastered, taken, open_there)
    admin = sign_in(Role.ADMIN)
    before = await _saved(organisation)

    payload = await call(admin, "enrolInPathway", pathwayId=pathway.gid, learnerIds=[learner.gid])
    both = await call(admin, "enrolInPathway", pathwayId=pathway.gid, learnerIds=[learner.gid, other.gid], preview=True)

    assert row_codes(payload) == [["ALREADY_ENROLLED"]]
    [error] = payload["results"][0]["errors"]
    assert error["__typename"] == "AlreadyEnrolled"
    assert error["seriesIds"] == [ahead.gid, taken.gid, open_there.gid]
    assert all(repr(each["title"]) in error["message"] for each in (ahead, taken, open_there))
    assert payload["results"][0]["node"] is None
    assert outcomes(both) == ["REFUSED", "CHANGED"]
    assert await organisation.everything() == before


async def _saved(organisation: Organisation) -> dict[str, list[dict[str, object]]]:
    await organisation.save()
    return await organisation.everything()


async def test_a_series_ahead_in_a_running_pathway_counts_as_taken_for_a_series_alone_too(
    organisation: Organisation, sign_in: SignIn
) -> None:
    open_, ahead = organisation.series(), organisation.series()
    learner = organisation.learner()
    organisation.pathway_enrolment(learner, organisation.pathway(open_, ahead))
    admin = sign_in(Role.ADMIN)

    payload = await call(admin, "enrolInSeries", seriesId=ahead.gid, learnerIds=[learner.gid])

    assert row_codes(payload) == [["ALREADY_ENROLLED"]]
    assert payload["results"][0]["errors"][0]["seriesIds"] == [ahead.gid]


@pytest.mark.parametrize(
    "status", [PathwayEnrolmentStatus.COMPLETED, PathwayEnrolmentStatus.INCOMPLETE, PathwayEnrolmentStatus.WITHDRAWN]
)
async def test_a_pathway_that_has_ended_stands_in_nobodys_way(
    status: PathwayEnrolmentStatus, organisation: Organisation, sign_in: SignIn
) -> None:
    learner, pathway = organisation.learner(), organisation.pathway(organisation.series(), organisation.series())
    organisation.pathway_enrolment(learner, pathway, status)

    payload = await call(sign_in(Role.ADMIN), "enrolInPathway", pathwayId=pathway.gid, learnerIds=[learner.gid])

    assert outcomes(payload) == ["CHANGED"]


async def test_a_pathway_whose_time_ran_out_a_moment_ago_stands_in_nobodys_way_though_nobody_wrote_it_down(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner, pathway = organisation.learner(), organisation.pathway(organisation.series(), organisation.series())
    organisation.pathway_enrolment(learner, pathway, ends_at=clock() + DAY)
    admin = sign_in(Role.ADMIN)
    enrolling = {"pathwayId": pathway.gid, "learnerIds": [learner.gid]}
    assert row_codes(await call(admin, "enrolInPathway", **enrolling)) == [["ALREADY_ENROLLED"]]
    clock.advance(DAY)

    payload = await call(admin, "enrolInPathway", **enrolling)

    assert outcomes(payload) == ["CHANGED"]
    assert await _statuses(organisation, series_enrolments) == ["INCOMPLETE", "NO_ATTEMPTS"]


async def test_reasons_come_in_the_order_of_the_table(organisation: Organisation, sign_in: SignIn) -> None:
    series = organisation.series()
    learner = organisation.learner(is_active=False)
    organisation.enrolment(learner, series)
    pathway = organisation.pathway(series, is_active=False)

    payload = await call(
        sign_in(Role.OWNER),
        "enrolInPathway",
        pathwayId=pathway.gid,
        learnerIds=[learner.gid],
        expectedVersions=[{"id": learner.gid, "version": 3}],
    )

    assert row_codes(payload) == [["LEARNER_INACTIVE", "STATUS_NOT_ALLOWED", "ALREADY_ENROLLED", "CHANGED_MEANWHILE"]]


async def test_a_pathway_or_learner_that_is_not_seen_is_not_found(organisation: Organisation, sign_in: SignIn) -> None:
    pathway, learner = organisation.pathway(organisation.series()), organisation.learner()
    twin = organisation.twin()
    theirs, them = twin.counterpart(pathway), twin.counterpart(learner)
    await twin.save()
    admin = sign_in(Role.ADMIN)

    foreign = await call(admin, "enrolInPathway", pathwayId=theirs.gid, learnerIds=[learner.gid])
    stranger = await call(admin, "enrolInPathway", pathwayId=pathway.gid, learnerIds=[them.gid, learner.gid])

    assert row_codes(foreign) == [["NOT_FOUND"]]
    assert row_codes(stranger) == [["NOT_FOUND"], []]
    assert await twin.stored(pathway_enrolments) == []


async def test_a_learner_named_twice_is_enrolled_once(organisation: Organisation, sign_in: SignIn) -> None:
    pathway, learner = organisation.pathway(organisation.series()), organisation.learner()

    payload = await call(
        sign_in(Role.ADMIN), "enrolInPathway", pathwayId=pathway.gid, learnerIds=[learner.gid, learner.gid]
    )

    assert outcomes(payload) == ["CHANGED"]
    assert len(await organisation.stored(pathway_enrolments)) == len(await organisation.stored(series_enrolments)) == 1


async def test_a_tracking_code_has_its_bounds(organisation: Organisation, sign_in: SignIn) -> None:
    pathway, learner = organisation.pathway(organisation.series()), organisation.learner()
    admin = sign_in(Role.ADMIN)
    for code in ("", "x" * 101):
        payload = await call(
            admin, "enrolInPathway", pathwayId=pathway.gid, learnerIds=[learner.gid], trackingCode=code
        )
        assert [(each["code"], each["path"]) for each in payload["errors"]] == [
            ("INPUT_INVALID", ["input", "trackingCode"])
        ]


async def test_an_enrolment_of_five_hundred_costs_as_many_statements_as_one(
    organisation: Organisation, sign_in: SignIn
) -> None:
    pathway = organisation.pathway(organisation.series(), organisation.series())
    groups = [[organisation.learner().gid], [organisation.learner().gid for _ in range(500)]]
    admin = sign_in(Role.ADMIN)
    await organisation.save()
    counts: list[int] = []

    for ids in groups:
        before = organisation.database.tally.statements
        payload = await call(admin, "enrolInPathway", pathwayId=pathway.gid, learnerIds=ids)
        assert payload["counts"]["changed"] == len(ids)
        counts.append(organisation.database.tally.statements - before)

    assert counts[0] == counts[1] <= 20


async def test_a_withdrawal_takes_what_is_active_of_the_pathway_with_it_and_leaves_what_was_mastered(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """The learner also takes a series that does not belong to the pathway: that one stays."""
    first, second, third, alone = [organisation.series() for _ in range(4)]
    learner = organisation.learner()
    enrolment = organisation.pathway_enrolment(learner, organisation.pathway(first, second, third), position=2)
    organisation.enrolment(learner, first, _S.MASTERED, pathway_enrolment_id=enrolment.id)
    organisation.enrolment(learner, alone)
    clock.advance(timedelta(hours=1))

    payload = await call(
        sign_in(Role.ADMIN),
        "withdrawPathwayEnrolments",
        "status withdrawnAt withdrawalReason withdrawalNote version",
        ids=[enrolment.gid],
        reason="DOES_NOT_WANT_TO_COMPLETE",
        note="Not now",
    )

    assert payload["results"][0]["node"] == {
        "status": "WITHDRAWN",
        "withdrawnAt": "2026-03-02T10:30:15.250001Z",
        "withdrawalReason": "DOES_NOT_WANT_TO_COMPLETE",
        "withdrawalNote": "Not now",
        "version": 2,
    }
    by_series = {row["series_id"]: row for row in await organisation.stored(series_enrolments)}
    assert {id_: row["status"].name for id_, row in by_series.items()} == {
        first.id: "MASTERED",
        second.id: "WITHDRAWN",
        alone.id: "IN_PROGRESS",
    }
    assert by_series[second.id]["withdrawal_reason"].name == "DOES_NOT_WANT_TO_COMPLETE"
    assert by_series[second.id]["withdrawal_note"] == "Not now"
    entries = await organisation.stored(history_entries)
    [cause] = [row for row in entries if row["action"] is HistoryAction.PATHWAY_ENROLMENT_WITHDRAWN]
    [effect] = [row for row in entries if row["action"] is HistoryAction.SERIES_ENROLMENT_WITHDRAWN]
    assert effect["cause_id"] == cause["id"]
    assert (effect["reason"], effect["note"]) == (cause["reason"], cause["note"])


async def test_a_waiting_series_is_withdrawn_with_its_pathway_and_what_its_clock_did_is_told_first(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner, series = organisation.learner(), organisation.series()
    times = {"starts_at": clock() + DAY, "ends_at": clock() + 9 * DAY}
    enrolment = organisation.pathway_enrolment(
        learner, organisation.pathway(series), opens=False, ends_at=times["ends_at"]
    )
    organisation.enrolment(learner, series, _S.WAITING_TO_START, pathway_enrolment_id=enrolment.id, **times)
    clock.advance(2 * DAY)

    await call(sign_in(Role.ADMIN), "withdrawPathwayEnrolments", ids=[enrolment.gid], reason="ENROLMENT_ERROR")

    acts = {(row["action"].name, row["version"]) for row in await organisation.stored(history_entries)}
    assert acts == {
        ("PATHWAY_ENROLMENT_WITHDRAWN", 2),
        ("SERIES_ENROLMENT_STARTED", 2),
        ("SERIES_ENROLMENT_WITHDRAWN", 3),
    }


async def test_a_series_of_a_pathway_is_not_withdrawn_alone_and_the_refusal_names_the_pathway(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    pathway = organisation.pathway(organisation.series(), title="Induction")
    enrolment = organisation.pathway_enrolment(learner, pathway)
    [row] = organisation.rows[series_enrolments]
    series_enrolment = organisation.record(row["id"])
    admin = sign_in(Role.ADMIN)
    read = "query($id: ID!) { seriesEnrolment(id: $id) { pathwayEnrolment { id } actions { action available reasons { code message } } } }"

    payload = await call(admin, "withdrawSeriesEnrolments", ids=[series_enrolment.gid], reason="ENROLMENT_ERROR")
    shown = (await admin.query(read, {"id": series_enrolment.gid}))["seriesEnrolment"]

    [error] = payload["results"][0]["errors"]
    assert (error["code"], error["pathwayEnrolmentId"]) == ("PATHWAY_OWNED", enrolment.gid)
    assert "'Induction'" in error["message"]
    assert shown["pathwayEnrolment"] == {"id": enrolment.gid}
    [withdraw] = [each for each in shown["actions"] if each["action"] == "WITHDRAW"]
    assert withdraw == {
        "action": "WITHDRAW",
        "available": False,
        "reasons": [{"code": error["code"], "message": error["message"]}],
    }
    assert (await _row(organisation, series_enrolment))["version"] == 1


async def test_an_enrolment_in_a_pathway_can_be_withdrawn_only_while_it_runs_and_its_learner_is_active(
    organisation: Organisation, sign_in: SignIn
) -> None:
    pathway = organisation.pathway(organisation.series())
    ended = [
        organisation.pathway_enrolment(organisation.learner(), pathway, status)
        for status in PathwayEnrolmentStatus
        if status is not PathwayEnrolmentStatus.IN_PROGRESS
    ]
    over = organisation.pathway_enrolment(organisation.learner(), pathway, ends_at=organisation.clock())
    idle = organisation.pathway_enrolment(organisation.learner(is_active=False), pathway)
    admin = sign_in(Role.ADMIN)
    before = await _saved(organisation)

    payload = await call(
        admin,
        "withdrawPathwayEnrolments",
        "status",
        ids=[each.gid for each in (*ended, over, idle)],
        reason="NO_LONGER_REQUIRED",
    )

    assert row_codes(payload) == [["STATUS_NOT_ALLOWED"]] * 4 + [["LEARNER_INACTIVE"]]
    assert payload["results"][3]["node"]["status"] == "INCOMPLETE"
    assert await organisation.everything() == before


async def test_an_id_of_another_type_is_said_to_be_invalid(organisation: Organisation, sign_in: SignIn) -> None:
    learner, admin = organisation.learner(), sign_in(Role.ADMIN)
    document = """
        mutation($input: EnrolInPathwayInput!) { enrolInPathway(input: $input) { counts { changed } } }
    """

    wrong = await admin.execute(document, {"input": {"pathwayId": learner.gid, "learnerIds": [learner.gid]}})

    assert codes(wrong) == ["ID_INVALID"]
