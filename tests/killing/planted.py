"""Faults to be planted in a server before it serves, by name."""

from collections.abc import Callable

FAULTS: dict[str, Callable[[], None]] = {}
