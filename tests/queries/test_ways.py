"""The ways to a source's records lead, together, to exactly what its scope lets a viewer see: the same rule, told twice."""

import pytest
from sqlalchemy import or_, select

from portal_api.context import Viewer
from portal_api.database import Database
from portal_api.domain.roles import Role
from portal_api.planner.declare import Source
from portal_api.queries.catalogue import CATALOGUE
from portal_api.queries.scope import bound
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation
from tests.operations.scene import laid_out

SOURCES = [source for source in CATALOGUE.sources.values() if source.ways]


@pytest.mark.parametrize("role", Role)
async def test_ways_and_scope_show_the_same_records(
    organisation: Organisation, database: Database, clock: ManualClock, sign_in: SignIn, role: Role
) -> None:
    await laid_out(organisation, sign_in)
    user = organisation.staff[role]
    linked = organisation.own.get(role)
    viewer = Viewer(organisation.id, user.id, role, linked.id if linked else None)
    values, shown = bound(viewer, clock()), set[str]()

    async with database.engine.connect() as connection:

        async def keys(source: Source, condition: object) -> list[object]:
            chosen = select(source.key).select_from(source.table).where(condition).order_by(source.key)  # type: ignore[arg-type]  a condition
            return list((await connection.execute(chosen, dict(values))).scalars())

        for source in SOURCES:
            seen = await keys(source, source.scope)
            assert await keys(source, or_(*source.ways)) == seen, source.type
            shown |= {source.type} if seen else set()

    assert shown or role is Role.INTEGRATION
    if role in (Role.OWNER, Role.ADMIN):
        assert shown == {source.type for source in SOURCES}
