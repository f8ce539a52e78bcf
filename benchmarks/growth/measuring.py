"""Asks the portal's own server at each size, the sizes taking turns, and keeps how long each answer took."""

import asyncio
import os
import secrets
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from pathlib import Path
from statistics import median
from typing import Any

import orjson
from sqlalchemy import bindparam, select, update

from benchmarks import data, load, questions, servers
from benchmarks.growth.asked import DEEP, LISTS, PAGE, Asked, Found, asked_of, find, page_of
from benchmarks.growth.seeding import Seeded
from portal_api.database import open_database
from portal_api.domain.roles import Role
from portal_api.models import series_enrolments

MUST, CHANGE = "must", "M1"
ROUNDS = 5
MUST_BUDGET, MUST_MOST = 1.0, 30
BUDGET, MOST = 0.1, 8
"""Seconds that a question may take of a round at one size, and how often it is asked at the most; it is asked once at least."""
CHANGES_A_ROUND = 4


@dataclass
class Measured:
    """How long each answer took, in seconds, by what was asked and the size that was asked."""

    latencies: dict[tuple[str, str], dict[int, list[float]]] = field(
        default_factory=dict[tuple[str, str], dict[int, list[float]]]
    )
    computed: dict[tuple[str, str], dict[int, list[float]]] = field(
        default_factory=dict[tuple[str, str], dict[int, list[float]]]
    )
    """The seconds of a processor that the portal and PostgreSQL took for an answer, on the average of each slot: what
    others do on the machine moves them less."""

    def add(self, part: str, name: str, size: int, sample: load.Sample) -> None:
        """Keeps what was measured."""
        self.latencies.setdefault((part, name), {}).setdefault(size, []).extend(sample.latencies)
        if sample.cpu is not None:
            each = sample.cpu / len(sample.latencies)
            self.computed.setdefault((part, name), {}).setdefault(size, []).append(each)

    def told(self, part: str, name: str = "") -> str:
        """How long something took so far, or all of a part, in milliseconds."""
        return "; ".join(
            f"{own} {', '.join(f'{median(by_size[size]) * 1_000:,.1f}' for size in sorted(by_size))}"
            for (of, own), by_size in self.latencies.items()
            if of == part and name in ("", own)
        )


@dataclass(frozen=True, slots=True)
class Served:
    """An organisation at a size, and the server in front of it."""

    size: int
    found: Found
    server: servers.Server
    database_server: int | None
    asked: tuple[Asked, ...]
    url: str
    standing: list[dict[str, Any]]

    def send(self, requests: list[bytes], answers: list[bytes] | None = None) -> load.Sample:
        """Sends requests one after the other."""
        before = self._computed()
        sample = load.load(self.server.port, iter(requests), connections=1, answers=answers)
        after = self._computed()
        return sample if before is None or after is None else replace(sample, cpu=after - before)

    def _computed(self) -> float | None:
        """How long the portal and PostgreSQL have been computing."""
        own = self.server.cpu
        return own if own is None or self.database_server is None else own + _of_children(self.database_server)


def measured(databases: Sequence[Seeded], wanted: str = "") -> Measured:
    """Asks everything of every size: what must not grow in several rounds, all else in one.

    Args:
        databases: the organisation at each size.
        wanted: a part of the names of what is asked; all, where nothing is said.
    """
    kept = Measured()
    with ExitStack() as running:
        served = [_serve(running, each) for each in databases]
        asked = [place for place, each in enumerate(served[0].asked) if wanted in f"{each.part} {each.name}"]
        must = [place for place in asked if served[0].asked[place].part == MUST]
        for number in range(ROUNDS):
            turns = served if number % 2 == 0 else served[::-1]
            for place in must:
                for each in turns:
                    _ask(kept, each, each.asked[place])
            for each in turns:
                if wanted in f"{MUST} {CHANGE}":
                    _change(kept, each, number)
            print(f"round {number + 1} of {ROUNDS}: {kept.told(MUST)}", flush=True)
        for each in served:
            asyncio.run(_put_back(each.url, each.found, each.standing))
        for place in asked:
            if place not in must:
                for each in served:
                    _ask(kept, each, each.asked[place])
                own = served[0].asked[place]
                print(f"{own.part}: {kept.told(own.part, own.name)}", flush=True)
    return kept


def _of_children(process: int) -> float:
    """The seconds that the children of a process have been computing, those that have ended among them."""
    ticks = 0
    for stat in Path("/proc").glob("[0-9]*/stat"):
        with suppress(OSError):
            told = stat.read_text().rpartition(") ")[2].split()
            if stat.parent.name == str(process):
                ticks += int(told[13]) + int(told[14])
            elif int(told[1]) == process:
                ticks += int(told[11]) + int(told[12])
    return ticks / os.sysconf("SC_CLK_TCK")


def _serve(running: ExitStack, seeded: Seeded) -> Served:
    found = asyncio.run(_found(seeded.url))
    environment = {"PORTAL_DATABASE_URL": seeded.url, "PORTAL_SIGNING_KEY": data.SIGNING_KEY}
    server = running.enter_context(servers.portal(environment))
    asked = (*asked_of(found), *_deep(found, server.port))
    standing = asyncio.run(_standing(seeded.url, found))
    return Served(seeded.learners, found, server, seeded.database_server, asked, seeded.url, standing)


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


def _ask(kept: Measured, served: Served, asked: Asked) -> None:
    request = asked.request(served.found.subject)
    first = served.send([request])
    budget, most = (MUST_BUDGET, MUST_MOST) if asked.part == MUST else (BUDGET, MOST)
    times = min(most, int(budget / first.latencies[0]))
    later = served.send([request] * times) if times else None
    # The first one finds pages and plans that others have pushed out; where there is time for no other, it has to do.
    kept.add(asked.part, asked.name, served.size, later or first)


async def _standing(url: str, found: Found) -> list[dict[str, Any]]:
    """How the enrolments stand that are to be withdrawn."""
    ids = found.subject.withdrawable[: ROUNDS * CHANGES_A_ROUND * questions.ROWS_WITHDRAWN]
    own = series_enrolments.c
    database = open_database(data.settings_for(url))
    async with database.engine.connect() as connection:
        read = select(own.id.label("own"), own.status.label("was"), own.due_at.label("due"), own.version.label("at"))
        rows = await connection.execute(read.where(own.organisation_id == found.subject.organisation, own.id.in_(ids)))
        standing = [dict(row) for row in rows.mappings()]
    await database.close()
    return standing


async def _put_back(url: str, found: Found, standing: list[dict[str, Any]]) -> None:
    """Undoes the withdrawals, for the next run; history only grows."""
    own = series_enrolments.c
    undone = (
        update(series_enrolments)
        .where(own.organisation_id == found.subject.organisation, own.id == bindparam("own"))
        .values(
            status=bindparam("was"),
            due_at=bindparam("due"),
            version=bindparam("at"),
            withdrawn_at=None,
            withdrawal_reason=None,
            withdrawal_note=None,
        )
    )
    database = open_database(data.settings_for(url), durable=False)
    async with database.engine.begin() as connection:
        await connection.execute(undone, standing)
    await database.close()


def _change(kept: Measured, served: Served, number: int) -> None:
    """Withdraws enrolments, each batch once; they are put back after the last round."""
    subject, rows = served.found.subject, questions.ROWS_WITHDRAWN
    for turn in range(CHANGES_A_ROUND):
        start = (number * CHANGES_A_ROUND + turn) * rows
        ids = subject.withdrawable[start : start + rows]
        variables = questions.withdrawal(ids, secrets.token_hex(8))
        answers: list[bytes] = []
        request = questions.of_portal(questions.M1, subject, variables)
        sample = served.send([request], answers)
        if b'"counts":{"changed":%d,' % rows not in answers[0]:
            raise RuntimeError(f"{rows} enrolments were to be withdrawn, but the portal answered {answers[0][:500]!r}.")
        kept.add(MUST, CHANGE, served.size, sample)
