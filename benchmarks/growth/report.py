"""Writes down how answers grow: milliseconds at each size, and how many times the first the last is."""

import os
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from benchmarks.growth.measuring import MUST, Measured
from benchmarks.growth.seeding import ENROLMENTS_A_LEARNER, Seeded
from portal_api.clock import system_clock

MOST_GROWTH = 1.5
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}
PARTS = {
    MUST: f"What must not grow: less than {MOST_GROWTH} times",
    "learners": "`learners`, by an administrator",
    "seriesEnrolments": "`seriesEnrolments`, by an administrator",
    "learnerCertifications": "`learnerCertifications`, by an administrator",
    "historyEntries": "`historyEntries`, by an administrator",
    "manager": "A manager, whose team is of the same size at each",
    "reports": "Reports over the whole organisation, by an administrator",
    "totals": "Totals over the whole organisation",
}


@dataclass(frozen=True, slots=True)
class Figures:
    """What was measured on one engine."""

    engine: str
    version: str
    databases: Sequence[Seeded]
    rows: dict[str, list[int]]
    """How many rows the large tables have at each size."""
    measured: Measured


def failures(figures: Figures) -> list[str]:
    """What grew and must not."""
    return [
        f"{figures.engine}: {name} grew {growth:.2f} times"
        for (part, name), by_size in figures.measured.latencies.items()
        if part == MUST and (growth := min(_growth(by_size), _growth(_least(by_size)))) >= MOST_GROWTH
    ]


def written(engines: Sequence[Figures], notes: str) -> str:
    """The whole page."""
    lines = [
        "# Growth",
        "",
        f"{system_clock():%d %B %Y}, by `make growth`; {os.cpu_count()} cores ({platform.machine()}), "
        f"Python {platform.python_version()}, "
        f"{', '.join(f'{NAMES[each.engine]} {each.version}' for each in engines)}. "
        f"The machine's load was {os.getloadavg()[0]:.1f} at the end.",
        "",
        "One organisation at several sizes, each in a database of its own with the portal's own server before it; the sizes "
        "take turns, over one connection each. Medians in milliseconds, and how many times that of the smallest size the "
        "largest takes. Each page has 25 records and no more of each than its identifier, unless a name stands for an "
        "operation of the frontends. `Computing` is what the portal and PostgreSQL took of a processor for an answer. A "
        f"learner has {ENROLMENTS_A_LEARNER} series enrolments. The smallest organisation is "
        "the demonstration; the larger ones have its learners many times over, with names of their own, and share its "
        "library: so each series has ever more enrolments, and each team stays as large as it is.",
        "",
        notes.strip(),
    ]
    for each in engines:
        lines += ["", f"## {NAMES[each.engine]}", *_sizes(each), *_parts(each)]
    return "\n".join(lines) + "\n"


def _sizes(figures: Figures) -> Iterator[str]:
    yield ""
    yield f"| rows | {' | '.join(f'{each.learners:,} learners' for each in figures.databases)} |"
    yield f"|---|{'---:|' * len(figures.databases)}"
    for table, numbers in figures.rows.items():
        yield f"| {table.replace('_', ' ')} | {' | '.join(f'{number:,}' for number in numbers)} |"


def _parts(figures: Figures) -> Iterator[str]:
    for part, title in PARTS.items():
        asked = {name: by_size for (own, name), by_size in figures.measured.latencies.items() if own == part}
        if not asked:
            continue
        yield ""
        yield f"### {title}"
        yield ""
        yield f"| milliseconds | {' | '.join(f'{each.learners:,}' for each in figures.databases)} | growth |"
        yield f"|---|{'---:|' * (len(figures.databases) + 1)}"
        for name, by_size in asked.items():
            yield _line(name, by_size)
            if part == MUST:
                yield _line(f"{name}, at the least", _least(by_size))
                if computed := figures.measured.computed.get((part, name)):
                    yield _line(f"{name}, computing", computed)


def _least(by_size: dict[int, list[float]]) -> dict[int, list[float]]:
    """The quickest answers: how it is while nobody else is at work on the machine."""
    return {size: [min(latencies)] for size, latencies in by_size.items()}


def _line(name: str, by_size: dict[int, list[float]]) -> str:
    shown = " | ".join(_milliseconds(by_size[size]) for size in sorted(by_size))
    return f"| {name} | {shown} | {_growth(by_size):.2f} |"


def _milliseconds(latencies: Sequence[float]) -> str:
    milliseconds = median(latencies) * 1_000
    return f"{milliseconds:.2f}" if milliseconds < 10 else f"{milliseconds:,.0f}"


def _growth(by_size: dict[int, list[float]]) -> float:
    ordered = [median(by_size[size]) for size in sorted(by_size)]
    return ordered[-1] / ordered[0]
