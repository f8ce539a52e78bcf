"""What a compiled read asks of a database, and what answers it."""

from collections.abc import Callable, Generator, Sequence
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any, Protocol, TypeVar

T = TypeVar("T")
BEGIN_TO_WRITE, BEGIN_TO_READ = "BEGIN IMMEDIATE", "BEGIN"
WITHOUT_LIMIT: Any = None
"""Reads wait for one another, and are never told to come again."""


class Request(Protocol):
    """One statement that a compiled read wants to have run."""

    @property
    def statement(self) -> Any: ...
    @property
    def values(self) -> list[Any]: ...


Steps = Generator[Any, Sequence[Any], T]


class Reader(Protocol):
    """Runs compiled reads: each asks for statements one by one and is sent their rows."""

    async def run(self, steps: Steps[T]) -> T:
        """Drives a read to its end, on one snapshot of the data."""
        ...

    async def close(self) -> None:
        """Gives back what the reader holds."""
        ...


class ReaderPool(Reader, Protocol):
    """A reader with connections of its own."""

    async def run_alone(self, steps: Steps[T]) -> T:
        """Drives a read of one statement, which sees one snapshot by itself."""
        ...

    def snapshot(self) -> AbstractAsyncContextManager[Reader]:
        """A reader all of whose reads see the data as it is at the first of them, on a connection beside the others.

        Whoever writes is never kept waiting by it.
        """
        ...


@dataclass
class Tally:
    """Counts statements, so that a test can see that their number does not grow with the rows."""

    statements: int = 0
    texts: list[str] = field(default_factory=list[str])
    keeps_texts: bool = False

    def add(self, text: str) -> None:
        if text in (BEGIN_TO_WRITE, BEGIN_TO_READ):
            return
        self.statements += 1
        if self.keeps_texts:
            self.texts.append(text)


async def drive(steps: Steps[T], fetch: Callable[..., Any], tally: Tally) -> T:
    """Drives a read with an asynchronous `fetch(text, *values)`."""
    try:
        request = next(steps)
        while True:
            tally.add(request.statement.text)
            request = steps.send(await fetch(request.statement.text, *request.values))
    except StopIteration as end:
        return end.value
