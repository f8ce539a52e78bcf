"""Documents answered by the nouns: the plain second implementation as a whole, with graphql-core as it is."""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from typing import Any

from graphql import (
    DocumentNode,
    GraphQLEnumType,
    GraphQLError,
    GraphQLInterfaceType,
    GraphQLList,
    GraphQLScalarType,
    build_schema,
    execute_sync,
    get_nullable_type,
    parse,
)
from sqlalchemy import Table

from portal_api.context import Viewer
from portal_api.domain.roles import Role
from tests.oracle.engine import (
    MOST_AT_ROOT,
    MOST_BELOW,
    Asking,
    Belongs,
    Count,
    Grouping,
    Listing,
    Noun,
    Value,
    connection,
    key_of,
    refuse,
)
from tests.oracle.rows import Row, Rows, snake, wire

Place = Callable[[Asking, Any, Row], int]
"""The number of a row under a record."""


@dataclass(frozen=True)
class Answer:
    """What a document is answered with."""

    data: dict[str, Any] | None
    errors: frozenset[tuple[Any, str | None]]
    """The root field and the code of each error."""
    has_rows: bool = False


class Reference:
    """Answers documents by the nouns, with graphql-core as it is."""

    def __init__(
        self,
        sdl: str,
        nouns: Sequence[Noun],
        roots: Mapping[str, Callable[..., Any]],
        values: Sequence[Value] = (),
    ) -> None:
        self.schema: Any = build_schema(sdl)
        # Here a field of an interface gives a list, so that it can be answered with one of each type.
        self._bare: Any = build_schema(re.sub(r": Node$", ": [Node]", sdl, flags=re.MULTILINE))
        self.nouns = {noun.type: noun for noun in nouns}
        types, query = self.schema.type_map, self.schema.query_type
        for noun in nouns:
            fields = types[noun.type].fields
            if noun.prefix:
                fields["id"].resolve = lambda row, _: f"{self.nouns[row.record_type].prefix}_{row.id.hex}"
            for name, read in noun.fields.items():
                fields[name].resolve = partial(_read, read)
            for name, (type_, belongs) in noun.lists.items():
                fields[name].resolve = partial(self._list_below, type_, belongs, noun.places.get(name))
            if noun.root_list:
                query.fields[noun.root_list].resolve = partial(self._root_list, noun)
            if noun.root:
                query.fields[noun.root].resolve = partial(self._root_record, noun)
        self._told: dict[tuple[str, str], tuple[str, str]] = {}
        """Of each field of a value that tells of a record's field, which that is, by type and name."""
        for value in values:
            for name, own in value.fields.items():
                types[value.type].fields[name].resolve = partial(self._of_value, value, own)
                if own.tells is not None:
                    self._told[value.type, name] = (own.type, own.tells)
        self.page_sizes = {place: size for value in values for place, size in value.page_sizes.items()}
        for name, resolve in roots.items():
            query.fields[name].resolve = resolve
        types["Node"].resolve_type = lambda row, *_: row.record_type

    @property
    def tables(self) -> Mapping[str, Table]:
        """All that is to be loaded, by the name that it has in `Asking.rows`."""
        return {name: table for noun in self.nouns.values() for name, table in noun.tables.items()}

    @property
    def keys(self) -> Mapping[tuple[str, str], str]:
        """What the identifiers in a filter field are of, by the type filtered and the field."""
        types = {noun.prefix: noun.type for noun in self.nouns.values() if noun.prefix}
        return {(noun.type, name): types[key] for noun in self.nouns.values() for name, key in noun.keys.items()}

    def asking(self, rows: Rows, viewer: Viewer, now: datetime) -> Asking:
        return Asking(rows, self.nouns, viewer, now)

    def answer(self, asking: Asking, text: str, variables: dict[str, Any]) -> Answer:
        """Answers a document. An error anywhere below a root field is that root field's: it is null then."""
        document = parse(text)
        asking.served = 0
        result = execute_sync(self.schema, document, None, asking, variables, field_resolver=_plain_field)
        errors = {(_root(error), (error.extensions or {}).get("code")) for error in result.errors or ()}
        if asking.viewer.role is Role.INTEGRATION:
            asked = self._asked(document, variables)
            closed = {root for root, type_, name in asked if self._is_closed(asking, type_, name)}
            errors = {error for error in errors if error[0] not in closed} | {(root, "FORBIDDEN") for root in closed}
        failed = {root for root, _ in errors}
        data = result.data and {key: None if key in failed else value for key, value in result.data.items()}
        return Answer(data, frozenset(errors), asking.served > 0)

    def _is_closed(self, asking: Asking, type_: str, name: str) -> bool:
        told = self._told.get((type_, name), (type_, name))
        return asking.is_closed(*told)

    def _asked(self, document: DocumentNode, variables: dict[str, Any]) -> set[tuple[Any, str, str]]:
        """Every field that a document asks for, as (root field, type, field): it is answered with specimens for it."""
        found: set[tuple[Any, str, str]] = set()

        def note(_: Any, info: Any, **__: Any) -> Any:
            found.add((info.path.as_list()[0], info.parent_type.name, info.field_name))
            noun = self.nouns.get(info.parent_type.name)
            if noun and noun.subjects and info.field_name == "subject":
                return list(noun.subjects)
            return self._specimen(info.return_type)

        execute_sync(
            self._bare, document, variable_values=variables, field_resolver=note, type_resolver=lambda name, *_: name
        )
        return found

    def _specimen(self, type_: Any) -> Any:
        match get_nullable_type(type_):
            case GraphQLList(of_type=GraphQLInterfaceType() as inner):
                return [own.name for own in self._bare.get_possible_types(inner)]
            case GraphQLList(of_type=inner):
                return [self._specimen(inner)]
            case GraphQLEnumType(values=values):
                return next(iter(values))
            case GraphQLScalarType():
                return 0
            case _:
                return {}

    def _list_below(
        self, type_: str, belongs: Belongs, place: Place | None, parent: Row, info: Any, **given: Any
    ) -> Any:
        rows = [row for row in info.context.seen(type_) if belongs(info.context, parent, row)]
        noun = self.nouns[type_] if place is None else _in_places(self.nouns[type_], place, parent)
        return connection(info.context, noun, rows, given, MOST_BELOW)

    def _of_value(self, type_: Value, own: Listing | Count | Grouping, value: Any, info: Any, **given: Any) -> Any:
        asking: Asking = info.context
        type_.check(asking, value)
        if isinstance(own, Listing) and not own.is_there(value):
            return None
        rows = [row for row in asking.seen(own.type) if own.belongs(asking, value, row)]
        match own:
            case Listing():
                asking.served += len(rows)
                return connection(asking, self.nouns[own.type], rows, given, own.most)
            case Count():
                return len({own.of(row) for row in rows})
            case Grouping():
                return _groups(asking, own, rows, given.get("first"))

    def _root_list(self, noun: Noun, _: Any, info: Any, **given: Any) -> Any:
        page = connection(info.context, noun, info.context.seen(noun.type), given, MOST_AT_ROOT)
        info.context.served += len(page["nodes"])
        return page

    def _root_record(self, noun: Noun, _: Any, info: Any, **given: Any) -> Row | None:
        ways = {name: value for name, value in given.items() if value is not None}
        if len(ways) != 1:
            raise refuse("INPUT_INVALID")
        key, ref = key_of(ways["id"], noun.prefix) if "id" in ways else None, ways.get("externalRef")
        rows = info.context.seen(noun.type)
        found = next((row for row in rows if row.id == key or (ref is not None and row.external_ref == ref)), None)
        info.context.served += found is not None
        return found


def _groups(asking: Asking, own: Grouping, rows: Sequence[Row], first: int | None) -> list[dict[str, Any]]:
    most = own.limit if first is None else first
    if not 1 <= most <= own.limit:
        raise refuse("PAGE_INVALID")
    counts = Counter(group for row in rows if (group := own.group(asking, row)) is not None)
    largest = sorted(counts.items(), key=lambda each: (-each[1], getattr(each[0], "hex", each[0])))[:most]
    return [{own.by: own.shown(asking, group), "count": count} for group, count in largest]


def _in_places(noun: Noun, place: Place, parent: Row) -> Noun:
    """A noun whose rows stand, if nothing else is asked, in the order that their parent has them in."""
    own = {"PLACE": lambda asking, row: str(place(asking, parent, row))}
    orders: Mapping[str, Callable[[Asking, Row], str]] = {**noun.orders_asking, **own}
    return replace(noun, orders_asking=orders, numbers=noun.numbers | {"PLACE"}, usual_order=(("PLACE", False),))


def _root(error: GraphQLError) -> Any:
    return error.path[0] if error.path else None


def _read(read: Callable[[Asking, Row], Any], row: Row, info: Any) -> Any:
    return wire(read(info.context, row))


def _plain_field(source: Any, info: Any, **_: Any) -> Any:
    """A field that is simply there: an item of a mapping, or an attribute."""
    name = info.field_name
    return wire(source[name] if isinstance(source, Mapping) else getattr(source, snake(name)))
