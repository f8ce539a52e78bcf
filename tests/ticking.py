"""What the ticker does to one organisation, in a database that tests share."""

from portal_api.ticker import settle
from tests.clock import ManualClock, RepeatableIds
from tests.factories import Organisation


async def ticked(organisation: Organisation, clock: ManualClock, new_id: RepeatableIds) -> int:
    """Lets the ticker settle the organisation alone; says how many records time had moved."""
    return sum([batch async for batch in settle(organisation.database, clock, new_id, organisation.id)])
