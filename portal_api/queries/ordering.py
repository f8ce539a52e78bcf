"""What lists are sorted by where a record may have nothing there."""

from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, Date, func, literal

FAR_DAY = date(9999, 12, 31)
"""Where a record without a day stands in an order by it: after all others."""


def or_last(day: ColumnElement[Any]) -> ColumnElement[Any]:
    """A day to sort by: what has none comes last."""
    return func.coalesce(day, literal(FAR_DAY, Date()), type_=Date())
