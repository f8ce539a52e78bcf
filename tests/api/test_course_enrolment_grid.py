"""The grid of enrolments in courses over HTTP: each action at each status, shown to every role as it is decided."""

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentAction, CourseEnrolmentStatus
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role
from tests.api.cases import row_codes
from tests.client import Client, Json, codes
from tests.conftest import SignIn
from tests.domain import course_grids
from tests.domain.course_grids import LEADS, A, S, grid
from tests.domain.grids import LETTERS
from tests.factories import Organisation, Record

FINALISABLE = (S.COMPLETED, S.WITHDRAWN, S.CANCELLED_NO_PENALTY, S.CANCELLED_PENALTY, S.PARTIAL_ATTENDANCE)
ADMINISTRATORS = (Role.OWNER, Role.ADMIN)
STATE = "actions { action available reasons { code allowedStatuses requiredRoles } }"
Records = Mapping[CourseEnrolmentStatus, Record]


def _laid_out(made: Organisation, *, is_active: bool, is_finalised: bool) -> Records:
    """An enrolment at each status, which the Manager, the Trainer and, unless inactive, the learner see."""
    learner = made.own[Role.LEARNER] if is_active else made.learner(is_active=False, reports_to=made.own[Role.MANAGER])
    newer = None if is_finalised else made.course()
    offer = made.course_offer(made.course(superseded_by=newer), made.staff[Role.TRAINER])
    enrolments = {
        status: made.course_enrolment(learner, offer, status, finalised_on=made.day(-1) if is_finalised else None)
        for status in (FINALISABLE if is_finalised else S)
    }
    for each in enrolments.values():
        made.unit_enrolment(each, outcome=Outcome.COMPETENT, ends=-2)
    return enrolments


def _finalising(action: CourseEnrolmentAction) -> Callable[[Organisation, Records], list[Json]]:
    def given(made: Organisation, records: Records) -> list[Json]:
        to = LEADS[action]
        days: Json = {} if to in (S.COMPLETED, S.COMPLETION_PENDING) else {"on": str(made.day(-1))}
        if to is S.DEFERRED:
            days["returnsOn"] = str(made.day(30))
        return [{"status": to.name, "enrolments": [{"id": each.gid, **days} for each in records.values()]}]

    return given


def _ids(records: Records) -> list[str]:
    return [each.gid for each in records.values()]


ASKED: dict[CourseEnrolmentAction, tuple[str, Callable[[Organisation, Records], list[Json]]]] = {
    **{action: ("finaliseCourseEnrolments", _finalising(action)) for action in LEADS},
    A.SET_STATUS: (
        "setCourseEnrolmentStatus",
        lambda made, records: [{"ids": _ids(records), "status": "PENDING", "note": "Begins anew"}],
    ),
    A.UPDATE: (
        "updateCourseEnrolment",
        lambda made, records: [{"id": id_, "commitmentId": "COM-9"} for id_ in _ids(records)],
    ),
    A.ADD_UNITS: (
        "addUnitEnrolments",
        lambda made, records: [
            {"courseEnrolmentId": id_, "units": [{"unitId": made.unit().gid}]} for id_ in _ids(records)
        ],
    ),
    A.REQUEST_SURVEY: ("requestSurveys", lambda made, records: [{"ids": _ids(records)}]),
    A.FLAG_FOR_RECONNECT: (
        "flagForReconnect",
        lambda made, records: [{"ids": _ids(records), "purpose": "RENEWAL"}],
    ),
    A.TRANSITION: (
        "transitionCourseEnrolments",
        lambda made, records: [{"enrolments": [{"id": id_, "commitmentId": "COM-9"} for id_ in _ids(records)]}],
    ),
}
"""The mutation of each action, and its inputs: one for all records, or one for each."""


async def _answer(client: Client, mutation: str, given: Json) -> Json:
    document = f"""
        mutation Act($input: {mutation[0].upper()}{mutation[1:]}Input!) {{
          {mutation}(input: $input) {{ errors {{ code }} results {{ outcome errors {{ code }} }} }}
        }}
    """
    return await client.execute(document, {"input": given})


async def _shown(client: Client, records: Records) -> dict[CourseEnrolmentStatus, dict[str, list[str]]]:
    """The reasons against each action, as `actions` shows them."""
    document = f"query($ids: [ID!]) {{ courseEnrolments(filter: {{ id: {{ in: $ids }} }}, first: 50) {{ nodes {{ id {STATE} }} }} }}"
    data = await client.query(document, {"ids": _ids(records)})
    found = {node["id"]: node["actions"] for node in data["courseEnrolments"]["nodes"]}
    for actions in found.values():
        assert all(each["available"] is not bool(each["reasons"]) for each in actions)
    return {
        status: {each["action"]: [why["code"] for why in each["reasons"]] for each in found[record.gid]}
        for status, record in records.items()
    }


def _expected(role: Role, *, is_active: bool, against: list[ErrorCode]) -> list[str]:
    by_role = [] if role in ADMINISTRATORS else [ErrorCode.FORBIDDEN]
    return [code.name for code in (*by_role, *([] if is_active else [ErrorCode.LEARNER_INACTIVE]), *against)]


async def _without_reconnect_stage(client: Client) -> None:
    document = "mutation($input: UpdateOrganisationInput!) { updateOrganisation(input: $input) { counts { changed } } }"
    data = await client.query(document, {"input": {"id": client.organisation.itself.gid, "hasReconnectStage": False}})
    assert data["updateOrganisation"]["counts"] == {"changed": 1}


@pytest.mark.parametrize("is_finalised", [False, True], ids=["not finalised", "finalised"])
@pytest.mark.parametrize("is_active", [True, False], ids=["active", "inactive"])
@pytest.mark.parametrize("action", list(A), ids=lambda action: action.name)
async def test_what_is_shown_is_what_is_allowed_is_what_the_grid_says(
    action: CourseEnrolmentAction,
    is_active: bool,
    is_finalised: bool,
    organisation: Organisation,
    sign_in: SignIn,
) -> None:
    laid_out = _laid_out(organisation, is_active=is_active, is_finalised=is_finalised)
    cells = grid(course_grids.FINALISED if is_finalised else course_grids.NOT_FINALISED)
    mutation, inputs = ASKED[action]
    calls = inputs(organisation, laid_out)
    if not is_finalised:
        await _without_reconnect_stage(sign_in(Role.OWNER))
    await organisation.save()
    before = await organisation.everything()

    for role in set(Role) - set(ADMINISTRATORS):
        assert codes(await _answer(sign_in(role), mutation, calls[0])) == ["FORBIDDEN"] or not is_active
    sees = [role for role in Role if role is not Role.INTEGRATION and (is_active or role is not Role.LEARNER)]
    for role in sees:
        shown = await _shown(sign_in(role), laid_out)
        assert {status: told[action.name] for status, told in shown.items()} == {
            status: _expected(role, is_active=is_active, against=cells[action, status]) for status in laid_out
        }
    assert await organisation.everything() == before

    told: list[Json] = []
    for given in calls:
        payload = (await _answer(sign_in(Role.ADMIN), mutation, given))["data"][mutation]
        assert payload["errors"] == []
        told += payload["results"]
    expected = [_expected(Role.ADMIN, is_active=is_active, against=cells[action, status]) for status in laid_out]
    assert row_codes({"results": told}) == expected
    assert [each["outcome"] in ("CHANGED", "UNCHANGED") for each in told] == [not reasons for reasons in expected]
    after = await organisation.everything()
    for record, reasons in zip(laid_out.values(), expected, strict=True):
        if reasons:
            assert _row(after, record) == _row(before, record)


def _row(everything: dict[str, list[dict[str, Any]]], record: Record) -> dict[str, Any]:
    return next(row for row in everything["course_enrolments"] if row["id"] == record.id)


UNITS = """
    of                    | OWNER | ADMIN | MANAGER | TRAINER | LEARNER | INTEGRATION
    UPDATE taught         | open  | open  | R       | open    | R O     | -
    UPDATE final          | open  | open  | R       | open    | R O     | -
    UPDATE other          | open  | open  | R       | -       | R O     | -
    UPDATE inactive       | I     | I     | R I     | I       | -       | -
    UPDATE finalised      | F     | F     | R F     | F       | R O F   | -
    UPDATE own            | open  | open  | R       | O       | -       | -
    SET_PROGRAM taught    | open  | open  | R       | R       | R O     | -
    SET_PROGRAM final     | open  | open  | R       | R       | R O     | -
    SET_PROGRAM other     | open  | open  | R       | -       | R O     | -
    SET_PROGRAM inactive  | I     | I     | R I     | R I     | -       | -
    SET_PROGRAM finalised | F     | F     | R F     | R F     | R O F   | -
    SET_PROGRAM own       | open  | open  | R       | R O     | -       | -
    REPORT taught         | open  | open  | R       | R       | R       | -
    REPORT final          | open  | open  | R       | R       | R       | -
    REPORT other          | open  | open  | R       | -       | R       | -
    REPORT inactive       | I     | I     | R I     | R I     | -       | -
    REPORT finalised      | open  | open  | R       | R       | R       | -
    REPORT own            | open  | open  | R       | R       | -       | -
"""
"""`open`, or the reasons in their order, as the grids of `domain/` spell them; `-` where the unit is not seen."""
UNIT_CALLS: Mapping[str, tuple[str, Callable[[str], Json]]] = {
    "UPDATE": ("updateUnitEnrolments", lambda id_: {"units": [{"id": id_, "actualHours": 31}]}),
    "SET_PROGRAM": ("updateUnitEnrolments", lambda id_: {"units": [{"id": id_, "programIdentifier": "NEW1"}]}),
    "REPORT": ("reportUnitEnrolments", lambda id_: {"ids": [id_]}),
}
MAY_CALL = {
    "UPDATE": (*ADMINISTRATORS, Role.TRAINER),
    "SET_PROGRAM": (*ADMINISTRATORS, Role.TRAINER),
    "REPORT": ADMINISTRATORS,
}


def _cells(role: Role) -> dict[tuple[str, str], str]:
    """One role's column: what stands in each row."""
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in UNITS.strip().splitlines())
    place = head.index(role.name)
    return {(row[0].split()[0], row[0].split()[1]): row[place] for row in rows}


def _units(made: Organisation, trainer: Record, own: Record) -> dict[str, Record]:
    """A unit in each situation, of the Learner where nothing else is said."""
    learner = made.own[Role.LEARNER]
    taught, other = made.course_offer(made.course(), trainer), made.course_offer(made.course())
    inactive = made.learner(is_active=False, reports_to=made.own[Role.MANAGER])
    finalised = made.course_enrolment(learner, taught, S.WITHDRAWN, finalised_on=made.day(-1))
    return {
        "taught": made.unit_enrolment(made.course_enrolment(learner, taught)),
        "final": made.unit_enrolment(made.course_enrolment(learner, taught), outcome=Outcome.COMPETENT),
        "other": made.unit_enrolment(made.course_enrolment(learner, other)),
        "inactive": made.unit_enrolment(made.course_enrolment(inactive, taught)),
        "finalised": made.unit_enrolment(finalised, outcome=Outcome.WITHDRAWN, hours=5),
        "own": made.unit_enrolment(made.course_enrolment(own, taught)),
    }


@pytest.mark.parametrize("role", list(Role))
async def test_what_is_shown_of_a_unit_is_what_is_allowed_is_what_the_grid_says(
    role: Role, organisation: Organisation, sign_in: SignIn
) -> None:
    own = organisation.learner(reports_to=organisation.own[Role.MANAGER])
    trainer = organisation.user(Role.TRAINER, own)
    client = sign_in(trainer if role is Role.TRAINER else role)
    for (action, situation), cell in _cells(role).items():
        unit = _units(organisation, trainer, own)[situation]
        mutation, asked = UNIT_CALLS[action]
        document = f"query($id: ID!) {{ unitEnrolment(id: $id) {{ {STATE} }} }}"
        shown = (await client.execute(document, {"id": unit.gid}))["data"]["unitEnrolment"]
        before = await organisation.everything()
        answer = await _answer(client, mutation, asked(unit.gid))
        expected = (
            ["NOT_FOUND"] if cell == "-" else [] if cell == "open" else [LETTERS[each].name for each in cell.split()]
        )

        if cell == "-":
            assert shown is None, situation
        else:
            [state] = [each for each in shown["actions"] if each["action"] == action]
            assert [why["code"] for why in state["reasons"]] == expected, situation
            assert state["available"] is (cell == "open")
        if role in MAY_CALL[action]:
            assert row_codes(answer["data"][mutation]) == [expected], situation
        else:
            assert codes(answer) == ["FORBIDDEN"]
        if role not in MAY_CALL[action] or cell != "open":
            assert await organisation.everything() == before
