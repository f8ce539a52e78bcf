"""Series made, changed, retired and reinstated over HTTP: every type and duration, and each thing that cannot be."""

from datetime import timedelta
from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesDuration, SeriesType
from portal_api.models import series
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation

CONTENT = "id externalRef title type duration durationDays endsOn questionCount masteryPercent status version"
GOAL = {"questionCount": 20, "masteryPercent": 80}
PREVIEW = {"type": "PREVIEW"}
TODAY = "2026-03-02"


def _new(**given: Any) -> dict[str, Any]:
    return {"title": "Fire safety", "type": "STANDARD", "duration": "MASTERY", **given}


@pytest.mark.parametrize("type_", list(SeriesType))
@pytest.mark.parametrize(
    ("duration", "terms"),
    [
        (SeriesDuration.MASTERY, {}),
        (SeriesDuration.FIXED, {"durationDays": 30}),
        (SeriesDuration.END_DATE, {"endsOn": TODAY}),
    ],
)
async def test_a_series_of_each_type_and_duration_is_made_as_it_is_given(
    organisation: Organisation, sign_in: SignIn, type_: SeriesType, duration: SeriesDuration, terms: dict[str, Any]
) -> None:
    given = {"type": type_.name, "duration": duration.name, **terms}
    if duration is SeriesDuration.MASTERY and type_ is not SeriesType.PREVIEW:
        given |= GOAL

    payload = await call(sign_in(Role.ADMIN), "createSeries", CONTENT, series=[_new(externalRef="FIRE", **given)])

    assert outcomes(payload) == ["CHANGED"]
    [result] = payload["results"]
    assert result["id"] is None
    unsaid = {"durationDays": None, "endsOn": None, "questionCount": None, "masteryPercent": None}
    assert {name: value for name, value in result["node"].items() if name != "id"} == {
        "externalRef": "FIRE",
        "title": "Fire safety",
        "status": "ACTIVE",
        "version": 1,
        **unsaid,
        **given,
    }
    assert await told(organisation) == [("SERIES_CREATED", None, "ACTIVE", 1)]


async def test_a_series_without_a_reference_gets_its_own_identifier_as_one(sign_in: SignIn) -> None:
    payload = await call(sign_in(Role.ADMIN), "createSeries", CONTENT, series=[_new(**GOAL)])

    [result] = payload["results"]
    assert result["node"]["externalRef"] == result["node"]["id"]


REFUSED: list[tuple[dict[str, Any], list[tuple[str, str]]]] = [
    ({}, [("INPUT_INVALID", "questionCount"), ("INPUT_INVALID", "masteryPercent")]),
    ({"questionCount": 5}, [("INPUT_INVALID", "masteryPercent")]),
    ({"questionCount": 0, "masteryPercent": 80}, [("INPUT_INVALID", "questionCount")]),
    ({"questionCount": 10_001, "masteryPercent": 80}, [("INPUT_INVALID", "questionCount")]),
    ({"questionCount": 10, "masteryPercent": 101}, [("INPUT_INVALID", "masteryPercent")]),
    ({"questionCount": 10, "masteryPercent": 0}, [("INPUT_INVALID", "masteryPercent")]),
    ({**GOAL, **PREVIEW}, [("INPUT_INVALID", "questionCount"), ("INPUT_INVALID", "masteryPercent")]),
    ({**GOAL, "durationDays": 3}, [("INPUT_INVALID", "durationDays")]),
    ({**GOAL, "endsOn": TODAY}, [("INPUT_INVALID", "endsOn")]),
    ({"duration": "FIXED"}, [("INPUT_INVALID", "durationDays")]),
    ({"duration": "FIXED", "durationDays": 0}, [("INPUT_INVALID", "durationDays")]),
    ({"duration": "FIXED", "durationDays": 3_651}, [("INPUT_INVALID", "durationDays")]),
    ({"duration": "END_DATE"}, [("INPUT_INVALID", "endsOn")]),
    ({"duration": "END_DATE", "endsOn": "2026-03-01"}, [("INVALID_DATES", "endsOn")]),
    ({"duration": "END_DATE", "endsOn": "9999-12-31"}, [("INVALID_DATES", "endsOn")]),
    ({**GOAL, "title": " "}, [("INPUT_INVALID", "title")]),
    ({**GOAL, "title": "x" * 201}, [("INPUT_INVALID", "title")]),
    ({**GOAL, "externalRef": ""}, [("INPUT_INVALID", "externalRef")]),
    ({**GOAL, "externalRef": "x" * 101}, [("INPUT_INVALID", "externalRef")]),
    ({**GOAL, "externalRef": "TAKEN"}, [("EXTERNAL_REF_TAKEN", "externalRef")]),
    ({**GOAL, "externalRef": "FIRST"}, [("EXTERNAL_REF_TAKEN", "externalRef")]),
]


async def test_each_thing_that_cannot_be_is_told_at_its_place_and_makes_nothing(
    organisation: Organisation, sign_in: SignIn
) -> None:
    organisation.series(external_ref="TAKEN")
    rows = [_new(**GOAL, externalRef="FIRST"), *(_new(**given) for given, _ in REFUSED)]

    payload = await call(sign_in(Role.ADMIN), "createSeries", CONTENT, series=rows)

    assert outcomes(payload) == ["CHANGED", *["REFUSED"] * len(REFUSED)]
    assert codes_and_paths(payload)[1:] == [
        [(code, f"input.series.{index}.{field}") for code, field in reasons]
        for index, (_, reasons) in enumerate(REFUSED, start=1)
    ]
    assert len(await organisation.stored(series)) == 2
    assert len(await told(organisation)) == 1


async def test_a_reference_of_another_organisation_is_free(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    twin = organisation.twin()
    twin.series(external_ref="THEIRS")
    await twin.save()

    payload = await call(sign_in(Role.OWNER), "createSeries", CONTENT, series=[_new(**GOAL, externalRef="THEIRS")])

    assert outcomes(payload) == ["CHANGED"]


async def test_the_last_day_is_reckoned_by_the_day_of_the_organisation(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """At 12:00 in UTC it is already tomorrow in Auckland."""
    clock.advance(timedelta(hours=2, minutes=30))

    payload = await call(sign_in(Role.ADMIN), "createSeries", CONTENT, series=[_new(duration="END_DATE", endsOn=TODAY)])

    assert row_codes(payload) == [["INVALID_DATES"]]


async def test_a_change_says_what_it_changed_and_running_enrolments_keep_their_dates(
    organisation: Organisation, sign_in: SignIn
) -> None:
    made = organisation.series()
    enrolment = organisation.enrolment(organisation.learner(), made)
    admin = sign_in(Role.ADMIN)

    payload = await call(
        admin, "updateSeries", CONTENT, id=made.gid, title="Anew", duration="FIXED", durationDays=3, expectedVersion=1
    )

    [result] = payload["results"]
    assert result["outcome"] == "CHANGED"
    node = result["node"]
    assert (node["title"], node["duration"], node["durationDays"], node["questionCount"]) == ("Anew", "FIXED", 3, 10)
    data = await admin.query(
        """query($id: ID!, $of: ID!) {
          seriesEnrolment(id: $id) { endsAt version }
          series(id: $of) { history { nodes { action changedFields subject { id } } } }
        }""",
        {"id": enrolment.gid, "of": made.gid},
    )
    assert data["seriesEnrolment"]["version"] == 1
    assert data["series"]["history"]["nodes"] == [
        {
            "action": "SERIES_UPDATED",
            "changedFields": ["title", "duration", "durationDays"],
            "subject": {"id": made.gid},
        }
    ]


async def test_a_change_that_changes_nothing_writes_nothing(organisation: Organisation, sign_in: SignIn) -> None:
    made = organisation.series(title="As it was")

    payload = await call(sign_in(Role.ADMIN), "updateSeries", CONTENT, id=made.gid, title="As it was", questionCount=10)

    assert outcomes(payload) == ["UNCHANGED"]
    assert payload["results"][0]["node"]["version"] == 1
    assert await told(organisation) == []


async def test_what_a_new_duration_or_type_rules_out_goes_with_it(organisation: Organisation, sign_in: SignIn) -> None:
    made = organisation.series(duration=SeriesDuration.FIXED, duration_days=5)
    admin = sign_in(Role.ADMIN)

    first = await call(admin, "updateSeries", CONTENT, id=made.gid, duration="END_DATE", endsOn="2026-04-01")
    then = await call(admin, "updateSeries", CONTENT, id=made.gid, type="PREVIEW")

    assert (first["results"][0]["node"]["durationDays"], first["results"][0]["node"]["endsOn"]) == (None, "2026-04-01")
    assert then["results"][0]["node"]["questionCount"] is None


async def test_a_last_day_that_has_passed_does_not_stand_against_another_title(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    made = organisation.series(duration=SeriesDuration.END_DATE)
    await organisation.save()
    clock.advance(timedelta(days=400))

    payload = await call(sign_in(Role.ADMIN), "updateSeries", CONTENT, id=made.gid, title="Anew")

    assert outcomes(payload) == ["CHANGED"]


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"duration": "FIXED", "durationDays": 3}, "duration"),
        ({"duration": "END_DATE", "endsOn": "2026-05-01"}, "duration"),
        ({"type": "PREVIEW"}, "type"),
    ],
)
async def test_a_step_of_a_pathway_stays_of_duration_mastery(
    organisation: Organisation, sign_in: SignIn, given: dict[str, Any], field: str
) -> None:
    step, free = organisation.series(), organisation.series()
    organisation.pathway(step)
    admin = sign_in(Role.ADMIN)

    refused = await call(admin, "updateSeries", CONTENT, id=step.gid, **given)
    changed = await call(admin, "updateSeries", CONTENT, id=free.gid, **given)

    assert codes_and_paths(refused) == [[("PATHWAY_NEEDS_MASTERY", f"input.{field}")]]
    assert outcomes(changed) == ["CHANGED"]
    assert outcomes(await call(admin, "updateSeries", CONTENT, id=step.gid, title="Anew")) == ["CHANGED"]


async def test_retired_series_are_closed_and_reinstated_ones_open(organisation: Organisation, sign_in: SignIn) -> None:
    made = organisation.series()
    admin = sign_in(Role.ADMIN)
    node = "id status version actions { action available reasons { code } }"

    retired = await call(admin, "retireSeries", node, ids=[made.gid])
    again = await call(admin, "retireSeries", node, ids=[made.gid])
    changed = await call(admin, "updateSeries", node, id=made.gid, title="Anew")
    reinstated = await call(admin, "reinstateSeries", node, ids=[made.gid])

    assert retired["results"][0]["node"]["status"] == "RETIRED"
    states = {each["action"]: each["available"] for each in retired["results"][0]["node"]["actions"]}
    assert states == {"UPDATE": False, "RETIRE": False, "REINSTATE": True, "ENROL": False}
    assert row_codes(again) == row_codes(changed) == [["STATUS_NOT_ALLOWED"]]
    assert reinstated["results"][0]["node"]["version"] == 3
    assert await told(organisation) == [
        ("SERIES_RETIRED", "ACTIVE", "RETIRED", 2),
        ("SERIES_REINSTATED", "RETIRED", "ACTIVE", 3),
    ]


async def test_series_are_found_by_what_they_are(organisation: Organisation, sign_in: SignIn) -> None:
    fixed = organisation.series(duration=SeriesDuration.FIXED)
    organisation.series(type=SeriesType.BURST)

    data = await sign_in(Role.ADMIN).query(
        """query($at: DateTime!) {
          fixed: seriesLibrary(filter: {duration: {eq: FIXED}}) { nodes { id } }
          burst: seriesLibrary(filter: {type: {in: [BURST]}}) { totalCount }
          later: seriesLibrary(filter: {createdAt: {gt: $at}}) { totalCount }
        }""",
        {"at": "2026-03-01T00:00:00Z"},
    )

    assert data["fixed"]["nodes"] == [{"id": fixed.gid}]
    assert data["burst"]["totalCount"] == 1
    assert data["later"]["totalCount"] == 0
