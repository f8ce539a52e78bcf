"""Courses, units, offers and status reasons: some retired, some of no units, some taught, and taken, by whoever asks."""

from random import Random

from portal_api.domain.roles import Role
from tests.factories import DAY, Organisation, Record

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
    busy = {organisation.own[role].id for role in (Role.LEARNER, Role.MANAGER)}
    for own in everybody:
        for offer in random.sample(offers, 8 if own.id in busy else random.randint(0, 2)):
            organisation.course_enrolment(own, offer)
    for number, title in enumerate(("Ill", "Übersiedelt", "Zebra 100%", "Moved")):
        organisation.status_reason(title=title, is_active=number % 3 > 0)
