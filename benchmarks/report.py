"""What was found, as a page: ratios first, since absolute figures move with the machine and the hour."""

import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from benchmarks.inside import Statements
from benchmarks.load import Sample
from benchmarks.questions import CHANGES, M1, READS
from portal_api.clock import system_clock

WRITES = (M1.name, *(each.name for each in CHANGES))
TARGETS = {
    "sqlite": {"Q1": 1.6, "Q2": 3.0, "Q3": 1.5} | dict.fromkeys(WRITES, 1.8),
    "postgresql": {"Q1": 1.5, "Q2": 2.0, "Q3": 1.4} | dict.fromkeys(WRITES, 1.3),
}
STATEMENTS = {"Q1": 5, "Q2": 5, "Q3": 3, "M1": 10}
"""For reads: one, one for each relation, one for each total selected; of the other writes only that they are the same."""
TAIL = {1: 4.0, 16: 2.5}
NEW_DOCUMENT, KNOWN_DOCUMENT, MEMORY = 6.0, 0.05, 150.0
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


class Side(StrEnum):
    """Who is measured."""

    FLOOR = "floor"
    PORTAL = "portal"


Key = tuple[str, int]


@dataclass(frozen=True)
class Measured:
    """The samples of an engine: by question and connections, one a round."""

    samples: dict[Key, dict[Side, list[Sample]]] = field(
        default_factory=lambda: defaultdict(lambda: {side: [] for side in Side})
    )

    def add(self, question: str, connections: int, side: Side, sample: Sample) -> None:
        self.samples[question, connections][side].append(sample)

    def ratios(self, key: Key) -> list[float]:
        """How many times the floor's cost the portal's is, round by round."""
        sides = self.samples[key]
        return [floor.rate / portal.rate for floor, portal in zip(sides[Side.FLOOR], sides[Side.PORTAL], strict=True)]

    def rate(self, key: Key, side: Side) -> float:
        return median(sample.rate for sample in self.samples[key][side])

    def cpu(self, key: Key, side: Side) -> float | None:
        """What the worker computes for a request, in milliseconds."""
        each = [sample.cpu / len(sample.latencies) for sample in self.samples[key][side] if sample.cpu is not None]
        return median(each) * 1_000 if each else None

    def latency(self, key: Key, side: Side, share: float) -> float:
        """In milliseconds."""
        return median(sample.percentile(share) for sample in self.samples[key][side]) * 1_000


@dataclass(frozen=True)
class Figures:
    """All figures of one engine."""

    engine: str
    version: str
    had_statistics: bool
    measured: Measured
    sizes: dict[str, int]
    statements: dict[str, Statements]
    new_document: float
    known_document: float
    memory: tuple[float | None, float | None]


def written(figures: Sequence[Figures], learners: int, seconds: float, rounds: int) -> str:
    """The whole page."""
    busy = f"The machine's load was {os.getloadavg()[0]:.1f} at the end; where others work on it, the spread shows it."
    versions = ", ".join(f"{NAMES[each.engine]} {each.version.split(' ')[0]}" for each in figures)
    parts = [
        "# What was measured",
        "",
        f"{system_clock():%d %B %Y}, by `make bench`; {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, {versions}. {learners:,} learners, "
        f"{learners * 6:,} series enrolments, about {learners * 3:,} certifications of learners; {rounds} rounds, slots of {seconds:g} s.",
        "",
        "The portal is one worker of `portal-api serve`, authentication and limits on. The floor is a bare ASGI application",
        "under the same uvicorn with SQL written by hand for each document (`benchmarks/sql/`), in which the database builds",
        "the JSON; before each round its answers were equal to the portal's, byte for byte, and what the changes of",
        "certifications left behind was the same, history included. The two take turns on one database, in which no learncycle is on; clients and servers share the cores. Read the ratios: absolute figures move with the machine and the hour.",
        "A ratio of CPU counts what the worker's process computes for a request, on PostgreSQL without the database's own.",
        busy,
        "",
        *(
            f"- **{each.name}** {each.what}, sent as {each.role.name} (`operations/{each.document}.graphql`)"
            for each in (*READS, M1, *CHANGES)
        ),
    ]
    for each in figures:
        parts += ["", f"## {NAMES[each.engine]}", "", *_caveat(each), *_against_floor(each), "", *_beside(each)]
    return "\n".join(parts) + "\n"


def _caveat(figures: Figures) -> list[str]:
    if figures.had_statistics:
        return []
    return [
        "**Not as shipped:** the portal had gathered no statistics on this engine; the run did (`ANALYZE`), since without",
        "them the engine takes a wrong index for nested lists, and what is measured here in milliseconds takes seconds.",
        "",
    ]


def _against_floor(figures: Figures) -> list[str]:
    rows = [
        "| | connections | times the floor (least–most) | target | worker's CPU: floor, portal, ratio "
        "| floor, requests/s | portal, requests/s | p50, ms | p99, ms | p99 / p50 |",
        "|---|---|---|---|---|---|---|---|---|---|",
    ]
    measured = figures.measured
    for key in measured.samples:
        question, connections = key
        ratios = measured.ratios(key)
        middle, tail = (measured.latency(key, Side.PORTAL, share) for share in (0.5, 0.99))
        rows.append(
            f"| {question}, {figures.sizes[question] / 1_000:.0f} kB | {connections} "
            f"| **{median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f}) | ≤ {TARGETS[figures.engine][question]:g} "
            f"| {_cpu(measured, key)} | {measured.rate(key, Side.FLOOR):,.0f} | {measured.rate(key, Side.PORTAL):,.0f} "
            f"| {middle:.1f} | {tail:.1f} | {tail / middle:.1f}{_tail_target(key)} |"
        )
    return rows


def _most(question: str) -> str:
    return f"≤ {STATEMENTS[question]}, " if question in STATEMENTS else ""


def _cpu(measured: Measured, key: Key) -> str:
    floor, portal = (measured.cpu(key, side) for side in Side)
    return f"{floor:.2f} ms, {portal:.2f} ms, {portal / floor:.2f}" if floor and portal else ""


def _tail_target(key: Key) -> str:
    question, connections = key
    return f" (≤ {TAIL[connections]:g})" if question == "Q1" else ""


def _beside(figures: Figures) -> list[str]:
    before, after = figures.memory
    rows = [
        "| | measured | target |",
        "|---|---|---|",
        *(
            f"| statements of {question}, few rows / many | {counted.few} / {counted.many} | {_most(question)}the same |"
            for question, counted in figures.statements.items()
        ),
        f"| a document never seen before | + {figures.new_document:.1f} ms | ≤ {NEW_DOCUMENT:g} ms |",
        f"| a document seen before | + {figures.known_document:.4f} ms | ≤ {KNOWN_DOCUMENT:g} ms |",
    ]
    if before and after:
        rows.append(
            f"| memory of the worker, at its start / after all of this | {before:.0f} / {after:.0f} MB | ≤ {MEMORY:g} MB, flat |"
        )
    return rows
