"""What the database holds of records and their history, and what is changed there behind the portal's back."""

from typing import Any

from sqlalchemy import update

from portal_api.clock import Clock
from portal_api.domain.roles import Role
from portal_api.ids import global_id
from portal_api.models import history_entries, roles
from tests.api.cases import MutationCase
from tests.clock import RepeatableIds
from tests.factories import PREFIXES, Organisation, Record


def unseen_id(case: MutationCase, new_id: RepeatableIds, clock: Clock) -> str:
    """An identifier of the right type, of no record."""
    return global_id(PREFIXES[case.table], new_id(clock()))


async def entries_of(organisation: Organisation) -> list[dict[str, Any]]:
    """The entries that no other entry caused: what a change takes with it has entries of its own."""
    return [entry for entry in await organisation.stored(history_entries) if entry["cause_id"] is None]


async def row_of(organisation: Organisation, record: Record) -> dict[str, Any]:
    """The record as it is stored now."""
    [row] = [row for row in await organisation.stored(record.table) if row["id"] == record.id]
    return row


def role_update(organisation: Organisation, whose: Role, role: Role) -> Any:
    """What gives the first user of a role another one."""
    return (
        update(roles)
        .where(roles.c.organisation_id == organisation.id, roles.c.user_id == organisation.staff[whose].id)
        .values(role=role)
    )


async def set_role(organisation: Organisation, whose: Role, role: Role) -> None:
    """Saves what is laid out, and gives the first user of a role another one."""
    await organisation.save()
    async with organisation.database.engine.begin() as connection:
        await connection.execute(role_update(organisation, whose, role))
