"""Root fields: each kind of root compiled into a plan, which runs any number of times, for any viewer and variables."""

from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import orjson
from graphql import FieldNode, GraphQLField, GraphQLNamedType, GraphQLObjectType
from sqlalchemy import bindparam, select

from portal_api.domain.refusals import ErrorCode
from portal_api.ids import parse_global_id
from portal_api.planner import declare
from portal_api.planner.collect import named_type
from portal_api.planner.columns import Columns
from portal_api.planner.compile import Compiler, object_type
from portal_api.planner.conditions import field_forbidden, read_filter, select_ids
from portal_api.planner.declare import MOST_AT_ROOT, Source
from portal_api.planner.dialects import AnySelect, Dialect
from portal_api.planner.errors import RequestError
from portal_api.planner.filters import parse_id
from portal_api.planner.listings import RecordLookup
from portal_api.planner.selections import Request, Rows, Run, finish_objects
from portal_api.planner.texts import Text, WrittenList, WrittenRecord, levels_below, levels_of, texts_of

Answer = Generator[Request, Rows, Any]
Answerer = Callable[[Run, Any], Answer]


@dataclass(frozen=True, slots=True)
class Field:
    """A root field: its definition, its named type, and all of its merged nodes."""

    definition: GraphQLField
    type: GraphQLNamedType
    nodes: Sequence[FieldNode]


@dataclass(frozen=True, slots=True)
class Answers:
    """What answers a root field: as objects; and as JSON text, where the database can write that."""

    as_objects: Answerer
    as_text: Callable[[Run], Text] | None = None
    is_one_statement: bool = False
    """Whether the text is asked for by one statement at the most."""


@dataclass(frozen=True)
class Plan:
    """One root field, compiled."""

    answers: Answers
    closed: Mapping[str, tuple[Source, str]]
    """The roles that may not read all of it, each with a field that it may not read."""

    def steps(self, run: Run, value: Any = None) -> Answer:
        """Answers the field; `value` is the Python object of a root that has one.

        Raises:
            RequestError: `FORBIDDEN`, where the role may not read a field; and for arguments that cannot be meant.
        """
        self._check(run)
        return self.answers.as_objects(run, value)

    def text(self, run: Run, value: Any = None) -> Text:
        """Answers the field likewise, as JSON text.

        Raises:
            RequestError: the same.
        """
        self._check(run)
        if self.answers.as_text is None:
            return orjson.dumps((yield from self.answers.as_objects(run, value))).decode()
        return (yield from self.answers.as_text(run))

    def _check(self, run: Run) -> None:
        if run.role in self.closed:
            raise field_forbidden(*self.closed[run.role], run.role)


@dataclass(frozen=True, slots=True)
class Whole:
    """An operation of which plans alone answer every root field: nothing is left for an executor to do."""

    plans: Mapping[str, tuple[str, Plan]]
    """By response key, in the order of the answer: the field and its plan."""

    @property
    def is_one_statement(self) -> bool:
        """Whether one statement at the most answers it all."""
        return len(self.plans) == 1 and all(plan.answers.is_one_statement for _, plan in self.plans.values())

    def text(self, run: Run, values: Mapping[str, Any]) -> Text:
        """The answer of the operation as JSON text; `values` are the Python objects of the roots that have one.

        Raises:
            RequestError: as `Plan.steps` has it.
        """
        pieces = ['{"data":{']
        for key, (name, plan) in self.plans.items():
            value = yield from plan.text(run, values.get(name))
            pieces += ["," if len(pieces) > 1 else "", f'"{key}":', value]
        return "".join([*pieces, "}}"])


def plan_root(compiler: Compiler, parent: GraphQLObjectType, nodes: Sequence[FieldNode]) -> Plan:
    """The plan of a root field, all of whose merged nodes are given."""
    name = nodes[0].name.value
    definition = parent.fields[name]
    field = Field(definition, named_type(definition.type), nodes)
    answers = _compiled(compiler, compiler.catalogue.roots[f"{parent.name}.{name}"], field)
    closed: dict[str, tuple[Source, str]] = {}
    for type_name, read in sorted(compiler.reads):
        source = compiler.catalogue.sources[type_name]
        for role, fields in source.narrowed.items():
            if read not in fields:
                closed.setdefault(role, (source, read))
    return Plan(answers, closed)


def _compiled(compiler: Compiler, root: declare.Root, field: Field) -> Answers:
    match root:
        case declare.RootConnection(type=type_):
            return _list(compiler, compiler.catalogue.sources[type_], field)
        case declare.RootRecord():
            return _record(compiler, root, field)
        case declare.RootNode():
            return Answers(_node(compiler, field))
        case declare.RootNodes(limit=limit):
            return Answers(_nodes(compiler, limit, field))
        case declare.RootIds(type=type_):
            return Answers(_ids(compiler, compiler.catalogue.sources[type_], field))
        case declare.RootValue():
            return Answers(_value(compiler, field))


def _list(compiler: Compiler, source: Source, field: Field) -> Answers:
    listing = compiler.listing(source, field.type, field.definition, field.nodes, MOST_AT_ROOT, None)
    texts = texts_of(compiler.dialect, [listing, *levels_of(listing)])
    is_one = not (listing.shown.wants_rows and listing.shown.wants("totalCount"))
    text = texts and WrittenList(texts, listing).answer
    return Answers(lambda run, _: listing.single(run), text, is_one_statement=bool(text) and is_one)


def _value(compiler: Compiler, field: Field) -> Answerer:
    by_type = compiler.values(field.type, field.nodes)

    def answer(run: Run, value: Any) -> Answer:
        [finished] = yield from finish_objects([value], by_type, run)
        return finished

    return answer


def _record(compiler: Compiler, root: declare.RootRecord, field: Field) -> Answers:
    source = compiler.catalogue.sources[root.type]
    columns = Columns(source.key)
    selection = compiler.record(field.type, field.nodes, source, columns)
    arguments = compiler.arguments(field.definition, field.nodes[0])
    found_by = {"id": source.key, **root.lookups}
    statements = compiler.shelf.of(compiler.dialect, "record", (source, root, *columns.expressions))

    def build(name: str) -> AnySelect:
        found = select(*columns.expressions).select_from(source.table)
        return found.where(source.scope, found_by[name] == bindparam(name, type_=found_by[name].type))

    def asked(run: Run) -> tuple[str, Any]:
        given = {name: value for name, value in arguments(run).items() if value is not None}
        if len(given) != 1:
            raise RequestError(
                ErrorCode.INPUT_INVALID, f"Give exactly one of {', '.join(f'`{each}`' for each in found_by)}."
            )
        [(name, value)] = given.items()
        return name, compiler.dialect.encode(parse_id(value, source.prefix) if name == "id" else value)

    def answer(run: Run, _: Any) -> Answer:
        name, key = asked(run)
        statement = statements.of(name, partial(build, name))
        rows = yield Request(statement, statement.values({name: key}, run.bound))
        finished = yield from selection.finish(rows, run)
        return finished[0] if finished else None

    texts = texts_of(compiler.dialect, list(levels_below(selection)))
    if texts is None:
        return Answers(answer)
    record = WrittenRecord(texts, source, columns, selection, statements)

    def text(run: Run) -> Text:
        name, key = asked(run)
        return record.answer(run, name, found_by[name], key)

    return Answers(answer, text, is_one_statement=True)


def _node(compiler: Compiler, field: Field) -> Answerer:
    lookups = _lookups_by_prefix(compiler, field)
    arguments = compiler.arguments(field.definition, field.nodes[0])

    def answer(run: Run, _: Any) -> Answer:
        [(prefix, key)] = _parsed_ids([arguments(run)["id"]], lookups, compiler.dialect)
        found = yield from lookups[prefix].by_keys([key], run)
        return found.get(key)

    return answer


def _nodes(compiler: Compiler, limit: int, field: Field) -> Answerer:
    lookups = _lookups_by_prefix(compiler, field)
    arguments = compiler.arguments(field.definition, field.nodes[0])

    def answer(run: Run, _: Any) -> Answer:
        ids = arguments(run)["ids"]
        if len(ids) > limit:
            raise RequestError(
                ErrorCode.LIMIT_EXCEEDED, f"`ids` takes {limit} identifiers at the most; {len(ids)} were given."
            )
        parsed = _parsed_ids(ids, lookups, compiler.dialect)
        found: dict[tuple[str, Any], Any] = {}
        for prefix, lookup in lookups.items():
            keys = list(dict.fromkeys(key for own, key in parsed if own == prefix))
            if keys:
                records = yield from lookup.by_keys(keys, run)
                found.update({(prefix, key): record for key, record in records.items()})
        return [found.get(each) for each in parsed]

    return answer


def _ids(compiler: Compiler, source: Source, field: Field) -> Answerer:
    arguments = compiler.arguments(field.definition, field.nodes[0])
    shown = [
        (key, own[0].name.value) for key, own in compiler.collector.fields(object_type(field.type), field.nodes).items()
    ]

    statements = compiler.shelf.of(compiler.dialect, "ids", (source,))

    def answer(run: Run, _: Any) -> Answer:
        given = arguments(run)
        limit = given["limit"]
        if not 1 <= limit <= MOST_AT_ROOT:
            raise RequestError(ErrorCode.PAGE_INVALID, f"`limit` is 1 to {MOST_AT_ROOT}; {limit} was asked for.")
        shape, bound = read_filter(source, compiler.dialect, run, given.get("filter"))
        values: dict[str, Any] = {"__typename": field.type.name}
        for name in {name for _, name in shown} - {"__typename"}:
            statement = statements.of((name, shape), partial(select_ids, source, name, shape, compiler.dialect))
            rows = yield Request(statement, statement.values({**bound, "page_size": limit}, run.bound))
            ids = [f"{source.prefix}_{compiler.dialect.id_text(row[0])}" for row in rows] if name == "ids" else None
            values[name] = rows[0][0] if ids is None else ids
        return {key: values[name] for key, name in shown}

    return answer


def _lookups_by_prefix(compiler: Compiler, field: Field) -> dict[str, RecordLookup]:
    return {
        source.prefix: compiler.lookup(source, own, field.nodes)
        for own in compiler.possible_types(field.type)
        if (source := compiler.catalogue.sources.get(own.name))
    }


def _parsed_ids(ids: Sequence[str], lookups: Mapping[str, RecordLookup], dialect: Dialect) -> list[tuple[str, Any]]:
    parsed: list[tuple[str, Any]] = []
    for text in ids:
        found = parse_global_id(text)
        if found is None or found[0] not in lookups:
            raise RequestError(
                ErrorCode.ID_INVALID,
                f"'{text[:60]}' is not an identifier of a record. Give an `id` as the API answered it.",
            )
        parsed.append((found[0], dialect.encode(found[1])))
    return parsed
