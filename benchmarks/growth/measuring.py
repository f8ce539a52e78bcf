"""Asks the portal's own server at each size, the sizes taking turns, and keeps how long each answer took."""

import asyncio
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from time import perf_counter

import orjson

from benchmarks import data, load, questions, servers
from benchmarks.growth.asked import DEEP, LISTS, PAGE, Asked, Found, asked_of, find, page_of
from benchmarks.growth.seeding import Seeded
from portal_api.database import open_database
from portal_api.domain.roles import Role

ROUNDS = 3
BUDGET = 0.15
"""Seconds that a question may take of a round at one size; it is asked once at the least, and `MOST` times at the most."""
MOST = 20
SLOW = 2.0
"""What takes longer is asked in the first rounds alone."""
ROUNDS_IF_SLOW = 2
CHANGES_A_ROUND = 3
CHANGE = "M1"


@dataclass
class Measured:
    """How long each answer took, in seconds, by what was asked and the size that was asked."""

    latencies: dict[tuple[str, str], dict[int, list[float]]] = field(
        default_factory=dict[tuple[str, str], dict[int, list[float]]]
    )

    def add(self, part: str, name: str, size: int, seconds: Sequence[float]) -> None:
        """Keeps what was measured."""
        self.latencies.setdefault((part, name), {}).setdefault(size, []).extend(seconds)


@dataclass(frozen=True, slots=True)
class Served:
    """An organisation at a size, and the server in front of it."""

    size: int
    found: Found
    port: int
    asked: tuple[Asked, ...]


def measured(databases: Sequence[Seeded], wanted: str = "") -> Measured:
    """Asks everything of every size, in rounds.

    Args:
        databases: the organisation at each size.
        wanted: a part of the names of what is asked; all, where nothing is said.
    """
    kept = Measured()
    with ExitStack() as running:
        served = [_serve(running, each) for each in databases]
        start = perf_counter()
        for number in range(ROUNDS):
            turns = served if number % 2 == 0 else served[::-1]
            for place in range(len(served[0].asked)):
                for each in turns:
                    _ask(kept, each, each.asked[place], number, wanted)
            for each in turns:
                if wanted in CHANGE:
                    _change(kept, each, number)
            print(f"round {number + 1} of {ROUNDS}, {perf_counter() - start:.0f} s", flush=True)
    return kept


def _serve(running: ExitStack, seeded: Seeded) -> Served:
    found = asyncio.run(_found(seeded.url))
    environment = {"PORTAL_DATABASE_URL": seeded.url, "PORTAL_SIGNING_KEY": data.SIGNING_KEY}
    port = running.enter_context(servers.portal(environment)).port
    return Served(seeded.learners, found, port, (*asked_of(found), *_deep(found, port)))


async def _found(url: str) -> Found:
    database = open_database(data.settings_for(url))
    try:
        return await find(database)
    finally:
        await database.close()


def _deep(found: Found, port: int) -> Iterator[Asked]:
    """The pages that a client comes to who has turned many."""
    for name in LISTS:
        after: str | None = None
        for _ in range(DEEP - 1):
            asked = Asked(name, "", Role.ADMIN, page_of(name), {"after": after})
            page = orjson.loads(load.ask(port, asked.request(found.subject)))["data"][name]
            after = page["pageInfo"]["endCursor"]
        yield Asked(name, f"page {DEEP} of {PAGE} records", Role.ADMIN, page_of(name), {"after": after})


def _ask(kept: Measured, served: Served, asked: Asked, number: int, wanted: str) -> None:
    if wanted not in asked.name:
        return
    before = kept.latencies.get((asked.part, asked.name), {}).get(served.size, [])
    if number >= ROUNDS_IF_SLOW and min(before) > SLOW:
        return
    request = asked.request(served.found.subject)
    first = load.load(served.port, iter([request]), connections=1).latencies
    times = min(MOST, int(BUDGET / first[0]))
    later = load.load(served.port, iter([request] * times), connections=1).latencies if times else []
    # The first one finds pages and plans that others have pushed out; where there is time for no other, it has to do.
    kept.add(asked.part, asked.name, served.size, later or first)


def _change(kept: Measured, served: Served, number: int) -> None:
    """Withdraws enrolments, each batch once: nothing has to be put back."""
    subject, rows = served.found.subject, questions.ROWS_WITHDRAWN
    for turn in range(CHANGES_A_ROUND):
        start = (number * CHANGES_A_ROUND + turn) * rows
        ids = subject.withdrawable[start : start + rows]
        variables = questions.withdrawal(ids, secrets.token_hex(8))
        answers: list[bytes] = []
        request = questions.of_portal(questions.M1, subject, variables)
        sample = load.load(served.port, iter([request]), connections=1, answers=answers)
        if b'"counts":{"changed":%d,' % rows not in answers[0]:
            raise RuntimeError(f"{rows} enrolments were to be withdrawn, but the portal answered {answers[0][:500]!r}.")
        kept.add("must", CHANGE, served.size, sample.latencies)
