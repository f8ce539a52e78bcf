"""Courses, units, offers and status reasons: some retired, some of no units, some taught, and taken, by whoever asks."""

from datetime import timedelta
from itertools import cycle
from random import Random
from typing import Any

from portal_api.domain.courses.outcomes import FINAL, Outcome
from portal_api.domain.courses.stages import ReconnectPurpose
from portal_api.domain.courses.statuses import COMPLETIONS, ENDED, CourseEnrolmentStatus
from portal_api.domain.courses.surveys import SurveyStatus
from portal_api.domain.roles import Role
from tests.factories import DAY, Organisation, Record

_S = CourseEnrolmentStatus
BEFORE, PAST = (None, -30), (-9, -1, -1, 0)
"""Beginnings after which an enrolment can be over by its last day: yesterday it is, today it is not."""
TITLES = ("Ångströms", "angstroms", "First aid", "First Aid", "Élan vital", "Zebra 100%", "Retired", "Retired too")


def lay_out_courses(
    organisation: Organisation, everybody: list[Record], trainers: tuple[Record, ...], random: Random
) -> None:
    """Eight courses of up to five units, each with up to three offers."""
    now, today = organisation.clock(), organisation.today
    units = [
        organisation.unit(
            title=title,
            identifier=f"UNIT{number}",
            scheduled_hours=random.choice([None, 0, 40]),
            is_active=number % 5 > 0,
            created_at=now - 9 * DAY + random.choice([-DAY, DAY]),
        )
        for number, title in enumerate((*TITLES, *TITLES[:4]))
    ]
    made = list[Record]()
    for number, title in enumerate(TITLES):
        made.append(
            organisation.course(
                *random.sample(units, number % 6),
                title=title,
                program_identifier=f"PRG{number // 2}",
                superseded_by=random.choice([None, *made]),
                is_active=not title.startswith("Retired"),
                created_at=now - 9 * DAY + random.choice([-DAY, DAY]),
            )
        )
    offers = [
        organisation.course_offer(
            course,
            *random.sample(trainers, random.randint(0, len(trainers))),
            title=f"{course['title']} {number}",
            needs_commitment=random.random() < 0.5,
            starts_on=random.choice([None, today - DAY, today, today + DAY]),
            is_active=random.random() < 0.8,
        )
        for course in made
        for number in range(random.randint(1, 3))
    ]
    reasons = [
        organisation.status_reason(title=title, is_active=number % 3 > 0)
        for number, title in enumerate(("Ill", "Übersiedelt", "Zebra 100%", "Moved"))
    ]
    statuses = cycle(_S)
    busy = {organisation.own[role].id for role in (Role.LEARNER, Role.MANAGER)}
    for own in everybody:
        taken = random.sample(offers, 8 if own.id in busy else random.randint(0, 3))
        for offer in taken:
            _enrolment(organisation, own, offer, next(statuses), units, reasons, random)
        if not taken and random.random() < 0.7:
            _outlasted(organisation, own, random.choice(offers), random)


def _enrolment(
    organisation: Organisation,
    own: Record,
    offer: Record,
    status: CourseEnrolmentStatus,
    units: list[Record],
    reasons: list[Record],
    random: Random,
) -> None:
    """An enrolment of up to four units; one that is finalised has them as finalising leaves them."""
    day, now = organisation.day, organisation.clock()
    is_finalised = status in ENDED - {_S.DECLINED} and random.random() < 0.6
    starts = random.choice([None, -30, 0, 3])
    days: dict[str, Any] = {}
    if status is _S.DEFERRED and random.random() < 0.5:
        days = {"deferred_on": None, "returns_on": None}
    flag: dict[str, Any] = {}
    if is_finalised and random.random() < 0.5:
        flag = {"reconnect_for": random.choice(list(ReconnectPurpose)), "reconnect_on": day(random.choice([-1, 0, 9]))}
    enrolment = organisation.course_enrolment(
        own,
        offer,
        status,
        finalised_on=day(random.choice([-9, -1])) if is_finalised else None,
        reason=random.choice([None, *reasons]),
        commitment_ref=random.choice([None, "COM-1", "com-1", "COM-ü"]),
        transitioned_to=random.choice([None, None, organisation.record(offer["course_id"])["superseded_by"]]),
        cancelled_commitment_ref=random.choice([None, None, "COM-0"]),
        starts_on=None if starts is None else day(starts),
        ends_on=random.choice([None, day(3), day(9), *(day(past) for past in PAST if starts in BEFORE)]),
        enrolled_at=now - 30 * DAY + random.choice([-DAY, timedelta(), timedelta(microseconds=1)]),
        **days,
        **flag,
    )
    for unit in random.sample(units, random.randint(0, 4)):
        _unit(organisation, enrolment, unit, random, is_finalised=is_finalised)
    if status in COMPLETIONS and random.random() < 0.7:
        organisation.survey(enrolment, random.choice(list(SurveyStatus)), requested_at=now - 9 * DAY)


def _outlasted(organisation: Organisation, own: Record, offer: Record, random: Random) -> None:
    """An enrolment that goes on by its status, and ended yesterday or ends today: the only one that somebody has."""
    status, ends = random.choice([_S.PENDING, _S.CURRENT, _S.CURRENT]), organisation.day(random.choice(PAST))
    organisation.course_enrolment(own, offer, status, starts_on=organisation.day(-30), ends_on=ends)


def _unit(organisation: Organisation, enrolment: Record, unit: Record, random: Random, *, is_finalised: bool) -> None:
    hours = random.choice([None, 0, 12, 40])
    starts = random.choice([None, -30, -30, 0, 5])
    given: dict[str, Any] = {
        "starts": starts,
        "ends": random.choice([None, 6, 30, *(PAST if starts in BEFORE else ())]),
        "outcome": random.choice([None, None, *Outcome]),
        "hours": hours,
    }
    if is_finalised:
        given = {"starts": -30, "ends": -9, "outcome": random.choice(sorted(FINAL)), "hours": 12}
        if enrolment["status"] is not _S.COMPLETED and random.random() < 0.3:
            given = {"starts": 5, "ends": 30, "outcome": Outcome.NOT_COMMENCED, "hours": 0}
    organisation.unit_enrolment(
        enrolment,
        unit,
        program_identifier=random.choice(["PRG1", "PRG2", "OLD"]),
        scheduled_hours=random.choice([None, 0, 40]),
        reported_at=random.choice([None, None, organisation.clock() - DAY]),
        **given,
    )
