"""Selections, down from the root: fields under names that do not clash, and fragments."""

from functools import cached_property
from typing import Any

from graphql import GraphQLField, GraphQLInterfaceType, GraphQLObjectType, get_named_type, is_leaf_type

from tests.oracle.generator.arguments import Arguments
from tests.oracle.generator.faults import FAULTY_ROOTS
from tests.oracle.generator.limits import LIST_SIZES, MOST_LEVELS, MOST_RECORDS, USUAL_RECORDS
from tests.oracle.generator.material import Query
from tests.oracle.generator.pieces import Call, Fragment, Written, literal

REPORTS = (
    *("LearnerUsage", "SeriesInsights", "CertificationInsights", "ApprovalInsights", "LifecycleBoard"),
    *("LearnerWithInactiveEnrolments", "CredentialVerification"),
)
"""What root fields lead to that is no record, and so has no identifiers."""


class Selections(Arguments):
    """Writes a whole document."""

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
        if name in self.material.wanted_roots:
            return 40
        if type_ == "LearncycleSimulation":
            return 0.3
        if type_ in REPORTS:
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
