"""What queries are made of, and what they are in the end."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from random import Random
from typing import Any


@dataclass
class Material:
    """What queries are made of, as one viewer knows it."""

    ids: Mapping[str, Sequence[str]]
    """The identifiers of what the viewer sees, by type."""
    strange_ids: Sequence[str]
    """Identifiers of what the viewer does not see."""
    managers: Sequence[str]
    """The identifiers of all learners to whom somebody reports, seen or not."""
    texts: Mapping[tuple[str, str], Sequence[str]]
    """What stands in the records, seen or not, by type and field: references, codes."""
    attributes: Sequence[tuple[str, str]]
    """Names and values of learners' attributes, seen or not."""
    instants: Sequence[datetime]
    days: Sequence[date]
    words: Sequence[Sequence[str]]
    """What can be searched for: the words of one record each."""
    open_fields: Mapping[str, frozenset[str]]
    """Of the types that the viewer may not read whole, the fields that are open."""
    cursors: Mapping[str, Mapping[str, Sequence[str]]]
    """Cursors from earlier answers, by the type that they are of and the order."""
    prefixes: Mapping[str, str]
    """What identifiers begin with, by type."""
    keys: Mapping[tuple[str, str], str]
    """What the identifiers in a filter field are of, by the type filtered and the field."""
    page_sizes: Mapping[str, int]
    """How many records or groups the lists under values can have, by `Type.field`."""
    refused_roots: frozenset[str] = frozenset()
    """The root fields that the viewer's role may not ask for at all."""
    wanted_roots: frozenset[str] = frozenset()
    """Root fields to be asked for more than all others."""

    def is_open(self, type_: str, name: str) -> bool:
        return type_ not in self.open_fields or name in self.open_fields[type_]


@dataclass(frozen=True)
class Query:
    """A document with its variables."""

    document: str
    variables: dict[str, Any]
    may_be_absent: frozenset[str] = frozenset()
    """The variables that may be left out."""
    is_faulty: bool = False

    def again(self, random: Random) -> "Query":
        """The same document with some variables left out, and some switches turned."""
        given: dict[str, Any] = {}
        for name, value in self.variables.items():
            if name not in self.may_be_absent or random.random() < 0.7:
                given[name] = not value if isinstance(value, bool) and random.random() < 0.5 else value
        return replace(self, variables=given)
