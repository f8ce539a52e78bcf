"""Literal grids as text: one row a status, one column a role; a cell lists the reasons in the order they are told.

`ok` is granted; R is the role, I the inactive learner, S the status: `RIS` gives all three.
"""

from enum import StrEnum
from typing import Any

from portal_api.domain.machine import Facts, Granted, Refused, Table
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role

LETTERS = {"R": ErrorCode.FORBIDDEN, "I": ErrorCode.LEARNER_INACTIVE, "S": ErrorCode.STATUS_NOT_ALLOWED}
Cell = tuple[str, Role, list[ErrorCode]]


def cells(grid: str) -> list[Cell]:
    """The cells of a grid: the row's name, the role, and the codes expected there."""
    head, *rows = [line.split() for line in grid.strip().splitlines()]
    assert head == [role.name for role in Role], "a grid has a column for every role, in their order"
    return [
        (name, role, [] if cell == "ok" else [LETTERS[letter] for letter in cell])
        for name, *expected in rows
        for role, cell in zip(Role, expected, strict=True)
    ]


def named(cell: Cell) -> str:
    """How a cell is called in the output of the tests."""
    return f"{cell[0]}-{cell[1].name}"


def assert_decided(
    table: Table[Any, Any, Any], action: StrEnum, role: Role, facts: Facts, expected: list[ErrorCode]
) -> None:
    """The decision on an action is what a cell says, and what `actions` shows is what is decided."""
    decision = table[action].decide(role, facts)
    [shown] = [state for state in table.actions(role, facts) if state.action is action]
    match decision:
        case Granted():
            assert expected == []
            assert shown.available
            assert shown.reasons == ()
        case Refused(reasons):
            assert [reason.code for reason in reasons] == expected
            assert not shown.available
            assert shown.reasons == reasons
