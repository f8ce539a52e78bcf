"""Chains: a change fires a learncycle, whose change fires another; each fires once for a subject, and so it ends."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol
from uuid import UUID

from portal_api.domain.automations.rules import Learncycle, Standing
from portal_api.domain.automations.triggers import Change
from portal_api.domain.history import SubjectKind


class Entry(Change, Protocol):
    """A history entry, as far as a chain looks at it."""

    @property
    def id(self) -> UUID: ...
    @property
    def cause_id(self) -> UUID | None: ...
    @property
    def learner_id(self) -> UUID | None: ...
    @property
    def occurred_at(self) -> datetime: ...


@dataclass(frozen=True, slots=True)
class Firing:
    """One rule, one record: to be carried out, or stopped since the rule has fired for the record in this chain."""

    rule: Learncycle
    cause_id: UUID | None
    """The history entry that triggered it; None where a day of the record did."""
    subject_kind: SubjectKind
    subject_id: UUID
    standing: Standing
    is_loop: bool = False


class Chains:
    """What has fired in a transaction, chain by chain; a chain begins with an entry that no learncycle has caused."""

    def __init__(self) -> None:
        self._beginnings: dict[UUID, UUID] = {}
        self._fired: set[tuple[UUID, UUID, UUID]] = set()

    def firings(
        self, rules: Sequence[Learncycle], entries: Sequence[Entry], standings: Mapping[UUID, Standing]
    ) -> Iterator[Firing]:
        """What entries trigger, in their order and that of the rules."""
        for entry in entries:
            beginning = self._beginnings.get(entry.cause_id, entry.id) if entry.cause_id else entry.id
            self._beginnings[entry.id] = beginning
            standing = standings.get(entry.subject_id)
            if standing is None:
                continue
            for rule in rules:
                if rule.waits_for(entry, entry.occurred_at) and rule.has_conditions_met(standing):
                    key = (rule.id, beginning, entry.subject_id)
                    yield Firing(rule, entry.id, entry.subject_kind, entry.subject_id, standing, key in self._fired)
                    self._fired.add(key)
