"""The scene that every document is sent in."""

import pytest

from tests.conftest import SignIn
from tests.factories import Organisation
from tests.operations.scene import Scene, laid_out


@pytest.fixture
async def scene(organisation: Organisation, sign_in: SignIn) -> Scene:
    """An organisation with something to see for everybody, of the test's own."""
    return await laid_out(organisation, sign_in)
