"""Reads CSV files line by line, and refuses what does not fit with the file, the line and the reason."""

import csv
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

Parse = Callable[[str], Any]
"""Makes a value of a field's text; raises ValueError with what the text is instead: `is not …`."""

_WHOLE = re.compile(r"-?[0-9]{1,9}")
_DECIMAL = re.compile(r"[0-9]{1,6}(\.[0-9]{1,6})?")


class ImportFault(Exception):
    """Why the files cannot be imported: the file, the line, and what is wrong there."""

    def __init__(self, file: str, line: int | None, problem: str) -> None:
        """Takes the file's name, and no line where the fault is the file as a whole."""
        super().__init__(f"{file}: {problem}" if line is None else f"{file}, line {line}: {problem}")
        self.file = file
        self.line = line
        self.problem = problem


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a file: its line, and its values by column."""

    file: str
    line: int
    values: Mapping[str, Any]

    def __getitem__(self, column: str) -> Any:
        return self.values[column]

    def fault(self, problem: str) -> ImportFault:
        """What is wrong with this row."""
        return ImportFault(self.file, self.line, problem)


@dataclass(frozen=True, slots=True)
class CsvFile:
    """A file's name and its columns, each with what makes a value of its text; further columns are passed over."""

    name: str
    columns: Mapping[str, Parse]

    def rows(self, folder: Path) -> Iterator[Row]:
        """The rows of the file in a folder.

        Raises:
            ImportFault: if it cannot be read, lacks a column or any row, or has a value that does not fit.
        """
        try:
            with (folder / self.name).open("rb") as opened:
                yield from self._rows(opened)
        except OSError as error:
            raise ImportFault(self.name, None, f"cannot be read in {folder}: {error.strerror}") from error

    def _rows(self, opened: BinaryIO) -> Iterator[Row]:
        reader = csv.reader(self._lines(opened), strict=True)
        header: list[str] | None = None
        is_empty = True
        line = 1
        try:
            for fields in reader:
                if header is None:
                    header = self._checked_header(fields, line)
                elif fields:
                    is_empty = False
                    yield self._row(header, fields, line)
                line = reader.line_num + 1
        except csv.Error as error:
            raise ImportFault(self.name, line, f"is not CSV: {error}") from error
        if is_empty:
            raise ImportFault(self.name, None, "has no rows" if header else "is empty")

    def _lines(self, opened: BinaryIO) -> Iterator[str]:
        for number, raw in enumerate(opened, start=1):
            try:
                yield raw.decode("utf-8-sig" if number == 1 else "utf-8")
            except UnicodeDecodeError as error:
                raise ImportFault(self.name, number, "is not text in UTF-8") from error

    def _checked_header(self, fields: list[str], line: int) -> list[str]:
        if missing := [column for column in self.columns if column not in fields]:
            raise ImportFault(self.name, line, f"the column {' and the column '.join(missing)} is missing")
        if twice := [column for column in self.columns if fields.count(column) > 1]:
            raise ImportFault(self.name, line, f"the column {twice[0]} is there twice")
        return fields

    def _row(self, header: list[str], fields: list[str], line: int) -> Row:
        if len(fields) != len(header):
            raise ImportFault(self.name, line, f"has {len(fields)} fields where the header has {len(header)}")
        values: dict[str, Any] = {}
        for column, text in zip(header, fields, strict=True):
            if parse := self.columns.get(column):
                try:
                    values[column] = parse(text)
                except ValueError as error:
                    raise ImportFault(self.name, line, f"{column}: '{text[:40]}' {error}") from error
        return Row(self.name, line, values)


def whole(least: int, most: int) -> Parse:
    """A whole number between two bounds."""

    def parse(text: str) -> int:
        if not _WHOLE.fullmatch(text):
            raise ValueError("is not a whole number")
        if not least <= (number := int(text)) <= most:
            raise ValueError(f"is not between {least} and {most}")
        return number

    return parse


def decimal(text: str) -> float:
    """A number that may have decimal places."""
    if not _DECIMAL.fullmatch(text):
        raise ValueError("is not a number")
    return float(text)


def optional(parse: Parse) -> Parse:
    """What may be left empty: None then."""
    return lambda text: None if text == "" else parse(text)


def matching(pattern: str, meaning: str) -> Parse:
    """A text of a certain form."""
    compiled = re.compile(pattern)

    def parse(text: str) -> str:
        if not compiled.fullmatch(text):
            raise ValueError(f"is not {meaning}")
        return text

    return parse


def one_of(*known: str) -> Parse:
    """One of a few texts."""

    def parse(text: str) -> str:
        if text not in known:
            raise ValueError(f"is not one of {', '.join(known)}")
        return text

    return parse


def anything(text: str) -> str:
    """Any text; it has to be there, and is not used."""
    return text
