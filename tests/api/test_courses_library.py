"""Courses and units: made, changed, retired and reinstated by administrators."""

from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.models import course_units, history_entries
from tests.api.calls import call, codes_and_paths, told
from tests.api.cases import outcomes, row_codes
from tests.conftest import SignIn
from tests.factories import Organisation

COURSE = """
    id externalRef title programIdentifier version status supersededBy { id } units(first: 5) { nodes { id } }
    history(first: 5) { nodes { action changedFields } }
"""
UNIT = "id identifier title scheduledHours version status history(first: 5) { nodes { action changedFields } }"
GOOD = {"title": "Support", "programIdentifier": "CHC33021"}


def _units(node: dict[str, Any]) -> list[str]:
    return [each["id"] for each in node["units"]["nodes"]]


async def test_courses_are_made_of_units_in_their_order(organisation: Organisation, sign_in: SignIn) -> None:
    one, two = organisation.unit(), organisation.unit()
    rows = [
        {**GOOD, "unitIds": [two.gid, one.gid], "externalRef": "CHC"},
        {**GOOD, "title": "Bare"},
    ]

    payload = await call(sign_in(Role.ADMIN), "createCourses", COURSE, courses=rows)

    made, bare = (each["node"] for each in payload["results"])
    assert outcomes(payload) == ["CHANGED", "CHANGED"]
    assert (made["externalRef"], made["programIdentifier"], made["version"]) == ("CHC", "CHC33021", 1)
    assert _units(made) == [two.gid, one.gid]
    assert (bare["externalRef"], _units(bare)) == (bare["id"], [])
    assert await told(organisation) == [("COURSE_CREATED", None, "ACTIVE", 1)] * 2


async def test_a_course_that_cannot_be_meant_is_refused_in_its_row(organisation: Organisation, sign_in: SignIn) -> None:
    unit, retired = organisation.unit(), organisation.unit(is_active=False)
    taken, twin = organisation.course(), organisation.twin()
    theirs = twin.course(external_ref="THEIRS")
    await twin.save()
    rows = [
        {**GOOD, "title": " "},
        {**GOOD, "programIdentifier": "chc33021"},
        {**GOOD, "programIdentifier": "CHC33021ABC"},
        {**GOOD, "externalRef": ""},
        {**GOOD, "externalRef": taken["external_ref"]},
        {**GOOD, "unitIds": [unit.gid, retired.gid]},
        {**GOOD, "unitIds": [unit.gid, unit.gid]},
        {**GOOD, "unitIds": [f"unt_{'0' * 32}"]},
        {**GOOD, "unitIds": [twin.counterpart(unit).gid]},
        {**GOOD, "unitIds": [unit.gid] * 101},
        {**GOOD, "externalRef": theirs["external_ref"]},
        {**GOOD, "externalRef": theirs["external_ref"]},
        {**GOOD, "externalRef": "nul\x00l"},
    ]

    payload = await call(sign_in(Role.OWNER), "createCourses", "id", courses=rows)

    assert codes_and_paths(payload) == [
        [("INPUT_INVALID", "input.courses.0.title")],
        [("INPUT_INVALID", "input.courses.1.programIdentifier")],
        [("INPUT_INVALID", "input.courses.2.programIdentifier")],
        [("INPUT_INVALID", "input.courses.3.externalRef")],
        [("EXTERNAL_REF_TAKEN", "input.courses.4.externalRef")],
        [("STATUS_NOT_ALLOWED", "input.courses.5.unitIds.1")],
        [("INPUT_INVALID", "input.courses.6.unitIds.1")],
        [("NOT_FOUND", "input.courses.7.unitIds.0")],
        [("NOT_FOUND", "input.courses.8.unitIds.0")],
        [("LIMIT_EXCEEDED", "input.courses.9.unitIds")],
        [],
        [("EXTERNAL_REF_TAKEN", "input.courses.11.externalRef")],
        [("INPUT_INVALID", "input.courses.12.externalRef")],
    ]
    assert await told(organisation) == [("COURSE_CREATED", None, "ACTIVE", 1)]


async def test_a_course_is_changed_field_by_field(organisation: Organisation, sign_in: SignIn) -> None:
    units = [organisation.unit() for _ in range(3)]
    newer = organisation.course()
    course = organisation.course(*units[:2], title="Old", external_ref="OLD", program_identifier="OLD1")
    admin = sign_in(Role.ADMIN)

    async def change(**given: Any) -> Any:
        payload = await call(admin, "updateCourse", COURSE, id=course.gid, **given)
        [result] = payload["results"]
        assert result["errors"] == []
        return result["outcome"], result["node"]

    same, _ = await change(title="Old", externalRef=None, unitIds=[units[0].gid, units[1].gid], supersededById=None)
    _, named = await change(title="New", externalRef="NEW", programIdentifier="NEW1", expectedVersion=1)
    _, turned = await change(unitIds=[units[2].gid, units[0].gid])
    _, superseded = await change(supersededById=newer.gid)
    _, freed = await change(supersededById=None)

    assert same == "UNCHANGED"
    assert (named["title"], named["externalRef"], named["programIdentifier"]) == ("New", "NEW", "NEW1")
    assert (_units(named), _units(turned)) == ([units[0].gid, units[1].gid], [units[2].gid, units[0].gid])
    assert (superseded["supersededBy"], freed["supersededBy"]) == ({"id": newer.gid}, None)
    assert freed["version"] == 5
    edits = {frozenset(each["changedFields"]) for each in freed["history"]["nodes"]}
    assert edits == {
        frozenset(("title", "externalRef", "programIdentifier")),
        frozenset(("units",)),
        frozenset(("supersededBy",)),
    }


async def test_a_course_keeps_a_retired_unit_that_it_has_and_takes_no_other(
    organisation: Organisation, sign_in: SignIn
) -> None:
    unit, kept, other = organisation.unit(), organisation.unit(is_active=False), organisation.unit(is_active=False)
    course = organisation.course(kept, unit)
    admin = sign_in(Role.ADMIN)

    turned = await call(admin, "updateCourse", COURSE, id=course.gid, unitIds=[unit.gid, kept.gid])
    refused = await call(admin, "updateCourse", "id", id=course.gid, unitIds=[kept.gid, other.gid])

    assert _units(turned["results"][0]["node"]) == [unit.gid, kept.gid]
    assert codes_and_paths(refused) == [[("STATUS_NOT_ALLOWED", "input.unitIds.1")]]
    assert [
        row["unit_id"] for row in sorted(await organisation.stored(course_units), key=lambda row: row["position"])
    ] == [
        unit.id,
        kept.id,
    ]


async def test_no_course_supersedes_itself_directly_or_further_on(organisation: Organisation, sign_in: SignIn) -> None:
    newest = organisation.course()
    newer = organisation.course(superseded_by=newest)
    old = organisation.course(superseded_by=newer)
    beside = organisation.course()
    twin = organisation.twin()
    await twin.save()
    admin = sign_in(Role.ADMIN)

    async def tried(course: Any, by: str) -> Any:
        return codes_and_paths(await call(admin, "updateCourse", "id", id=course.gid, supersededById=by))

    circle = [[("SUPERSESSION_CIRCLE", "input.supersededById")]]
    assert await tried(newest, newest.gid) == circle
    assert await tried(newest, newer.gid) == circle
    assert await tried(newest, old.gid) == circle
    assert await tried(newest, twin.counterpart(beside).gid) == [[("NOT_FOUND", "input.supersededById")]]
    assert await organisation.stored(history_entries) == []
    assert await tried(newest, beside.gid) == [[]]


async def test_a_course_with_a_taken_reference_or_another_version_is_left_alone(
    organisation: Organisation, sign_in: SignIn
) -> None:
    taken, course, retired = organisation.course(), organisation.course(), organisation.course(is_active=False)
    admin = sign_in(Role.ADMIN)

    refused = [
        await call(admin, "updateCourse", "id", id=course.gid, externalRef=taken["external_ref"]),
        await call(admin, "updateCourse", "id", id=course.gid, programIdentifier="no"),
        await call(admin, "updateCourse", "id", id=course.gid, title="New", expectedVersion=2),
        await call(admin, "updateCourse", "id", id=retired.gid, title="New"),
        await call(admin, "updateCourse", "id", id=f"crs_{'0' * 32}", title="New"),
    ]

    assert [row_codes(each) for each in refused] == [
        [["EXTERNAL_REF_TAKEN"]],
        [["INPUT_INVALID"]],
        [["CHANGED_MEANWHILE"]],
        [["STATUS_NOT_ALLOWED"]],
        [["NOT_FOUND"]],
    ]
    assert await told(organisation) == []


async def test_units_are_made_and_changed(organisation: Organisation, sign_in: SignIn) -> None:
    rows = [
        {"identifier": "HLTWHS002", "title": "Work safely", "scheduledHours": 25},
        {"identifier": "HLTWHS002", "title": "Twice"},
        {"identifier": "hltwhs002", "title": "Small"},
        {"identifier": "HLTWHS0021234", "title": "Long"},
        {"identifier": "HLTWHS003", "title": ""},
        {"identifier": "HLTWHS004", "title": "Negative", "scheduledHours": -1},
        {"identifier": "HLTWHS005", "title": "Endless", "scheduledHours": 10_001},
    ]
    other = organisation.unit(identifier="OTHER")
    admin = sign_in(Role.ADMIN)

    made = await call(admin, "createUnits", UNIT, units=rows)
    unit = made["results"][0]["node"]
    same = await call(admin, "updateUnit", UNIT, id=unit["id"], title="Work safely", scheduledHours=25)
    changed = await call(
        admin, "updateUnit", UNIT, id=unit["id"], title="Safely", identifier="HLT1", scheduledHours=None
    )
    taken = await call(admin, "updateUnit", UNIT, id=unit["id"], identifier=other["identifier"])
    wrong = await call(admin, "updateUnit", UNIT, id=unit["id"], scheduledHours=-1)

    assert codes_and_paths(made) == [
        [],
        [("IDENTIFIER_TAKEN", "input.units.1.identifier")],
        [("INPUT_INVALID", "input.units.2.identifier")],
        [("INPUT_INVALID", "input.units.3.identifier")],
        [("INPUT_INVALID", "input.units.4.title")],
        [("INPUT_INVALID", "input.units.5.scheduledHours")],
        [("INPUT_INVALID", "input.units.6.scheduledHours")],
    ]
    assert (unit["identifier"], unit["scheduledHours"], unit["version"]) == ("HLTWHS002", 25, 1)
    assert outcomes(same) == ["UNCHANGED"]
    after = changed["results"][0]["node"]
    assert (after["identifier"], after["title"], after["scheduledHours"], after["version"]) == (
        "HLT1",
        "Safely",
        None,
        2,
    )
    [edit] = [each for each in after["history"]["nodes"] if each["action"] == "UNIT_UPDATED"]
    assert sorted(edit["changedFields"]) == ["identifier", "scheduledHours", "title"]
    assert (codes_and_paths(taken), row_codes(wrong)) == (
        [[("IDENTIFIER_TAKEN", "input.identifier")]],
        [["INPUT_INVALID"]],
    )


@pytest.mark.parametrize("prefix", ["crs", "unt", "off"])
async def test_an_identifier_of_another_type_is_no_identifier(
    organisation: Organisation, sign_in: SignIn, prefix: str
) -> None:
    wrong = f"{prefix}_{'0' * 32}"
    client = sign_in(Role.ADMIN)
    name = "retireUnits" if prefix == "crs" else "retireCourses"

    with pytest.raises(AssertionError, match="ID_INVALID"):
        await call(client, name, "id", ids=[wrong])
