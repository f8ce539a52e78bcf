"""The pieces of a document, and how values are written in it."""

import json
from dataclasses import dataclass
from typing import Any, NamedTuple


class Word(str):
    """A value that is written without quotation marks: an enum's, or the name of a variable."""

    __slots__ = ()


class Written(NamedTuple):
    """A piece of a document: its text, how many records it asks for, and over how many levels."""

    text: str
    records: float
    levels: int


@dataclass(frozen=True)
class Call:
    """A field with its arguments, and how many records one of it gives at the most."""

    name: str
    arguments: str
    size: int


@dataclass(frozen=True)
class Fragment:
    """A named fragment, and what it costs to spread it."""

    name: str
    type: str
    body: Written


def literal(value: Any) -> str:
    """A value as GraphQL writes it."""
    match value:
        case Word():
            return str(value)
        case dict():
            return f"{{{', '.join(f'{name}: {literal(each)}' for name, each in value.items())}}}"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)
