"""What a run finds: samples by question, connections and side, and what is made of them."""

from collections import defaultdict
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import median

from benchmarks.inside import Statements
from benchmarks.load import Sample


class Side(StrEnum):
    """Who is measured."""

    FLOOR = "floor"
    PORTAL = "portal"
    ALIKE = "portal, asked for the fields that the peers have"
    TUTORIAL = "tutorial-style Strawberry"
    POSTGRAPHILE = "PostGraphile 5"
    MERCURIUS = "mercurius, JIT and loaders"


Key = tuple[str, int]
"""A question, and how many connections ask it at a time."""


@dataclass(frozen=True)
class Measured:
    """The samples of an engine: one a round."""

    samples: dict[Key, dict[Side, list[Sample]]] = field(default_factory=lambda: defaultdict(lambda: defaultdict(list)))

    def add(self, question: str, connections: int, side: Side, sample: Sample) -> None:
        self.samples[question, connections][side].append(sample)

    def answered(self, *sides: Side) -> int:
        """How many requests sides have answered."""
        return sum(len(sample.latencies) for each in self.samples.values() for side in sides for sample in each[side])

    def ratios(self, key: Key, side: Side, other: Side) -> list[float]:
        """How many times the other's requests a second a side answers, round by round."""
        sides = self.samples[key]
        return [ours.rate / theirs.rate for ours, theirs in zip(sides[side], sides[other], strict=True)]

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
    sizes: dict[tuple[str, Side], int]
    statements: dict[str, Statements]
    new_document: float
    known_document: float
    memory: tuple[float | None, float | None, float | None]
    """What the portal held at its start, some seconds after all of it, and at the most."""
    absent: list[str]
    """Why peers were not measured."""
