"""Enrolment in a series, and extension: who, from when, until when, and what stands against it."""

import asyncio
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from portal_api.domain.library import LibraryStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesDuration, SeriesEnrolmentStatus, SeriesType
from portal_api.models import history_entries, pathway_enrolments, series_enrolments
from portal_api.models.base import instant_text
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.clock import START, ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation

_S = SeriesEnrolmentStatus
NODE = "id externalRef status startsAt endsAt dueOn isOverdue trackingCode learner { id } series { id } version"
MICROSECOND = timedelta(microseconds=1)


async def test_the_rows_are_the_learners_and_their_nodes_the_enrolments_made(
    organisation: Organisation, sign_in: SignIn
) -> None:
    of = organisation.series()
    signed_in, never = organisation.learner(), organisation.learner(first_signed_in_at=None)

    payload = await call(
        sign_in(Role.ADMIN),
        "enrolInSeries",
        NODE,
        seriesId=of.gid,
        learnerIds=[signed_in.gid, never.gid, signed_in.gid],
        dueOn="2026-03-03",
        trackingCode="Spring",
    )

    assert [(each["index"], each["id"], each["outcome"]) for each in payload["results"]] == [
        (0, signed_in.gid, "CHANGED"),
        (1, never.gid, "CHANGED"),
    ]
    first, second = (each["node"] for each in payload["results"])
    assert (first["status"], second["status"]) == ("NO_ATTEMPTS", "NOT_SIGNED_IN")
    assert first["externalRef"] == first["id"]
    assert (first["learner"]["id"], first["series"]["id"]) == (signed_in.gid, of.gid)
    assert (first["startsAt"], first["endsAt"]) == (instant_text(START), "2027-03-02T09:30:15.250001Z")
    assert (first["dueOn"], first["isOverdue"], first["trackingCode"]) == ("2026-03-03", False, "Spring")
    assert await told(organisation) == [
        ("SERIES_ENROLMENT_CREATED", None, status, 1) for status in ("NO_ATTEMPTS", "NOT_SIGNED_IN")
    ] or sorted(await told(organisation)) == [
        ("SERIES_ENROLMENT_CREATED", None, status, 1) for status in ("NOT_SIGNED_IN", "NO_ATTEMPTS")
    ]


async def test_what_stands_against_an_enrolment_is_told_for_each_learner(
    organisation: Organisation, sign_in: SignIn
) -> None:
    of, other = organisation.series(), organisation.series()
    free, inactive, taking, ahead, done, walked = (organisation.learner(is_active=n != 1) for n in range(6))
    for learner in (inactive, taking):
        organisation.enrolment(learner, of)
    organisation.enrolment(done, of, _S.MASTERED)
    pathway = organisation.pathway(other, of)
    organisation.pathway_enrolment(ahead, pathway)
    organisation.pathway_enrolment(walked, pathway, PathwayEnrolmentStatus.WITHDRAWN)
    twin = organisation.twin()
    stranger = twin.learner()
    await twin.save()
    everybody = [free, inactive, taking, ahead, done, walked, stranger]

    payload = await call(
        sign_in(Role.ADMIN), "enrolInSeries", NODE, seriesId=of.gid, learnerIds=[each.gid for each in everybody]
    )

    assert row_codes(payload) == [
        [],
        ["LEARNER_INACTIVE", "ALREADY_ENROLLED"],
        ["ALREADY_ENROLLED"],
        ["ALREADY_ENROLLED"],
        [],
        [],
        ["NOT_FOUND"],
    ]
    assert payload["results"][2]["errors"][0]["seriesIds"] == [of.gid]
    assert all(each["node"] is None for each in payload["results"] if each["outcome"] == "REFUSED")


async def test_a_series_that_is_retired_or_unseen_refuses_each_learner(
    organisation: Organisation, sign_in: SignIn
) -> None:
    retired, learner = organisation.series(status=LibraryStatus.RETIRED), organisation.learner()
    twin = organisation.twin()
    theirs = twin.series()
    await twin.save()
    admin = sign_in(Role.ADMIN)
    codes = [
        row_codes(await call(admin, "enrolInSeries", NODE, seriesId=of.gid, learnerIds=[learner.gid]))
        for of in (retired, theirs)
    ]

    assert codes == [[["STATUS_NOT_ALLOWED"]], [["NOT_FOUND"]]]
    assert await organisation.stored(series_enrolments) == []


AUCKLAND_MIDNIGHT = datetime(2026, 3, 2, 11, tzinfo=UTC)
"""When 3 March begins in Auckland."""


@pytest.mark.parametrize(
    ("of", "starts", "ends"),
    [
        ({"duration": SeriesDuration.FIXED, "duration_days": 2}, START, START + 2 * DAY),
        ({"type": SeriesType.PREVIEW, "question_count": None, "mastery_percent": None}, START, START + 7 * DAY),
        ({"duration": SeriesDuration.END_DATE, "ends_on": date(2026, 3, 2)}, START, AUCKLAND_MIDNIGHT),
        ({}, START - DAY, datetime(2027, 3, 1, 9, 30, 15, 250_001, tzinfo=UTC)),
        # The clocks of Auckland go back on 5 April: a day there has 25 hours.
        ({"duration": SeriesDuration.FIXED, "duration_days": 40}, START, START + 40 * DAY + timedelta(hours=1)),
    ],
)
async def test_an_enrolment_ends_as_its_series_says(
    organisation: Organisation, sign_in: SignIn, of: dict[str, Any], starts: datetime, ends: datetime
) -> None:
    learner, series = organisation.learner(), organisation.series(**of)

    payload = await call(
        sign_in(Role.OWNER),
        "enrolInSeries",
        NODE,
        seriesId=series.gid,
        learnerIds=[learner.gid],
        startsAt=instant_text(starts),
    )

    assert payload["results"][0]["node"]["endsAt"] == instant_text(ends)


@pytest.mark.parametrize(
    ("of", "given", "path"),
    [
        ({"duration": SeriesDuration.FIXED, "duration_days": 2}, {"startsAt": START - 2 * DAY}, "startsAt"),
        ({"duration": SeriesDuration.END_DATE, "ends_on": date(2026, 3, 1)}, {}, "startsAt"),
        (
            {"duration": SeriesDuration.END_DATE, "ends_on": date(2026, 3, 5)},
            {"startsAt": START + 10 * DAY},
            "startsAt",
        ),
        ({}, {"startsAt": START - 366 * DAY}, "startsAt"),
        ({}, {"startsAt": START + 366 * DAY}, "startsAt"),
        ({}, {"startsAt": datetime(1, 1, 3, tzinfo=UTC)}, "startsAt"),
        ({}, {"dueOn": "2026-03-01"}, "dueOn"),
        ({}, {"dueOn": "9999-12-31"}, "dueOn"),
    ],
)
async def test_dates_that_cannot_be_refuse_the_rows(
    organisation: Organisation, sign_in: SignIn, of: dict[str, Any], given: dict[str, Any], path: str
) -> None:
    learner, series = organisation.learner(), organisation.series(**of)
    asked = {name: value if isinstance(value, str) else instant_text(value) for name, value in given.items()}

    payload = await call(
        sign_in(Role.ADMIN), "enrolInSeries", NODE, seriesId=series.gid, learnerIds=[learner.gid], **asked
    )

    assert codes_and_paths(payload) == [[("INVALID_DATES", f"input.{path}")]]
    assert await organisation.stored(series_enrolments) == []


async def test_an_enrolment_that_starts_ahead_waits_and_then_starts(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner, of = organisation.learner(), organisation.series()
    admin = sign_in(Role.ADMIN)
    payload = await call(
        admin,
        "enrolInSeries",
        NODE,
        seriesId=of.gid,
        learnerIds=[learner.gid],
        startsAt=instant_text(START + MICROSECOND),
    )
    [result] = payload["results"]
    read = "query($id: ID!) { seriesEnrolment(id: $id) { status } }"

    assert result["node"]["status"] == "WAITING_TO_START"
    clock.advance(MICROSECOND)
    data = await admin.query(read, {"id": result["node"]["id"]})
    assert data["seriesEnrolment"]["status"] == "NO_ATTEMPTS"


async def test_an_ended_enrolment_that_nobody_has_settled_does_not_stand_in_the_way(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner, of = organisation.learner(), organisation.series()
    organisation.enrolment(learner, of, starts_at=START - 9 * DAY, ends_at=START)

    payload = await call(sign_in(Role.ADMIN), "enrolInSeries", NODE, seriesId=of.gid, learnerIds=[learner.gid])

    assert outcomes(payload) == ["CHANGED"]
    assert sorted(await told(organisation)) == [
        ("SERIES_ENROLMENT_CREATED", None, "NO_ATTEMPTS", 1),
        ("SERIES_ENROLMENT_ENDED", "IN_PROGRESS", "INCOMPLETE", 2),
    ]


async def test_a_refused_or_previewed_row_settles_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    learner, of = organisation.learner(is_active=False), organisation.series()
    other = organisation.learner()
    for each in (learner, other):
        organisation.enrolment(each, of, starts_at=START - 9 * DAY, ends_at=START)
    await organisation.save()
    before = await organisation.everything()
    admin = sign_in(Role.ADMIN)

    await call(admin, "enrolInSeries", NODE, seriesId=of.gid, learnerIds=[learner.gid])
    preview = await call(admin, "enrolInSeries", NODE, seriesId=of.gid, learnerIds=[other.gid], preview=True)

    assert preview["results"][0]["node"]["status"] == "NO_ATTEMPTS"
    assert await organisation.everything() == before


async def test_of_two_enrolments_at_once_one_wins(organisation: Organisation, sign_in: SignIn) -> None:
    of = organisation.series()
    learners = [organisation.learner() for _ in range(5)]
    await organisation.save()
    given: dict[str, Any] = {"seriesId": of.gid, "learnerIds": [each.gid for each in learners]}

    answers = await asyncio.gather(
        *(call(sign_in(role), "enrolInSeries", NODE, **given) for role in (Role.ADMIN, Role.OWNER) for _ in range(2))
    )

    assert len(await organisation.stored(series_enrolments)) == 5
    codes = [code for answer in answers for row in row_codes(answer) for code in row]
    assert codes == ["ALREADY_ENROLLED"] * 15


async def test_a_later_end_is_given_and_told(organisation: Organisation, sign_in: SignIn) -> None:
    of = organisation.series(duration=SeriesDuration.FIXED)
    enrolments = [
        organisation.enrolment(organisation.learner(), of, status)
        for status in (_S.WAITING_TO_START, _S.NOT_SIGNED_IN, _S.NO_ATTEMPTS, _S.IN_PROGRESS)
    ]
    ended = organisation.enrolment(organisation.learner(), of, _S.MASTERED)
    end = instant_text(START + 100 * DAY)
    asked: dict[str, Any] = {"ids": [each.gid for each in (*enrolments, ended)], "endsAt": end, "dueOn": "2026-06-01"}

    payload = await call(sign_in(Role.ADMIN), "extendSeriesEnrolments", NODE, **asked)
    again = await call(sign_in(Role.ADMIN), "extendSeriesEnrolments", NODE, **asked)

    assert outcomes(payload) == [*["CHANGED"] * 4, "REFUSED"]
    assert row_codes(payload)[4] == ["STATUS_NOT_ALLOWED"]
    assert {(each["node"]["endsAt"], each["node"]["dueOn"]) for each in payload["results"][:4]} == {(end, "2026-06-01")}
    assert outcomes(again) == [*["UNCHANGED"] * 4, "REFUSED"]
    entries = await organisation.stored(history_entries)
    assert len(entries) == 4
    assert {tuple(each["changed_fields"]) for each in entries} == {("endsAt", "dueOn")}


@pytest.mark.parametrize(
    ("of", "end"),
    [
        ({}, START + 59 * DAY),
        ({}, datetime(2027, 2, 10, 9, 30, 15, 250_002, tzinfo=UTC)),
        ({"type": SeriesType.PREVIEW, "question_count": None, "mastery_percent": None}, START + 61 * DAY),
        ({"duration": SeriesDuration.FIXED}, datetime(9999, 12, 30, tzinfo=UTC)),
    ],
)
async def test_an_end_that_cannot_be_is_refused(
    organisation: Organisation, sign_in: SignIn, of: dict[str, Any], end: datetime
) -> None:
    """Enrolments in a series of duration MASTERY end twelve months after their start, here 10 February, at the latest."""
    enrolment = organisation.enrolment(organisation.learner(), organisation.series(**of))
    await organisation.save()
    before = await organisation.everything()

    payload = await call(
        sign_in(Role.ADMIN), "extendSeriesEnrolments", NODE, ids=[enrolment.gid], endsAt=instant_text(end)
    )

    assert codes_and_paths(payload) == [[("INVALID_DATES", "input.endsAt")]]
    assert await organisation.everything() == before


async def test_the_latest_end_is_allowed(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series())

    payload = await call(
        sign_in(Role.ADMIN),
        "extendSeriesEnrolments",
        NODE,
        ids=[enrolment.gid],
        endsAt=instant_text(datetime(2027, 2, 10, 9, 30, 15, 250_001, tzinfo=UTC)),
    )

    assert outcomes(payload) == ["CHANGED"]


async def test_a_due_date_alone_can_be_changed_and_taken_away(organisation: Organisation, sign_in: SignIn) -> None:
    enrolment = organisation.enrolment(
        organisation.learner(),
        organisation.series(),
        due_on=date(2026, 3, 1),
        overdue_at=datetime(2026, 3, 1, 11, tzinfo=UTC),
    )
    admin = sign_in(Role.ADMIN)
    asked: dict[str, Any] = {"ids": [enrolment.gid], "endsAt": instant_text(enrolment["ends_at"])}

    kept = await call(admin, "extendSeriesEnrolments", NODE, **asked)
    gone = await call(admin, "extendSeriesEnrolments", NODE, **asked, dueOn=None)

    assert (outcomes(kept), kept["results"][0]["node"]["isOverdue"]) == (["UNCHANGED"], True)
    assert (outcomes(gone), gone["results"][0]["node"]["isOverdue"]) == (["CHANGED"], False)


async def test_an_enrolment_in_a_pathway_ends_with_the_series_open_in_it(
    organisation: Organisation, sign_in: SignIn
) -> None:
    walking = organisation.pathway_enrolment(
        organisation.learner(), organisation.pathway(organisation.series(), organisation.series())
    )
    [row] = organisation.rows[series_enrolments]
    enrolment = organisation.record(row["id"])
    end = START + 90 * DAY

    payload = await call(
        sign_in(Role.ADMIN), "extendSeriesEnrolments", NODE, ids=[enrolment.gid], endsAt=instant_text(end)
    )

    assert outcomes(payload) == ["CHANGED"]
    [stored] = await organisation.stored(pathway_enrolments)
    assert (stored["ends_at"], stored["due_at"], stored["version"]) == (end, end, 2)
    entries = {each["action"].name: each for each in await organisation.stored(history_entries)}
    caused = entries["PATHWAY_ENROLMENT_EXTENDED"]
    assert caused["cause_id"] == entries["SERIES_ENROLMENT_EXTENDED"]["id"]
    assert caused["subject_id"] == walking.id
