"""transact(): one mutation field is one transaction, from the key to the answer."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from enum import Enum
from typing import Any, Protocol, TypeVar
from uuid import UUID
from zoneinfo import ZoneInfo

import orjson
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.clock import Clock
from portal_api.database import ConnectionReader, Database, Reader
from portal_api.domain.calendar import day_of
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.outcomes import ErrorPolicy, Outcome, RowResult
from portal_api.domain.refusals import ErrorCode, PlainError, Reason, reason_data, reason_of_data
from portal_api.domain.roles import Role
from portal_api.ids import IdMaker
from portal_api.queries import history as history_queries
from portal_api.queries import idempotency as idempotency_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries import scope
from portal_api.queries.history import Entry

T = TypeVar("T")
KEPT_FOR = timedelta(hours=24)
ATTEMPTS = 3
SERIALISATION_FAILURE, DEADLOCK, LOCK_NOT_AVAILABLE = "40001", "40P01", "55P03"


class Reaction(Protocol):
    """What follows from what a body has written, in the same transaction: called once, after all of it."""

    def __call__(self, work: "Work", /) -> Awaitable[Mapping[str, Any]]:
        """Follows up `work.written`, and tells as facts of the answer what it has done."""
        ...


class Request(Protocol):
    """What transact needs of a request."""

    @property
    def database(self) -> Database: ...
    @property
    def clock(self) -> Clock: ...
    @property
    def new_id(self) -> IdMaker: ...
    @property
    def request_id(self) -> str: ...
    @property
    def known_viewer(self) -> scope.Viewer: ...
    @property
    def react(self) -> Reaction: ...


@dataclass(frozen=True, slots=True)
class Call:
    """One call of a mutation: what makes it repeatable, and whether it is meant."""

    mutation: str
    input_hash: str
    preview: bool = False
    key: str | None = None
    error_policy: ErrorPolicy = ErrorPolicy.REJECT_FAILED_ROWS

    @classmethod
    def of(cls, mutation: str, given: dict[str, Any], **options: Any) -> "Call":
        """A call with the hash of its coerced input, `preview` and key left out."""
        meant = {name: value for name, value in given.items() if name not in ("preview", "idempotency_key")}
        packed = orjson.dumps(meant, option=orjson.OPT_SORT_KEYS, default=str)
        return cls(mutation, hashlib.sha256(packed).hexdigest(), **options)


@dataclass(frozen=True, slots=True)
class Answer:
    """What a call did: a result a row, and errors of the call as a whole."""

    results: Sequence[RowResult] = ()
    errors: Sequence[Reason] = ()
    facts: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What else the payload tells, as plain data."""
    once: Mapping[str, Any] = field(default_factory=dict[str, Any])
    """What is told this once and never kept: a secret."""

    def packed(self) -> str:
        """The answer as it is kept for repetition: outcomes, errors and facts, not the records."""
        rows = [
            (row.index, row.given_id, row.record_id, row.outcome, [reason_data(each) for each in row.errors])
            for row in self.results
        ]
        errors = [reason_data(each) for each in self.errors]
        return orjson.dumps({"results": rows, "errors": errors, "facts": self.facts}, default=str).decode()

    @classmethod
    def unpacked(cls, text: str) -> "Answer":
        data = orjson.loads(text)
        return cls(
            [
                RowResult(index, _id(given), _id(record), Outcome(outcome), tuple(map(reason_of_data, errors)))
                for index, given, record, outcome, errors in data["results"]
            ],
            [reason_of_data(each) for each in data["errors"]],
            data["facts"],
        )


def _id(text: str | None) -> UUID | None:
    return None if text is None else UUID(text)


@dataclass
class Work:
    """A transaction under way, and whose it is. `now` is its one instant: taken once the locks are held."""

    connection: AsyncConnection
    organisation_id: UUID
    actor_kind: ActorKind
    actor_id: UUID | None
    role: Role
    clock: Clock
    new_id: IdMaker
    request_id: str | None
    now: datetime
    rights: dict[str, Any] = field(default_factory=dict[str, Any])
    zone: ZoneInfo | None = None
    """Where the organisation's days are reckoned, wherever there are rights to read by."""
    causes: Mapping[UUID, UUID] = field(default_factory=dict[UUID, UUID])
    """The history entry that has caused what is done to a record, by the record or its learner."""
    written: list[Entry] = field(default_factory=list[Entry])
    """Every history entry of the transaction."""

    @classmethod
    def of_viewer(cls, connection: AsyncConnection, viewer: scope.Viewer, request: Request) -> "Work":
        """The work of somebody who asks."""
        now = request.clock()
        kind = ActorKind.INTEGRATION if viewer.role is Role.INTEGRATION else ActorKind.USER
        rights = dict(scope.bound(viewer, now))
        return cls(
            connection=connection,
            organisation_id=viewer.organisation_id,
            actor_kind=kind,
            actor_id=viewer.user_id,
            role=viewer.role,
            clock=request.clock,
            new_id=request.new_id,
            request_id=request.request_id,
            now=now,
            rights=rights,
            zone=ZoneInfo(viewer.time_zone),
        )

    @classmethod
    def of_clock(cls, connection: AsyncConnection, organisation_id: UUID, clock: Clock, new_id: IdMaker) -> "Work":
        """The work of the portal itself, for nobody who asks."""
        return cls(
            connection=connection,
            organisation_id=organisation_id,
            actor_kind=ActorKind.CLOCK,
            actor_id=None,
            role=Role.OWNER,
            clock=clock,
            new_id=new_id,
            request_id=None,
            now=clock(),
        )

    async def by_learncycle(self, causes: Mapping[UUID, UUID]) -> "Work":
        """The same transaction at the same instant, for what a rule of the organisation does in it.

        Args:
            causes: the history entry that triggered the rule, by the record or the learner that it is about.
        """
        now = self.now
        zone = await organisation_queries.time_zone(self.connection, self.organisation_id)
        return replace(
            self,
            actor_kind=ActorKind.LEARNCYCLE,
            actor_id=None,
            role=Role.OWNER,
            clock=lambda: now,
            rights=dict(scope.bound(_Portal(self.organisation_id, zone.key), now)),
            zone=zone,
            causes=causes,
        )

    @property
    def bound(self) -> dict[str, Any]:
        """The values that scoped reads are bound to, at the work's instant."""
        present = {"now": self.now, "today": day_of(self.now, self.zone)} if self.zone else {"now": self.now}
        return {**self.rights, **present}

    async def lock(self, lock: Callable[..., Awaitable[None]], ids: Sequence[UUID]) -> None:
        """Locks first, then takes the instant: whoever waited acts after whoever it waited for, by the clock as well."""
        await lock(self.connection, self.bound, ids)
        self.now = self.clock()

    def entry(
        self,
        action: HistoryAction,
        subject: tuple[SubjectKind, UUID],
        learner_id: UUID | None,
        *,
        version: int,
        statuses: tuple[str | None, str | None],
        reason: str | None = None,
        note: str | None = None,
        changed: Sequence[str] = (),
        cause_id: UUID | None = None,
        moved_at: datetime | None = None,
    ) -> Entry:
        """A history entry of this work.

        Args:
            action: what was done.
            subject: the record.
            learner_id: the learner that the record belongs to, if it belongs to one.
            version: the version that the record has since.
            statuses: those before and after, as clients know them.
            reason: the reason given.
            note: the note given.
            changed: the names of the fields that an edit changed.
            cause_id: the entry that caused this one.
            moved_at: when the clock acted; without it the caller did, now.
        """
        by_clock = moved_at is not None
        return Entry(
            organisation_id=self.organisation_id,
            id=self.new_id(self.now),
            actor_kind=ActorKind.CLOCK if by_clock else self.actor_kind,
            actor_id=None if by_clock else self.actor_id,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            learner_id=learner_id,
            from_status=statuses[0],
            to_status=statuses[1],
            reason=reason,
            note=note,
            changed_fields=" ".join(changed) or None,
            version=version,
            request_id=self.request_id,
            cause_id=cause_id or self.causes.get(subject[1]) or (learner_id and self.causes.get(learner_id)),
            occurred_at=moved_at or self.now,
            recorded_at=self.now,
        )

    async def record(self, entries: Sequence[Entry]) -> None:
        """Writes history entries, in one statement."""
        self.written.extend(entries)
        await history_queries.record(self.connection, entries)


_NOBODY = UUID(int=0)


@dataclass(frozen=True, slots=True)
class _Portal:
    """Whoever acts where a rule of the organisation does: sees all of it, and is nobody in it."""

    organisation_id: UUID
    time_zone: str
    user_id: UUID = _NOBODY
    role: Role = Role.OWNER
    learner_id: UUID | None = None


ReadBack = Callable[[Answer, "Snapshot | None"], Awaitable[T]]
"""Makes the payload of an answer; without a snapshot when the call never came to its work."""


@dataclass(frozen=True, slots=True)
class Snapshot:
    """The transaction under way, to read from: its own writes, its own instant, its viewer as of now."""

    reader: Reader
    viewer: scope.Viewer
    now: datetime


async def transact(
    request: Request,
    call: Call,
    find_viewer: Callable[[Reader], Awaitable[scope.Viewer]],
    body: Callable[[Work], Awaitable[Answer]],
    read_back: ReadBack[T],
) -> T:
    """Runs one mutation as one transaction, again if the database asks for it, and says `BUSY` in the end.

    Args:
        request: the database, the clock and the makers of ids.
        call: the mutation's name, key and options.
        find_viewer: who asks, as the database has it inside the transaction; raises what must not go on.
        body: does the work and says what became of each row.
        read_back: makes the payload inside the transaction, so that a preview shows what would be.

    Returns:
        What `read_back` made; it leaves after the commit.
    """
    flight = (request.known_viewer.organisation_id, request.known_viewer.user_id, call.mutation, call.key)
    is_first = call.key is not None and not call.preview and flight not in _in_flight
    if is_first:
        _in_flight.add(flight)
    try:
        for attempt in range(ATTEMPTS):
            try:
                return await _once(request, call, find_viewer, body, read_back)
            except (DBAPIError, PoolTimeout) as error:
                if _kind(error) is not _Conflict.RETRY:
                    raise
                await asyncio.sleep(0.02 * (attempt + 1))
        refusal = _BUSY
    except (DBAPIError, PoolTimeout) as error:
        if _kind(error) is not _Conflict.WAITED:
            raise
        refusal = _IN_PROGRESS if flight in _in_flight and not is_first else _BUSY
    except _KeyHeld:
        refusal = _IN_PROGRESS
    finally:
        if is_first:
            _in_flight.discard(flight)
    return await read_back(Answer(errors=[refusal]), None)


async def _once(
    request: Request,
    call: Call,
    find_viewer: Callable[[Reader], Awaitable[scope.Viewer]],
    body: Callable[[Work], Awaitable[Answer]],
    read_back: ReadBack[T],
) -> T:
    async with request.database.writer() as connection:
        transaction = await connection.begin()
        try:
            reader = ConnectionReader(connection, request.database.tally)
            viewer = await find_viewer(reader)
            work = Work.of_viewer(connection, viewer, request)
            answer = await _answer(work, call, body, request.react)
            made = await read_back(answer, Snapshot(reader, viewer, work.now))
            if not call.preview:
                await request.database.leave_mark(connection, (viewer.organisation_id, viewer.user_id))
        except BaseException:
            await transaction.rollback()
            raise
        await (transaction.rollback() if call.preview else transaction.commit())
        return made


async def _answer(work: Work, call: Call, body: Callable[[Work], Awaitable[Answer]], react: Reaction) -> Answer:
    """The answer to a call: a kept one, or that of the body and what followed, which is kept if there is a key."""

    async def followed_up() -> Answer:
        answer = await _by_policy(work, call.error_policy, body)
        return replace(answer, facts={**answer.facts, **await react(work)})

    if call.key is None or call.preview or work.actor_id is None:
        return await followed_up()
    holder = (work.organisation_id, work.actor_id, call.mutation, call.key)
    claim = idempotency_queries.claim(
        work.connection, *holder, input_hash=call.input_hash, now=work.now, expires_at=work.now + KEPT_FOR
    )
    if not await _held_against(claim):
        input_hash, outcome = await idempotency_queries.kept(work.connection, *holder)
        return Answer.unpacked(outcome) if input_hash == call.input_hash and outcome else Answer(errors=[_KEY_REUSED])
    answer = await followed_up()
    await idempotency_queries.store(work.connection, *holder, answer.packed())
    return answer


async def _held_against(claim: Awaitable[bool]) -> bool:
    """Takes the key; another call under way that has it makes this one wait, and in the end give up."""
    try:
        return await claim
    except DBAPIError as error:
        if _kind(error) is _Conflict.WAITED:
            raise _KeyHeld from error
        raise


async def _by_policy(work: Work, policy: ErrorPolicy, body: Callable[[Work], Awaitable[Answer]]) -> Answer:
    if policy is ErrorPolicy.REJECT_FAILED_ROWS:
        return await body(work)
    savepoint = await work.connection.begin_nested()
    answer = await body(work)
    if all(row.outcome is not Outcome.REFUSED for row in answer.results):
        await savepoint.commit()
        return answer
    await savepoint.rollback()
    work.written.clear()  # nothing was: nothing follows
    rows = [row if row.outcome is Outcome.REFUSED else _rejected(row) for row in answer.results]
    return Answer(rows, answer.errors)


def _rejected(row: RowResult) -> RowResult:
    return RowResult(row.index, row.given_id, row.given_id and row.record_id, Outcome.REFUSED, (_CALL_REJECTED,))


class _Conflict(Enum):
    """What a database error means for a call."""

    RETRY = "the transaction was chosen to give way: run it again"
    WAITED = "somebody held what it needs for longer than it waits"
    NONE = "our fault"


class _KeyHeld(Exception):
    """Another call with the same key is under way."""


def _kind(error: DBAPIError | PoolTimeout) -> _Conflict:
    if isinstance(error, PoolTimeout):
        return _Conflict.WAITED
    state = getattr(error.orig, "sqlstate", None)
    if state in {SERIALISATION_FAILURE, DEADLOCK}:
        return _Conflict.RETRY
    if state == LOCK_NOT_AVAILABLE or "database is locked" in str(error.orig):
        return _Conflict.WAITED
    return _Conflict.NONE


_in_flight: set[tuple[Any, ...]] = set()
"""The keys whose calls are under way in this process: SQLite cannot tell who has its one writer."""

_BUSY = PlainError(
    ErrorCode.BUSY, "Others are changing the same records. Nothing was changed; send the call again, with the same key."
)
_IN_PROGRESS = PlainError(
    ErrorCode.IDEMPOTENCY_IN_PROGRESS,
    "A call with this key is still under way. Send it again in a moment to have its answer.",
)
_KEY_REUSED = PlainError(
    ErrorCode.IDEMPOTENCY_KEY_REUSED,
    "This key was used for a call with another input in the last 24 hours. Send the same input, or take a new key.",
)
_CALL_REJECTED = PlainError(
    ErrorCode.CALL_REJECTED,
    "This row could have gone through, but another was refused and the policy is to reject everything.",
)
