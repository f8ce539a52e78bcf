"""What is free goes back to the system, wherever in a process's memory it lies."""

import asyncio
import ctypes
import gc
import weakref
from pathlib import Path

import pytest

from portal_api import memory

STATUS = Path("/proc/self/status")
MEGABYTE = 1024 * 1024
PIECE = 2_000
"""Bytes: more than Python keeps for itself, less than what the system is asked for by itself."""


def held() -> int:
    """The bytes of its own that this process holds."""
    [line] = [each for each in STATUS.read_text().splitlines() if each.startswith("RssAnon:")]
    return int(line.split()[1]) * 1024


@pytest.mark.skipif(
    not STATUS.exists() or not hasattr(ctypes.CDLL(None), "malloc_trim"),
    reason="it is the GNU library that keeps what is free, and Linux that tells",
)
async def test_memory_that_is_free_between_what_is_not_is_given_back() -> None:
    pieces = [bytes(PIECE) for _ in range(40 * MEGABYTE // PIECE)]
    kept = pieces[::20]
    del pieces
    full = held()

    giving_back = asyncio.create_task(memory.give_back_for_ever(every=0.01))
    await asyncio.sleep(0.1)
    giving_back.cancel()

    assert held() < full - 20 * MEGABYTE, len(kept)


@pytest.mark.parametrize("age", [0, 1, 2])
async def test_what_stands_in_a_circle_is_found_before_the_collector_would_look(age: int) -> None:
    class Circle:
        def __init__(self) -> None:
            self.itself = self

    gc.disable()
    try:
        circle = Circle()
        for generation in range(age):
            gc.collect(generation)
        gone = asyncio.Event()
        weakref.finalize(circle, gone.set)
        del circle
        giving_back = asyncio.create_task(memory.give_back_for_ever(every=0.001))
        await asyncio.wait_for(gone.wait(), 20)
        giving_back.cancel()
    finally:
        gc.enable()


async def test_another_library_needs_no_telling(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ctypes, "CDLL", lambda _: object())
    memory.share_stores()
