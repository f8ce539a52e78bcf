"""The organisation and its twin that the tests of the walls look at."""

from tests.api.walls.scene import _shared_world, own_world, world

__all__ = ["_shared_world", "own_world", "world"]
