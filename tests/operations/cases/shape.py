"""What a case tells of its document, and what many cases share."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from portal_api.domain.roles import Role
from tests.factories import Record
from tests.operations.scene import Scene

Variables = Callable[[Scene], dict[str, Any]]


@dataclass(frozen=True)
class Case:
    """A document, the variables that it is sent with, and the places of its answer where something must be."""

    filled: tuple[str, ...]
    variables: Variables = lambda scene: {}
    senders: tuple[Role, ...] | None = None
    """Who sends it, where that is not everybody who works with the frontend."""
    others_who_may: tuple[Role, ...] = ()
    """Roles for which it changes something too, though another frontend sends it."""


def changed(mutation: str) -> tuple[str, ...]:
    """The places of an answer that tell of a change."""
    return f"{mutation}.results", f"{mutation}.counts.changed"


def owners(mutation: str, given: Variables) -> Case:
    """A change that an Owner alone makes."""
    return Case(
        changed(mutation),
        lambda scene: {"input": {"idempotencyKey": "from the console", **given(scene)}},
        (Role.OWNER,),
    )


def staff(scene: Scene, role: Role) -> str:
    """The identifier of the first user of a role."""
    return scene.organisation.staff[role].gid


def on(ids: Callable[[Scene], Record], **given: Any) -> Variables:
    """The input of a change on one record of the scene."""
    return lambda scene: {"input": {"ids": [ids(scene).gid], "idempotencyKey": "from the console", **given}}
