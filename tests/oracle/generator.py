"""Queries out of the schema and a seed: valid ones that meet every corner of a selection, and some that cannot be meant."""

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta, timezone
from random import Random
from typing import Any

from graphql import (
    GraphQLArgument,
    GraphQLEnumType,
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

MOST_RECORDS, MOST_LEVELS = 18_000, 12
MOST_AT_ROOT, MOST_BELOW, USUAL_PAGE = 1_000, 100, 25
KEY_OF_TYPE = {
    "learnerId": "Learner",
    "seriesId": "Series",
    "actorId": "User",
    "manager": "Learner",
}
"""What the identifiers in a filter field are of; `id` itself is of the list's own type."""
FAULTS = ("page", "cursor", "identifier", "order", "search", "root", "closed")


class Word(str):
    """A value that is written without quotation marks: an enum's, or a variable's `$name`."""

    __slots__ = ()


@dataclass
class Material:
    """What queries are made of, as one viewer knows it."""

    role: str
    ids: Mapping[str, Sequence[str]]
    """The identifiers of what the viewer sees, by type."""
    strange_ids: Sequence[str]
    """Identifiers of what the viewer does not see."""
    refs: Sequence[str]
    instants: Sequence[datetime]
    words: Sequence[str]
    open_fields: Mapping[str, frozenset[str]]
    """The only fields that the role may read, of the types that it may not read whole."""
    cursors: Mapping[tuple[str, str], Sequence[str]] = field(default_factory=dict)
    """Cursors from earlier answers, by the type and the order that they are of."""

    def is_open(self, type_: str, name: str) -> bool:
        return type_ not in self.open_fields or name in self.open_fields[type_]


@dataclass(frozen=True)
class Query:
    """A document with its variables."""

    document: str
    variables: dict[str, Any]
    fault: str | None


@dataclass(frozen=True)
class Fragment:
    """A named fragment, and what it costs to spread it."""

    name: str
    type: str
    text: str
    records: float
    levels: int


def literal(value: Any) -> str:
    """A value as GraphQL writes it."""
    match value:
        case Word():
            return str.__str__(value)
        case dict():
            return f"{{{', '.join(f'{name}: {literal(each)}' for name, each in value.items())}}}"
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case _:
            return json.dumps(value, ensure_ascii=False)


@dataclass
class Generator:
    """Makes queries for one viewer."""

    schema: GraphQLSchema
    random: Random
    material: Material

    def query(self, fault: str | None = None) -> Query:
        """A query; with a fault, one that has it if the fault can be had."""
        return _Draft(self.schema, self.random, self.material, fault).query()


@dataclass
class _Draft:
    """One document being written."""

    schema: GraphQLSchema
    random: Random
    material: Material
    fault: str | None
    """The fault still to be made."""
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    switches: list[tuple[str, bool]] = field(default_factory=list)
    fragments: list[Fragment] = field(default_factory=list)
    fixed: dict[tuple[str, str], str] = field(default_factory=dict)
    """The arguments under a response key of a type: whoever uses the key again must say the same."""
    serial: int = 0
    levels: int = 0
    """The levels below the selection written last."""

    def query(self) -> Query:
        fault = self.fault
        roots = self.schema.query_type
        assert roots is not None
        number = self.random.choices([1, 2, 3], [6, 3, 1])[0]
        names = self.random.choices(list(roots.fields), [self._weight(name) for name in roots.fields], k=number)
        if fault in ("page", "cursor", "order", "search", "closed") and not any("Library" in name for name in names):
            names[0] = "seriesLibrary" if fault == "search" else self._fitting_list()
        if fault in ("identifier", "root"):
            names[0] = self.random.choice(["learner", "series", "seriesEnrolment", "nodes", "seriesEnrolmentIds"])
        records = MOST_RECORDS / number
        if self._chance(0.9):
            records = min(records, 900)
        texts = [self._field(roots, name, 1, records, is_apart=False)[0] for name in names]
        if self._chance(0.1):
            texts.append(self.random.choice(["__typename", "... on Query { kind: __typename }"]))
        if self._chance(0.1):
            texts[-1] = f"... {self._directive(0.9)} {{ {texts[-1]} }}"
        head = f"query ({', '.join(self.declared)}) " if self.declared else "query Named " if self._chance(0.2) else ""
        spread = [fragment.text for fragment in self.fragments]
        self.random.shuffle(spread)
        document = "\n".join([f"{head}{{ {' '.join(texts)} }}", *spread])
        return Query(document, self.variables, fault)

    # --- fields

    def _weight(self, name: str) -> float:
        """Lists are asked for most; those in which the viewer sees nothing, rarely."""
        match name:
            case "viewer" | "stateMachine":
                return 0.4
            case "learners" | "seriesLibrary" | "seriesEnrolments" | "historyEntries":
                return 4 if self.material.ids.get(self._listed(name)) else 0.15
            case "learner" | "series" | "seriesEnrolment":
                return 1.5 if self.material.ids.get(name[0].upper() + name[1:]) else 0.1
            case _:
                return 1.5

    def _listed(self, name: str) -> str:
        roots = self.schema.query_type
        assert roots is not None
        return str(get_named_type(roots.fields[name].type)).removesuffix("Connection")

    def _fitting_list(self) -> str:
        names = ["learners", "seriesLibrary", "seriesEnrolments", "historyEntries"]
        fitting = [name for name in names if name != "seriesLibrary"] if self.fault == "closed" else names
        return self.random.choice(fitting)

    def _field(self, parent: Any, name: str, level: int, records: float, *, is_apart: bool) -> tuple[str, float]:
        """A field of a type at a level, asking for no more than so many records: its text, and how many it asks for."""
        definition: GraphQLField = parent.fields[name]
        target: Any = get_named_type(definition.type)
        arguments, size = self._arguments(definition, target, name, level, records)
        key, arguments = self._response_key(parent, name, arguments, is_apart=is_apart)
        if arguments and self.fixed.get((parent.name, key)) != arguments:
            raise AssertionError(f"{key} says two things")
        head = f"{name if key == name else f'{key}: {name}'}{arguments}{self._directive(0.1)}"
        if is_leaf_type(target):
            self.levels = 1
            return head, 0
        text, below = self._selection(target, level + 1, records / size)
        self.levels += 1
        return f"{head} {text}", max(1, below) * size if size > 1 or "first" in definition.args else below + 1

    def _response_key(self, parent: Any, name: str, arguments: str, *, is_apart: bool) -> tuple[str, str]:
        """The name that the answer is given under, unmistakable wherever selections are merged."""
        plain = f"{name}Of{parent.name}" if is_apart and name in self._ambiguous else name
        known = self.fixed.get((parent.name, plain))
        if (known is None or known == arguments) and self._chance(0.75):
            self.fixed[parent.name, plain] = arguments
            return plain, arguments
        again = [key for (type_, key), own in self.fixed.items() if type_ == parent.name and own.startswith(f"{name}|")]
        if again and self._chance(0.3):
            key = self.random.choice(again)
            return key, self.fixed[parent.name, key].removeprefix(f"{name}|")
        return self._alias(parent, name, arguments), arguments
