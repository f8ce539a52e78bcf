"""Who sends what is wrong."""

from collections.abc import AsyncIterator

import pytest

from portal_api.domain.roles import Role
from tests.client import Client
from tests.conftest import SignIn
from tests.factories import Organisation


@pytest.fixture
async def admin(organisation: Organisation, sign_in: SignIn) -> AsyncIterator[Client]:
    """An Admin of an organisation in which nothing is changed, whatever they send."""
    organisation.enrolment(organisation.learner(), organisation.series())
    await organisation.save()
    before = await organisation.everything()
    yield sign_in(Role.ADMIN)
    assert await organisation.everything() == before
