"""The organisation and its twin that all tests of the walls look at."""

from tests.api.walls.scene import world

__all__ = ["world"]
