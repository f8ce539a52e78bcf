"""One action on many rows: each is decided by the table, and answered in the order asked."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Generic, Protocol, TypeVar
from uuid import UUID

from portal_api.domain.machine import Refused, Rule
from portal_api.domain.outcomes import Outcome, RowResult
from portal_api.domain.refusals import ChangedMeanwhile, ErrorCode, NotFound, Reason
from portal_api.domain.roles import Role

NOT_FOUND = NotFound(ErrorCode.NOT_FOUND, "There is no such record, or you may not see it. Check the id.")


class Row(Protocol):
    """A row as a change finds it."""

    @property
    def id(self) -> UUID: ...
    @property
    def version(self) -> int: ...
    @property
    def facts(self) -> Any: ...


R = TypeVar("R", bound=Row)


class Decided(Generic[R]):
    """The rows of a call, decided one by one before anything is written."""

    def __init__(
        self,
        rule: Rule[Any, Any, Any],
        role: Role,
        ids: Sequence[UUID],
        rows: Mapping[UUID, R],
        expected: Mapping[UUID, int],
    ) -> None:
        """Decides each row by the rule; a row that is not seen does not exist, one at another version has changed."""
        self._ids = ids
        self.granted: list[R] = []
        self._refused: dict[UUID, tuple[Reason, ...]] = {}
        for id_ in dict.fromkeys(ids):
            row = rows.get(id_)
            reasons = (NOT_FOUND,) if row is None else _reasons(rule, role, row, expected.get(id_))
            if reasons:
                self._refused[id_] = reasons
            elif row is not None:
                self.granted.append(row)

    @property
    def granted_ids(self) -> list[UUID]:
        return [row.id for row in self.granted]

    def results(self, changed: Iterable[UUID], *, unchanged: Iterable[UUID] = ()) -> list[RowResult]:
        """A result a row: what was granted and neither changed nor left was changed by somebody else meanwhile."""
        done = dict.fromkeys(unchanged, Outcome.UNCHANGED) | dict.fromkeys(changed, Outcome.CHANGED)
        first_places: dict[UUID, int] = {}
        for index, id_ in enumerate(self._ids):
            first_places.setdefault(id_, index)
        return [
            RowResult(index, id_, id_, done[id_])
            if id_ in done
            else RowResult(index, id_, id_, Outcome.REFUSED, self._refused.get(id_, (changed_meanwhile(None),)))
            for id_, index in first_places.items()
        ]


def _reasons(rule: Rule[Any, Any, Any], role: Role, row: Row, expected: int | None) -> tuple[Reason, ...]:
    decision = rule.decide(role, row.facts)
    reasons = decision.reasons if isinstance(decision, Refused) else ()
    if expected is not None and expected != row.version:
        return (*reasons, changed_meanwhile(row.version))
    return reasons


def changed_meanwhile(version: int | None) -> ChangedMeanwhile:
    """The refusal of a row that is not as the caller believed."""
    return ChangedMeanwhile(
        ErrorCode.CHANGED_MEANWHILE,
        "Somebody else has changed this record meanwhile. Read it again, and decide anew.",
        current_version=version,
    )
