"""A sheet as CSV: RFC 4180, UTF-8 without a mark, cut into pieces; no cell of it is a formula."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, cast

PIECE = 256 * 1024
"""How many bytes a piece has, or a few more."""
_BEGINS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def cell(value: Any) -> str:
    """A value as a cell. A text that a spreadsheet could take for a formula begins with an apostrophe."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case int() | float():
            return str(value)
        case list():
            return cell(" ".join(map(str, cast("list[Any]", value))))
        case _:
            text = str(value)
            return f"'{text}" if text.startswith(_BEGINS_A_FORMULA) else text


def _at(record: Any, path: Sequence[str]) -> Any:
    for step in path:
        if record is None:
            return None
        record = record[step]
    return record


class Sheet:
    """Takes rows, and gives what has come together in pieces."""

    def __init__(self, headings: Sequence[str], paths: Sequence[Sequence[str]]) -> None:
        """Begins with the headings; the other rows are read from records by the paths."""
        self._paths = paths
        self._text = io.StringIO(newline="")
        self._writer = csv.writer(self._text, lineterminator="\r\n")
        self._gathered = bytearray()
        self._number = 0
        self._writer.writerow(headings)

    def add(self, records: Iterable[Mapping[str, Any]]) -> None:
        """Adds a row a record."""
        for record in records:
            self._writer.writerow([cell(_at(record, path)) for path in self._paths])
        self._gathered += self._text.getvalue().encode()
        self._text.seek(0)
        self._text.truncate()

    def pieces(self, *, is_last: bool) -> list[tuple[int, bytes]]:
        """The pieces that are full, and in the end what is left: each with its place, counted from 0."""
        found: list[tuple[int, bytes]] = []
        while len(self._gathered) >= PIECE or (is_last and self._gathered):
            found.append((self._number, bytes(self._gathered[:PIECE])))
            del self._gathered[:PIECE]
            self._number += 1
        return found
