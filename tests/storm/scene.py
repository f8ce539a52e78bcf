"""A storm from its beginning to its end: the scene laid out, the administrators let loose, everything gathered."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import Enum
from random import Random
from time import perf_counter
from typing import Any
from uuid import UUID

from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from portal_api.app import create_app
from portal_api.auth import Tokens
from portal_api.database import Database, open_database
from portal_api.domain.certifications import AssignmentSourceKind, FeeDue, LearnerCertificationStatus
from portal_api.domain.roles import Role
from portal_api.models import (
    approvals,
    assignment_sources,
    certificates,
    certification_cycles,
    exam_attempts,
    history_entries,
    learner_certifications,
    learners,
    step_progress,
)
from portal_api.ticker import tick
from tests.api.test_races import MovingClock
from tests.client import http_client
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import settings_for
from tests.factories import DAY, Organisation, organisation_with_everybody
from tests.storm.administrators import LIST, Administrator, Board, Desk, request_ids
from tests.storm.log import Entry, Storm

CERTIFICATIONS = 2
FIRST_DAY = timedelta(hours=20)
"""While the records are as they were laid out, time has something to do with them."""
_S = LearnerCertificationStatus
AT_FIRST = (
    *(_S.CERTIFIED, _S.CERTIFIED, _S.CERTIFIED, _S.RECERTIFYING, _S.RECERTIFYING, _S.IN_PROGRESS, _S.IN_PROGRESS),
    *(_S.PENDING_APPROVAL, _S.EXPIRED, _S.LAPSED, _S.DISALLOWED, _S.REVOKED, _S.NOT_STARTED, _S.ASSIGNED),
)
"""The statuses at which records stand when a storm begins, over and over."""


@dataclass(frozen=True)
class Size:
    """How large a storm is."""

    administrators: int
    records: int
    questions: int
    processes: int = 2
    patience: float = 5
    """Seconds that a change waits for another one: a busy machine is no fault."""


@dataclass
class Scene:
    """An organisation in which administrators are at their desks, in several processes on one database."""

    organisation: Organisation
    desks: list[Desk]
    databases: list[Database]
    clock: MovingClock
    new_id: RepeatableIds
    size: Size
    began_at: datetime
    database_errors: Counter[str] = field(default_factory=Counter[str])
    """What the databases refused, by kind, whoever dealt with it."""
    ticks: Counter[str] = field(default_factory=Counter[str])
    seconds: float = 0.0

    async def rage(self) -> None:
        """Lets everybody loose at once, while time does its own; in the end, time does what is left."""
        begun = perf_counter()
        over = asyncio.Event()
        ticking = asyncio.create_task(self._tick(over))
        each, more = divmod(self.size.questions, len(self.desks))
        await asyncio.gather(*(desk.work(each + (place < more)) for place, desk in enumerate(self.desks)))
        over.set()
        await ticking
        self.clock.advance(DAY)
        await tick(self.databases[0], self.clock, self.new_id)
        self.seconds = perf_counter() - begun

    async def _tick(self, over: asyncio.Event) -> None:
        while not over.is_set():
            await asyncio.sleep(0.3)
            try:
                self.ticks["moved"] += await tick(self.databases[-1], self.clock, self.new_id) or 0
            except (DBAPIError, PoolTimeout):
                self.ticks["came again later"] += 1

    async def told(self) -> Storm:
        """All that is known of it now."""
        stored = self.organisation.stored
        return Storm(
            began_at=self.began_at,
            calls=[call for desk in self.desks for call in desk.log],
            history=[_entry(row) for row in await stored(history_entries)],
            records=_plain(await stored(learner_certifications)),
            learners=_plain(await stored(learners)),
            cycles=_plain(await stored(certification_cycles)),
            steps=_plain(await stored(step_progress)),
            attempts=_plain(await stored(exam_attempts)),
            certificates=_plain(await stored(certificates)),
            approvals=_plain(await stored(approvals)),
            sources=_plain(await stored(assignment_sources)),
        )


@asynccontextmanager
async def scene(
    database: Database, tokens: Tokens, new_id: RepeatableIds, seed: int, size: Size
) -> AsyncIterator[Scene]:
    """Lays everything out and opens the processes; what holds of every organisation must hold at the end.

    A process has pools, readers and engines of its own, as far as one can have several in one.
    """
    clock, random = MovingClock(START), Random(seed)
    made = organisation_with_everybody(database, ManualClock(START), new_id)
    board = _lay_out(made, random, size)
    people = [made.user(random.choice((Role.OWNER, Role.ADMIN))) for _ in range(size.administrators)]
    await made.save()
    given = settings_for(database.engine.url.render_as_string(hide_password=False), busy_timeout=size.patience)
    opened = [open_database(given) for _ in range(size.processes)]
    apps = [create_app(given, database=each, clock=clock, new_id=new_id) for each in opened]
    try:
        async with http_client(apps[0]) as one, http_client(apps[-1]) as other:
            desks = [
                Desk(
                    Administrator((one, other)[place % 2], tokens, clock, made, user),
                    board,
                    Random(random.random()),
                    request_ids(random),
                )
                for place, user in enumerate(people)
            ]
            await _look(desks[0])
            found = Scene(made, desks, opened, clock, new_id, size, clock())
            for each in opened:
                _count_errors(each, found.database_errors)
            yield found
    finally:
        for each in opened:
            await each.close()


def _lay_out(made: Organisation, random: Random, size: Size) -> Board:
    """The records at every status, some of which time will move on; and a group that assigns, with nobody in it."""
    certifications = [made.certification(is_published=False) for _ in range(CERTIFICATIONS)]
    fees = {"initial_fee": 5_000, "recertification_fee": 3_000, "fee_due": FeeDue.BEFORE_START}
    for certification, terms in zip(certifications, (fees, {}), strict=True):
        made.certification_version(certification, validity_months=1, grace_days=7, window_days=10, **terms)
    people = [made.learner() for _ in range(size.records // CERTIFICATIONS)]
    places = [(learner, certification) for certification in certifications for learner in people]
    for number, (learner, certification) in enumerate(places):
        status = AT_FIRST[number % len(AT_FIRST)]
        source = random.choices((AssignmentSourceKind.MANUAL, AssignmentSourceKind.SELF), (3, 1))[0]
        times = _times(made, random, status)
        made.learner_certification(learner, certification, status, source=source, **times)
    group = made.group(division="North")
    made.assigns(group, certifications[0])
    attribute = {"name": "division", "value": "North"}
    return Board([each.gid for each in certifications], [each.gid for each in people], attribute)


def _times(made: Organisation, random: Random, status: LearnerCertificationStatus) -> dict[str, Any]:
    """For every other certificate an expiry, or the end of its grace, that comes soon."""
    if status not in (_S.CERTIFIED, _S.EXPIRED) or random.random() < 0.5:
        return {}
    soon = made.clock() + random.random() * FIRST_DAY
    expires, lapses = (soon, soon + 7 * DAY) if status is _S.CERTIFIED else (made.clock() - DAY, soon)
    return {"expires_at": expires, "lapses_at": lapses, "window_opens_at": expires - 10 * DAY}


async def _look(desk: Desk) -> None:
    """Reads the records as they are at first."""
    after = None
    while True:
        page = (await desk.client.query(LIST, {"after": after}))["learnerCertifications"]
        for node in page["nodes"]:
            desk.board.see(node)
        if not page["pageInfo"]["hasNextPage"]:
            return
        after = page["pageInfo"]["endCursor"]


def _count_errors(database: Database, counted: Counter[str]) -> None:
    @event.listens_for(database.engine.sync_engine, "handle_error")
    def _count(context: Any) -> None:  # pyright: ignore[reportUnusedFunction]  the event calls it
        original = context.original_exception
        counted[f"{getattr(original, 'sqlstate', None) or original} at {context.statement or '':.60}"] += 1


def _plain(rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with their keys as text."""
    return [{name: value.hex if isinstance(value, UUID) else value for name, value in row.items()} for row in rows]


def _entry(row: dict[str, Any]) -> Entry:
    plain = {name: value.value if isinstance(value, Enum) else value for name, value in _plain([row])[0].items()}
    return Entry(
        id=plain["id"],
        request=plain["request_id"],
        user=plain["actor_id"],
        action=plain["action"],
        kind=plain["subject_kind"],
        record=plain["subject_id"],
        before=plain["from_status"],
        after=plain["to_status"],
        version=plain["version"],
        occurred_at=plain["occurred_at"],
        recorded_at=plain["recorded_at"],
        cause=plain["cause_id"],
    )
