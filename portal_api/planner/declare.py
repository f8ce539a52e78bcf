"""What `queries` declares of each type: where its rows come from and what each of its fields reads."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from sqlalchemy import ColumnElement, FromClause, Select, Table

from portal_api.planner.filters import Filter
from portal_api.planner.ways import rights_of

Expression = ColumnElement[Any]
Conditions = Callable[[Any], Mapping[str, Any]]
"""Reads conditions off a Python value: by the names of filters, as a client would give them; none is no restriction."""
ListConditions = Callable[[Any], Mapping[str, Any] | None]
"""The same, where a value may have no such list at all."""
MOST_AT_ROOT = 1_000
MOST_BELOW = 100
"""How many records a page has: at the root, and below a record or a value."""
MOST_NODES = 100
"""How many records `nodes` takes."""


@dataclass(frozen=True, slots=True)
class Key:
    """The record's own identifier."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column or an expression; its SQL type says how it is written in the answer."""

    expression: Expression
    is_nullable: bool | None = None
    """Whether it can be null, where the expression does not tell."""

    @property
    def may_be_null(self) -> bool:
        return bool(getattr(self.expression, "nullable", True)) if self.is_nullable is None else self.is_nullable


@dataclass(frozen=True, slots=True)
class ToOne:
    """Another record, by its key; null where the viewer may not see it."""

    type: str
    key: Expression


@dataclass(frozen=True, slots=True)
class ToOneOf:
    """Another record of one of several types: `kind` says which."""

    types: Mapping[str, str]
    kind: Expression
    key: Expression


@dataclass(frozen=True, slots=True)
class Through:
    """The table between two types: each of its rows joins a parent to the child whose id is in `key`, each pair once."""

    table: Table
    key: Expression
    place: Expression | None = None
    """The number that a child has among those of its parent, where they stand in an order of their own."""


@dataclass(frozen=True, slots=True)
class Connection:
    """Records of `type` whose column `by` holds this record's key; `by` is a column of the table between, if there is one."""

    type: str
    by: Expression
    through: Through | None = None
    only: ColumnElement[bool] | None = None
    """Which of the records that the viewer sees are told of here; all, where nothing is said."""


@dataclass(frozen=True, slots=True)
class Derived:
    """A Python value computed from columns by a pure function of (role, *columns); kept for each set of facts.

    It may need no column: then the role alone decides.
    """

    needs: tuple[Expression, ...]
    of: Callable[..., object]
    is_kept: bool = True
    """False where each record has facts of its own: they never come again, and to keep them would fill the memory."""


Field = Key | Column | ToOne | ToOneOf | Connection | Derived


@dataclass(frozen=True, slots=True)
class Crowd:
    """A way that leads some viewers to a large part of the organisation.

    To gather the whole crowd for one page of it would take longer than to look through the organisation, in an order that an
    index has.
    """

    way: int
    """Its place among the ways."""
    keys: Select[Any]
    """The keys of the records that it leads to: one column."""
    orders: tuple[tuple[str, ...], ...]
    """The orders that indexes of the organisation have, each without the key, which comes last."""


@dataclass(frozen=True)
class Source:
    """The one place that a type's rows come from: its table, who sees which rows, and what can be asked of them."""

    type: str
    prefix: str
    table: FromClause
    """A table, or the rows of several under one name, with `organisation_id` and `id` among its columns."""
    scope: ColumnElement[bool]
    fields: Mapping[str, Field]
    ways: tuple[ColumnElement[bool], ...] = ()
    """The alternatives that the scope consists of, given where no single index serves them all: lists and counts at the root
    then go each way by itself, and a way that is closed to the viewer costs nothing. The first one is that of whoever sees
    all; the others begin with what is the viewer's own."""
    crowd: Crowd | None = None
    """The one of them that may lead to many."""
    filters: Mapping[str, Filter] = field(default_factory=dict[str, Filter])
    conditions: Mapping[str, Filter] = field(default_factory=dict[str, Filter])
    """What Python values alone restrict by, beside the filters; clients cannot."""
    assumed: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What lists and counts are filtered by where a client says nothing to it, by the names of filters; a record that is
    looked up by its key is found whatever it says."""
    orders: Mapping[str, Expression] = field(default_factory=dict[str, Expression])
    default_order: tuple[tuple[str, bool], ...] = ()
    """Order terms as (name, descending); the key always comes last."""
    narrowed: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Roles that may read no more of the type than the fields named."""
    withheld: Mapping[str, frozenset[str]] = field(default_factory=dict[str, frozenset[str]])
    """Filters and orders that are closed to a role, since it reads what they tell of on some of the records alone."""

    @property
    def key(self) -> Expression:
        return self.table.c.id

    @cached_property
    def rights(self) -> tuple[Mapping[str, bool], ...]:
        """What each of the ways asks for."""
        return tuple(map(rights_of, self.ways))

    @property
    def all_conditions(self) -> Mapping[str, Filter]:
        """What Python values restrict by: filters and conditions."""
        return {**self.filters, **self.conditions}


@dataclass(frozen=True, slots=True)
class Linked:
    """A record that a Python value points at by an attribute holding its key."""

    type: str
    attribute: str


@dataclass(frozen=True, slots=True)
class Listed:
    """A list of records under a Python value: like one at the root, within the conditions of the value.

    It is null for a value that has no conditions to give (None).
    """

    type: str
    filter: ListConditions
    most: int = MOST_BELOW
    """How many records a page has at the most."""
    tells: tuple[str, ...] = ()
    """The fields of the records that the list tells of by what is in it: a role that may not read them is not told it."""


@dataclass(frozen=True, slots=True)
class Total:
    """How many records the viewer sees, within the conditions of the value."""

    type: str
    filter: Conditions
    tells: tuple[str, ...] = ()
    """The fields of the records that the number tells of: a role that may not read them is not told it."""
    distinct: Expression | None = None
    """Given where not the records are counted, but what they hold here, each once."""


@dataclass(frozen=True, slots=True)
class Facet:
    """How many records of each group the viewer sees, within the conditions of the value; the largest groups first."""

    type: str
    by: Mapping[str, Column | ToOne]
    """One entry: the field that shows the group, and what it reads. Records in no group are left out."""
    filter: Conditions
    limit: int
    """How many groups at the most; clients may ask for fewer, where the field has `first`."""


ValueField = Linked | Listed | Total | Facet


@dataclass(frozen=True)
class ValueType:
    """A type that is read from Python objects: each field from the attribute of its name, but for those given here."""

    type: str
    fields: Mapping[str, ValueField]


@dataclass(frozen=True)
class RootConnection:
    """A list at the root."""

    type: str


@dataclass(frozen=True)
class RootRecord:
    """One record at the root, by `id` or by `externalRef`."""

    type: str
    lookups: Mapping[str, Expression] = field(default_factory=dict[str, Expression])


@dataclass(frozen=True)
class RootNode:
    """Any record at the root, by its `id`."""


@dataclass(frozen=True)
class RootNodes:
    """Any records at the root, by their `ids`, in the order asked."""

    limit: int = MOST_NODES


@dataclass(frozen=True)
class RootIds:
    """The identifiers of a selection, and how many there are in all."""

    type: str


@dataclass(frozen=True)
class RootValue:
    """A Python value that the resolver makes."""


Root = RootConnection | RootRecord | RootNode | RootNodes | RootIds | RootValue


@dataclass(frozen=True)
class Catalogue:
    """All that can be read: the sources and value types by type, the root fields by `Type.field`."""

    sources: Mapping[str, Source]
    values: Mapping[str, ValueType]
    roots: Mapping[str, Root]

    @property
    def page_sizes(self) -> Mapping[str, int]:
        """How many records or groups the lists and facets under values can have, by `Type.field`."""
        return {
            f"{value.type}.{name}": declared.most if isinstance(declared, Listed) else declared.limit
            for value in self.values.values()
            for name, declared in value.fields.items()
            if isinstance(declared, Listed | Facet)
        }

    def by_prefix(self, prefix: str) -> Source | None:
        """The source whose identifiers begin with `prefix`."""
        return next((source for source in self.sources.values() if source.prefix == prefix), None)
