"""What lists are sorted by where a record may have nothing there: it comes last.

Written as the indexes are, with the far end in the text: no index serves an expression with a bound value in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Date, and_, func, literal_column

from portal_api.models.base import FAR_DAY, FAR_INSTANT, FIRST_INSTANT, Instant
from portal_api.planner.filters import Binder, Comparison, Shape


def or_last(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """A day to sort by: what has none comes last."""
    return func.coalesce(day, literal_column(f"'{FAR_DAY}'", Date()), type_=Date())


def or_last_instant(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """An instant to sort by: what has none comes last."""
    return func.coalesce(instant, literal_column(f"'{FAR_INSTANT}'", Instant()), type_=Instant())


def or_first_instant(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """An instant to sort by: what has none comes first."""
    return func.coalesce(instant, literal_column(f"'{FIRST_INSTANT}'", Instant()), type_=Instant())


@dataclass(frozen=True, slots=True)
class AsSorted:
    """Comparators `gt gte lt lte isNull` on what may be missing, asked in the form that its order has: one index serves both."""

    column: ColumnElement[Any]
    form: ColumnElement[Any]

    def parse(self, value: Any) -> tuple[Shape, Mapping[str, Any]]:
        return Comparison(self.column).parse(value)

    def where(self, shape: Shape, bind: Binder) -> ColumnElement[bool]:
        missing = tuple(each for each in shape if each[0] == "isNull")
        compared = tuple(each for each in shape if each[0] != "isNull")
        whether = Comparison(self.column).where(missing, bind)
        # What is missing is neither before nor after anything, though it has a place in the order.
        return (
            and_(whether, Comparison(self.form).where(compared, bind), self.column.is_not(None))
            if compared
            else whether
        )
