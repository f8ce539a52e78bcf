"""What came of the learncycles of the demonstration: their runs, tasks and notifications; and tasks made by hand."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple
from uuid import UUID

import orjson
from sqlalchemy import Table

from portal_api.domain.automations.chains import Firing
from portal_api.domain.automations.learncycles import RunOutcome
from portal_api.domain.automations.rules import Action, Learncycle, Standing
from portal_api.domain.automations.tasks import NotificationStatus, TaskStatus
from portal_api.domain.automations.webhooks import OutboxKind
from portal_api.domain.calendar import DAY, day_of
from portal_api.domain.courses.stages import LifecycleStage
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.machine import FAR_FUTURE
from portal_api.domain.refusals import reason_data
from portal_api.domain.roles import Role
from portal_api.importers.days import Days
from portal_api.importers.demo_cycles import Row
from portal_api.importers.demo_history import Chronicle
from portal_api.models import (
    learncycle_runs,
    notifications,
    outbox_messages,
    tasks,
    webhook_deliveries,
    webhook_endpoints,
)
from portal_api.queries.folding import fold
from portal_api.queries.history import Entry
from portal_api.services.automations.acting import OUTBOX_KINDS, payload_of
from portal_api.services.automations.simulating import Simulated

_H, _K, _N, _T = HistoryAction, SubjectKind, NotificationStatus, TaskStatus
IN_ORDER = (learncycle_runs, outbox_messages, tasks, notifications, webhook_endpoints, webhook_deliveries)
ENDS = (_T.OPEN, _T.DONE, _T.OPEN, _T.DROPPED)
"""What becomes of each four tasks that a learncycle makes."""
ENDED_AFTER = timedelta(hours=58)
"""How long it takes people to see to something: two days and until the morning."""


@dataclass(frozen=True, slots=True)
class Ledger:
    """The rows to be written, and what history tells of them."""

    chronicle: Chronicle
    days: Days
    of_role: Mapping[Role, UUID]
    rows: dict[Table, list[Row]] = field(default_factory=lambda: {table: [] for table in IN_ORDER})
    entries: list[Entry] = field(default_factory=list[Entry])

    def add(self, table: Table, **columns: Any) -> Row:
        """A new row; it can be changed until it is written."""
        row = {"organisation_id": self.chronicle.organisation_id, **columns}
        self.rows[table].append(row)
        return row

    def tell(
        self,
        act: HistoryAction,
        subject: tuple[SubjectKind, UUID],
        statuses: tuple[StrEnum | None, StrEnum],
        at: datetime,
        by: UUID | ActorKind,
        *,
        version: int = 1,
        cause_id: UUID | None = None,
    ) -> None:
        """Tells what somebody did, or the portal itself; of nothing here history names the learner."""
        is_user = isinstance(by, UUID)
        before, after = statuses
        entry = Entry(
            organisation_id=self.chronicle.organisation_id,
            id=self.chronicle.ids(at),
            actor_kind=ActorKind.USER if is_user else by,
            actor_id=by if is_user else None,
            action=act,
            subject_kind=subject[0],
            subject_id=subject[1],
            learner_id=None,
            from_status=before and before.name,
            to_status=after.name,
            reason=None,
            note=None,
            version=version,
            request_id=None,
            cause_id=cause_id,
            occurred_at=at,
            recorded_at=at,
        )
        self.entries.append(entry)


class ByHand(NamedTuple):
    """A task that the administrator made for somebody, with the days on which it was made and is due."""

    title: str
    assignee: Role
    made: int
    due: int | None
    stage: LifecycleStage | None = None
    note: str | None = None
    status: TaskStatus = _T.OPEN


@dataclass(frozen=True, slots=True)
class Aftermath:
    """Writes down what learncycles have done, and what people did about that."""

    ledger: Ledger
    linked: Mapping[UUID, UUID]
    """The users who are learners, by learner."""
    inactive_since: Mapping[UUID, datetime]

    def run(self, rule: Learncycle, position: int, done: Simulated) -> tuple[UUID, datetime] | None:
        """That one action of a rule was taken, or skipped; a message that it left is delivered at once.

        Returns:
            The message that webhooks are to be sent, and its instant.
        """
        ledger, days = self.ledger, self.ledger.days
        day = done.on_date and (done.on_date - days.today) // DAY
        ledger.add(
            learncycle_runs,
            id=ledger.chronicle.ids(done.at),
            learncycle_id=rule.id,
            cause_id=done.cause_id,
            subject_kind=done.subject_kind,
            subject_id=done.subject_id,
            learner_id=done.learner_id,
            action=done.action,
            position=position,
            outcome=done.outcome,
            reasons=orjson.dumps([reason_data(each) for each in done.reasons], default=str).decode(),
            on_date=done.on_date,
            day_from=None if day is None else days.at(day),
            day_until=None if day is None else days.at(day + 1),
            at=done.at,
        )
        if done.outcome is not RunOutcome.FIRED:
            return None
        return self._send(rule, rule.actions[position], done)

    def _send(self, rule: Learncycle, action: Action, done: Simulated) -> tuple[UUID, datetime] | None:
        at, id_, kind = done.at, self.ledger.chronicle.ids(done.at), OUTBOX_KINDS[action.kind]
        due_on = None
        if action.due_in_days is not None:
            due_on = day_of(at, self.ledger.days.zone) + action.due_in_days * DAY
        firing = Firing(rule, done.cause_id, done.subject_kind, done.subject_id, Standing(done.learner_id))
        told = payload_of(at, action, firing, due_on)
        self.ledger.add(
            outbox_messages,
            id=id_,
            kind=kind,
            payload=orjson.dumps(told, default=str).decode(),
            created_at=at,
            delivered_at=at,
            attempts=1,
            due_at=FAR_FUTURE,
        )
        if kind is OutboxKind.WEBHOOK:
            return id_, at
        if kind is OutboxKind.TASK:
            self._task(id_, rule, action, done, due_on)
        else:
            self._notification(id_, action, done)
        return None

    def _task(self, id_: UUID, rule: Learncycle, action: Action, done: Simulated, due_on: date | None) -> None:
        """Makes a task; it can be ended until the learner is inactive."""
        row = self.ledger.add(
            tasks,
            id=id_,
            subject_kind=done.subject_kind,
            subject_id=done.subject_id,
            learner_id=done.learner_id,
            stage=None,
            **_worded(action.title or "", action.body),
            due_on=due_on,
            assignee_id=action.assignee_id,
            learncycle_id=rule.id,
            **_open_at(done.at),
        )
        self._told_of(row, ActorKind.LEARNCYCLE, done.cause_id)
        latest = min(self.ledger.days.at(0), self.inactive_since.get(done.learner_id, FAR_FUTURE))
        if done.at + ENDED_AFTER < latest:
            self._end(row, ENDS[len(self.ledger.rows[tasks]) % len(ENDS)])

    def by_hand(self, made: ByHand, learner_id: UUID) -> None:
        """That the administrator made a task about a learner."""
        ledger, at = self.ledger, self.ledger.days.at(made.made, 9)
        row = ledger.add(
            tasks,
            id=ledger.chronicle.ids(at),
            subject_kind=_K.LEARNER,
            subject_id=learner_id,
            learner_id=learner_id,
            stage=made.stage,
            **_worded(made.title, made.note),
            due_on=None if made.due is None else ledger.days.on(made.due),
            assignee_id=ledger.of_role[made.assignee],
            learncycle_id=None,
            **_open_at(at),
        )
        self._told_of(row, ledger.chronicle.admin_id)
        self._end(row, made.status)

    def _told_of(self, row: Row, by: UUID | ActorKind, cause_id: UUID | None = None) -> None:
        task = (_K.TASK, row["id"])
        self.ledger.tell(_H.TASK_CREATED, task, (None, _T.OPEN), row["created_at"], by, cause_id=cause_id)

    def _end(self, row: Row, status: TaskStatus) -> None:
        """Whoever is to do it says that it is done; the administrator, that it is no longer to be."""
        if status is _T.OPEN:
            return
        ended_at = row["created_at"] + ENDED_AFTER
        row |= {"status": status, "ended_at": ended_at, "version": 2}
        is_done = status is _T.DONE
        act, by = _H.TASK_COMPLETED if is_done else _H.TASK_DROPPED, row["assignee_id"] if is_done else None
        by = by or self.ledger.chronicle.admin_id
        self.ledger.tell(act, (_K.TASK, row["id"]), (_T.OPEN, status), ended_at, by, version=2)

    def _notification(self, id_: UUID, action: Action, done: Simulated) -> None:
        """Tells a learner something; only who is a user can read it."""
        ledger, reader, read_at = self.ledger, self.linked.get(done.learner_id), done.at + ENDED_AFTER
        is_read = reader is not None and read_at < ledger.days.at(0)
        ledger.add(
            notifications,
            id=id_,
            learner_id=done.learner_id,
            title=action.title,
            body=action.body,
            status=_N.READ if is_read else _N.UNREAD,
            sent_at=done.at,
            read_at=read_at if is_read else None,
            version=2 if is_read else 1,
        )
        subject, by = (_K.NOTIFICATION, id_), ActorKind.LEARNCYCLE
        ledger.tell(_H.NOTIFICATION_SENT, subject, (None, _N.UNREAD), done.at, by, cause_id=done.cause_id)
        if is_read and reader:
            ledger.tell(_H.NOTIFICATION_READ, subject, (_N.UNREAD, _N.READ), read_at, reader, version=2)


def _worded(title: str, note: str | None) -> Row:
    return {"title": title, "title_key": fold(title), "note": note}


def _open_at(at: datetime) -> Row:
    return {"status": _T.OPEN, "created_at": at, "ended_at": None, "version": 1}
