"""Queries out of the schema and a seed: valid ones that meet every corner of a selection, and some that cannot be meant."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cached_property
from random import Random
from typing import Any, NamedTuple

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    get_named_type,
    is_leaf_type,
)

MOST_RECORDS, USUAL_RECORDS, MOST_LEVELS = 18_000, 800, 12
MOST_AT_ROOT, MOST_BELOW, MOST_NODES, USUAL_PAGE = 1_000, 100, 100, 25
PAGES = (1, 2, 3, 5, 8, 10, 20, 25, 40, 60, 100, 1_000)
PAGE_FAULTS: tuple[dict[str, Any], ...] = (
    {"first": 0},
    {"last": 0},
    {"first": -1},
    {"first": MOST_AT_ROOT + 1},
    {"last": MOST_AT_ROOT + 1},
    {"first": 2, "last": 2},
    {"first": 2, "before": "x"},
    {"last": 2, "after": "x"},
    {"after": "x", "before": "x"},
)
NO_CURSORS = ("", "!", "bm9uc2Vuc2U=", "bnVsbA==", "WyJJRCJd", "WyJ4IiwieSJd", "WyItSUQiLCIwIl0=", "é")
NO_IDENTIFIERS = (
    "",
    "lrn_",
    "nonsense",
    "xyz_0123456789abcdef0123456789abcdef",
    "lrn_0123456789ABCDEF0123456789abcdef",
)
FAULTS = ("page", "cursor", "order", "search", "identifier", "root", "closed")
FAULTY_ROOTS = {
    "search": (
        *("users", "groups", "learners", "seriesLibrary", "seriesEnrolments", "seriesEnrolmentIds", "seriesInsights"),
        *("pathways", "pathwayEnrolments", "pathwayEnrolmentIds", "resources"),
    ),
    "identifier": (
        *("user", "group", "learner", "series", "seriesEnrolment", "pathway", "pathwayEnrolment", "resource", "export"),
        *("node", "nodes", "users", "integrationTokens", "groups", "learners", "resources", "exports"),
        *("pathwayEnrolments", "seriesEnrolmentIds", "pathwayEnrolmentIds", "seriesInsights"),
    ),
    "root": (
        *("user", "learner", "seriesEnrolment", "pathway", "resource", "nodes", "nodes", "nodes"),
        *("seriesEnrolmentIds", "pathwayEnrolmentIds", "learnerUsage"),
    ),
    "closed": (
        *("learners", "seriesEnrolments", "pathwayEnrolments", "learner", "seriesEnrolment", "pathwayEnrolment"),
        *("node", "seriesLibrary", "pathways"),
    ),
}
"""Where a fault can be made at all; the others in any list."""
LIST_SIZES = {"Query.nodes": MOST_NODES, "Learner.attributes": 50}
"""How many records or values the lists without pages can have."""
USUAL_ORDERS = ("ID", "POSITION,ID")
"""The orders of lists that cannot be ordered otherwise."""
NO_MONTHS = ("2026-03-02", "2026-02-28", "1899-12-01", "3000-01-01")


class Word(str):
    """A value that is written without quotation marks: an enum's, or the name of a variable."""

    __slots__ = ()


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


def query(schema: GraphQLSchema, random: Random, material: Material, fault: str | None = None) -> Query:
    """A query for a viewer; with a fault, where there is a place for it."""
    return _Draft(schema, random, material, fault).query()


def _sizes(page: Mapping[str, Any]) -> list[int]:
    return [size for name in ("first", "last") if isinstance(size := page.get(name), int)]


@dataclass
class _Draft:
    """One document being written."""

    schema: Any
    random: Random
    material: Material
    fault: str | None
    """The fault that is still to be made."""
    variables: dict[str, Any] = field(default_factory=dict)
    declared: list[str] = field(default_factory=list)
    switches: dict[str, bool] = field(default_factory=dict)
    fragments: list[Fragment] = field(default_factory=list)
    calls: dict[tuple[str, str], Call] = field(default_factory=dict)
    """What stands under a response key of a type: whoever uses the key again must say the same."""
    is_in_variable: bool = False

    def query(self) -> Query:
        is_faulty, names = self.fault is not None, self._roots()
        records = MOST_RECORDS if self._chance(0.08) else USUAL_RECORDS
        texts = [self._field(self.schema.query_type, name, 1, records / len(names)).text for name in names]
        if self._chance(0.1):
            texts.append(self.random.choice(["__typename", "... on Query { typeName: __typename }"]))
        if self._chance(0.1):
            texts[-1] = f"... on Query{self._directive(0.9)} {{ {texts[-1]} }}"
        head = (
            f"query ({', '.join(self.declared)}) " if self.declared else self.random.choice(["", "query ", "query Q "])
        )
        spread = [f"fragment {each.name} on {each.type} {each.body.text}" for each in self.fragments]
        self.random.shuffle(spread)
        absent = {each[1:].partition(":")[0] for each in self.declared if "=" in each or not each.endswith("!")}
        document = "\n".join([f"{head}{{ {' '.join(texts)} }}", *spread])
        return Query(document, self.variables, frozenset(absent), is_faulty)

    def _roots(self) -> list[str]:
        all_ = list(self.schema.query_type.fields)
        number = self.random.choices([1, 2, 3], [6, 3, 1])[0]
        names = self.random.choices(all_, [self._weight(name) for name in all_], k=number)
        if self.fault:
            lists = [name for name in all_ if "first" in self.schema.query_type.fields[name].args]
            names[0] = self.random.choice(FAULTY_ROOTS.get(self.fault, lists))
        return names

    def _weight(self, name: str) -> float:
        """Lists are asked for most; what the viewer sees nothing of, rarely."""
        type_ = get_named_type(self.schema.query_type.fields[name].type).name
        type_ = type_.removesuffix("Connection").removesuffix("Ids")
        if name in self.material.refused_roots:
            return 0.1
        if type_ in ("Viewer", "StateMachine"):
            return 0.6
        if type_ in ("LearnerUsage", "SeriesInsights"):
            return 1.4
        weight = 4 if "first" in self.schema.query_type.fields[name].args else 1.4
        return weight if type_ == "Node" or self.material.ids.get(type_) else 0.1

    def _field(self, parent: Any, name: str, level: int, records: float, *, is_apart: bool = False) -> Written:
        """A field of a type at a level, asking for no more than so many records."""
        if name == "__typename":
            return Written(self.random.choice(["__typename", "typeName: __typename"]), 0, 1)
        definition: GraphQLField = parent.fields[name]
        target: Any = get_named_type(definition.type)
        key, call = self._call(parent, name, level, records, is_apart=is_apart)
        head = f"{name if key == name else f'{key}: {name}'}{call.arguments}{self._directive(0.06)}"
        if is_leaf_type(target):
            return Written(head, 0, 1)
        below = self._selection(target, level + 1, records / call.size)
        asked = max(1, below.records) if "first" in definition.args else below.records + 1
        return Written(f"{head} {below.text}", call.size * asked, below.levels + 1)

    def _call(self, parent: Any, name: str, level: int, records: float, *, is_apart: bool) -> tuple[str, Call]:
        """A field's arguments and its response key, which are unmistakable wherever selections are merged."""
        plain = f"{name}Of{parent.name}" if is_apart and name in self._ambiguous else name
        again = [
            (key, call)
            for (type_, key), call in self.calls.items()
            if type_ == parent.name and call.name == name and call.size <= records and (not is_apart or key != name)
        ]
        if again and level > 1 and self._chance(0.4):
            return self.random.choice(again)
        definition = parent.fields[name]
        given, size = self._arguments(f"{parent.name}.{name}", definition, level, records)
        text = f"({', '.join(f'{each}: {literal(value)}' for each, value in given.items())})" if given else ""
        call = Call(name, text, size)
        is_free = self.calls.get((parent.name, plain), call) == call
        key = plain if is_free and (level == 1 or self._chance(0.7)) else f"{name[0]}{len(self.calls)}"
        self.calls[parent.name, key] = call
        return key, call

    @cached_property
    def _ambiguous(self) -> set[str]:
        """The names that mean different types on different records: apart, they need a name of their own each."""
        shapes: dict[str, set[str]] = {}
        for own in self.schema.get_possible_types(self.schema.type_map["Node"]):
            for name, definition in own.fields.items():
                shapes.setdefault(name, set()).add(str(definition.type))
        return {name for name, types in shapes.items() if len(types) > 1}

    def _selection(self, type_: Any, level: int, records: float, *, is_apart: bool = False) -> Written:
        if isinstance(type_, GraphQLInterfaceType):
            parts = self._on_interface(type_, level, records)
        elif type_.name.endswith("Connection"):
            parts = self._on_connection(type_, level, records)
        else:
            parts = self._on_object(type_, level, records, is_apart=is_apart)
        self.random.shuffle(parts)
        text = f"{{ {' '.join(part.text for part in parts)} }}"
        return Written(text, sum(part.records for part in parts), max(part.levels for part in parts))

    def _on_interface(self, type_: GraphQLInterfaceType, level: int, records: float) -> list[Written]:
        parts = [
            Written(self.random.choice(["id", "__typename", "__typename id", f"... on {type_.name} {{ id }}"]), 0, 1)
        ]
        possible = list(self.schema.get_possible_types(type_))
        for own in self.random.sample(possible, self.random.randint(2, len(possible))):
            left = (records - sum(part.records for part in parts)) / 2
            parts.append(self._apart(own, level, left))
        return parts

    def _apart(self, type_: GraphQLObjectType, level: int, records: float) -> Written:
        """A selection on a type in a fragment: named, perhaps one that stands already, or inline."""
        fitting = [
            each
            for each in self.fragments
            if each.type == type_.name and each.body.records <= records and level + each.body.levels <= MOST_LEVELS
        ]
        if fitting and self._chance(0.5):
            fragment = self.random.choice(fitting)
            return fragment.body._replace(text=f"...{fragment.name}{self._directive(0.2)}")
        body = self._selection(type_, level, records, is_apart=True)
        if len(self.fragments) < 6 and self._chance(0.5):
            fragment = Fragment(f"F{len(self.fragments)}", type_.name, body)
            self.fragments.append(fragment)
            return body._replace(text=f"...{fragment.name}{self._directive(0.2)}")
        return body._replace(text=f"... on {type_.name}{self._directive(0.2)} {body.text}")

    def _on_connection(self, type_: GraphQLObjectType, level: int, records: float) -> list[Written]:
        wanted = [
            name
            for name, chance in (("pageInfo", 0.3), ("totalCount", 0.3), ("__typename", 0.05))
            if self._chance(chance)
        ]
        rows = self.random.choices([["nodes"], ["edges"], ["nodes", "edges"], []], [9, 6, 2, 1])[0]
        if level + 3 > MOST_LEVELS:
            rows = ["nodes"] if rows else []
        wanted += rows if rows or wanted else ["nodes"]
        if self._chance(0.08):
            wanted.append(self.random.choice(wanted))
        return [self._field(type_, name, level, records / len(wanted)) for name in wanted]

    def _on_object(self, type_: GraphQLObjectType, level: int, records: float, *, is_apart: bool) -> list[Written]:
        names = self._chosen_fields(type_, level, records)
        left, parts = records, list[Written]()
        for name in names:
            part = self._field(type_, name, level, left / 2 if len(names) > 1 else left, is_apart=is_apart)
            left -= part.records
            if self._chance(0.1):
                where = self.random.choice(["", f" on {type_.name}"])
                part = part._replace(text=f"...{where}{self._directive(0.3)} {{ {part.text} }}")
            parts.append(part)
        if type_.interfaces and self._chance(0.08):
            parts.append(Written(f"... on Node{self._directive(0.2)} {{ id }}", 0, 1))
        if type_.interfaces and level < MOST_LEVELS and self._chance(0.25):
            parts.append(self._apart(type_, level, left / 2))
        return parts

    def _chosen_fields(self, type_: GraphQLObjectType, level: int, records: float) -> list[str]:
        leaves, branches = list[str](), list[str]()
        for name, definition in type_.fields.items():
            if self.fault == "closed" and not self.material.is_open(type_.name, name) and self._chance(0.5):
                self.fault = None
                return [name]
            if not self.material.is_open(type_.name, name):
                continue
            target: Any = get_named_type(definition.type)
            if is_leaf_type(target):
                leaves.append(name)
            elif level + self._levels_needed(target) <= MOST_LEVELS and records >= max(
                4, LIST_SIZES.get(f"{type_.name}.{name}", 0)
            ):
                branches.append(name)
        chosen = self.random.choices([*leaves, "__typename"], k=self.random.choice([1, 2, 2, 3, 5]))
        if not leaves:
            chosen = []
        deep = max(0.05, 0.75 - 0.05 * level)
        chosen += [name for name in self.random.sample(branches, min(2, len(branches))) if self._chance(deep)]
        if chosen and self._chance(0.1):
            chosen.append(self.random.choice(chosen))
        return chosen or [*leaves, *branches][:1]

    @staticmethod
    def _levels_needed(target: Any) -> int:
        return 3 if target.name.endswith("Connection") else 2 if target.name == "StateMachine" else 1

    def _arguments(
        self, place: str, definition: GraphQLField, level: int, records: float
    ) -> tuple[dict[str, Any], int]:
        """What is given to a field at a place (`Type.field`), and how many records it gives at the most."""
        target = get_named_type(definition.type).name
        if "first" in definition.args and target.endswith("Connection"):
            most = self.material.page_sizes.get(place, MOST_AT_ROOT if level == 1 else MOST_BELOW)
            return self._list_arguments(definition, level, records, most)
        if place in self.material.page_sizes:
            return self._group_arguments(definition, self.material.page_sizes[place])
        if level == 1 and "id" in definition.args and target != "Node":
            return self._record_arguments(definition, target), 1
        match place.removeprefix("Query."):
            case "node":
                return {"id": self._value("ID!", self._identifier(self.random.choice(list(self.material.prefixes))))}, 1
            case "nodes":
                return {"ids": self._value("[ID!]!", self._many_ids())}, MOST_NODES
            case "seriesEnrolmentIds" | "pathwayEnrolmentIds":
                return self._ids_arguments(definition, target.removesuffix("Ids")), 1
            case "seriesInsights":
                return self._filter(definition, "SeriesEnrolment") if self.fault or self._chance(0.6) else {}, 1
            case "learnerUsage":
                month = self.random.choice(NO_MONTHS) if self._makes("root") else self._month()
                return {"month": self._value("Date!", month)}, 1
            case "stateMachine":
                kind = self.random.choice(list(self.schema.type_map["StateMachineKind"].values))
                return {"kind": self._value("StateMachineKind!", Word(kind))}, 1
            case _:
                return {}, LIST_SIZES.get(place, 1)

    def _month(self) -> str:
        return self.random.choice(self.material.instants).date().replace(day=1).isoformat()

    def _record_arguments(self, definition: GraphQLField, type_: str) -> dict[str, Any]:
        id_, has_ref = str(definition.args["id"].type), "externalRef" in definition.args
        if not id_.endswith("!") and self._makes("root"):
            ways = {"id": self._some_id(type_), "externalRef": "x"}
            return self.random.choice([{}, ways, {"id": None}] if has_ref else [{}, {"id": None}])
        if not has_ref or self.fault == "identifier" or self._chance(0.6):
            given = {"id": self._value(id_, self._identifier(type_))}
            return {**given, "externalRef": None} if has_ref and self._chance(0.2) else given
        return {"externalRef": self._value("String", self.random.choice(self.material.texts[type_, "externalRef"]))}

    def _many_ids(self) -> list[str]:
        if self._makes("root"):
            return [self._some_id("Learner")] * (MOST_NODES + 1)
        types = [type_ for type_, ids in self.material.ids.items() if ids]
        ids = [self._identifier(self.random.choice(types)) for _ in range(self.random.randint(0, 8))]
        if self._chance(0.5):
            ids += self.random.choices(self.material.strange_ids, k=2)
        return [*ids, *ids[:1]]

    def _ids_arguments(self, definition: GraphQLField, type_: str) -> dict[str, Any]:
        if self._makes("root"):
            return {"limit": self.random.choice([0, -1, MOST_AT_ROOT + 1])}
        given: dict[str, Any] = {}
        if self.fault or self._chance(0.7):
            given |= self._filter(definition, type_)
        if self._chance(0.7):
            given["limit"] = self._value("Int!", self.random.choice(PAGES))
        return given

    def _group_arguments(self, definition: GraphQLField, most: int) -> tuple[dict[str, Any], int]:
        """Those of a list of groups: how many at the most."""
        if "first" not in definition.args or self._chance(0.4):
            return {}, most
        size = self.random.randint(1, most)
        return {"first": self._value("Int", size)}, most

    def _list_arguments(
        self, definition: GraphQLField, level: int, records: float, most: int
    ) -> tuple[dict[str, Any], int]:
        type_ = str(get_named_type(definition.type)).removesuffix("Connection")
        is_here = level > 1 or self._chance(0.6)
        if is_here and self._makes("page"):
            sizes = [min(most, max([USUAL_PAGE, *_sizes(each)])) for each in PAGE_FAULTS]
            fitting = [(dict(each), size) for each, size in zip(PAGE_FAULTS, sizes, strict=True) if size <= records]
            return self.random.choice(fitting or [({"first": 0}, 1)])
        given, size = self._page(most, records)
        cursors = {order: own for order, own in self.material.cursors.get(type_, {}).items() if own}
        if "orderBy" not in definition.args:
            cursors = {order: own for order, own in cursors.items() if order in USUAL_ORDERS}
        if is_here and self._makes("cursor"):
            given["before" if "last" in given else "after"] = self.random.choice(
                [*NO_CURSORS, *(own[0] for order, own in cursors.items() if order != "ID")][-12:]
            )
        elif cursors and self._chance(0.35):
            order = self.random.choice(list(cursors))
            given["before" if "last" in given else "after"] = self._value("String", self.random.choice(cursors[order]))
            given |= self._order_by(definition, order.split(",")[:-1])
        elif self._chance(0.4) or (is_here and self.fault in ("order", "closed")):
            given |= self._order_by(definition, self._terms(definition, type_))
        if self._chance(0.4 if level == 1 else 0.6) or (is_here and self.fault in ("search", "identifier", "closed")):
            given |= self._filter(definition, type_)
        if self._chance(0.05):
            absent = [name for name in ("filter", "orderBy", "after") if name in definition.args and name not in given]
            given |= {name: None for name in absent if "before" not in given}
        items = list(given.items())
        self.random.shuffle(items)
        return dict(items), size

    def _page(self, most: int, records: float) -> tuple[dict[str, Any], int]:
        if records >= 2 * USUAL_PAGE and self._chance(0.3):
            return {}, min(USUAL_PAGE, most)
        name = self.random.choice(["first", "first", "last"])
        fitting = [size for size in PAGES if size <= min(most, records)] or [1]
        size = self.random.choice(fitting[-6:])
        if most <= records and self._chance(0.7):
            return {name: self._variable("Int", size)}, most
        return {name: size}, size

    def _terms(self, definition: GraphQLField, type_: str) -> list[str]:
        """An order as cursors have it: `-` before what falls."""
        if "orderBy" not in definition.args:
            return []
        order: Any = get_named_type(definition.args["orderBy"].type)
        names = list(get_named_type(order.fields["field"].type).values)
        if not self.material.is_open(type_, "createdAt") and not self._makes("closed"):
            return []
        terms = self.random.sample(names, min(len(names), self.random.choice([1, 1, 2, 3])))
        if self._makes("order"):
            terms = names if len(names) > 3 and self._chance(0.5) else [*terms[:2], terms[0]]
        return [f"{self.random.choice(['', '-'])}{name}" for name in terms]

    def _order_by(self, definition: GraphQLField, terms: Sequence[str]) -> dict[str, Any]:
        if "orderBy" not in definition.args:
            return {}
        if not terms:
            return {} if self._chance(0.8) or "HistoryEntry" in str(definition.type) else {"orderBy": []}
        given: list[Any] = []
        for term in terms:
            one: dict[str, Any] = {"field": Word(term.removeprefix("-"))}
            if term.startswith("-") or self._chance(0.5):
                one["direction"] = Word("DESC" if term.startswith("-") else "ASC")
            given.append(one)
        type_ = get_named_type(definition.args["orderBy"].type).name
        return {"orderBy": given[0] if len(given) == 1 and self._chance(0.3) else self._value(f"[{type_}!]", given)}

    def _filter(self, definition: GraphQLField, type_: str) -> dict[str, Any]:
        if "filter" not in definition.args:
            return {}
        own: Any = get_named_type(definition.args["filter"].type)
        names = [name for name in own.fields if self.material.is_open(type_, name)]
        counts = [4 if name in ("status", "search", "reportsTo", "groupId") else 1 for name in names]
        chosen = list(dict.fromkeys(self.random.sample(names, self.random.choice([0, 1, 1, 1, 2]), counts=counts)))
        if self.fault == "search" and "search" in names:
            chosen = ["search"]
        if self.fault == "identifier":
            chosen = [name for name in names if name == "id" or (type_, name) in self.material.keys][:1] or chosen
        if type_ in self.material.open_fields and self._makes("closed"):
            chosen.append(self.random.choice([name for name in own.fields if name not in names]))
        is_whole = not self.fault and self._chance(0.15)
        self.is_in_variable = is_whole
        given = {name: self._condition(own.fields[name], name, type_) for name in chosen}
        self.is_in_variable = False
        if self._chance(0.05):
            given |= {name: None for name in names if name not in given}
        return {"filter": self._variable(own.name, given) if is_whole else given}

    def _condition(self, definition: Any, name: str, type_: str) -> Any:
        own = get_named_type(definition.type)
        match own.name:
            case "String":
                return self._value("String", self._sought())
            case "ID":
                return self._value("ID", self._identifier("Learner"))
            case "AttributeTest":
                known, value = self.random.choice(self.material.attributes)
                return {"name": self._value("String!", known), "value": self._value("String!", value)}
            case "DayComparison":
                return self._days()
            case "ReportsTo":
                manager = self._identifier("Learner") if self.fault else self.random.choice(self.material.managers)
                given: dict[str, Any] = {"manager": self._value("ID!", manager)}
                depth = self.random.choice([None, "absent", "absent", 0, 1, 1, 2, 3, 9, -1])
                return given if depth == "absent" else {**given, "depth": self._value("Int", depth)}
            case "InstantComparison":
                return self._instants()
            case "BooleanComparison":
                return {"eq": self._value("Boolean", self._chance(0.6))}
            case _:
                return self._comparison(own, self._candidates(own, name, type_))

    def _candidates(self, own: Any, name: str, type_: str) -> list[Any]:
        """Values that a comparison can be with."""
        match own.name:
            case "IdComparison":
                kind = self.material.keys.get((type_, name), type_)
                return [self._identifier(kind) for _ in range(self.random.randint(1, 8))]
            case "TextComparison":
                return self.random.choices(self.material.texts[type_, name], k=self.random.randint(1, 8))
            case _:
                values = list(get_named_type(own.fields["eq"].type).values)
                return [Word(each) for each in self.random.sample(values, self.random.randint(1, len(values)))]

    def _comparison(self, own: GraphQLInputObjectType, values: list[Any]) -> dict[str, Any]:
        item = get_named_type(own.fields["eq"].type).name
        comparator = self.random.choices(["eq", "in", "notIn", "both"], [2, 5, 4, 1])[0]
        few = values[: max(1, len(values) // 3)]
        match comparator:
            case "eq":
                return {"eq": self._value(item, values[0])}
            case "in":
                return {"in": self._items(item, values)}
            case "notIn":
                return {"notIn": self._items(item, [] if self._chance(0.1) else few)}
            case _:
                return {"in": self._items(item, values), "notIn": self._items(item, few), "eq": None}

    def _items(self, item: str, values: list[Any]) -> Any:
        """A list: as a variable, of variables, or a single value that stands for a list of one."""
        if len(values) == 1 and self._chance(0.3):
            return values[0]
        if self._chance(0.2):
            return [self._value(f"{item}!", each) for each in values]
        return self._value(f"[{item}!]", values)

    def _instants(self) -> dict[str, Any]:
        if self._chance(0.15):
            return {"isNull": self._value("Boolean", self._chance(0.5))}
        first, second = sorted(self.random.choices(self.material.instants, k=2))
        given: dict[str, Any] = {}
        if self._chance(0.6):
            given[self.random.choice(["gt", "gte"])] = self._value("DateTime", self._instant(first))
        if not given or self._chance(0.3):
            given[self.random.choice(["lt", "lte"])] = self._value("DateTime", self._instant(second))
        return given

    def _days(self) -> dict[str, Any]:
        if self._chance(0.2):
            return {"isNull": self._value("Boolean", self._chance(0.5))}
        day = self.random.choice(self.material.days).isoformat()
        return {self.random.choice(["gt", "gte", "lt", "lte"]): self._value("Date", day)}

    def _instant(self, at: datetime) -> str:
        """An instant, near one that something happened at, in one of the forms that are taken."""
        at += timedelta(microseconds=self.random.choice([0, 0, 0, 1, -1]))
        match self.random.randint(0, 3):
            case 0:
                return at.astimezone(timezone(timedelta(hours=13))).isoformat()
            case 1:
                return at.astimezone(timezone(-timedelta(hours=9, minutes=30))).isoformat(timespec="microseconds")
            case _:
                return f"{at.astimezone(UTC).replace(tzinfo=None).isoformat(timespec='microseconds')}Z"

    def _sought(self) -> str:
        if self._makes("search"):
            return "one two three four five six seven"
        words = self.random.choice(self.material.words)
        words = self.random.sample(words, min(len(words), self.random.choice([0, 1, 1, 2, 2, 3])))
        if self._chance(0.1):
            words.append(self.random.choice(self.random.choice(self.material.words)))
        cut = [word[: self.random.randint(1, len(word))] if self._chance(0.7) else word for word in words]
        if cut and self._chance(0.3):  # what is a wildcard to the database is a character to us
            cut[0] = cut[0].replace(self.random.choice(cut[0]), self.random.choice("%_"), 1)
        return self.random.choice([" ", "  "]).join(word.upper() if self._chance(0.3) else word for word in cut)

    def _identifier(self, type_: str) -> str:
        if self._makes("identifier"):
            others = [ids[0] for other, ids in self.material.ids.items() if other != type_ and ids]
            return self.random.choice([*NO_IDENTIFIERS, *others])
        return self._some_id(type_)

    def _some_id(self, type_: str) -> str:
        own = self.material.ids.get(type_)
        if own and self._chance(0.9):
            return self.random.choice(own)
        prefix = self.material.prefixes[type_]
        strange = [each for each in self.material.strange_ids if each.startswith(prefix)]
        return self.random.choice(strange or [f"{prefix}_{self.random.getrandbits(128):032x}"])

    def _value(self, type_: str, value: Any) -> Any:
        """A value, written out or in a variable."""
        return self._variable(type_, value) if not self.is_in_variable and self._chance(0.3) else value

    def _variable(self, type_: str, value: Any) -> Word:
        name = f"v{len(self.declared)}"
        is_given = value is None or self._chance(0.6)
        if is_given:
            self.variables[name] = value
        if is_given and self._chance(0.7):
            self.declared.append(f"${name}: {type_}")
        elif value is None:
            self.declared.append(f"${name}: {type_} = null")
        else:
            self.declared.append(f"${name}: {type_.removesuffix('!')} = {literal(value)}")
        return Word(f"${name}")

    def _directive(self, chance: float) -> str:
        """`@skip` or `@include`, more often than not so that the selection stays."""
        if not self._chance(chance):
            return ""
        if self._chance(0.1):
            return f" @skip(if: {self._switch(is_on=False)}) @include(if: {self._switch(is_on=True)})"
        is_kept = self._chance(0.7)
        if self._chance(0.5):
            return f" @include(if: {self._switch(is_on=is_kept)})"
        return f" @skip(if: {self._switch(is_on=not is_kept)})"

    def _switch(self, *, is_on: bool) -> str:
        known = [name for name, own in self.switches.items() if own is is_on]
        if known and self._chance(0.5):
            return self.random.choice(known)
        if self._chance(0.4):
            return "true" if is_on else "false"
        name = str(self._variable("Boolean!", is_on))
        self.switches[name] = is_on
        return name

    def _makes(self, fault: str) -> bool:
        """Whether the fault is to be made here; it is made once."""
        if self.fault != fault:
            return False
        self.fault = None
        return True

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability
