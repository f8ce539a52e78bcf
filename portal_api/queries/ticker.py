"""What the ticker needs beside the due rows: its lease, and whom to look at."""

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert as postgresql_insert
from sqlalchemy.dialects.sqlite import insert as sqlite_insert
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.models import organisations, ticker_leases

LEASE = "ticker"


async def take_lease(connection: AsyncConnection, holder: UUID, *, now: datetime, until: datetime) -> bool:
    """Takes or prolongs the ticker's lease; False while another holder has it."""
    insert = postgresql_insert if connection.dialect.name == "postgresql" else sqlite_insert
    statement = (
        insert(ticker_leases)
        .values(name=LEASE, holder=holder, held_until=until)
        .on_conflict_do_update(
            index_elements=["name"],
            set_={"holder": holder, "held_until": until},
            where=(ticker_leases.c.held_until <= now) | (ticker_leases.c.holder == holder),
        )
        .returning(ticker_leases.c.holder)
    )
    return (await connection.execute(statement)).first() is not None


async def organisation_ids(connection: AsyncConnection) -> list[UUID]:
    """Every organisation, the oldest first."""
    return list((await connection.execute(select(organisations.c.id).order_by(organisations.c.id))).scalars())
