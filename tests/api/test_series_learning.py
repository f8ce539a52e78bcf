"""Sign-ins and answers as a content player records them: first steps, totals, mastery, and the end."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.pathways import PathwayKind
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesDuration, SeriesEnrolmentStatus, SeriesType
from portal_api.models import history_entries, learners, pathway_enrolments, series_enrolments
from tests.api.calls import answer, call, codes_and_paths, told
from tests.api.cases import call_codes, outcomes, row_codes
from tests.client import Client, Json, codes
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

_S = SeriesEnrolmentStatus
MICROSECOND = timedelta(microseconds=1)
NODE = "id status questionsAnswered questionsCorrect lastAnsweredAt masteredAt version"
RECORDERS = [Role.OWNER, Role.ADMIN, Role.INTEGRATION]


def _activity(enrolment: Record, answered: int, correct: int) -> Json:
    return {"enrolmentId": enrolment.gid, "questionsAnswered": answered, "questionsCorrect": correct}


async def _record(client: Client, *activities: Json, node: str = NODE, **given: Any) -> Json:
    return await call(client, "recordSeriesActivity", node, activities=list(activities), **given)


async def _row(organisation: Organisation, record: Record) -> dict[str, Any]:
    [row] = [row for row in await organisation.stored(record.table) if row["id"] == record.id]
    return row


async def _statuses(organisation: Organisation, enrolments: Sequence[Record]) -> list[tuple[str, int]]:
    rows = {row["id"]: row for row in await organisation.stored(series_enrolments)}
    return [(rows[each.id]["status"].name, rows[each.id]["version"]) for each in enrolments]


@pytest.mark.parametrize("role", RECORDERS)
async def test_the_first_sign_in_moves_on_what_waited_for_it(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, role: Role
) -> None:
    learner = organisation.learner(first_signed_in_at=None)
    started, waiting, over, begun = (
        organisation.enrolment(learner, organisation.series(), status, **times)
        for status, times in (
            (_S.NOT_SIGNED_IN, {}),
            (_S.WAITING_TO_START, {}),
            (_S.NOT_SIGNED_IN, {"ends_at": START}),
            (_S.WAITING_TO_START, {"starts_at": START}),
        )
    )

    payload = await call(sign_in(role), "recordSignIns", "id status", ids=[learner.gid])

    assert outcomes(payload) == ["CHANGED"]
    row = await _row(organisation, learner)
    assert (row["first_signed_in_at"], row["last_activity_at"], row["version"]) == (START, START, 2)
    assert await _statuses(organisation, [started, waiting, over, begun]) == [
        ("NO_ATTEMPTS", 2),
        ("WAITING_TO_START", 1),
        ("NEVER_SIGNED_IN", 2),
        ("NO_ATTEMPTS", 3),
    ]
    assert sorted(await told(organisation)) == [
        ("LEARNER_SIGNED_IN", "ACTIVE", "ACTIVE", 2),
        ("SERIES_ENROLMENT_ENDED", "NOT_SIGNED_IN", "NEVER_SIGNED_IN", 2),
        ("SERIES_ENROLMENT_SIGNED_IN", "NOT_SIGNED_IN", "NO_ATTEMPTS", 2),
        ("SERIES_ENROLMENT_SIGNED_IN", "NOT_SIGNED_IN", "NO_ATTEMPTS", 3),
        ("SERIES_ENROLMENT_STARTED", "WAITING_TO_START", "NOT_SIGNED_IN", 2),
    ]
    entries = await organisation.stored(history_entries)
    [cause] = [each["id"] for each in entries if each["action"] == "learner_signed_in"]
    assert {each["cause_id"] for each in entries if each["action"] == "series_enrolment_signed_in"} == {cause}
    clock.advance(10 * DAY)
    data = await sign_in(Role.ADMIN).query(
        "query($id: ID!) { seriesEnrolment(id: $id) { status } }", {"id": waiting.gid}
    )
    assert data["seriesEnrolment"]["status"] == "NO_ATTEMPTS"


async def test_a_later_sign_in_is_an_entry_of_the_learner_alone(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    enrolment = organisation.enrolment(learner, organisation.series(), _S.NO_ATTEMPTS)

    await call(sign_in(Role.INTEGRATION), "recordSignIns", "id", ids=[learner.gid])

    row = await _row(organisation, learner)
    assert (row["first_signed_in_at"], row["last_activity_at"]) == (learner["first_signed_in_at"], START)
    assert await told(organisation) == [("LEARNER_SIGNED_IN", "ACTIVE", "ACTIVE", 2)]
    assert await _statuses(organisation, [enrolment]) == [("NO_ATTEMPTS", 1)]


async def test_nobody_signs_in_who_is_inactive_or_without_app_access_or_the_caller(
    organisation: Organisation, sign_in: SignIn
) -> None:
    own = organisation.learner()
    admin = organisation.user(Role.ADMIN, own)
    inactive, off = organisation.learner(is_active=False), organisation.learner(has_app_access=False)
    taking = [organisation.enrolment(each, organisation.series()) for each in (own, inactive, off)]
    await organisation.save()
    before = await organisation.everything()

    signed = await call(sign_in(admin), "recordSignIns", "id", ids=[own.gid, inactive.gid, off.gid])
    answered = await _record(sign_in(admin), *(_activity(each, 1, 1) for each in taking))

    assert row_codes(signed) == [
        ["OWN_RECORD"],
        ["LEARNER_INACTIVE", "STATUS_NOT_ALLOWED", "APP_ACCESS_OFF"],
        ["APP_ACCESS_OFF"],
    ]
    assert row_codes(answered) == [["OWN_RECORD"], ["LEARNER_INACTIVE", "APP_ACCESS_OFF"], ["APP_ACCESS_OFF"]]
    assert await organisation.everything() == before


@pytest.mark.parametrize("role", [Role.MANAGER, Role.TRAINER, Role.LEARNER])
async def test_others_record_nothing(organisation: Organisation, sign_in: SignIn, role: Role) -> None:
    learner = organisation.own[Role.LEARNER]
    enrolment = organisation.enrolment(learner, organisation.series())

    for answered in (
        await answer(sign_in(role), "recordSignIns", ids=[learner.gid]),
        await answer(sign_in(role), "recordSeriesActivity", activities=[_activity(enrolment, 1, 1)]),
    ):
        assert codes(answered) == ["FORBIDDEN"]


async def test_answers_are_totals_and_the_first_begins_the_series(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    enrolment = organisation.enrolment(learner, organisation.series(), _S.NO_ATTEMPTS)
    admin = sign_in(Role.ADMIN)

    first = await _record(admin, _activity(enrolment, 3, 2))
    again = await _record(admin, _activity(enrolment, 3, 2))

    assert (outcomes(first), outcomes(again)) == (["CHANGED"], ["UNCHANGED"])
    assert first["results"][0]["id"] == enrolment.gid
    assert first["results"][0]["node"] == {
        "id": enrolment.gid,
        "status": "IN_PROGRESS",
        "questionsAnswered": 3,
        "questionsCorrect": 2,
        "lastAnsweredAt": "2026-03-02T09:30:15.250001Z",
        "masteredAt": None,
        "version": 2,
    }
    row = await _row(organisation, learner)
    assert (row["last_activity_at"], row["version"]) == (START, 1)
    assert await told(organisation) == [("SERIES_ENROLMENT_ANSWERED", "NO_ATTEMPTS", "IN_PROGRESS", 2)]


async def test_an_answer_counts_as_a_sign_in(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner(first_signed_in_at=None)
    answered, other = (organisation.enrolment(learner, organisation.series(), _S.NOT_SIGNED_IN) for _ in range(2))

    await _record(sign_in(Role.INTEGRATION), _activity(answered, 1, 0), node="id status")

    assert await _statuses(organisation, [answered, other]) == [("IN_PROGRESS", 2), ("NO_ATTEMPTS", 2)]
    row = await _row(organisation, learner)
    assert (row["first_signed_in_at"], row["version"]) == (START, 2)
    assert sorted(await told(organisation)) == [
        ("LEARNER_SIGNED_IN", "ACTIVE", "ACTIVE", 2),
        ("SERIES_ENROLMENT_ANSWERED", "NOT_SIGNED_IN", "IN_PROGRESS", 2),
        ("SERIES_ENROLMENT_SIGNED_IN", "NOT_SIGNED_IN", "NO_ATTEMPTS", 2),
    ]


@pytest.mark.parametrize(
    ("totals", "fields"),
    [
        ((4, 3), ["questionsAnswered"]),
        ((5, 2), ["questionsCorrect"]),
        ((6, 7), ["questionsCorrect"]),
        ((11, 3), ["questionsAnswered"]),
        ((-1, -1), ["questionsAnswered", "questionsCorrect"]),
    ],
)
async def test_totals_that_cannot_be_are_told_at_their_place(
    organisation: Organisation, sign_in: SignIn, totals: tuple[int, int], fields: list[str]
) -> None:
    taken: dict[str, Any] = {"questions_answered": 5, "questions_correct": 3}
    enrolment = organisation.enrolment(organisation.learner(), organisation.series(), **taken)
    other = organisation.enrolment(organisation.learner(), organisation.series(), **taken)
    await organisation.save()

    payload = await _record(sign_in(Role.ADMIN), _activity(other, 5, 3), _activity(enrolment, *totals))

    assert outcomes(payload) == ["UNCHANGED", "REFUSED"]
    assert codes_and_paths(payload)[1] == [("INPUT_INVALID", f"input.activities.1.{field}") for field in fields]
    assert await told(organisation) == []


async def test_one_named_twice_says_the_same_twice(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series())
    admin = sign_in(Role.ADMIN)

    other = await _record(admin, _activity(enrolment, 1, 1), _activity(enrolment, 2, 1))
    same = await _record(admin, _activity(enrolment, 1, 1), _activity(enrolment, 1, 1))

    assert (call_codes(other), other["results"]) == (["INPUT_INVALID"], [])
    assert outcomes(same) == ["CHANGED"]


@pytest.mark.parametrize(
    ("percent", "correct", "status"),
    [(80, 7, "IN_PROGRESS"), (80, 8, "MASTERED"), (75, 7, "IN_PROGRESS"), (71, 7, "IN_PROGRESS"), (70, 7, "MASTERED")],
)
async def test_whoever_meets_the_goal_has_mastered_the_series(
    organisation: Organisation, sign_in: SignIn, percent: int, correct: int, status: str
) -> None:
    of = organisation.series(duration=SeriesDuration.FIXED, mastery_percent=percent)
    enrolment = organisation.enrolment(organisation.learner(), of)

    payload = await _record(sign_in(Role.ADMIN), _activity(enrolment, 8, correct))

    node = payload["results"][0]["node"]
    assert (node["status"], node["masteredAt"] is not None) == (status, status == "MASTERED")
    action = "SERIES_ENROLMENT_MASTERED" if status == "MASTERED" else "SERIES_ENROLMENT_ANSWERED"
    assert await told(organisation) == [(action, "IN_PROGRESS", status, 2)]


async def test_nobody_masters_a_preview(organisation: Organisation, sign_in: SignIn) -> None:
    of = organisation.series(type=SeriesType.PREVIEW, question_count=None, mastery_percent=None)
    enrolment = organisation.enrolment(organisation.learner(), of)

    payload = await _record(sign_in(Role.ADMIN), _activity(enrolment, 10_000, 10_000))

    assert payload["results"][0]["node"]["status"] == "IN_PROGRESS"


@pytest.mark.parametrize(("before_end", "refused"), [(MICROSECOND, []), (timedelta(), ["STATUS_NOT_ALLOWED"])])
async def test_an_answer_at_the_end_instant_is_too_late(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, before_end: timedelta, refused: list[str]
) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series())
    await organisation.save()
    before = await organisation.everything()
    clock.now = enrolment["ends_at"] - before_end

    payload = await _record(sign_in(Role.ADMIN), _activity(enrolment, 10, 10))

    assert row_codes(payload) == [refused]
    if refused:
        assert await organisation.everything() == before
    else:
        assert payload["results"][0]["node"]["status"] == "MASTERED"


async def test_an_answer_before_the_start_is_too_early(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series(), _S.WAITING_TO_START)

    payload = await _record(sign_in(Role.ADMIN), _activity(enrolment, 1, 1))

    assert row_codes(payload) == [["STATUS_NOT_ALLOWED"]]


async def test_what_time_did_is_told_before_the_answer(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.enrolment(
        organisation.learner(), organisation.series(), _S.WAITING_TO_START, starts_at=START - DAY
    )

    await _record(sign_in(Role.ADMIN), _activity(enrolment, 1, 1))

    assert await told(organisation) == [
        ("SERIES_ENROLMENT_STARTED", "WAITING_TO_START", "NO_ATTEMPTS", 2),
        ("SERIES_ENROLMENT_ANSWERED", "NO_ATTEMPTS", "IN_PROGRESS", 3),
    ]


async def test_mastery_goes_on_in_the_pathway(organisation: Organisation, sign_in: SignIn) -> None:
    first, second = organisation.series(), organisation.series()
    organisation.pathway_enrolment(organisation.learner(), organisation.pathway(first, second, kind=PathwayKind.LINEAR))
    [row] = organisation.rows[series_enrolments]

    payload = await _record(
        sign_in(Role.INTEGRATION), _activity(organisation.record(row["id"]), 8, 8), node="id status"
    )

    assert payload["results"][0]["node"]["status"] == "MASTERED"
    [walking] = await organisation.stored(pathway_enrolments)
    assert walking["position"] == 2
    opened = [row for row in await organisation.stored(series_enrolments) if row["series_id"] == second.id]
    assert [row["status"].name for row in opened] == ["NO_ATTEMPTS"]
    entries = {each["action"].name: each for each in await organisation.stored(history_entries)}
    assert entries["SERIES_ENROLMENT_MASTERED"]["version"] == 2


async def test_another_organisations_learners_are_not_there(organisation: Organisation, sign_in: SignIn) -> None:
    twin = organisation.twin()
    stranger = twin.learner()
    enrolment = twin.enrolment(stranger, twin.series())
    await twin.save()
    before = await twin.everything()
    client = sign_in(Role.INTEGRATION)

    signed = await call(client, "recordSignIns", "id", ids=[stranger.gid])
    answered = await _record(client, _activity(enrolment, 1, 1), node="id")

    assert row_codes(signed) == row_codes(answered) == [["NOT_FOUND"]]
    assert await twin.everything() == before


async def test_a_thousand_answers_cost_as_many_statements_as_one(organisation: Organisation, sign_in: SignIn) -> None:
    of = organisation.series()
    enrolments = [
        organisation.enrolment(organisation.learner(first_signed_in_at=None), of, _S.NOT_SIGNED_IN) for _ in range(301)
    ]
    await organisation.save()
    tally, client = organisation.database.tally, sign_in(Role.ADMIN)

    async def statements(some: Sequence[Record]) -> int:
        before = tally.statements
        payload = await _record(client, *(_activity(each, 10, 10 if n % 2 == 0 else 1) for n, each in enumerate(some)))
        assert outcomes(payload) == ["CHANGED"] * len(some)
        return tally.statements - before

    assert await statements(enrolments[:1]) == await statements(enrolments[1:])
    assert len(await organisation.stored(learners)) == 303
