"""What biographies of the demonstration are written with, and the runs through a certification in them."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum
from random import Random
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.certifications import Cycle, CycleOutcome, FeeStatus, StepPath, StepStatus
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.importers.days import Days
from portal_api.importers.demo_history import Chronicle
from portal_api.importers.writing_certifications import NewRecords, NewVersion
from portal_api.models import certification_cycles, exam_attempts, step_progress
from portal_api.queries.history import Entry

Row = dict[str, Any]
Actor = tuple[ActorKind, UUID | None]
CLOCK: Actor = (ActorKind.CLOCK, None)


@dataclass(frozen=True, slots=True)
class Cast:
    """Who acts in the biographies of an organisation, and what they are told with."""

    chronicle: Chronicle
    admin: Actor
    machine: Actor
    """The content player, through which those learn who are no users of the portal."""
    own: Mapping[UUID, Actor]
    """The learners who are."""
    domain: str
    days: Days
    random: Random


@dataclass(slots=True)
class Pen:
    """Writes the rows and the history of a learner at an instant, which moves on."""

    cast: Cast
    into: NewRecords
    learner_id: UUID
    at: datetime

    @property
    def learner(self) -> Actor:
        """Who acts where the learner does."""
        return self.cast.own.get(self.learner_id, self.cast.machine)

    def row(self, table: Table, **columns: Any) -> Row:
        """A new row; it can be changed until it is written."""
        chronicle = self.cast.chronicle
        row = {"organisation_id": chronicle.organisation_id, "id": chronicle.ids(self.at), **columns}
        self.into.rows[table].append(row)
        return row

    def tell(
        self,
        kind: SubjectKind,
        row: Row,
        act: HistoryAction,
        to: StrEnum,
        by: Actor,
        *,
        cause: UUID | None = None,
        at: datetime | None = None,
    ) -> Entry:
        """Tells of a change, which makes the row's next version; of a row without a status, that it was made."""
        before: StrEnum | None = row["status"]
        row["status"] = to
        row["version"] += 1
        statuses = (before or to, to)
        told = self.cast.chronicle.by_clock(
            act, (kind, row["id"]), self.learner_id, statuses, at or self.at, row["version"]
        )
        entry = told._replace(
            actor_kind=by[0], actor_id=by[1], from_status=before.name if before else None, cause_id=cause
        )
        self.into.entries.append(entry)
        return entry


@dataclass(slots=True)
class RunningCycle:
    """A cycle that is open: what decides over it, and its rows."""

    pen: Pen
    version: NewVersion
    facts: Cycle
    row: Row
    steps: list[tuple[Row, tuple[StepPath, ...]]]
    attempts: list[Row] = field(default_factory=list[Row])

    @classmethod
    def opened(cls, pen: Pen, record_id: UUID, version: NewVersion, number: int, *, is_again: bool) -> "RunningCycle":
        """Begins at nothing done."""
        content = version.content
        fee = content.recertification_fee if is_again else content.initial_fee
        facts = Cycle(
            is_recertification=is_again,
            fee=FeeStatus.UNPAID if fee else FeeStatus.NOT_REQUIRED,
            fee_due=content.fee_due,
            steps_open=len(version.steps),
            attempts_allowed=content.attempt_limit,
            allows_exam_before_training=content.allows_exam_before_training,
        )
        row = pen.row(
            certification_cycles,
            learner_certification_id=record_id,
            certification_version_id=version.id,
            number=number,
            is_recertification=is_again,
            opened_at=pen.at,
            started_at=None,
            closed_at=None,
            outcome=None,
            fee_status=facts.fee,
            fee=fee,
            fee_settled_at=None,
            fee_settled_by=None,
            payment_ref=None,
            steps_open=facts.steps_open,
            steps_waiting=0,
            attempts_used=0,
            attempts_granted=0,
            has_attempt_open=False,
            is_exam_waiting=False,
            exam_passed_at=None,
            is_exam_overridden=False,
        )
        steps = [
            (
                pen.row(
                    step_progress,
                    certification_cycle_id=row["id"],
                    certification_step_id=step.id,
                    status=StepStatus.OPEN,
                    path=None,
                    is_overridden=False,
                    done_at=None,
                    test_out=None,
                    tested_out_at=None,
                ),
                step.content.paths,
            )
            for step in version.steps
        ]
        return cls(pen, version, facts, row, steps)

    def keep(self, after: Cycle, by: Actor) -> None:
        """Stands as it does now; what has come true now has come true at this instant."""
        before, row, at = self.facts, self.row, self.pen.at
        if after.is_started and not before.is_started:
            row["started_at"] = at
        if after.is_exam_passed and not before.is_exam_passed:
            row["exam_passed_at"] = at
        if after.fee is not before.fee:
            row |= {"fee_settled_at": at, "fee_settled_by": by[1], "fee_status": after.fee}
        for name in ("steps_open", "steps_waiting", "attempts_used", "has_attempt_open", "is_exam_waiting"):
            row[name] = getattr(after, name)
        row["is_exam_overridden"] = after.is_exam_overridden
        self.facts = after

    def grant_attempts(self, number: int) -> None:
        """More attempts are allowed in this cycle."""
        self.row["attempts_granted"] += number
        self.facts = replace(self.facts, attempts_allowed=(self.facts.attempts_allowed or 0) + number)

    def finish_steps(self) -> None:
        """Marks the steps done that are not, as overridden."""
        for row, _ in self.steps:
            if row["status"] is not StepStatus.DONE:
                row |= {"status": StepStatus.DONE, "is_overridden": True, "done_at": self.pen.at}

    def close(self, outcome: CycleOutcome) -> None:
        """Ends; an attempt that was under way goes nowhere."""
        self.row |= {"closed_at": self.pen.at, "outcome": outcome, "has_attempt_open": False, "is_exam_waiting": False}

    def step(self, status: StepStatus, by: StepPath | None = None) -> tuple[Row, tuple[StepPath, ...]]:
        """The first training step at a status that offers a way."""
        return next(
            (row, paths) for row, paths in self.steps if row["status"] is status and (by is None or by in paths)
        )

    def attempt(self) -> Row:
        """The attempt that is under way; one begins where none is."""
        if self.attempts and self.attempts[-1]["ended_at"] is None:
            return self.attempts[-1]
        attempt = self.pen.row(
            exam_attempts,
            learner_certification_id=self.row["learner_certification_id"],
            certification_cycle_id=self.row["id"],
            number=len(self.attempts) + 1,
            status=None,
            started_at=self.pen.at,
            ended_at=None,
            score=None,
        )
        self.attempts.append(attempt)
        return attempt
