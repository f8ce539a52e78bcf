"""Switches a rule off where the environment asks for it, to see that its acceptance test notices."""

import os

import pytest

from tests.acceptance.switches import SWITCHES


@pytest.fixture(autouse=True)
def _switched_off(monkeypatch: pytest.MonkeyPatch) -> None:
    name = os.environ.get("PORTAL_TEST_SWITCHED_OFF")
    if name:
        module, _, function = name.partition(".")
        SWITCHES[module, function](monkeypatch)
