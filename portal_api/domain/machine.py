"""The status machine: one table says what is open, why the rest is closed, and what time does.

A table is read in six places: it answers `actions`, decides each mutation, gives the guarded UPDATE its statuses, gives
the effective status its CASE, is printed to docs/tables.md and is served as `stateMachine(kind)`.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from functools import cached_property
from typing import Any, Generic, Protocol, TypeVar, cast

from portal_api.domain.refusals import ErrorCode as Code
from portal_api.domain.refusals import LearnerInactive, Reason, RoleRequired, StatusNotAllowed, in_words
from portal_api.domain.roles import Role

FAR_FUTURE = datetime.fromisoformat("9999-12-31T00:00:00+00:00")
"""The next clock move of a row that has none. Not the last instant there is: drivers take that one for infinity."""


class Facts(Protocol):
    """What every table needs to know of a row; each adds plain facts of its own for its footnotes."""

    @property
    def status(self) -> StrEnum:
        """The status at the instant of the request."""
        ...

    @property
    def learner_is_active(self) -> bool:
        """Whether the learner that the row hangs on is active."""
        ...


S = TypeVar("S", bound=StrEnum)
A = TypeVar("A", bound=StrEnum)
F = TypeVar("F", bound=Facts, contravariant=True)


@dataclass(frozen=True, slots=True)
class RecordFacts(Generic[S]):
    """What decides over a record that hangs on no learner and has no footnotes."""

    status: S

    @property
    def learner_is_active(self) -> bool:
        return True


@dataclass(frozen=True, slots=True)
class Granted:
    """The action is open."""


@dataclass(frozen=True, slots=True)
class Refused:
    """The action is closed, for these reasons: role, inactive learner, status, footnotes, in this order."""

    reasons: tuple[Reason, ...]


Decision = Granted | Refused


@dataclass(frozen=True, slots=True)
class Footnote(Generic[F]):
    """A condition beyond the status: gives the reason when it is not met."""

    text: str
    refusal: Callable[[F], Reason | None]


@dataclass(frozen=True, slots=True)
class Cell:
    """One cell of a grid that allows the action: where that is said, the status after it, and what else it asks."""

    source: str
    to: StrEnum | None = None
    is_reading: bool = False
    footnotes: tuple[Footnote[Any], ...] = ()


@dataclass(frozen=True, slots=True)
class Narrowing(Generic[F]):
    """Some rows are open to fewer roles than the action as such; where to none, `nobody` says to whom instead."""

    text: str
    roles: Callable[[F], Sequence[Role]]
    nobody: str = ""


@dataclass(frozen=True, slots=True)
class Rule(Generic[S, A, F]):
    """One row of a table: an action, who may take it, and the statuses that allow it."""

    action: A
    label: str
    roles: tuple[Role, ...]
    cells: Mapping[S, Cell]
    footnotes: tuple[Footnote[F], ...] = ()
    narrowing: Narrowing[F] | None = None
    needs_active_learner: bool = True
    closed: Code = Code.STATUS_NOT_ALLOWED
    """The code of a status that does not allow it, where it has one of its own."""

    @property
    def statuses(self) -> tuple[S, ...]:
        """The statuses that allow the action, in the order of the cells."""
        return tuple(self.cells)

    def after(self, status: S) -> StrEnum:
        """The status after the action, taken at a status that allows it."""
        return self.cells[status].to or status

    def reasons(self, role: Role, facts: F) -> Iterator[Reason]:
        """Every reason against the action, in the order in which they are told."""
        roles = self.roles if self.narrowing is None else self.narrowing.roles(facts)
        if role not in roles:
            yield RoleRequired(Code.FORBIDDEN, self._wrong_role(role, roles), roles=tuple(roles))
        if self.needs_active_learner and not facts.learner_is_active:
            yield LearnerInactive(
                Code.LEARNER_INACTIVE,
                f"{self.label} is closed while the learner is inactive, since an inactive learner is view-only. "
                "Reactivate the learner first.",
            )
        if facts.status not in self.cells:
            yield StatusNotAllowed(
                self.closed,
                f"{self.label} is not allowed at status {facts.status.name}; it is at {in_words(self.statuses)}.",
                statuses=tuple(status.name for status in self.statuses),
            )
        cell = self.cells.get(cast("S", facts.status))
        for footnote in (*(cell.footnotes if cell else ()), *self.footnotes):
            if reason := footnote.refusal(facts):
                yield reason

    def _wrong_role(self, role: Role, roles: Sequence[Role]) -> str:
        if not roles and self.narrowing:
            return f"{self.label} is {self.narrowing.nobody}"
        return f"{self.label} needs the role {in_words(roles)}; yours is {role.name}. Ask somebody who holds it."

    def decide(self, role: Role, facts: F) -> Decision:
        """Says whether `role` may take the action on a row with these facts."""
        reasons = tuple(self.reasons(role, facts))
        return Refused(reasons) if reasons else Granted()


@dataclass(frozen=True, slots=True)
class StatusMeaning:
    """A status as people read it."""

    label: str
    description: str
    is_ended: bool = False


@dataclass(frozen=True, slots=True)
class ClockMove(Generic[S]):
    """What time alone does: at the instant in column `at`, a row at `status` moves on, if the flag `when` is as wanted."""

    status: S
    at: str
    to: S
    source: str
    when: tuple[str, bool] | None = None


@dataclass(frozen=True, slots=True)
class TimePath(Generic[S]):
    """Moves that follow one another from a stored status, and the status in which they end."""

    status: S
    moves: tuple[ClockMove[S], ...]

    @property
    def to(self) -> S:
        return self.moves[-1].to


@dataclass(frozen=True, slots=True)
class Transition(Generic[S]):
    """What time will do with a row, and when."""

    status: S
    at: datetime


class TimedRow(Protocol):
    """A row as the clock sees it: its columns by name."""

    def __getitem__(self, name: str, /) -> object: ...


@dataclass(frozen=True, slots=True)
class ActionState(Generic[A]):
    """One action of a record as its reader sees it: open, or closed with every reason."""

    action: A
    available: bool
    reasons: tuple[Reason, ...]


@dataclass(frozen=True)
class Table(Generic[S, A, F]):
    """A status machine, whole: meanings, rules and clock moves."""

    kind: str
    statuses: Mapping[S, StatusMeaning]
    rules: tuple[Rule[S, A, F], ...]
    clock: tuple[ClockMove[S], ...] = field(default=())

    @cached_property
    def by_action(self) -> Mapping[A, Rule[S, A, F]]:
        """The rules by their action, in table order."""
        return {rule.action: rule for rule in self.rules}

    def __getitem__(self, action: A) -> Rule[S, A, F]:
        return self.by_action[action]

    def actions(self, role: Role, facts: F) -> tuple[ActionState[A], ...]:
        """Every action of the table, open or closed, in table order."""
        states: list[ActionState[A]] = []
        for rule in self.rules:
            reasons = tuple(rule.reasons(role, facts))
            states.append(ActionState(rule.action, not reasons, reasons))
        return tuple(states)

    @cached_property
    def time_paths(self) -> tuple[TimePath[S], ...]:
        """Every way that time can take from a stored status, longest first: the first that has come to pass holds."""
        paths: list[TimePath[S]] = []

        def follow(start: S, status: S, moves: tuple[ClockMove[S], ...]) -> None:
            for move in self.clock:
                if move.status is status:
                    path = (*moves, move)
                    follow(start, move.to, path)
                    paths.append(TimePath(start, path))

        for status in self.statuses:
            follow(status, status, ())
        return tuple(sorted(paths, key=lambda path: -len(path.moves)))

    def moves_until(self, now: datetime, status: S, row: TimedRow) -> tuple[ClockMove[S], ...]:
        """The moves that time has made by `now` with a row stored at `status`: the longest path that has come to pass.

        Moves at one instant are one: the row never stood at the status between them.
        """
        for path in self.time_paths:
            if path.status is status and all(_has_come(move, row, now) for move in path.moves):
                return _at_instants_of_their_own(path.moves, row)
        return ()

    def status_at(self, now: datetime, status: S, row: TimedRow) -> S:
        """The status that a row stored at `status` has at `now`."""
        moves = self.moves_until(now, status, row)
        return moves[-1].to if moves else status

    def transitions(self, status: S, row: TimedRow) -> tuple[Transition[S], ...]:
        """What time will do with a row that stands at `status`, one after the other; of moves at one instant the last."""
        ahead: dict[datetime, S] = {}
        while (at := self.due_at(status, row)) != FAR_FUTURE:
            moves = (move for move in self.clock if move.status is status and _flag_holds(move, row))
            status = next(move.to for move in moves if row[move.at] == at)
            ahead[at] = status
        return tuple(Transition(to, at) for at, to in ahead.items())

    def due_at(self, status: S, row: TimedRow) -> datetime:
        """The instant of the row's next clock move; far in the future when it has none."""
        instants = (row[move.at] for move in self.clock if move.status is status and _flag_holds(move, row))
        return min((at for at in instants if isinstance(at, datetime)), default=FAR_FUTURE)


def _flag_holds(move: ClockMove[S], row: TimedRow) -> bool:
    return move.when is None or bool(row[move.when[0]]) is move.when[1]


def _at_instants_of_their_own(moves: tuple[ClockMove[S], ...], row: TimedRow) -> tuple[ClockMove[S], ...]:
    told: list[ClockMove[S]] = []
    for move in moves:
        if told and row[told[-1].at] == row[move.at]:
            told[-1] = replace(move, status=told[-1].status)
        else:
            told.append(move)
    return tuple(told)


def _has_come(move: ClockMove[S], row: TimedRow, now: datetime) -> bool:
    at = row[move.at]
    return isinstance(at, datetime) and at <= now and _flag_holds(move, row)
