"""A large organisation: the demonstration's learners many times over, each copy with keys, references and names of its own.

All that a learner has is copied with them as it stands, so that whatever holds of the demonstration holds of the copies:
derived columns, counters, reporting lines, statuses and when time moves them. What the organisation has is shared: its
library, its groups, its users. So each team stays as large as it is, however many of them there are.
"""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from random import Random
from typing import Any

from asyncpg.pgproto import pgproto
from sqlalchemy import Table

from portal_api.domain.courses.identifiers import USI_CHARACTERS, unique_student_identifier
from portal_api.importers.people import Inventor
from portal_api.models import (
    activity_intervals,
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    course_enrolments,
    credentials,
    exam_attempts,
    group_members,
    history_entries,
    learncycle_runs,
    learner_attributes,
    learner_certifications,
    learners,
    notifications,
    outbox_messages,
    pathway_enrolments,
    reporting_lines,
    series_enrolments,
    step_progress,
    surveys,
    tasks,
    unit_enrolments,
    webhook_deliveries,
)
from portal_api.models.base import Id
from portal_api.queries.folding import fold

Row = Sequence[Any]
SEED = 7_019
DOMAIN = "copies.example.org"
_LOW_BITS = (1 << 62) - 1
"""The part of an identifier that is random, and no more: its instant and its version stay."""
_IDENTIFIER = 10
_REFERENCES = {"external_ref", "register_number"}
"""What no two records may share, beside their keys."""


class Part(Enum):
    """Of whose learners the rows of a table are copied: all, those whose records are, those whose history is."""

    ALL = "all"
    RECORDS = "records"
    HISTORY = "history"


@dataclass(frozen=True, slots=True)
class Shares:
    """Of how many learners one has records of certifications and courses in the copies, and one a history."""

    records: int
    history: int

    def of(self, part: Part) -> int:
        """One of how many learners has a part."""
        return {Part.ALL: 1, Part.RECORDS: self.records, Part.HISTORY: self.history}[part]


def _join(table: Table, name: str, key: str) -> str:
    return f"JOIN {table.name} AS {name} ON {name}.organisation_id = own.organisation_id AND {name}.id = {key}"


_CYCLES = _join(learner_certifications, "whole", "own.learner_certification_id")
_STEPS = (
    _join(certification_cycles, "run", "own.certification_cycle_id")
    + " "
    + _join(learner_certifications, "whole", "run.learner_certification_id")
)
COPIED: dict[Table, tuple[Part, str, str]] = {
    learners: (Part.ALL, "", "own.id"),
    activity_intervals: (Part.ALL, "", "own.learner_id"),
    learner_attributes: (Part.ALL, "", "own.learner_id"),
    reporting_lines: (Part.ALL, "", "own.learner_id"),
    group_members: (Part.ALL, "", "own.learner_id"),
    pathway_enrolments: (Part.ALL, "", "own.learner_id"),
    series_enrolments: (Part.ALL, "", "own.learner_id"),
    learner_certifications: (Part.RECORDS, "", "own.learner_id"),
    certification_cycles: (Part.RECORDS, _CYCLES, "whole.learner_id"),
    step_progress: (Part.RECORDS, _STEPS, "whole.learner_id"),
    exam_attempts: (Part.RECORDS, _CYCLES, "whole.learner_id"),
    assignment_sources: (Part.RECORDS, _CYCLES, "whole.learner_id"),
    approvals: (Part.RECORDS, "", "own.learner_id"),
    certificates: (Part.RECORDS, _CYCLES, "whole.learner_id"),
    course_enrolments: (Part.RECORDS, "", "own.learner_id"),
    unit_enrolments: (Part.RECORDS, "", "own.learner_id"),
    surveys: (Part.RECORDS, "", "own.learner_id"),
    credentials: (Part.RECORDS, "", "own.learner_id"),
    tasks: (Part.RECORDS, "", "own.learner_id"),
    notifications: (Part.RECORDS, "", "own.learner_id"),
    history_entries: (Part.HISTORY, "", "own.learner_id"),
    learncycle_runs: (Part.HISTORY, "", "own.learner_id"),
}
"""What is copied with a learner, each after what it refers to; and by which joins its learner is found."""


def rows_of(table: Table, organisation: str, shares: Shares) -> str:
    """The statement for the rows that each copy has: of the learners whose turn it is, in the order they came to be."""
    part, joins, learner = COPIED[table]
    columns = ", ".join(f"own.{column.name}" for column in table.columns)
    place = "CAST(substr(counted.external_ref, 3) AS integer)"
    return (
        f"SELECT {columns} FROM {table.name} AS own {joins} {_join(learners, 'counted', learner)} "
        f"WHERE own.organisation_id = {organisation} AND {place} % {shares.of(part)} = 0"
    )


def shared_ids(tables: Collection[Table]) -> Iterator[str]:
    """Statements for the keys that all copies share: of the library, of the office, and of what no learner is told of.

    Messages go by the keys of what they tell of, and so share none.
    """
    for table in tables:
        if table not in COPIED and table not in (outbox_messages, webhook_deliveries) and "id" in table.columns:
            yield f"SELECT id FROM {table.name}"
    yield "SELECT id FROM history_entries WHERE learner_id IS NULL"


Flip = Callable[[int], Any]


def as_uuid(value: int) -> Any:
    """A key as the driver for PostgreSQL takes it quickest."""
    return pgproto.UUID(value.to_bytes(16))


def as_hex(value: int) -> str:
    """A key as SQLite stores it."""
    return f"{value:032x}"


class Copier:
    """Makes copies of rows."""

    def __init__(self, copies: range, shared: Collection[Any], key: Flip) -> None:
        """Takes the numbers of the copies, the keys that all share, and how the engine writes a key."""
        self._numbers = copies
        self._shared = frozenset(shared)
        self._key = key
        self._masks = {number: Random(SEED * 1_000 + number).getrandbits(62) & _LOW_BITS for number in copies}
        self._inventors = {number: Inventor(SEED + number, DOMAIN) for number in copies}
        self._randoms = {number: Random(SEED + number) for number in copies}

    def copied(self, table: Table, rows: Iterator[Row]) -> Iterator[Row]:
        """Each row once for each copy."""
        names = [column.name for column in table.columns]
        ids = [place for place, column in enumerate(table.columns) if isinstance(column.type, Id)]
        references = [place for place, name in enumerate(names) if name in _REFERENCES]
        masks, key, shared = self._masks, self._key, self._shared
        for row in rows:
            base = list(row)
            own = [(place, _number(base[place])) for place in ids if base[place] and base[place] not in shared]
            told = [(place, base[place]) for place in references if base[place]]
            for number, mask in masks.items():
                made = base.copy()
                for place, value in own:
                    made[place] = key(value ^ mask)
                for place, text in told:
                    made[place] = f"{text}-{number}"
                if table is learners:
                    self._rename(made, names, number)
                yield made

    def _rename(self, row: list[Any], names: list[str], number: int) -> None:
        at = {name: names.index(name) for name in names}
        ref = row[at["external_ref"]]
        person = self._inventors[number].person(ref)
        words = (person.given_name, person.family_name, person.email, ref)
        row[at["given_name"]], row[at["given_name_key"]] = person.given_name, fold(person.given_name)
        row[at["family_name"]], row[at["family_name_key"]] = person.family_name, fold(person.family_name)
        row[at["email"]], row[at["search_key"]] = person.email, fold(" ".join(words))
        identifier = row[at["student_identifier"]]
        if identifier and len(identifier) == _IDENTIFIER:
            chosen = self._randoms[number].choices(USI_CHARACTERS, k=_IDENTIFIER - 1)
            row[at["student_identifier"]] = unique_student_identifier("".join(chosen))


def _number(key: Any) -> int:
    return int(key, 16) if isinstance(key, str) else key.int
