"""The root fields that lead to records: a list of them, one of them, the identifiers of a selection."""

from inspect import Parameter
from typing import Annotated, Any

import strawberry

from portal_api.permissions.guard import Guard
from portal_api.planner.execution import Completed
from portal_api.resolvers.planned import PortalInfo, planned
from portal_api.schema.lists import Connection, listing, parameter, planned_field

MOST = 1_000


def all_of(type_: Any, description: str, *, filter: Any, order_by: Any, guard: type[Guard] | None = None) -> Any:
    """A list of the records of a type; with a guard it is told to some roles alone."""
    return listing(Connection[type_] | None, description, filter=filter, order_by=order_by, most=MOST, guard=guard)


def one_of(type_: Any, noun: str, *, by_ref: bool = True) -> Any:
    """One record of a type: by its identifier, or by its reference where it has one."""
    if not by_ref:
        key = Annotated[strawberry.ID, strawberry.argument(description="Its identifier.")]
        alone = Parameter("id", Parameter.KEYWORD_ONLY, annotation=key)
        return planned_field(_answer(), [_INFO, alone], type_ | None, f"One {noun}, by `id`.")
    either = [
        parameter("id", strawberry.ID, "Its identifier."),
        parameter("external_ref", str, "Its reference, as others know it."),
    ]
    return planned_field(_answer(), [_INFO, *either], type_ | None, f"One {noun}, by `id` or by `externalRef`.")


def ids_of(type_: Any, nouns: str, *, filter: Any) -> Any:
    """The identifiers of a selection."""
    most = Annotated[int, strawberry.argument(description=f"How many identifiers, 1 to {MOST:,}.")]
    parameters = [
        _INFO,
        parameter("filter", filter, f"Which {nouns}; all conditions must hold."),
        Parameter("limit", Parameter.KEYWORD_ONLY, default=MOST, annotation=most),
    ]
    description = "The identifiers of a selection, to be given to a change."
    return planned_field(_answer(), parameters, type_ | None, description)


_INFO = Parameter("info", Parameter.POSITIONAL_OR_KEYWORD, annotation=PortalInfo)


def _answer() -> Any:
    async def answer(info: PortalInfo, **_: Any) -> Completed:
        return await planned(info)

    return answer
