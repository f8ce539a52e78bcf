"""What was found, as a page: ratios first, since absolute figures move with the machine and the hour."""

import os
import platform
from collections.abc import Sequence
from pathlib import Path
from statistics import median

from benchmarks.inside import Statements
from benchmarks.measured import Figures, Key, Measured, Side
from benchmarks.peers import running
from benchmarks.questions import CHANGES, COMPARED, M1, READS
from benchmarks.run import BESIDE_PEERS
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
PEERS = {
    Side.TUTORIAL: {"Q1": 25.0, "Q2": 25.0, "Q3": 25.0},
    Side.POSTGRAPHILE: {"Q1": 3.0, "Q2": 2.0, "Q3": 3.0},
    Side.MERCURIUS: {"Q1": 2.5, "Q2": 1.8, "Q3": 2.5},
}
"""How many times a peer's requests a second the portal is to answer."""
NAMES = {"sqlite": "SQLite", "postgresql": "PostgreSQL"}


def written(
    figures: Sequence[Figures], command: str, learners: int, seconds: float, rounds: int, load_before: float
) -> str:
    """The whole page."""
    versions = ", ".join(f"{NAMES[each.engine]} {each.version.split(' ')[0]}" for each in figures)
    parts = [
        "# What was measured",
        "",
        f"{system_clock():%d %B %Y}, by `{command}`, all of it in one run; {_machine()}, "
        f"Python {platform.python_version()}, {versions}. {learners:,} learners, {learners * 6:,} series enrolments, "
        f"about {learners * 3:,} certifications of learners; {rounds} rounds, slots of {seconds:g} s.",
        "",
        *_METHOD,
        f"The machine's load was {load_before:.1f} before the run, and {os.getloadavg()[0]:.1f} at its end.",
        *([_BUSY] if load_before > 0.5 * (os.cpu_count() or 1) else []),
        "",
        *(
            f"- **{each.name}** {each.what}, sent as {each.role.name} (`operations/{each.document}.graphql`)"
            for each in (*READS, M1, *CHANGES)
        ),
        "",
        *_peers_told(figures),
        "",
        Path(__file__).with_name("NOTES.md").read_text().strip(),
    ]
    for each in figures:
        parts += ["", f"## {NAMES[each.engine]}", "", *_caveat(each), *_against_floor(each)]
        parts += ["", *_against_peers(each), "", *_beside(each)]
    return "\n".join(parts) + "\n"


_METHOD = (
    "The portal is one worker of `portal-api serve`, authentication and limits on. The floor is a bare ASGI application",
    "under the same uvicorn with SQL written by hand for each document (`benchmarks/sql/`), in which the database builds",
    "the JSON; before each round of reads its answers were equal to the portal's, byte for byte; so were its answers to",
    "the changes before the first round of them, and what the changes of certifications left behind was the same, history",
    "included. They take turns on one database, in which no learncycle is on; clients and servers share the cores. Read the",
    "ratios: absolute figures move with the machine and the hour. A ratio is the median over the rounds, least and most",
    "in brackets; milliseconds are medians of the rounds' percentiles. CPU counts what the worker's process computes for a",
    "request, on PostgreSQL without the database's own.",
)
_BUSY = (
    "**Others worked on the machine:** what is measured by the clock says little here, ratios of it included; read those of "
    "CPU."
)
_LEFT_OUT = (
    "All peers are spared what the portal does besides: they ask nobody who they are and know no roles, they show statuses",
    "as last stored and not as time has moved them, retired series and certifications included, and have neither `notices`",
    "(the day of deactivation instead) nor `actions`. So the portal was also asked for no more fields than they have: *asked",
    "alike*. Before each round every peer's answer held the same records as the portal's, in the same order.",
)


def _peers_told(figures: Sequence[Figures]) -> list[str]:
    """What the peers are, and what they leave out."""
    if not any(side in PEERS for each in figures for sides in each.measured.samples.values() for side in sides):
        return ["Peers were not measured."]
    on_node = any(each.engine == "postgresql" and not each.absent for each in figures)
    packages = f" ({running.versions()})" if on_node else ""
    return [
        "The peers answer Q1, Q2 and Q3 in dialects of their own (`benchmarks/peers/`), one process each: a Strawberry",
        "server as the tutorials build it (mapped classes, async sessions, data loaders; same uvicorn); on PostgreSQL also",
        f"PostGraphile 5 on the same tables, and mercurius with JIT and batched loaders{packages}.",
        *_LEFT_OUT,
        *(f"Without the peers that run on Node: {reason}." for each in figures for reason in each.absent),
    ]


def _machine() -> str:
    """What the run ran on."""
    told = Path("/proc/cpuinfo")
    lines = told.read_text().splitlines() if told.exists() else []
    models = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return f"{os.cpu_count()} cores ({models[0] if models else platform.machine()})"


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
        ratios = measured.ratios(key, Side.FLOOR, Side.PORTAL)
        target = TARGETS[figures.engine].get(question)
        middle, tail = (measured.latency(key, Side.PORTAL, share) for share in (0.5, 0.99))
        rows.append(
            f"| {question}, {figures.sizes[question, Side.PORTAL] / 1_000:.0f} kB | {connections} "
            f"| **{median(ratios):.2f}** ({min(ratios):.2f}–{max(ratios):.2f}) | {f'≤ {target:g}' if target else ''} "
            f"| {_cpu(measured, key, Side.FLOOR, Side.PORTAL)} | {measured.rate(key, Side.FLOOR):,.0f} | {measured.rate(key, Side.PORTAL):,.0f} "
            f"| {middle:.1f} | {tail:.1f} | {tail / middle:.1f}{_tail_target(key)} |"
        )
    return rows


def _against_peers(figures: Figures) -> list[str]:
    measured = figures.measured
    rows = [
        f"| {BESIDE_PEERS} connections | portal's requests/s, times the peer's (least–most) | target | asked alike (least–most) "
        "| peer, requests/s | portal, requests/s | asked alike | worker's CPU: peer, portal, ratio "
        "| answers: peer, portal, asked alike |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for question in COMPARED:
        key = (question.name, BESIDE_PEERS)
        alike = Side.ALIKE if Side.ALIKE in measured.samples[key] else Side.PORTAL
        for side in (each for each in PEERS if each in measured.samples[key]):
            sizes = [f"{figures.sizes[question.name, each] / 1_000:.0f}" for each in (side, Side.PORTAL, alike)]
            rates = [f"{measured.rate(key, each):,.1f}" for each in (side, Side.PORTAL, alike)]
            rows.append(
                f"| {question.name}, {side} | **{_spread(measured.ratios(key, Side.PORTAL, side))} "
                f"| ≥ {PEERS[side][question.name]:g} | {_spread(measured.ratios(key, alike, side)).replace('**', '')} "
                f"| {' | '.join(rates)} | {_cpu(measured, key, side, Side.PORTAL)} | {', '.join(sizes)} kB |"
            )
    return rows if len(rows) > 2 else []


def _spread(ratios: Sequence[float]) -> str:
    return f"{median(ratios):.1f}** ({min(ratios):.1f}–{max(ratios):.1f})"


def _wanted(question: str, counted: Statements) -> list[str]:
    most = [f"≤ {STATEMENTS[question]}"] if question in STATEMENTS else []
    return most if counted.few is None else [*most, "the same"]


def _cpu(measured: Measured, key: Key, other: Side, portal: Side) -> str:
    """What the two compute for a request, and how many times the floor's the portal's is, or the portal's a peer's."""
    theirs, ours = (measured.cpu(key, side) for side in (other, portal))
    if not theirs or not ours:
        return ""
    ratio = ours / theirs if other is Side.FLOOR else theirs / ours
    return f"{theirs:.2f} ms, {ours:.2f} ms, {ratio:.2f}"


def _tail_target(key: Key) -> str:
    question, connections = key
    return f" (≤ {TAIL[connections]:g})" if question == "Q1" else ""


def _beside(figures: Figures) -> list[str]:
    before, after, most = figures.memory
    rows = [
        "| | measured | target |",
        "|---|---|---|",
        *(
            f"| statements of {question}, few rows / many | {counted.few or '–'} / {counted.many} "
            f"| {', '.join(_wanted(question, counted))} |"
            for question, counted in figures.statements.items()
        ),
        f"| a document never seen before | + {figures.new_document:.1f} ms | ≤ {NEW_DOCUMENT:g} ms |",
        f"| a document seen before | + {figures.known_document:.4f} ms | ≤ {KNOWN_DOCUMENT:g} ms |",
    ]
    asked = figures.measured.answered(Side.PORTAL, Side.ALIKE)
    if before and after and most:
        rows.append(
            f"| memory of the worker, at its start / after all of this, {asked:,} requests and the warm-ups / at the most "
            f"| {before:.0f} / {after:.0f} / {most:.0f} MB | ≤ {MEMORY:g} MB, flat |"
        )
    return rows
