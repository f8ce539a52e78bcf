"""What lists are sorted by where a record may have nothing there: it comes last.

Written as the indexes are, with the far end in the text: no index serves an expression with a bound value in it.
"""

from typing import Any

from sqlalchemy import ColumnElement, Date, func, literal_column

from portal_api.models.base import FAR_DAY, FAR_INSTANT, Instant


def or_last(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """A day to sort by: what has none comes last."""
    return func.coalesce(day, literal_column(f"'{FAR_DAY}'", Date()), type_=Date())


def or_last_instant(instant: ColumnElement[Any]) -> ColumnElement[Any]:
    """An instant to sort by: what has none comes last."""
    return func.coalesce(instant, literal_column(f"'{FAR_INSTANT}'", Instant()), type_=Instant())
