"""What a worker does with its memory: few stores of what is free, a collector that seldom looks, and pages given back."""

import asyncio
import ctypes
import gc
from contextlib import suppress
from itertools import cycle

M_ARENA_MAX = -8
"""The number of that option in the GNU library's malloc.h."""
STORES = 2
YOUNG, OLD = 1, 2
LOOKS = (*[YOUNG] * 5, OLD)
"""The generation that the collector looks at, with all that are younger, one time after the other."""
SECONDS = 10
"""Between two times that free memory is given back."""


def share_stores() -> None:
    """Has the threads of a worker share two stores of free memory; the GNU library would give each its own."""
    _tell_allocator("mallopt", M_ARENA_MAX, STORES)


def settle() -> None:
    """Leaves what a process has once it has started out of all that the collector looks at, and has it look seldom."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 50, 50)


async def give_back_for_ever(*, every: float = SECONDS) -> None:
    """Gives the system back what is free, each so many seconds: a few milliseconds, now and then twenty.

    What an executor leaves is a circle, which holds all that a change was given until the collector looks. Here it looks at
    what is young, where plans are not; and seldom at what is old, since what was under way at such a look has become that.
    By itself the GNU library gives back what is free at a store's end. After changes of a thousand rows that was little:
    30 MB lay free, between what was not.
    """
    for generation in cycle(LOOKS):
        await asyncio.sleep(every)
        gc.collect(generation)
        _tell_allocator("malloc_trim", 0)


def _tell_allocator(function: str, *arguments: int) -> None:
    """Calls a function of the C library's, where it has it: others need no telling."""
    with suppress(OSError, AttributeError, TypeError):
        getattr(ctypes.CDLL(None), function)(*arguments)
