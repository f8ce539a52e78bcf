"""The exporter beside the portal; and rules switched off where the environment asks for it."""

import os
from collections.abc import Iterator

import pytest

from portal_api.app import Portal
from portal_api.database import Database
from portal_api.settings import Settings
from tests.acceptance.exporting import Exports
from tests.acceptance.switches import SWITCHES
from tests.clock import ManualClock, RepeatableIds


@pytest.fixture
def exports(settings: Settings, database: Database, clock: ManualClock, new_id: RepeatableIds) -> Exports:
    """Writes what is waiting to be exported."""
    return Exports(Portal(settings, database, clock, new_id).exporter)


@pytest.fixture(scope="session", autouse=True)
def _switched_off() -> Iterator[None]:
    """Switches a rule off before the portal is made, to see that its test notices."""
    module, _, function = os.environ.get("PORTAL_TEST_SWITCHED_OFF", "").partition(".")
    with pytest.MonkeyPatch.context() as patch:
        if module:
            SWITCHES[module, function](patch)
        yield
