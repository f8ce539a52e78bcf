"""The columns that a level's statement selects; several selections on the same rows share them."""

from typing import Any

from sqlalchemy import ColumnElement


class Columns:
    """Gathers expressions and gives each its place in the row; the key always comes first."""

    def __init__(self, key: ColumnElement[Any], *, offset: int = 0) -> None:
        """Begins with the key. `offset` counts the columns before ours: one below a parent, none elsewhere."""
        self.offset = offset
        self.expressions: list[ColumnElement[Any]] = [key]

    def place(self, expression: ColumnElement[Any]) -> int:
        """The place of an expression in the row, added if it is new."""
        for place, known in enumerate(self.expressions):
            if known is expression:
                return self.offset + place
        self.expressions.append(expression)
        return self.offset + len(self.expressions) - 1
