"""SQL that writes JSON text: pieces of text, known or computed, put together in the statement."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Text
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.elements import ClauseElement

Piece = str | ClauseElement
"""Text as it is to stand in the answer, or an expression that computes it."""


class Sql(ColumnElement[str]):
    """An expression given as driver text, with whole expressions in between."""

    inherit_cache = False
    type = Text()

    def __init__(self, *tokens: str | ClauseElement) -> None:
        """Takes what stands in the statement, one after the other."""
        self.tokens = tokens


@compiles(Sql)
def _sql(element: Sql, compiler: Any, **options: Any) -> str:
    return "".join(each if isinstance(each, str) else compiler.process(each, **options) for each in element.tokens)


def joined(pieces: Iterable[Piece]) -> Sql:
    """The text that the pieces make, one after the other.

    They are put together two by two and then those: SQLite takes no expression that is a thousand levels deep, and text
    that grows piece by piece is copied as often as there are pieces.
    """
    return _halved([Sql(quoted(each)) if isinstance(each, str) else each for each in _merged(pieces)])


def _halved(expressions: Sequence[ClauseElement]) -> Sql:
    if len(expressions) == 1:
        return Sql(expressions[0])
    middle = len(expressions) // 2
    return Sql("(", _halved(expressions[:middle]), " || ", _halved(expressions[middle:]), ")")


def _merged(pieces: Iterable[Piece]) -> list[Piece]:
    """Known texts beside each other become one."""
    merged: list[Piece] = []
    for piece in pieces:
        if isinstance(piece, str) and merged and isinstance(merged[-1], str):
            merged[-1] += piece
        else:
            merged.append(piece)
    return merged


def quoted(text: str) -> str:
    """A text as SQL has it."""
    escaped = text.replace("'", "''")
    return f"'{escaped}'"


def written(value: Any) -> str:
    """A value that is known when a plan is made, as it stands in an answer."""
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
