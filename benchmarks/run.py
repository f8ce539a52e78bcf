"""A run: who is measured asks one database in turns, and everybody's answers are compared before anything is timed."""

import asyncio
import secrets
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import Any
from uuid import UUID

from benchmarks import certified, data, load, questions
from benchmarks.data import Subject
from benchmarks.measured import Measured, Side
from benchmarks.peers import running
from benchmarks.questions import CHANGES, COMPARED, M1, READS, ROWS_CHANGED, ROWS_WITHDRAWN, Question
from benchmarks.servers import Server
from portal_api.clock import system_clock
from portal_api.database import open_database

READING, WRITING = (1, 16), (1, 4)
"""Connections at a time. Writers queue on SQLite, and one that waits for five seconds is told so."""
BESIDE_PEERS = 16
"""Connections at which the peers take their turns."""
WARM_UP = 0.3
WARM_UP_PEERS = 2.0
"""Before a peer's first slot: what runs on Node compiles as it goes."""
NEW_DOCUMENTS = 40
HOUSE = (Side.FLOOR, Side.PORTAL)


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
        ids = subject.certified[question.file]
        yield Writing(question, questions.change_of_certifications, _batches(ids, min(len(ids), ROWS_CHANGED)))


def _batches(ids: Sequence[UUID], size: int) -> list[Sequence[UUID]]:
    """Whole ones only."""
    return [ids[start : start + size] for start in range(0, len(ids) - size + 1, size)]


class Run:
    """Floor, portal and peers on one database, taking turns."""

    def __init__(self, url: str, subject: Subject, house: Mapping[Side, Server], peers: Mapping[Side, Server]) -> None:
        """Begins with nothing measured."""
        self._url = url
        self._subject = subject
        self._peers = list(peers)
        self._sides = {**house, Side.ALIKE: house[Side.PORTAL], **peers}
        self._writings = list(_writings(subject))
        self.measured = Measured()
        self.sizes: dict[tuple[str, Side], int] = {}

    def reads(self, seconds: float, number: int) -> None:
        """One round of each read, at each number of connections."""
        for question in READS:
            asked = self._asked(question)
            self._check_equal(question, asked)
            for connections in READING:
                sides = list(asked) if connections == BESIDE_PEERS else list(HOUSE)
                for side in _turns(sides, number):
                    warm_up = _warm_up(side, number)
                    if warm_up:
                        self._slot(side, load.for_seconds(asked[side], warm_up), connections)
                    sample = self._slot(side, load.for_seconds(asked[side], seconds), connections)
                    self.measured.add(question.name, connections, side, sample)

    def _asked(self, question: Question) -> dict[Side, bytes]:
        """How each side is asked a question that it answers."""
        variables = question.variables(self._subject)
        asked = {
            Side.FLOOR: questions.of_floor(question, self._subject, variables),
            Side.PORTAL: questions.of_portal(question, self._subject, variables),
        }
        if not self._peers or question not in COMPARED:
            return asked
        if question.without_actions != question.text:
            asked[Side.ALIKE] = questions.of_portal_alike(question, self._subject, variables)
        return asked | {side: running.request(side, question, self._subject) for side in self._peers}

    def writes(self, number: int) -> None:
        """One round of changes, at each number of connections; the rows are put back after each turn."""
        if number == 0:
            self._check_equal_writes()
        for writing in self._writings:
            for connections in WRITING:
                for side in _turns(HOUSE, number):
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

    def _check_equal(self, question: Question, asked: Mapping[Side, bytes]) -> None:
        """Before anything is timed: floor and portal byte for byte, peers record by record.

        Once more if an instant has passed in between that moves a status.
        """
        answers = self._answers(asked)
        if answers[Side.FLOOR] != answers[Side.PORTAL]:
            answers = self._answers(asked)
        _require_equal(question, answers[Side.FLOOR], answers[Side.PORTAL])
        for side in answers:
            self.sizes[question.name, side] = len(answers[side])
            if side not in HOUSE:
                running.require_same_records(question, side, answers[Side.PORTAL], answers[side])

    def _slot(
        self, side: Side, requests: Iterator[bytes], connections: int, answers: list[bytes] | None = None
    ) -> load.Sample:
        server = self._sides[side]
        before = server.cpu
        sample = load.load(server.port, requests, connections=connections, answers=answers)
        after = server.cpu
        return sample if before is None or after is None else replace(sample, cpu=after - before)

    def _answers(self, asked: Mapping[Side, bytes]) -> dict[Side, bytes]:
        return {side: load.ask(self._sides[side].port, content) for side, content in asked.items()}

    def _check_equal_writes(self) -> None:
        """Byte for byte too: both change the same rows, which are put back in between."""
        for writing in self._writings:
            answers: list[bytes] = []
            left: list[list[str]] = []
            for side in HOUSE:
                since = system_clock()
                request = self._request(writing, side, writing.batches[0], f"check {secrets.token_hex(4)}")
                answers.append(load.ask(self._sides[side].port, request))
                left.append(self._state(writing, since))
                self._put_back()
            _require_equal(writing.question, *answers)
            _require_same_state(writing.question, *left)
            self.sizes[writing.question.name, Side.PORTAL] = len(answers[0])

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


def _turns(sides: Sequence[Side], number: int) -> list[Side]:
    """Who goes first: another one in each round."""
    first = number % len(sides)
    return [*sides[first:], *sides[:first]]


def _warm_up(side: Side, number: int) -> float:
    """The seconds before a slot that don't count."""
    if side in (*HOUSE, Side.ALIKE):
        return WARM_UP
    return WARM_UP_PEERS if number == 0 else 0


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
