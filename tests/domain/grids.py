"""Literal grids as text: one row a status, one column a role; a cell lists the reasons in the order they are told.

`ok` is granted; R is the role, I the inactive learner, S the status: `RIS` gives all three. Behind them come those of
footnotes: L is the last Owner, E what the learner takes already, P the pathway that an enrolment belongs to, O the
caller's own record, A the app access that is off, N that no outcome earns a credential, C that one stands already, F that
an enrolment is finalised, M that it is not, T the stage of reconnecting that is switched off, U that no course supersedes
another.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

import pytest

from portal_api.domain.machine import Facts, Granted, Refused, Table
from portal_api.domain.refusals import ErrorCode
from portal_api.domain.roles import Role

LETTERS = {
    "R": ErrorCode.FORBIDDEN,
    "I": ErrorCode.LEARNER_INACTIVE,
    "S": ErrorCode.STATUS_NOT_ALLOWED,
    "L": ErrorCode.LAST_OWNER,
    "E": ErrorCode.ALREADY_ENROLLED,
    "P": ErrorCode.PATHWAY_OWNED,
    "O": ErrorCode.OWN_RECORD,
    "A": ErrorCode.APP_ACCESS_OFF,
    "N": ErrorCode.NO_CREDENTIALLED_OUTCOME,
    "C": ErrorCode.CREDENTIAL_STANDS,
    "F": ErrorCode.ALREADY_FINALISED,
    "M": ErrorCode.NOT_FINALISED,
    "T": ErrorCode.RECONNECT_OFF,
    "U": ErrorCode.NOT_SUPERSEDED,
}
Cell = tuple[str, Role, list[ErrorCode]]


@dataclass(frozen=True)
class Grid:
    """One action, cell by cell, where some facts beside the status are as given."""

    action: StrEnum
    text: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    note: str = "plain"
    """What is special about the facts, for the output of the tests."""


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


def every_cell(*grids: Grid) -> list[Any]:
    """The cells of several grids, as parameters of a test: the grid, the row's name, the role and the codes."""
    return [
        pytest.param(grid, *cell, id=f"{grid.action.name}-{grid.note}-{cell[0]}-{cell[1].name}")
        for grid in grids
        for cell in cells(grid.text)
    ]


def assert_covered(table: Table[Any, Any, Any], *grids: Grid) -> None:
    """There is a grid for each action of a table, and each has a row for every status, in their order."""
    assert list(dict.fromkeys(grid.action for grid in grids)) == [rule.action for rule in table.rules]
    for grid in grids:
        assert list(_rows(grid)) == [status.name for status in table.statuses], grid


def leads(table: Table[Any, Any, Any]) -> dict[str, dict[str, str | None]]:
    """Where each action of a table leads from each status that allows it: None where the status stays."""
    return {
        rule.action.name: {status.name: cell.to.name if cell.to else None for status, cell in rule.cells.items()}
        for rule in table.rules
    }


def _rows(grid: Grid) -> Iterator[str]:
    return (line.split()[0] for line in grid.text.strip().splitlines()[1:])


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
