"""One action on many rows: each is decided by the table, and answered in the order asked."""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, partial
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
        *,
        stricter: Mapping[UUID, Rule[Any, Any, Any]] | None = None,
    ) -> None:
        """Decides each row by the rule; a row that is not seen does not exist, one at another version has changed.

        Args:
            rule: the rule.
            role: the caller's.
            ids: the rows, as the caller named them.
            rows: those that were found.
            expected: the versions that the caller read.
            stricter: the rules of those rows for which what is asked takes more than the others.
        """
        own = stricter or {}
        reasons_for = cache(partial(_reasons, rule, role))  # rows mostly have their facts in common
        self._places: dict[UUID, int] = {}
        for index, id_ in enumerate(ids):
            self._places.setdefault(id_, index)
        self.granted: list[R] = []
        self._refused: dict[UUID, tuple[Reason, ...]] = {}
        for id_ in self._places:
            row = rows.get(id_)
            if row is None:
                reasons: tuple[Reason, ...] = (NOT_FOUND,)
            else:
                reasons = _reasons(own[id_], role, row.facts) if id_ in own else reasons_for(row.facts)
                if expected.get(id_, row.version) != row.version:
                    reasons = (*reasons, changed_meanwhile(row.version))
            if reasons:
                self._refused[id_] = reasons
            elif row is not None:
                self.granted.append(row)

    @property
    def granted_ids(self) -> list[UUID]:
        return [row.id for row in self.granted]

    def place_of(self, id_: UUID) -> int:
        """The place in the input where a row is named first."""
        return self._places[id_]

    def refuse(self, reasons: Mapping[UUID, Sequence[Reason]]) -> None:
        """Refuses rows that the rule grants, for what is wrong with what was given for them; none is no refusal."""
        self._refused |= {id_: tuple(given) for id_, given in reasons.items() if given}
        self.granted = [row for row in self.granted if row.id not in self._refused]

    def results(
        self,
        changed: Iterable[UUID],
        unchanged: Iterable[UUID] = (),
        *,
        made: Mapping[UUID, UUID] | None = None,
    ) -> list[RowResult]:
        """A result a row: what was granted but not changed was changed by somebody else meanwhile.

        Args:
            changed: the rows that were changed.
            unchanged: those in which nothing would differ.
            made: where the rows make records of their own, the record of each.
        """
        done, same = set(changed), set(unchanged)
        results: list[RowResult] = []
        for id_, index in self._places.items():
            record = id_ if made is None else made.get(id_)
            if id_ in done or id_ in same:
                outcome = Outcome.CHANGED if id_ in done else Outcome.UNCHANGED
                results.append(RowResult(index, id_, record, outcome))
            else:
                errors = self._refused.get(id_, (changed_meanwhile(None),))
                results.append(RowResult(index, id_, record, Outcome.REFUSED, errors))
        return results


def _reasons(rule: Rule[Any, Any, Any], role: Role, facts: Any) -> tuple[Reason, ...]:
    decision = rule.decide(role, facts)
    return decision.reasons if isinstance(decision, Refused) else ()


def changed_meanwhile(version: int | None) -> ChangedMeanwhile:
    """The refusal of a row that is not as the caller believed."""
    return ChangedMeanwhile(
        ErrorCode.CHANGED_MEANWHILE,
        "Somebody else has changed this record meanwhile. Read it again, and decide anew.",
        current_version=version,
    )
