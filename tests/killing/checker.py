"""What the database must hold of a batch, in plain SQL and plain words: all of its traces, or none."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from sqlalchemy import bindparam, text
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.models.base import Id, Instant
from tests.client import Json
from tests.killing.receiving import Told
from tests.killing.scene import Batch, Enrolled, Meant

Trace = tuple[Any, ...]
Traces = Counter[Trace]

_ORGANISATION = bindparam("organisation", type_=Id())
_IDS = bindparam("ids", type_=Id(), expanding=True)
_CHANGED = {
    "enrolment": """
        SELECT id, status, finalised_on, version FROM course_enrolments
        WHERE organisation_id = :organisation AND id IN :ids AND NOT (
            status = 'current' AND finalised_on IS NULL AND finalised_at IS NULL AND version = 1)
    """,
    "unit": """
        SELECT id, outcome, ends_on, actual_hours, version FROM unit_enrolments
        WHERE organisation_id = :organisation AND id IN :ids AND NOT (outcome IS NULL AND version = 1)
    """,
    "learner": """
        SELECT id, has_app_access, version FROM learners
        WHERE organisation_id = :organisation AND id IN :ids AND NOT (has_app_access AND version = 1)
    """,
    "entry": """
        SELECT entry.subject_id, entry.action, entry.from_status, entry.to_status, entry.version, entry.request_id,
            cause.subject_id
        FROM history_entries AS entry LEFT JOIN history_entries AS cause
            ON cause.organisation_id = entry.organisation_id AND cause.id = entry.cause_id
        WHERE entry.organisation_id = :organisation AND entry.subject_id IN :ids
    """,
    "run": """
        SELECT run.subject_id, run.action, run.outcome, cause.subject_id
        FROM learncycle_runs AS run LEFT JOIN history_entries AS cause
            ON cause.organisation_id = run.organisation_id AND cause.id = run.cause_id
        WHERE run.organisation_id = :organisation AND run.subject_id IN :ids
    """,
}
"""What is not as it was laid out, and what came of it."""
_KEY = text(
    "SELECT outcome IS NOT NULL FROM idempotency_keys WHERE organisation_id = :organisation AND key = :key"
).bindparams(_ORGANISATION)
_TASKS = text("SELECT id, subject_id FROM tasks WHERE organisation_id = :organisation").bindparams(_ORGANISATION)
_MESSAGES = text(
    "SELECT id, kind, payload, delivered_at IS NOT NULL FROM outbox_messages WHERE organisation_id = :organisation"
    " AND created_at >= :since"
).bindparams(_ORGANISATION, bindparam("since", type_=Instant()))
_CAUSES = text("""
    SELECT id, subject_id FROM history_entries
    WHERE organisation_id = :organisation AND action = 'course_enrolment_finalised' AND id IN :ids
""").bindparams(_ORGANISATION, _IDS)


def traces_of(batch: Batch) -> Traces:
    """All that a batch leaves behind when it is carried out."""
    expected = Traces({("key", True): 1})
    for each in batch.rows:
        expected.update(_traces_of(each, str(batch.on), batch.name))
    return expected


def _traces_of(each: Enrolled, on: str, request: str) -> Iterable[Trace]:
    whole, begun, ahead, learner = (row.id.hex for row in (each.record, each.begun, each.ahead, each.learner))
    yield ("enrolment", whole, "withdrawn", on, 2)
    yield ("entry", whole, "course_enrolment_finalised", "CURRENT", "WITHDRAWN", 2, request, None)
    yield ("unit", begun, "40", on, each.begun["actual_hours"], 2)
    yield ("entry", begun, "unit_enrolment_finalised", None, "40", 2, request, whole)
    yield ("unit", ahead, "00", str(each.ahead["ends_on"]), 0, 2)
    yield ("entry", ahead, "unit_enrolment_finalised", None, "00", 2, request, whole)
    yield ("learner", learner, False, 2)
    yield ("entry", learner, "learner_app_access_taken", "ACTIVE", "ACTIVE", 2, request, whole)
    for action, kind in (("create_task", "task"), ("call_webhook", "webhook"))[: 1 + each.is_told_elsewhere]:
        yield ("run", whole, action, "fired", whole)
        yield ("message", whole, kind, whole)


@dataclass(frozen=True)
class Message:
    """A message in the outbox."""

    id: str
    kind: str
    subject: str
    cause: str
    is_delivered: bool


@dataclass
class Book:
    """What is known of an organisation's outbox so far: it only grows, and a message stays what it is."""

    organisation_id: UUID
    messages: dict[str, Message] = field(default_factory=dict[str, Message])
    by_subject: dict[str, set[str]] = field(default_factory=dict[str, set[str]])
    causes: dict[str, str] = field(default_factory=dict[str, str])
    """The enrolment that each known finalisation is about, by its history entry."""
    _told: int = 0

    async def read(self, connection: AsyncConnection, since: datetime) -> list[str]:
        """Reads the messages left since an instant.

        Returns:
            Those that no finalisation in the history has left.
        """
        given = {"organisation": self.organisation_id, "since": since}
        for id_, kind, payload, is_delivered in await connection.execute(_MESSAGES, given):
            told = orjson.loads(payload)
            self._keep(Message(_plain(id_), kind, told["subject"], told["cause"], bool(is_delivered)))
        await self._learn(connection, {each.cause for each in self.messages.values()})
        return [
            f"{each.kind} {each.id} was left by no finalisation"
            for each in self.messages.values()
            if self.causes.get(each.cause) != each.subject
        ]

    def _keep(self, message: Message) -> None:
        self.by_subject.setdefault(message.subject, set()).add(message.id)
        self.messages[message.id] = message

    async def against_told(self, connection: AsyncConnection, told: Sequence[Told]) -> list[str]:
        """What was told elsewhere since the last time, and of a finalisation that is not in the database."""
        new, self._told = told[self._told :], len(told)
        await self._learn(connection, {each.cause for each in new})
        return [
            f"a webhook told of a finalisation that is not there: {each}"
            for each in new
            if self.causes.get(each.cause) != each.subject
        ]

    async def against_deliveries(self, connection: AsyncConnection, told: Sequence[Told]) -> list[str]:
        """What is wrong after a quiet while: a message that was not delivered, a task that is missing or there twice."""
        messages = self.messages.values()
        tasks = Counter(
            (_plain(id_), _plain(subject))
            for id_, subject in await connection.execute(_TASKS, {"organisation": self.organisation_id})
        )
        wanted = Counter((each.id, each.subject) for each in messages if each.kind == "task")
        arrived = {(each.message, each.subject, each.cause) for each in told}
        sent = {(each.id, each.subject, each.cause) for each in messages if each.kind == "webhook"}
        return [
            *(f"{each.kind} {each.id} waits to be delivered" for each in messages if not each.is_delivered),
            *(f"a task is missing: {each}" for each in wanted - tasks),
            *(f"a task is too much: {each}" for each in tasks - wanted),
            *(f"a webhook never arrived: {each}" for each in sent - arrived),
            *(f"a webhook arrived that nobody sent: {each}" for each in arrived - sent),
        ]

    async def _learn(self, connection: AsyncConnection, causes: set[str]) -> None:
        """Looks up which finalisations there are."""
        if ids := [UUID(each) for each in causes - self.causes.keys()]:
            for start in range(0, len(ids), 1_000):
                given = {"organisation": self.organisation_id, "ids": ids[start : start + 1_000]}
                self.causes |= {_plain(id_): _plain(of) for id_, of in await connection.execute(_CAUSES, given)}

    async def found(self, connection: AsyncConnection, batch: Batch) -> Traces:
        """The traces that a batch has left; its messages are those that were read."""
        wholes = [each.record.id for each in batch.rows]
        units = [unit.id for each in batch.rows for unit in (each.begun, each.ahead)]
        people = [each.learner.id for each in batch.rows]
        about = {
            "enrolment": wholes,
            "unit": units,
            "learner": people,
            "entry": [*wholes, *units, *people],
            "run": wholes,
        }
        found = Traces()
        for name, ids in about.items():
            rows = await connection.execute(
                text(_CHANGED[name]).bindparams(_ORGANISATION, _IDS), {"organisation": self.organisation_id, "ids": ids}
            )
            found.update((name, *map(_plain, row)) for row in rows)
        for id_ in wholes:
            for message in map(self.messages.__getitem__, self.by_subject.get(id_.hex, ())):
                found["message", id_.hex, message.kind, self.causes.get(message.cause)] += 1
        key = {"organisation": self.organisation_id, "key": batch.name}
        for (has_outcome,) in await connection.execute(_KEY, key):
            found["key", bool(has_outcome)] += 1
        return found


def _plain(value: Any) -> Any:
    """A value as both engines would have it: keys as digits, days as text; SQLite has numbers for booleans."""
    if isinstance(value, UUID):
        return value.hex
    return value if value is None or isinstance(value, int | bool) else str(value)


def is_there(batch: Batch, found: Traces) -> bool | str:
    """Whether a batch was carried out, as a whole or not at all; else what is wrong with it."""
    whole = traces_of(batch)
    if batch.meant is not Meant.ALL:
        found.pop(("key", True), None)  # of a refusal the answer is kept
        return not found or f"{batch.name} was to leave nothing, and has left {_kinds(found)}"
    if found in (whole, Traces()):
        return bool(found)
    return f"{batch.name} is torn: missing {_kinds(whole - found)}, too much {_kinds(found - whole)}"


def against_answer(batch: Batch, payload: Json | None, answer: Json) -> list[str]:
    """What is wrong with an answer, by what was asked alone."""
    if payload is None or "errors" in answer:
        return [f"{batch.name} was answered {answer}"]
    rows = len(batch.rows)
    if batch.meant is Meant.NOTHING_SINCE_A_ROW_IS_REFUSED:
        expected = {"changed": 0, "unchanged": 0, "refused": rows + 1}
        return [] if payload["counts"] == expected else [f"{batch.name} was to be refused: {payload['counts']}"]
    told = [each["node"] for each in payload["results"]]
    expected = [
        {
            "id": each.record.gid,
            "version": 2,
            "status": "WITHDRAWN",
            "finalisedOn": str(batch.on),
            "learner": {"hasAppAccess": False},
        }
        for each in batch.rows
    ]
    is_right = (
        told == expected
        and {each["outcome"] for each in payload["results"]} == {"CHANGED"}
        and payload["counts"] == {"changed": rows, "unchanged": 0, "refused": 0}
        and payload["isPreview"] is (batch.meant is Meant.NOTHING_SINCE_IT_IS_A_PREVIEW)
        and payload["firedCount"] == rows + sum(each.is_told_elsewhere for each in batch.rows)
    )
    return [] if is_right else [f"{batch.name} was answered {payload}"]


def _kinds(traces: Traces) -> Mapping[str, int]:
    counted = Counter[str]()
    for trace, times in traces.items():
        counted[trace[0]] += times
    return dict(counted)
