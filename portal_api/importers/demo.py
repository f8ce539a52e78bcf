"""The demonstration: an organisation with every status and role, and its twin with the same references beside it.

All that is invented is invented from a seed; instants are counted from midnight of the day of the seeding. So two
seedings on one day make the same records under the same identifiers, but for the webhook that is tried again in some
hours: its last attempts are counted from midnight or, once it is later than that, from one o'clock.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice
from random import Random

from sqlalchemy.ext.asyncio import AsyncConnection

from portal_api.database import Database
from portal_api.domain.calendar import day_after
from portal_api.domain.roles import Role
from portal_api.domain.series import SERIES_ENROLMENTS, SeriesEnrolmentAction, SeriesEnrolmentStatus, WithdrawalReason
from portal_api.ids import IdMaker, seeded_ids
from portal_api.importers.days import Days
from portal_api.importers.demo_automations import write_automations
from portal_api.importers.demo_certified import write_certified
from portal_api.importers.demo_enrolled import write_enrolled
from portal_api.importers.demo_groups import write_groups
from portal_api.importers.demo_history import Chronicle
from portal_api.importers.demo_office import write_exports, write_tokens
from portal_api.importers.demo_pathways import Journey, invented_journeys, invented_pathways
from portal_api.importers.demo_people import Participant, invented_learners, invented_users
from portal_api.importers.demo_resources import write_resources
from portal_api.importers.demo_series import (
    ANSWERED,
    REASONS_OF_THE_ACTIVE,
    TIMED_OUT,
    TRACKING_CODES,
    Shape,
    Timing,
    invented_answers,
    invented_series,
    note_on,
)
from portal_api.importers.reporting import managers
from portal_api.importers.writing import NO_ANSWERS, Answers, NewEnrolment, NewSeries, Progress, Writer, in_silence
from portal_api.importers.writing_pathways import write_pathway_enrolments, write_pathways
from portal_api.queries import organisations as organisation_queries
from portal_api.queries.rows import gather_statistics

LEARNERS = 60
FEWEST_LEARNERS = 20
LEARNERS_A_SERIES = 200
FEWEST_SERIES = 12
"""As many as the pathways want, which are made of those among them that wait for mastery."""
ENROLMENTS_A_LEARNER = 6
"""Those that a pathway opened among them."""
ONE_IN_IS_DUE = 3
ONE_IN_IS_TRACKED = 2
QUIET = 45
"""For how many days a learner may have done nothing."""

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
    database: Database,
    *,
    learners: int = LEARNERS,
    enrolments: int = ENROLMENTS_A_LEARNER,
    now: datetime,
    progress: Progress = in_silence,
) -> bool:
    """Makes the demo organisation and, before it, its twin.

    Args:
        database: where to.
        learners: how many the demo organisation has; its twin has as few as show everything.
        enrolments: how many each of its learners has in series, those in a pathway among them.
        now: the instant around which all happens.
        progress: is told how far it is.

    Returns:
        False if it is there already: then nothing is changed, whatever number of learners was asked for.

    Raises:
        ValueError: if there would be too few learners to show everything.
    """
    if learners < FEWEST_LEARNERS:
        raise ValueError(f"{learners} learners are too few to show every status: ask for {FEWEST_LEARNERS} or more.")
    async with database.engine.connect() as connection, connection.begin() as transaction:
        for demo, count, number in ((TWIN, FEWEST_LEARNERS, ENROLMENTS_A_LEARNER), (DEMO, learners, enrolments)):
            if not await _made(connection, demo, count, number, now, progress):
                await transaction.rollback()
                return False
        await gather_statistics(connection)
    return True


async def _made(
    connection: AsyncConnection, demo: Demo, count: int, number: int, now: datetime, progress: Progress
) -> bool:
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
        # Not counted from midnight: the organisation made last has to be the newest.
        created_at=now - demo.age,
    )
    if is_new:
        await _write(Writer(connection, organisation_id, demo.ref, progress), demo, count, number, ids, days, now)
    return is_new


async def _write(writer: Writer, demo: Demo, count: int, number: int, ids: IdMaker, days: Days, now: datetime) -> None:
    random = Random(demo.seed)
    shaped = list(invented_series(max(FEWEST_SERIES, count // LEARNERS_A_SERIES), ids, days))
    library = [each for _, each in shaped]
    await writer.series(library)
    await write_resources(writer, demo.domain, library, ids, days)
    people = list(invented_learners(demo.seed, demo.domain, count, ids, days))
    made = [each.learner for each in people]
    await writer.learners(made, managers(count), ids)
    staff = invented_users(demo.ref, demo.seed, demo.domain, made, ids, days)
    await writer.users(staff)
    groups = await write_groups(writer, made, ids, days)
    pathways = list(invented_pathways(library, ids, days))
    await write_pathways(writer, pathways, ids)
    journeys = invented_journeys(people, pathways, random, ids, days)
    await write_pathway_enrolments(writer, [each.whole for each in journeys.values()])
    enrolments = [
        each
        for person in people
        for each in _enrolments(person, journeys.get(person.place), shaped, number, random, ids, days)
    ]
    await writer.enrolments(enrolments, len(enrolments))
    of_role = {user.role: user.id for user in staff}
    chronicle = Chronicle(writer.organisation_id, of_role[Role.ADMIN], ids)
    of_office = [
        *await write_tokens(writer, of_role[Role.INTEGRATION], chronicle, days),
        *await write_exports(writer, of_role[Role.ADMIN], chronicle, len(enrolments), days),
    ]
    deactivated = [entry for each in made if (entry := chronicle.deactivated(each))]
    # Before the entries that they caused, which may come in a later batch.
    of_pathways = [entry for each in journeys.values() if (entry := chronicle.pathway_moved(each.whole))]
    causes = {entry.subject_id: entry.id for entry in of_pathways}
    moved = [entry for each in enrolments if (entry := chronicle.moved(each, causes))]
    await writer.history([*of_office, *deactivated, *of_pathways, *moved])
    await write_certified(writer, people, staff, groups, chronicle, demo.domain, demo.seed, days)
    courses = await write_enrolled(writer, people, staff, chronicle, demo.name, demo.seed, days)
    await write_automations(writer, people, staff, groups, courses, chronicle, demo.domain, demo.seed, days, now)


def _enrolments(
    participant: Participant,
    journey: Journey | None,
    shaped: list[tuple[Shape, NewSeries]],
    number: int,
    random: Random,
    ids: IdMaker,
    days: Days,
) -> Iterator[NewEnrolment]:
    """Those that a pathway opened, and others in series that are not in it: so many in all."""
    if journey:
        yield from journey.steps
    others = number - (len(journey.steps) if journey else 0)
    shares = SIGNED_IN if participant.has_signed_in else NEVER_SIGNED_IN
    if participant.was_withdrawn:
        shares = {status: share for status, share in shares.items() if status not in WITHDRAWABLE} | {_S.WITHDRAWN: 20}
    for turn, (shape, in_series) in enumerate(islice(_open_to(participant, journey, shaped, number), others)):
        possible = {status: share for status, share in shares.items() if shape.allows(status)}
        [status] = random.choices(list(possible), list(possible.values()))
        timing = shape.timing(status, participant.latest, random, days)
        enrolled_at = days.at(timing.enrolled, participant.place % 8 + 9)
        event, reason = _event(status, timing, participant, random, days)
        is_due = (participant.place + turn) % ONE_IN_IS_DUE == 0
        due_on = days.on(min(timing.start + random.randint(7, 75), timing.end - 1)) if is_due else None
        yield NewEnrolment(
            id=ids(enrolled_at),
            external_ref=f"E-{participant.place * number + turn + 1:06}",
            learner_id=participant.learner.id,
            series_id=in_series.id,
            status=status,
            has_signed_in=participant.has_signed_in,
            enrolled_at=enrolled_at,
            starts_at=days.at(timing.start),
            ends_at=days.at(timing.end),
            due_on=due_on,
            overdue_at=due_on and day_after(due_on, days.zone),
            tracking_code=None if turn % ONE_IN_IS_TRACKED else TRACKING_CODES[participant.place % len(TRACKING_CODES)],
            answers=_answers(status, timing, participant, in_series, random, days),
            mastered_at=event if status is _S.MASTERED else None,
            withdrawn_at=event if status is _S.WITHDRAWN else None,
            withdrawal_reason=reason,
            withdrawal_note=note_on(reason),
            version=2 if status in TIMED_OUT or status is _S.WITHDRAWN else 1,
        )


def _open_to(
    participant: Participant, journey: Journey | None, shaped: list[tuple[Shape, NewSeries]], number: int
) -> Iterator[tuple[Shape, NewSeries]]:
    """Series spread over the library, a different start for each learner; those of their pathway are left out."""
    stride = len(shaped) // number
    for shift in range(stride):
        for turn in range(number):
            shape, in_series = shaped[(participant.place + shift + turn * stride) % len(shaped)]
            if not journey or in_series.id not in journey.series_ids:
                yield shape, in_series


def _answers(
    status: SeriesEnrolmentStatus,
    timing: Timing,
    participant: Participant,
    in_series: NewSeries,
    random: Random,
    days: Days,
) -> Answers:
    """What was answered before the enrolment ended, or before the learner fell quiet."""
    if status not in ANSWERED or not participant.has_signed_in:
        return NO_ANSWERS
    if status is _S.MASTERED and timing.event is not None:
        last_at = days.at(timing.event, 15)
    else:
        latest = min(participant.latest - participant.place % QUIET, (timing.event or timing.end) - 1)
        last_at = days.at(random.randint(timing.start, max(timing.start, latest)), 14)
    return invented_answers(status, in_series.goal, last_at, random)


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
