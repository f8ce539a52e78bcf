"""SQL that writes JSON text: pieces of text, known or computed, put together in the statement."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Fragment:
    """A statement that stands in another: its text, cut where a value is bound, and the names of the values."""

    texts: Sequence[str]
    names: Sequence[str]


class Sql:
    """Driver text with fragments in between."""

    __slots__ = ("tokens",)

    def __init__(self, *tokens: "str | Fragment | Sql") -> None:
        """Takes what stands in the statement, one after the other."""
        self.tokens: list[str | Fragment] = []
        for token in tokens:
            self.tokens += token.tokens if isinstance(token, Sql) else [token]


Piece = str | Sql
"""Text as it is to stand in the answer, or an expression that computes it."""


def joined(pieces: Iterable[Piece]) -> Sql:
    """The text that the pieces make, one after the other.

    They are put together two by two and then those: SQLite takes no expression that is a thousand levels deep, and text
    that grows piece by piece is copied as often as there are pieces.
    """
    return Sql(*_halved([quoted(each) if isinstance(each, str) else each for each in _merged(pieces)]))


def _halved(expressions: Sequence[Piece]) -> Sequence[Piece]:
    if len(expressions) == 1:
        return expressions
    middle = len(expressions) // 2
    return ["(", *_halved(expressions[:middle]), " || ", *_halved(expressions[middle:]), ")"]


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
