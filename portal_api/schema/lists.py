"""Lists: connections, filters, orders, and the one line that makes a list field."""

from collections.abc import Callable
from datetime import date, datetime
from inspect import Parameter, Signature
from typing import Annotated, Any, Generic, TypeVar

import strawberry
from strawberry.permission import BasePermission

from portal_api.domain.refusals import in_words
from portal_api.permissions.guard import Guard
from portal_api.planner.execution import Completed
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.schema.enums import OrderDirection
from portal_api.schema.scalars import OutcomeCode

T = TypeVar("T")


@strawberry.type(description="Where a page lies in its list.")
class PageInfo:
    has_next_page: bool = strawberry.field(description="Whether records follow this page.")
    has_previous_page: bool = strawberry.field(description="Whether records precede this page.")
    start_cursor: str | None = strawberry.field(description="The cursor of the first record; null on an empty page.")
    end_cursor: str | None = strawberry.field(description="The cursor of the last record; null on an empty page.")


@strawberry.type(description="A record in a list, and its place there.")
class Edge(Generic[T]):
    node: T = strawberry.field(description="The record.")
    cursor: str = strawberry.field(description="Its place in the list: give it as `after` or `before`.")


@strawberry.type(description="A page of a list.")
class Connection(Generic[T]):
    edges: list[Edge[T]] = strawberry.field(description="The records of the page, with their cursors.")
    nodes: list[T] = strawberry.field(description="The records of the page.")
    page_info: PageInfo = strawberry.field(description="Where the page lies.")
    total_count: int = strawberry.field(description="How many records the whole list has, under the same filter.")


@strawberry.input(description="Comparators on a value of a closed set; all given ones must hold.")
class Comparison(Generic[T]):
    eq: T | None = strawberry.field(default=strawberry.UNSET, description="Is this value.")
    in_: list[T] | None = strawberry.field(default=strawberry.UNSET, name="in", description="Is one of these values.")
    not_in: list[T] | None = strawberry.field(default=strawberry.UNSET, description="Is none of these values.")


@strawberry.input(description="Comparators on an identifier; all given ones must hold.")
class IdComparison:
    eq: strawberry.ID | None = strawberry.field(default=strawberry.UNSET, description="Is this record.")
    in_: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, name="in", description="Is one of these records."
    )
    not_in: list[strawberry.ID] | None = strawberry.field(
        default=strawberry.UNSET, description="Is none of these records."
    )


@strawberry.input(description="Comparators on a text, compared exactly; all given ones must hold.")
class TextComparison:
    eq: str | None = strawberry.field(default=strawberry.UNSET, description="Is this text.")
    in_: list[str] | None = strawberry.field(default=strawberry.UNSET, name="in", description="Is one of these texts.")
    not_in: list[str] | None = strawberry.field(default=strawberry.UNSET, description="Is none of these texts.")


@strawberry.input(description="Comparators on a yes or no.")
class BooleanComparison:
    eq: bool | None = strawberry.field(default=strawberry.UNSET, description="Is so.")


@strawberry.input(description="Comparators on a whole number; all given ones must hold.")
class NumberComparison:
    eq: int | None = strawberry.field(default=strawberry.UNSET, description="Is this number.")
    gt: int | None = strawberry.field(default=strawberry.UNSET, description="More than this.")
    gte: int | None = strawberry.field(default=strawberry.UNSET, description="This or more.")
    lt: int | None = strawberry.field(default=strawberry.UNSET, description="Less than this.")
    lte: int | None = strawberry.field(default=strawberry.UNSET, description="This or less.")
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether there is none.")


@strawberry.input(description="Comparators on the outcome of a unit; all given ones must hold.")
class OutcomeCodeComparison:
    eq: OutcomeCode | None = strawberry.field(default=strawberry.UNSET, description="Is this outcome.")
    in_: list[OutcomeCode] | None = strawberry.field(
        default=strawberry.UNSET, name="in", description="Is one of these outcomes."
    )
    not_in: list[OutcomeCode] | None = strawberry.field(
        default=strawberry.UNSET, description="Is none of these outcomes."
    )
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether there is none.")


@strawberry.input(description="Comparators on an instant; all given ones must hold.")
class InstantComparison:
    gt: datetime | None = strawberry.field(default=strawberry.UNSET, description="After this instant.")
    gte: datetime | None = strawberry.field(default=strawberry.UNSET, description="At this instant or after it.")
    lt: datetime | None = strawberry.field(default=strawberry.UNSET, description="Before this instant.")
    lte: datetime | None = strawberry.field(default=strawberry.UNSET, description="At this instant or before it.")
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether there is none.")


@strawberry.input(description="Comparators on a day; all given ones must hold.")
class DayComparison:
    gt: date | None = strawberry.field(default=strawberry.UNSET, description="After this day.")
    gte: date | None = strawberry.field(default=strawberry.UNSET, description="On this day or after it.")
    lt: date | None = strawberry.field(default=strawberry.UNSET, description="Before this day.")
    lte: date | None = strawberry.field(default=strawberry.UNSET, description="On this day or before it.")
    is_null: bool | None = strawberry.field(default=strawberry.UNSET, description="Whether there is none.")


@strawberry.input(description="Learners below a manager.")
class ReportsTo:
    manager: strawberry.ID = strawberry.field(description="The manager's own learner record.")
    depth: int | None = strawberry.field(
        default=strawberry.UNSET,
        description="How many levels down: 1 for direct reports only; all when it is not given.",
    )


@strawberry.input(description="A value of an attribute.")
class AttributeTest:
    name: str = strawberry.field(description="The attribute's name.")
    value: str = strawberry.field(description="The value, compared exactly.")


def order_input(name: str, noun: str, fields: type) -> Any:
    """The input that sorts a list of one noun: a field and a direction."""
    namespace = {
        "__annotations__": {"field": fields, "direction": OrderDirection},
        "field": strawberry.field(description="What to sort by."),
        "direction": strawberry.field(default=OrderDirection.ASC, description="Which way."),
    }
    return strawberry.input(type(name, (), namespace), description=f"How to sort {noun}. The id always comes last.")


def parameter(name: str, type_: Any, description: str) -> Parameter:
    """An argument of a field that may be left out."""
    annotation = Annotated[type_ | None, strawberry.argument(description=description)]
    return Parameter(name, Parameter.KEYWORD_ONLY, default=strawberry.UNSET, annotation=annotation)


def listing(
    type_: Any,
    description: str,
    *,
    filter: Any = None,
    order_by: Any = None,
    most: int = 100,
    guard: type[Guard] | None = None,
) -> Any:
    """A list field with its page, filter and order; answered by a plan, at the root and below; perhaps with a guard."""
    parameters = [
        Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=PortalInfo),
        parameter("first", int, f"How many records from the start, 1 to {most}; 25 when nothing is said."),
        parameter("after", str, "Begin after this cursor."),
        parameter("last", int, f"How many records from the end, 1 to {most}."),
        parameter("before", str, "End before this cursor."),
    ]
    if filter is not None:
        parameters.append(parameter("filter", filter, "Which records; all conditions must hold."))
    if order_by is not None:
        parameters.append(
            parameter(
                "order_by",
                list[order_by],
                "How to sort, up to three fields; else by age, or as the list says.",
            )
        )

    async def answer(info: PortalInfo, **_: Any) -> Completed:
        return await planned(info)

    said = f"{description} Pages have up to {most} records."
    if guard is not None:
        said = f"{said} Requires {in_words(guard.rule.roles)}."
    return planned_field(answer, parameters, type_, said, guard)


def planned_field(
    answer: Callable[..., Any],
    parameters: list[Parameter],
    type_: Any,
    description: str,
    guard: type[Guard] | None = None,
) -> Any:
    """A field whose resolver gives a finished subtree of `type_`."""
    answer.__signature__ = Signature(parameters)  # type: ignore[attr-defined]  a function takes any attribute
    answer.__annotations__ = {each.name: each.annotation for each in parameters}
    guards: list[type[BasePermission]] = [] if guard is None else [guard]
    return strawberry.field(resolver=answer, description=description, graphql_type=type_, permission_classes=guards)
