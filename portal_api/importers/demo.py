"""The demonstration: an organisation with every status and role, and its twin with the same references beside it.

All that is invented is invented from a seed; instants are counted from midnight of the day of the seeding. So two
seedings on one day make the same records under the same identifiers.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from random import Random
from uuid import UUID

from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.database import Database
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import DeactivationReason, LearnerStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentAction, SeriesEnrolmentStatus, WithdrawalReason
from portal_api.ids import IdMaker, seeded_ids
from portal_api.importers.days import Days
from portal_api.importers.demo_series import MADE_ON, TIMED_OUT, Shape, Timing, invented_series
from portal_api.importers.people import Inventor
from portal_api.importers.reporting import first_without_reports, managers, middle_manager
from portal_api.importers.writing import (
    Deactivation,
    NewEnrolment,
    NewLearner,
    NewSeries,
    NewUser,
    Progress,
    Writer,
    in_silence,
    new_user,
)
from portal_api.models import learner_attributes
from portal_api.queries import groups as group_queries
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.groups import Condition
from portal_api.queries.history import Entry
from portal_api.queries.rows import gather_statistics, insert_rows

LEARNERS = 60
FEWEST_LEARNERS = 20
LEARNERS_A_SERIES = 200
FEWEST_SERIES = 8
ENROLMENTS_A_LEARNER = 6
ADDED_ON = -730
"""The day on which the last learner was added: before anything that they did."""

_S = SeriesEnrolmentStatus
SIGNED_IN = {
    _S.WAITING_TO_START: 3,
    _S.NO_ATTEMPTS: 3,
    _S.IN_PROGRESS: 7,
    _S.MASTERED: 6,
    _S.INCOMPLETE: 4,
    _S.DID_NOT_START: 2,
    _S.WITHDRAWN: 4,
}
NEVER_SIGNED_IN = {_S.WAITING_TO_START: 2, _S.NOT_SIGNED_IN: 4, _S.NEVER_SIGNED_IN: 3, _S.WITHDRAWN: 2}
"""Where the enrolments of a learner stand, and how often, against the other statuses that are possible."""
WITHDRAWABLE = SERIES_ENROLMENTS[SeriesEnrolmentAction.WITHDRAW].statuses
REASONS = tuple(DeactivationReason)
NOTES = {
    DeactivationReason.OTHER: "On parental leave until further notice.",
    DeactivationReason.LEFT_ORGANISATION: "Last day was in the week before.",
}
REASONS_OF_THE_ACTIVE = tuple(reason for reason in WithdrawalReason if reason is not WithdrawalReason.USER_DEACTIVATED)
REGION = {"name": "region", "value": "North"}
GROUP = "Northern region"
WITHDRAWAL_NOTE = "Enrolled in the wrong series."


@dataclass(frozen=True, slots=True)
class Demo:
    """One of the two organisations."""

    ref: str
    name: str
    time_zone: str
    domain: str
    seed: int
    """No two organisations share one: users' identifiers are unique among all of them."""
    age: timedelta


TWIN = Demo(
    "demo-twin", "Wattle Street College (twin)", "Europe/London", "twin.example.org", 7_001, timedelta(seconds=1)
)
DEMO = Demo("demo", "Wattle Street College", "Australia/Sydney", "wattle-street.example.org", 7_003, timedelta())


async def seed_demo(
    database: Database, *, learners: int = LEARNERS, now: datetime, progress: Progress = in_silence
) -> bool:
    """Makes the demo organisation and, before it, its twin.

    Returns:
        False if it is there already: then nothing is changed, whatever number of learners was asked for.

    Raises:
        ValueError: if there would be too few learners to show everything.
    """
    if learners < FEWEST_LEARNERS:
        raise ValueError(f"{learners} learners are too few to show every status: ask for {FEWEST_LEARNERS} or more.")
    async with database.engine.connect() as connection, connection.begin() as transaction:
        for demo, count in ((TWIN, FEWEST_LEARNERS), (DEMO, learners)):
            if not await _made(connection, demo, count, now, progress):
                await transaction.rollback()
                return False
        await gather_statistics(connection)
    return True


async def _made(connection: AsyncConnection, demo: Demo, count: int, now: datetime, progress: Progress) -> bool:
    """Makes one organisation; False if it is there."""
    days = Days.around(now, demo.time_zone)
    ids = seeded_ids(demo.seed)
    organisation_id = ids(days.at(0))
    is_new = await organisation_queries.claim_organisation(
        connection,
        id=organisation_id,
        external_ref=demo.ref,
        name=demo.name,
        time_zone=demo.time_zone,
        # The only instant that is not counted from midnight: the organisation made last has to be the newest.
        created_at=now - demo.age,
    )
    if is_new:
        await _write(Writer(connection, organisation_id, demo.ref, progress), demo, count, ids, days)
    return is_new


async def _write(writer: Writer, demo: Demo, count: int, ids: IdMaker, days: Days) -> None:
    random = Random(demo.seed)
    shaped = list(invented_series(max(FEWEST_SERIES, count // LEARNERS_A_SERIES), ids, days))
    await writer.series([each for _, each in shaped])
    people = list(_learners(demo, count, ids, days))
    await writer.learners([each.learner for each in people], managers(count), ids)
    staff = _users(demo, [each.learner for each in people], ids, days)
    await writer.users(staff)
    await _group(writer, [each.learner for each in people], ids, days)
    enrolments = [each for person in people for each in _enrolments(person, shaped, random, ids, days)]
    await writer.enrolments(enrolments, len(enrolments))
    [admin] = [user for user in staff if user.role is Role.ADMIN]
    chronicle = Chronicle(writer.organisation_id, admin.id, ids)
    deactivated = (chronicle.deactivated(each.learner) for each in people)
    moved = (chronicle.moved(each) for each in enrolments)
    await writer.history([entry for entry in (*deactivated, *moved) if entry])


async def _group(writer: Writer, made: list[NewLearner], ids: IdMaker, days: Days) -> None:
    """A group of every tenth learner, by an attribute that they alone have."""
    at, organisation_id = days.at(ADDED_ON), writer.organisation_id
    group_id = ids(at)
    members = [{"organisation_id": organisation_id, "learner_id": each.id, **REGION} for each in made[::10]]
    await insert_rows(writer.connection, learner_attributes, members)
    tests = [Condition(REGION["name"], (REGION["value"],))]
    await group_queries.create(writer.connection, organisation_id, group_id, name=GROUP, now=at)
    await group_queries.set_conditions(writer.connection, organisation_id, group_id, tests)
    await group_queries.refresh_memberships(writer.connection, organisation_id, group_ids=[group_id])


@dataclass(frozen=True, slots=True)
class Participant:
    """A learner, their place among all, and the last day on which they did anything."""

    learner: NewLearner
    place: int
    latest: int

    @property
    def has_signed_in(self) -> bool:
        return self.learner.first_signed_in_at is not None

    @property
    def was_withdrawn(self) -> bool:
        """Whether the deactivation withdrew all that was active."""
        return self.learner.deactivation is not None and self.place % 12 == 11


def _learners(demo: Demo, count: int, ids: IdMaker, days: Days) -> Iterator[Participant]:
    """Learners, some of whom have never signed in and some of whom are inactive; those linked to users are neither."""
    inventor = Inventor(demo.seed, demo.domain)
    linked = first_without_reports(count)
    for place in range(count):
        ref = f"L-{place + 1:05}"
        day = ADDED_ON - place % 90
        added = days.at(day, place % 10 + 8)
        signs_in = place <= linked or place % 7 != 3
        left = -1 - place % 5 if place > linked and place % 6 == 5 else None
        reason = REASONS[place // 6 % len(REASONS)]
        learner = NewLearner(
            id=ids(added),
            external_ref=ref,
            person=inventor.person(ref),
            created_at=added,
            first_signed_in_at=days.at(day + 1, place % 10 + 9) if signs_in else None,
            # Some were here in these days, others have been quiet for weeks.
            last_activity_at=days.at((left or 0) - 1 - place % 45, place % 10 + 9) if signs_in else None,
            deactivation=None if left is None else Deactivation(days.at(left, 10), reason, NOTES.get(reason)),
        )
        yield Participant(learner, place, (left or 0) - 1)


def _users(demo: Demo, made: list[NewLearner], ids: IdMaker, days: Days) -> list[NewUser]:
    """A user of each role; the Owner, the Manager and the Learner are learners too."""
    linked = {
        Role.OWNER: made[0],
        Role.MANAGER: made[middle_manager(len(made))],
        Role.LEARNER: made[first_without_reports(len(made))],
    }
    inventor = Inventor(demo.seed + 1, demo.domain)
    return [new_user(demo.ref, role, linked.get(role), inventor, ids, days.at(MADE_ON)) for role in Role]


def _enrolments(
    participant: Participant, shaped: list[tuple[Shape, NewSeries]], random: Random, ids: IdMaker, days: Days
) -> Iterator[NewEnrolment]:
    stride = len(shaped) // ENROLMENTS_A_LEARNER
    shares = SIGNED_IN if participant.has_signed_in else NEVER_SIGNED_IN
    if participant.was_withdrawn:
        shares = {status: share for status, share in shares.items() if status not in WITHDRAWABLE} | {_S.WITHDRAWN: 20}
    for turn in range(ENROLMENTS_A_LEARNER):
        shape, in_series = shaped[(participant.place + turn * stride) % len(shaped)]
        possible = {status: share for status, share in shares.items() if shape.allows(status)}
        [status] = random.choices(list(possible), list(possible.values()))
        timing = shape.timing(status, participant.latest, random, days)
        enrolled_at = days.at(timing.enrolled, participant.place % 8 + 9)
        event, reason = _event(status, timing, participant, random, days)
        yield NewEnrolment(
            id=ids(enrolled_at),
            external_ref=f"E-{participant.place * ENROLMENTS_A_LEARNER + turn + 1:06}",
            learner_id=participant.learner.id,
            series_id=in_series.id,
            status=status,
            has_signed_in=participant.has_signed_in,
            enrolled_at=enrolled_at,
            starts_at=days.at(timing.start),
            ends_at=days.at(timing.end),
            mastered_at=event if status is _S.MASTERED else None,
            withdrawn_at=event if status is _S.WITHDRAWN else None,
            withdrawal_reason=reason,
            withdrawal_note=WITHDRAWAL_NOTE if reason is WithdrawalReason.ENROLMENT_ERROR else None,
            version=2 if status in TIMED_OUT or status is _S.WITHDRAWN else 1,
        )


def _event(
    status: SeriesEnrolmentStatus, timing: Timing, participant: Participant, random: Random, days: Days
) -> tuple[datetime | None, WithdrawalReason | None]:
    """When an enrolment was mastered or withdrawn; an inactive learner's was withdrawn an hour before they became so."""
    if timing.event is None:
        return None, None
    if status is not _S.WITHDRAWN:
        return days.at(timing.event, 15), None
    if participant.learner.deactivation and timing.end > participant.latest + 1:
        return days.at(participant.latest + 1, 9), WithdrawalReason.USER_DEACTIVATED
    return days.at(timing.event, 15), random.choice(REASONS_OF_THE_ACTIVE)


@dataclass(frozen=True, slots=True)
class Chronicle:
    """Tells what the administrator and the clock did to the records before the day of the seeding."""

    organisation_id: UUID
    admin_id: UUID
    ids: IdMaker

    def deactivated(self, learner: NewLearner) -> Entry | None:
        """That a learner was set inactive."""
        if not learner.deactivation:
            return None
        return self._entry(
            HistoryAction.LEARNER_DEACTIVATED,
            (SubjectKind.LEARNER, learner.id),
            learner.id,
            (LearnerStatus.ACTIVE, LearnerStatus.INACTIVE),
            learner.deactivation.at,
            learner.deactivation.reason,
            learner.deactivation.note,
        )

    def moved(self, enrolment: NewEnrolment) -> Entry | None:
        """That an enrolment was withdrawn, or that its time ran out."""
        subject = (SubjectKind.SERIES_ENROLMENT, enrolment.id)
        if enrolment.withdrawn_at:
            before = _S.IN_PROGRESS if enrolment.has_signed_in else _S.NOT_SIGNED_IN
            return self._entry(
                HistoryAction.SERIES_ENROLMENT_WITHDRAWN,
                subject,
                enrolment.learner_id,
                (before, enrolment.status),
                enrolment.withdrawn_at,
                enrolment.withdrawal_reason,
                enrolment.withdrawal_note,
            )
        for move in SERIES_ENROLMENTS.clock:
            if move.to is enrolment.status and move.to in TIMED_OUT:
                return self._entry(
                    HistoryAction.SERIES_ENROLMENT_ENDED,
                    subject,
                    enrolment.learner_id,
                    (move.status, move.to),
                    enrolment.ends_at,
                )
        return None

    def _entry(
        self,
        action: HistoryAction,
        subject: tuple[SubjectKind, UUID],
        learner_id: UUID,
        statuses: tuple[StrEnum, StrEnum],
        at: datetime,
        reason: StrEnum | None = None,
        note: str | None = None,
    ) -> Entry:
        is_by_clock = action is HistoryAction.SERIES_ENROLMENT_ENDED
        return Entry(
            organisation_id=self.organisation_id,
            id=self.ids(at),
            actor_kind=ActorKind.CLOCK if is_by_clock else ActorKind.USER,
            actor_id=None if is_by_clock else self.admin_id,
            action=action,
            subject_kind=subject[0],
            subject_id=subject[1],
            learner_id=learner_id,
            from_status=statuses[0].name,
            to_status=statuses[1].name,
            reason=reason.name if reason else None,
            note=note,
            version=2,
            request_id=None,
            cause_id=None,
            occurred_at=at,
            recorded_at=at,
        )
