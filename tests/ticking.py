"""The ticker in a database that tests share, whose clocks begin at the same instant each."""

from sqlalchemy import delete

from portal_api.models import ticker_leases
from portal_api.ticker import tick
from tests.clock import ManualClock, RepeatableIds
from tests.factories import Organisation


async def ticked(organisation: Organisation, clock: ManualClock, new_id: RepeatableIds) -> None:
    """Lets the ticker look once: the lease that a test of a later instant has left behind is none of this one's."""
    async with organisation.database.engine.begin() as connection:
        await connection.execute(delete(ticker_leases))
    assert await tick(organisation.database, clock, new_id) is not None
