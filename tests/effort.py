"""How much work something may be, counted and not timed: the same on every machine, however busy it is."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


@contextmanager
def calls_of_at_most(most: int) -> Iterator[None]:
    """Fails within the block as soon as this thread has called more functions than that, Python's own included.

    Args:
        most: The calls that are allowed; what is exponential makes them within seconds, and is stopped there.

    Raises:
        AssertionError: If the block makes more calls.
    """
    left = most

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal left
        if event in {"call", "c_call"}:
            left -= 1
        if left < 0:
            sys.setprofile(None)
            raise AssertionError(f"more than {most} calls")

    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(None)
