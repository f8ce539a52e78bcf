"""How an enum of the domain becomes one of the schema: with a word on each value."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Any, TypeVar, cast

import strawberry

E = TypeVar("E", bound=StrEnum)


def described(enum: type[E], description: str, values: Mapping[E, str]) -> type[E]:
    """Makes an enum of the domain one of the schema.

    Raises:
        KeyError: if a value has no description.
    """
    strawberry.enum(enum, description=description)
    definition = cast("Any", enum).__strawberry_definition__
    for value in definition.values:
        value.description = values[enum(value.value)]
    return enum
