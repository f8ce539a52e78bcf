"""What the portal shows as open is what it allows: every status, action and role, against grids written down here.

The cells: `open`; or the reasons in their order, R role, L learner inactive, S status; `-` the record is not seen, or
its actions may not be read; `out` the caller is not let in at all.
"""

from datetime import datetime, timedelta
from typing import Any

import pytest

from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus as Status
from tests.api.cases import MutationCase, case_of
from tests.client import Client, Json, codes
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record
from tests.ticking import ticked

MICROSECOND = timedelta(microseconds=1)
CODES = {"R": "FORBIDDEN", "L": "LEARNER_INACTIVE", "S": "STATUS_NOT_ALLOWED"}

WITHDRAW_WHILE_ACTIVE = """
    status           | OWNER | ADMIN | MANAGER | TRAINER | LEARNER | INTEGRATION
    WAITING_TO_START | open  | open  | R       | -       | R       | -
    NOT_SIGNED_IN    | open  | open  | R       | -       | R       | -
    NO_ATTEMPTS      | open  | open  | R       | -       | R       | -
    IN_PROGRESS      | open  | open  | R       | -       | R       | -
    MASTERED         | S     | S     | R S     | -       | R S     | -
    INCOMPLETE       | S     | S     | R S     | -       | R S     | -
    DID_NOT_START    | S     | S     | R S     | -       | R S     | -
    NEVER_SIGNED_IN  | S     | S     | R S     | -       | R S     | -
    WITHDRAWN        | S     | S     | R S     | -       | R S     | -
"""
WITHDRAW_WHILE_INACTIVE = """
    status           | OWNER | ADMIN | MANAGER | TRAINER | LEARNER | INTEGRATION
    WAITING_TO_START | L     | L     | R L     | -       | out     | -
    NOT_SIGNED_IN    | L     | L     | R L     | -       | out     | -
    NO_ATTEMPTS      | L     | L     | R L     | -       | out     | -
    IN_PROGRESS      | L     | L     | R L     | -       | out     | -
    MASTERED         | L S   | L S   | R L S   | -       | out     | -
    INCOMPLETE       | L S   | L S   | R L S   | -       | out     | -
    DID_NOT_START    | L S   | L S   | R L S   | -       | out     | -
    NEVER_SIGNED_IN  | L S   | L S   | R L S   | -       | out     | -
    WITHDRAWN        | L S   | L S   | R L S   | -       | out     | -
"""
LEARNER_ACTIONS = """
    action     of                  | OWNER | ADMIN | MANAGER | TRAINER | LEARNER | INTEGRATION
    DEACTIVATE active              | open  | open  | R       | -       | R       | -
    DEACTIVATE inactive            | L S   | L S   | R L S   | -       | out     | -
    DEACTIVATE active and Owner    | open  | R     | R       | -       | -       | -
    DEACTIVATE inactive and Owner  | L S   | R L S | R L S   | -       | -       | -
    REACTIVATE active              | S     | S     | R S     | -       | R S     | -
    REACTIVATE inactive            | open  | open  | R       | -       | out     | -
    REACTIVATE active and Owner    | S     | R S   | R S     | -       | -       | -
    REACTIVATE inactive and Owner  | open  | R     | R       | -       | -       | -
"""
WITHDRAWABLE = ["WAITING_TO_START", "NOT_SIGNED_IN", "NO_ATTEMPTS", "IN_PROGRESS"]
MAY_CHANGE = {Role.OWNER, Role.ADMIN}
STATE = "actions { action available reasons { code allowedStatuses requiredRoles } }"
by_role = pytest.mark.parametrize("role", list(Role))


def _cells(grid: str, role: Role) -> dict[str, str]:
    """One role's column: what stands in each row."""
    head, *rows = ([cell.strip() for cell in line.split("|")] for line in grid.strip().splitlines())
    place = head.index(role.name)
    return {" ".join(cells[0].split()): cells[place] for cells in rows}


def _expected_codes(cell: str) -> list[str]:
    return [] if cell == "open" else [CODES[each] for each in cell.split()]


async def _check(
    client: Client, role: Role, record: Record, case: MutationCase, cell: str, field: str, action: str, status: str
) -> None:
    """Reads one action of a record, takes it, and compares both with the cell."""
    organisation = client.organisation
    answer = await client.execute(f"query($id: ID!) {{ {field}(id: $id) {{ status {STATE} }} }}", {"id": record.gid})
    before = await organisation.everything()
    if cell == "out":
        assert codes(answer) == codes(await case.answer(client, record.gid)) == ["APP_ACCESS_OFF"]
    elif role not in MAY_CHANGE:
        assert codes(await case.answer(client, record.gid)) == ["FORBIDDEN"]
    if cell == "out" or role not in MAY_CHANGE:
        assert await organisation.everything() == before
    if cell == "out":
        return
    if cell == "-":
        assert answer["data"] == {field: None}
        assert codes(answer) == (["FORBIDDEN"] if role is Role.INTEGRATION else [])
        return

    shown = answer["data"][field]
    assert shown["status"] == status
    [state] = [each for each in shown["actions"] if each["action"] == action]
    expected = _expected_codes(cell)
    assert [reason["code"] for reason in state["reasons"]] == expected
    assert state["available"] is (cell == "open")
    if role not in MAY_CHANGE:
        return

    payload = await case.payload(client, record.gid)
    [result] = payload["results"]
    assert result["outcome"] == ("CHANGED" if state["available"] else "REFUSED")
    assert [error["code"] for error in result["errors"]] == expected
    if not state["available"]:
        assert result["node"]["status"] == status
        assert await organisation.everything() == before


@by_role
@pytest.mark.parametrize(
    ("is_active", "grid"),
    [(True, WITHDRAW_WHILE_ACTIVE), (False, WITHDRAW_WHILE_INACTIVE)],
    ids=["active learner", "inactive learner"],
)
async def test_withdrawal_is_shown_and_allowed_as_the_grid_says(
    is_active: bool, grid: str, role: Role, organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner(is_active=is_active, reports_to=organisation.own[Role.MANAGER])
    client = sign_in(organisation.user(Role.LEARNER, learner) if role is Role.LEARNER else role)
    cells = _cells(grid, role)
    cases = organisation.every_status(learner)
    assert set(cells) == {case.now.name for case in cases} == {status.name for status in Status}

    for case in cases:
        await _check(
            client,
            role,
            case.enrolment,
            case_of("withdrawSeriesEnrolments"),
            cells[case.now.name],
            "seriesEnrolment",
            "WITHDRAW",
            case.now.name,
        )


@by_role
async def test_a_learners_actions_are_shown_and_allowed_as_the_grid_says(
    role: Role, organisation: Organisation, sign_in: SignIn
) -> None:
    mutations = {"DEACTIVATE": "deactivateLearners", "REACTIVATE": "reactivateLearners"}

    for row, cell in _cells(LEARNER_ACTIONS, role).items():
        action, status, *of_owner = row.split(maxsplit=2)
        learner = organisation.learner(is_active=status == "active", reports_to=organisation.own[Role.MANAGER])
        if of_owner:
            organisation.user(Role.OWNER, learner)
        own = role is Role.LEARNER and not of_owner
        client = sign_in(organisation.user(Role.LEARNER, learner) if own else role)

        await _check(client, role, learner, case_of(mutations[action]), cell, "learner", action, status.upper())


async def test_closed_actions_name_the_statuses_and_roles_that_would_open_them(
    organisation: Organisation, sign_in: SignIn
) -> None:
    report = organisation.learner(is_active=False, reports_to=organisation.own[Role.MANAGER])
    mastered = organisation.enrolment(report, organisation.series(), Status.MASTERED)
    document = f"query($id: ID!) {{ seriesEnrolment(id: $id) {{ {STATE} }} }}"

    data = await sign_in(Role.MANAGER).query(document, {"id": mastered.gid})

    withdraw, *_ = data["seriesEnrolment"]["actions"]
    assert withdraw == {
        "action": "WITHDRAW",
        "available": False,
        "reasons": [
            {"code": "FORBIDDEN", "allowedStatuses": [], "requiredRoles": ["OWNER", "ADMIN"]},
            {"code": "LEARNER_INACTIVE", "allowedStatuses": [], "requiredRoles": []},
            {"code": "STATUS_NOT_ALLOWED", "allowedStatuses": WITHDRAWABLE, "requiredRoles": []},
        ],
    }


async def test_every_message_against_an_action_says_what_would_help(
    organisation: Organisation, sign_in: SignIn
) -> None:
    inactive = organisation.learner(is_active=False)
    ended = organisation.enrolment(inactive, organisation.series(), Status.WITHDRAWN)

    payload = await case_of("withdrawSeriesEnrolments").payload(sign_in(Role.OWNER), ended.gid)

    not_active, not_allowed = (error["message"] for error in payload["results"][0]["errors"])
    assert "Reactivate the learner first." in not_active
    assert "WITHDRAWN" in not_allowed
    assert "WAITING_TO_START, NOT_SIGNED_IN, NO_ATTEMPTS or IN_PROGRESS" in not_allowed


LONG_AGO, SOON = START - 9 * DAY, START + 9 * DAY
AHEAD, RUNNING, OVER = (SOON, SOON + DAY), (LONG_AGO, SOON), (LONG_AGO - DAY, LONG_AGO)
JUST_BEFORE_START = (START + MICROSECOND, SOON)
AT_START = (START, SOON)
JUST_AFTER_START = (START - MICROSECOND, SOON)
JUST_BEFORE_END = (LONG_AGO, START + MICROSECOND)
AT_END = (LONG_AGO, START)
JUST_AFTER_END = (LONG_AGO, START - MICROSECOND)
START_AND_END = (START - MICROSECOND, START)

BOUNDARIES: list[tuple[tuple[datetime, datetime], Status, bool, Status]] = [
    (AHEAD, Status.WAITING_TO_START, False, Status.WAITING_TO_START),
    (JUST_BEFORE_START, Status.WAITING_TO_START, False, Status.WAITING_TO_START),
    (JUST_BEFORE_START, Status.WAITING_TO_START, True, Status.WAITING_TO_START),
    (AT_START, Status.WAITING_TO_START, False, Status.NOT_SIGNED_IN),
    (AT_START, Status.WAITING_TO_START, True, Status.NO_ATTEMPTS),
    (JUST_AFTER_START, Status.WAITING_TO_START, False, Status.NOT_SIGNED_IN),
    (JUST_AFTER_START, Status.WAITING_TO_START, True, Status.NO_ATTEMPTS),
    (JUST_BEFORE_END, Status.WAITING_TO_START, False, Status.NOT_SIGNED_IN),
    (JUST_BEFORE_END, Status.WAITING_TO_START, True, Status.NO_ATTEMPTS),
    (JUST_BEFORE_END, Status.NOT_SIGNED_IN, False, Status.NOT_SIGNED_IN),
    (JUST_BEFORE_END, Status.NO_ATTEMPTS, True, Status.NO_ATTEMPTS),
    (JUST_BEFORE_END, Status.IN_PROGRESS, True, Status.IN_PROGRESS),
    (AT_END, Status.WAITING_TO_START, False, Status.NEVER_SIGNED_IN),
    (AT_END, Status.WAITING_TO_START, True, Status.DID_NOT_START),
    (AT_END, Status.NOT_SIGNED_IN, False, Status.NEVER_SIGNED_IN),
    (AT_END, Status.NO_ATTEMPTS, True, Status.DID_NOT_START),
    (AT_END, Status.IN_PROGRESS, True, Status.INCOMPLETE),
    (START_AND_END, Status.WAITING_TO_START, False, Status.NEVER_SIGNED_IN),
    (START_AND_END, Status.WAITING_TO_START, True, Status.DID_NOT_START),
    (JUST_AFTER_END, Status.NOT_SIGNED_IN, False, Status.NEVER_SIGNED_IN),
    (JUST_AFTER_END, Status.NO_ATTEMPTS, True, Status.DID_NOT_START),
    (JUST_AFTER_END, Status.IN_PROGRESS, True, Status.INCOMPLETE),
    (OVER, Status.MASTERED, True, Status.MASTERED),
    (AT_END, Status.MASTERED, True, Status.MASTERED),
    (AT_END, Status.WITHDRAWN, True, Status.WITHDRAWN),
    (AT_START, Status.WITHDRAWN, True, Status.WITHDRAWN),
    (RUNNING, Status.IN_PROGRESS, True, Status.IN_PROGRESS),
]
READ = """
    query($filter: SeriesEnrolmentFilter, $learner: ID!) {
      seriesEnrolments(filter: $filter, first: 100) { totalCount nodes { id status actions { available } } }
      seriesEnrolmentIds(filter: $filter) { ids totalCount }
      learner(id: $learner) { seriesEnrolments(filter: $filter, first: 100) { totalCount nodes { id status } } }
    }
"""


async def _seen(client: Client, learner: Record, filter_: Json | None = None) -> dict[str, tuple[str, bool]]:
    """The statuses by id, and whether withdrawal is open; read in several ways that must agree."""
    data = await client.query(READ, {"filter": filter_, "learner": learner.gid})
    found = data["seriesEnrolments"]["nodes"]
    ids = [node["id"] for node in found]
    assert data["seriesEnrolmentIds"]["ids"] == ids
    assert data["learner"]["seriesEnrolments"]["nodes"] == [
        {"id": node["id"], "status": node["status"]} for node in found
    ]
    assert (
        data["seriesEnrolments"]["totalCount"]
        == data["seriesEnrolmentIds"]["totalCount"]
        == data["learner"]["seriesEnrolments"]["totalCount"]
        == len(ids)
    )
    return {node["id"]: (node["status"], node["actions"][0]["available"]) for node in found}


async def test_a_status_is_the_same_wherever_it_is_read_to_the_microsecond_and_after_the_ticker(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock, new_id: RepeatableIds
) -> None:
    learner = organisation.learner()
    expected: dict[str, tuple[str, bool]] = {}
    for (starts_at, ends_at), stored, has_signed_in, now in BOUNDARIES:
        times: dict[str, Any] = {"starts_at": starts_at, "ends_at": ends_at, "has_signed_in": has_signed_in}
        enrolment = organisation.enrolment(learner, organisation.series(), stored, **times)
        expected[enrolment.gid] = (now.name, now.name in WITHDRAWABLE)
    client = sign_in(Role.ADMIN)

    async def check() -> None:
        assert await _seen(client, learner) == expected
        for status in Status:
            own = {id_: state for id_, state in expected.items() if state[0] == status.name}
            others = {id_: state for id_, state in expected.items() if state[0] != status.name}
            assert await _seen(client, learner, {"status": {"eq": status.name}}) == own
            assert await _seen(client, learner, {"status": {"in": [status.name]}}) == own
            assert await _seen(client, learner, {"status": {"notIn": [status.name]}}) == others

    await check()
    await ticked(organisation, clock, new_id)
    await check()


@pytest.mark.parametrize(
    ("before_end", "outcome"), [(MICROSECOND, "CHANGED"), (timedelta(), "REFUSED")], ids=["just before", "at the end"]
)
async def test_an_enrolment_can_be_withdrawn_up_to_its_end_and_not_at_it(
    before_end: timedelta, outcome: str, organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    enrolment = organisation.enrolment(organisation.learner(), organisation.series(), Status.IN_PROGRESS)
    clock.now = enrolment["ends_at"] - before_end

    payload = await case_of("withdrawSeriesEnrolments").payload(sign_in(Role.ADMIN), enrolment.gid)

    [result] = payload["results"]
    assert result["outcome"] == outcome
    assert result["node"]["status"] == ("WITHDRAWN" if outcome == "CHANGED" else "INCOMPLETE")
