"""Links to files: who has one, and for how long."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ColumnElement, FromClause, type_coerce

from portal_api.models.base import Instant
from portal_api.planner.declare import Catalogue, Derived, Field
from portal_api.queries import scope

Link = Callable[[str, UUID, UUID, datetime], tuple[str, datetime]]
"""Makes the link to a record's file: (prefix, organisation, record, the present instant) to its path and its end."""


@dataclass(frozen=True, slots=True)
class Download:
    """A link to a file."""

    url: str
    expires_at: datetime


def link_facts(table: FromClause, has_file: ColumnElement[bool]) -> tuple[ColumnElement[Any], ...]:
    """What a link is made of; whoever sees a record may have its file (a reading)."""
    return (
        type_coerce(has_file, Boolean()),
        table.c.organisation_id,
        table.c.id,
        type_coerce(scope.NOW, Instant()),
    )


def no_link(_role: str, *_facts: object) -> None:
    """Stands in for the link until the process that has the key has told its own."""
    return


FILES = ("Credential", "Certificate", "Document")
"""The types whose records have files: their field `download` is a link."""


def with_links(catalogue: Catalogue, link: Link) -> Catalogue:
    """The catalogue in which records with a file have links to it; the key that signs them is the process's own."""
    linked = {
        name: replace(
            source, fields={**source.fields, "download": _linked(source.prefix, source.fields["download"], link)}
        )
        for name in FILES
        for source in (catalogue.sources[name],)
    }
    return replace(catalogue, sources={**catalogue.sources, **linked})


def _linked(prefix: str, declared: Field, link: Link) -> Derived:
    def download(_role: str, has_file: bool, organisation: Any, id_: Any, now: Any) -> Download | None:
        return Download(*link(prefix, UUID(str(organisation)), UUID(str(id_)), now)) if has_file else None

    if not isinstance(declared, Derived):
        raise TypeError("a link is derived")
    return Derived(declared.needs, download, is_kept=False)
