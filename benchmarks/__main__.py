"""Measures the portal beside the floor: `python -m benchmarks`; writes what it found to RESULTS.md."""

import argparse
import asyncio
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from statistics import median
from typing import Any
from uuid import UUID

from sqlalchemy import text

from benchmarks import certified, data, inside, load, questions, report, servers
from benchmarks.data import Subject
from benchmarks.questions import CHANGES, M1, READS, ROWS_CHANGED, ROWS_WITHDRAWN, Question
from benchmarks.report import Figures, Measured, Side
from portal_api.clock import system_clock
from portal_api.database import open_database

ENGINES = ("sqlite", "postgresql")
READING, WRITING = (1, 16), (1, 4)
"""Connections at a time. Writers queue on SQLite, and one that waits for five seconds is told so."""
WARM_UP = 0.3
NEW_DOCUMENTS = 40


def main() -> None:
    """Runs what the command line asks for."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--engine", choices=[*ENGINES, "both"], default="both")
    parser.add_argument("--seconds", type=float, default=2, help="how long each slot of a read lasts")
    parser.add_argument("--rounds", type=int, default=5, help="how often floor and portal take turns")
    parser.add_argument("--learners", type=int, default=10_000)
    parser.add_argument("--output", type=Path, default=Path(__file__).with_name("RESULTS.md"))
    given = parser.parse_args()
    figures = [
        measured(engine, given.learners, given.seconds, given.rounds)
        for engine in (ENGINES if given.engine == "both" else (given.engine,))
    ]
    written = report.written(figures, given.learners, given.seconds, given.rounds)
    print(written)
    given.output.write_text(written)


def measured(engine: str, learners: int, seconds: float, rounds: int) -> Figures:
    """All figures of one engine."""
    with data.copy_for_run(engine, learners) as copy:
        url = copy.url
        subject, version, statements, known = asyncio.run(_looked_inside(url))
        environment = {"PORTAL_DATABASE_URL": url, "PORTAL_SIGNING_KEY": data.SIGNING_KEY}
        with servers.floor(environment) as floor, servers.portal(environment) as portal:
            run = Run(url, subject, {Side.FLOOR: floor, Side.PORTAL: portal})
            memory_before = portal.memory
            for number in range(rounds):
                print(f"{engine}: round {number + 1} of {rounds}")
                run.reads(seconds, number)
            for number in range(rounds):
                print(f"{engine}: writing, round {number + 1} of {rounds}")
                run.writes(number)
            new, again = run.new_document()
            return Figures(
                engine=engine,
                version=version,
                had_statistics=copy.had_statistics,
                measured=run.measured,
                sizes=run.sizes,
                statements=statements,
                new_document=new - again,
                known_document=known,
                memory=(memory_before, portal.memory),
            )


async def _looked_inside(url: str) -> tuple[Subject, str, dict[str, inside.Statements], float]:
    database = open_database(data.settings_for(url))
    try:
        subject = await data.find_subject(database)
        await data.remember(database, subject)
        async with database.engine.connect() as connection:
            asked = "SELECT sqlite_version()" if database.is_sqlite else "SHOW server_version"
            version = str((await connection.execute(text(asked))).scalar_one())
        statements = await inside.statements(database, subject)
        await data.put_back(database, subject)
        return subject, version, statements, inside.known_document(database)
    finally:
        await database.close()


@dataclass(frozen=True, slots=True)
class Writing:
    """A change that is measured, and the rows that it is measured with: each batch once a turn."""

    question: Question
    variables: Callable[[Sequence[UUID], str], dict[str, Any]]
    batches: Sequence[Sequence[UUID]]


def _writings(subject: Subject) -> Iterator[Writing]:
    batches = _batches(subject.withdrawable, ROWS_WITHDRAWN)
    yield Writing(M1, questions.withdrawal, batches)
    for question in CHANGES:
        ids = subject.certified[question.document.rpartition("/")[2]]
        yield Writing(question, questions.change_of_certifications, _batches(ids, min(len(ids), ROWS_CHANGED)))


def _batches(ids: Sequence[UUID], size: int) -> list[Sequence[UUID]]:
    """Whole ones only."""
    return [ids[start : start + size] for start in range(0, len(ids) - size + 1, size)]


class Run:
    """Floor and portal on one database, taking turns."""

    def __init__(self, url: str, subject: Subject, sides: dict[Side, servers.Server]) -> None:
        """Begins with nothing measured."""
        self._url = url
        self._subject = subject
        self._sides = sides
        self._writings = list(_writings(subject))
        self.measured = Measured()
        self.sizes: dict[str, int] = {}

    def reads(self, seconds: float, number: int) -> None:
        """One round of each read, at each number of connections."""
        for question in READS:
            variables = question.variables(self._subject)
            asked = {
                Side.FLOOR: questions.of_floor(question, self._subject, variables),
                Side.PORTAL: questions.of_portal(question, self._subject, variables),
            }
            self._check_equal(question, asked)
            for connections in READING:
                for side in _turns(number):
                    self._slot(side, load.for_seconds(asked[side], WARM_UP), connections)
                    sample = self._slot(side, load.for_seconds(asked[side], seconds), connections)
                    self.measured.add(question.name, connections, side, sample)

    def writes(self, number: int) -> None:
        """One round of changes, at each number of connections; the rows are put back after each turn."""
        if number == 0:
            self._check_equal_writes()
        for writing in self._writings:
            for connections in WRITING:
                for side in _turns(number):
                    self._change(writing, side, connections)

    def new_document(self) -> tuple[float, float]:
        """What a document costs that was never seen, and what the same costs afterwards: medians, in milliseconds."""
        question = READS[1]
        variables = question.variables(self._subject)
        port = self._sides[Side.PORTAL].port

        def requests() -> Iterator[bytes]:
            for number in range(NEW_DOCUMENTS):
                yield questions.of_portal(question, self._subject, variables, comment=f"\n# {number}")

        new, again = (load.load(port, requests(), connections=1).latencies for _ in range(2))
        return median(new) * 1_000, median(again) * 1_000

    def _check_equal(self, question: Question, asked: dict[Side, bytes]) -> None:
        """Byte for byte, before anything is timed; once more if an instant has passed in between that moves a status."""
        answers = self._answers(asked)
        if answers[0] != answers[1]:
            answers = self._answers(asked)
        _require_equal(question, *answers)
        self.sizes[question.name] = len(answers[0])

    def _slot(
        self, side: Side, requests: Iterator[bytes], connections: int, answers: list[bytes] | None = None
    ) -> load.Sample:
        server = self._sides[side]
        before = server.cpu
        sample = load.load(server.port, requests, connections=connections, answers=answers)
        after = server.cpu
        return sample if before is None or after is None else replace(sample, cpu=after - before)

    def _answers(self, asked: dict[Side, bytes]) -> list[bytes]:
        return [load.ask(self._sides[side].port, asked[side]) for side in Side]

    def _check_equal_writes(self) -> None:
        """Byte for byte too: both change the same rows, which are put back in between."""
        for writing in self._writings:
            answers: list[bytes] = []
            left: list[list[str]] = []
            for side in Side:
                since = system_clock()
                request = self._request(writing, side, writing.batches[0], f"check {secrets.token_hex(4)}")
                answers.append(load.ask(self._sides[side].port, request))
                left.append(self._state(writing, since))
                self._put_back()
            _require_equal(writing.question, *answers)
            _require_same_state(writing.question, *left)
            self.sizes[writing.question.name] = len(answers[0])

    def _state(self, writing: "Writing", since: datetime) -> list[str]:
        """What a change has left behind; nothing for one whose answer tells it all."""
        if writing.question not in CHANGES:
            return []

        async def state() -> list[str]:
            database = open_database(data.settings_for(self._url))
            try:
                return await certified.state(database, self._subject.organisation, writing.batches[0], since)
            finally:
                await database.close()

        return asyncio.run(state())

    def _change(self, writing: "Writing", side: Side, connections: int) -> None:
        key, rows = secrets.token_hex(4), len(writing.batches[0])
        requests = [
            self._request(writing, side, batch, f"{key} {number}") for number, batch in enumerate(writing.batches)
        ]
        answers: list[bytes] = []
        sample = self._slot(side, iter(requests), connections, answers)
        done = b'"counts":{"changed":%d,' % rows
        failed = [answer for answer in answers if done not in answer]
        if failed:
            name = writing.question.name
            raise RuntimeError(f"{name}: {side} did not change {rows} rows, but answered {failed[0][:500]!r}.")
        self.measured.add(writing.question.name, connections, side, sample)
        self._put_back()

    def _request(self, writing: "Writing", side: Side, ids: Sequence[UUID], key: str) -> bytes:
        make = questions.of_floor if side is Side.FLOOR else questions.of_portal
        return make(writing.question, self._subject, writing.variables(ids, key))

    def _put_back(self) -> None:
        async def put_back() -> None:
            database = open_database(data.settings_for(self._url), durable=False)
            await data.put_back(database, self._subject)
            await database.close()

        asyncio.run(put_back())


def _turns(number: int) -> tuple[Side, Side]:
    """Who goes first: the other one in each round."""
    return (Side.FLOOR, Side.PORTAL) if number % 2 == 0 else (Side.PORTAL, Side.FLOOR)


def _require_equal(question: Question, floor: bytes, portal: bytes) -> None:
    """Says where two answers part."""
    if floor != portal:
        place = next((n for n, pair in enumerate(zip(floor, portal, strict=False)) if pair[0] != pair[1]), 0)
        around = slice(max(0, place - 80), place + 80)
        raise RuntimeError(
            f"{question.name}: floor and portal answer differently from byte {place} on: {floor[around]!r} and "
            f"{portal[around]!r}. Is the floor's SQL in benchmarks/sql up to date?"
        )


def _require_same_state(question: Question, floor: list[str], portal: list[str]) -> None:
    """Says which rows differ in what two changes have left behind."""
    if floor != portal:
        theirs, ours = (sorted(set(one) - set(other))[:3] for one, other in ((floor, portal), (portal, floor)))
        raise RuntimeError(
            f"{question.name}: floor and portal leave different rows behind: {theirs} and {ours}. Is the floor's SQL in "
            "benchmarks/sql up to date?"
        )


if __name__ == "__main__":
    main()
