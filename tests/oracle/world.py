"""The organisation that the queries are about: small, and as awkward as it can be at the instant of asking."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from itertools import cycle
from random import Random
from typing import Any
from zoneinfo import ZoneInfo

from portal_api.domain.certifications import (
    CertificationJoining,
    CertificationVersionStatus,
    LearnerCertificationStatus,
    StepPath,
)
from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.pathways import PathwayEnrolmentStatus, PathwayKind
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    ACTIVE_STATUSES,
    SeriesDuration,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.ids import global_id
from tests.factories import DAY, PREFIXES, Organisation, Record
from tests.oracle.world_automations import lay_out_automations
from tests.oracle.world_certifications import lay_out_certifications
from tests.oracle.world_courses import lay_out_courses
from tests.oracle.world_credentials import lay_out_credentials

MICROSECOND, SECOND = timedelta(microseconds=1), timedelta(seconds=1)
AROUND = (-DAY, -SECOND, -SECOND / 2, -MICROSECOND, timedelta(), MICROSECOND, SECOND / 2, SECOND, DAY)
"""How far from the instant of asking things happen."""
NAMES = (
    ("Zoë", "Ångström"),
    ("Zoe", "Angstrom"),
    ("ZOE", "ÅNGSTRÖM"),
    ("Zoe\u0308", "A\u030angstro\u0308m"),
    ("Łukasz", "Żółć"),
    ("İpek", "Straße"),
    ("Ipek", "STRASSE"),
    ("Siobhán", "O'Connor-Ó Briain"),
    ("Jan", "van der Berg"),
    ("Mei", "李"),
    ("𝐀nna", "Ⅳth"),
    ("anna", "iv"),
    ("100%_sure", "back\\slash"),
    ('Quo"te', "tab\tand  space"),
    ("Ana", "Ng"),
    ("Ana", "Ng"),
)
STEPS = ("Schritt eins", "Schritt zwei", "schritt drei", "Étape", "etape")
"""The series that pathways go through; nobody takes them otherwise."""
TITLES = ("Ångströms", "angstroms", "First aid", "First Aid", "Élan vital", "Zebra 100%", "Retired", "Retired too")
SEARCHED = ("given_name", "family_name", "email", "external_ref", "title", "name")
SITES = (None, "Ōtaki", "Otaki", "otaki", "Ångström Hall")
CODES = (None, None, "spring", "Spring", "spring 2026", "ü-42")
_S, _P = SeriesEnrolmentStatus, PathwayEnrolmentStatus


@dataclass(frozen=True)
class World:
    """An organisation, its twin, and who may be asked for."""

    organisation: Organisation
    twin: Organisation
    askers: dict[Role, tuple[Record, ...]]
    """Users of each role; the first is the one with most to see."""

    def foreign_ids(self) -> Iterator[str]:
        """Identifiers from beyond the wall."""
        for table, prefix in PREFIXES.items():
            for row in self.twin.rows.get(table, ()):
                yield global_id(prefix, row["id"])


def lay_out(organisation: Organisation, random: Random) -> World:
    """Sixty learners on four levels, thirteen series, some 300 enrolments; nothing is saved yet."""
    names, near = cycle(NAMES), cycle(AROUND)
    now = organisation.clock()

    def learner(reports_to: Record | None = None) -> Record:
        given, family = next(names)
        is_active = random.random() < 0.9
        made = organisation.learner(
            reports_to=reports_to,
            is_active=is_active,
            given_name=given,
            family_name=family,
            has_app_access=is_active and random.random() < 0.8,
            first_signed_in_at=random.choice([None, now - 40 * DAY]),
            created_at=now - 50 * DAY + random.choice([timedelta(), next(near)]),
            last_activity_at=random.choice([None, now - 5 * DAY, now - 40 * DAY, now + next(near)]),
            student_identifier=random.choice([None, "INDIV", "INTOFF", "LSF92SBKSV"]),
            special_requirements=(note := random.choice([None, None, "Large print", "“Quiet” room"])),
            special_requirements_are_private=note is not None and random.random() < 0.5,
            deactivation_note=None if is_active else "Left on 1 March, “for good”",
        )
        if site := random.choice(SITES):
            organisation.attribute(made, "site", site)
        return made

    top = organisation.own[Role.MANAGER]
    heads = [learner(top) for _ in range(3)]
    leads = [learner(head) for head in heads for _ in range(3)]
    crew = [learner(lead) for lead in leads for _ in range(4)]
    outside = [learner() for _ in range(5)]
    below = [learner(outside[0]) for _ in range(5)]
    everybody = [top, organisation.own[Role.LEARNER], *heads, *leads, *crew, *outside, *below]

    others = (" ".join(name) for name in NAMES)

    def asker(role: Role, learner: Record | None = None) -> Record:
        return organisation.user(role, learner, name=next(others))

    askers: dict[Role, tuple[Record, ...]] = {role: (user,) for role, user in organisation.staff.items()}
    askers[Role.OWNER] += (asker(Role.OWNER, outside[1]),)
    askers[Role.ADMIN] += (asker(Role.ADMIN, crew[0]),)
    askers[Role.MANAGER] += (asker(Role.MANAGER, heads[1]), asker(Role.MANAGER))
    askers[Role.TRAINER] = (asker(Role.TRAINER, leads[1]), *askers[Role.TRAINER])
    for name in others:
        organisation.user(Role.LEARNER, name=name)

    types = cycle(random.sample(list(SeriesType), len(SeriesType)))
    library = [
        organisation.series(
            title=title,
            type=next(types),
            duration=duration,
            is_active=not title.startswith("Retired"),
            created_at=now - 100 * DAY + random.choice(AROUND[:2]),
        )
        for title, duration in zip(TITLES, cycle(SeriesDuration), strict=False)
    ]
    busy = (organisation.own[Role.LEARNER], leads[1])
    statuses = cycle(_S)
    for own in everybody:
        free = random.sample(library, len(library))  # nobody takes a series twice at once
        for _ in range(12 if own in busy else random.randint(1, 6)):
            status = next(statuses)
            series = free.pop() if status in ACTIVE_STATUSES else random.choice(library)
            _enrolment(organisation, own, series, status, random)

    _pathways(organisation, everybody, random)
    _certifications(organisation, everybody, _groups(organisation, crew), random)
    lay_out_certifications(organisation, everybody, random)
    lay_out_courses(organisation, everybody, askers[Role.TRAINER], random)
    lay_out_credentials(organisation, random)
    lay_out_automations(organisation, everybody, [each for own in askers.values() for each in own], random)
    for number, own in enumerate([None, None, *library, *library[:4]]):
        title = f"{TITLES[number % len(TITLES)]} {number // 3}"
        organisation.resource(own, title=title, is_active=number % 5 > 0, created_at=now - 9 * DAY + next(near))
    _exports(organisation, [*askers[Role.OWNER], askers[Role.ADMIN][0], *askers[Role.MANAGER]], random)
    player = organisation.user(Role.INTEGRATION)
    for number, away in enumerate((*AROUND, 30 * DAY)):
        organisation.token(player if number % 2 else None, expires_at=now + away, created_at=now - 9 * DAY - away)
    organisation.token(status=IntegrationTokenStatus.REVOKED)

    twin = organisation.twin()
    # Somebody of ours is somebody else next door.
    twin.joined_by(askers[Role.MANAGER][0], Role.OWNER)
    return World(organisation, twin, askers)


def local_day(at: datetime, time_zone: str) -> date:
    """The day on which an instant falls."""
    return at.astimezone(ZoneInfo(time_zone)).date()


def midnight(day: date, time_zone: str) -> datetime:
    """The instant at which a day begins."""
    return datetime.combine(day, time(), ZoneInfo(time_zone)).astimezone(UTC)


def _enrolment(
    organisation: Organisation, learner: Record, series: Record, status: SeriesEnrolmentStatus, random: Random
) -> None:
    now = organisation.clock()
    near = now if random.random() < 0.3 else now + random.choice(AROUND)
    far = random.choice([MICROSECOND, SECOND, 30 * DAY])
    starts_at, ends_at = (near, near + far) if status is _S.WAITING_TO_START else (now - 20 * DAY, near)
    if status not in (_S.WAITING_TO_START, _S.MASTERED, _S.WITHDRAWN) and random.random() < 0.3:
        ends_at = now + 60 * DAY
    due_on = random.choice(
        [None, *(local_day(now, organisation.time_zone) + days * DAY for days in (-3, -1, -1, 0, 1))]
    )
    answered = random.randint(0, 10)
    withdrawal = {
        "withdrawn_at": now + random.choice(AROUND[:5]),
        "withdrawal_reason": random.choice(list(WithdrawalReason)),
        "withdrawal_note": random.choice([None, "“Enough”, she said"]),
    }
    organisation.enrolment(
        learner,
        series,
        status,
        has_signed_in=random.random() < 0.5,
        enrolled_at=now - 30 * DAY + random.choice(AROUND),
        starts_at=starts_at,
        ends_at=ends_at,
        due_on=due_on,
        overdue_at=due_on and midnight(due_on + DAY, organisation.time_zone),
        tracking_code=random.choice(CODES),
        questions_answered=answered,
        questions_correct=random.randint(0, answered),
        last_answered_at=now + random.choice(AROUND[:5]) if answered else None,
        **(withdrawal if status is _S.WITHDRAWN else {}),
    )


def _pathways(organisation: Organisation, everybody: list[Record], random: Random) -> None:
    """Three pathways, one of them retired, one with a series that is; each with runs at every status, and overdue ones."""
    now = organisation.clock()
    steps = [organisation.series(title=title, is_active=title != "etape") for title in STEPS]
    paths = [
        (organisation.pathway(*steps[:3], title="Öffnung", created_at=now - 9 * DAY), steps[:3]),
        (organisation.pathway(*steps[3:], title="offnung", kind=PathwayKind.INTERLEAVED), steps[3:]),
        (organisation.pathway(steps[4], steps[0], title="Retired", is_active=False), [steps[4], steps[0]]),
        (organisation.pathway(title="Zebra 100%", created_at=now - 9 * DAY), []),
    ]
    statuses = cycle((_P.IN_PROGRESS, _P.COMPLETED, _P.IN_PROGRESS, _P.INCOMPLETE, _P.WITHDRAWN))
    for own in everybody:
        taken = list[Record]()
        for path, through in random.sample(paths[:3], random.randint(0, 3)):
            status = next(statuses)
            if status is _P.IN_PROGRESS and any(each in taken for each in through):
                status = _P.INCOMPLETE
            taken += through if status is _P.IN_PROGRESS else []
            _run(organisation, own, path, through, status, random)


def _run(
    organisation: Organisation,
    learner: Record,
    path: Record,
    through: list[Record],
    status: PathwayEnrolmentStatus,
    random: Random,
) -> None:
    """A run through a pathway: what lies behind is mastered, and where it is broken off, one series is incomplete."""
    now = organisation.clock()
    position = len(through) if status is _P.COMPLETED else random.randint(1, len(through))
    at = now + random.choice(AROUND[:5])
    more: dict[str, Any] = {"completed_at": at} if status is _P.COMPLETED else {}
    if status is _P.WITHDRAWN:
        more = {
            "withdrawn_at": at,
            "withdrawal_reason": random.choice(list(WithdrawalReason)),
            "withdrawal_note": random.choice([None, "“Enough”, he said"]),
        }
    if status is _P.IN_PROGRESS and random.random() < 0.6:
        more = {"ends_at": now + random.choice(AROUND)}
    enrolled_at = now - 30 * DAY + random.choice(AROUND)
    code = random.choice(CODES)
    made = organisation.pathway_enrolment(
        learner, path, status, position=position, tracking_code=code, enrolled_at=enrolled_at, **more
    )
    for number, each in enumerate(through[:position], start=1):
        ended = _S.WITHDRAWN if status is _P.WITHDRAWN else _S.INCOMPLETE
        if number < position or status is _P.COMPLETED:
            organisation.enrolment(learner, each, _S.MASTERED, pathway_enrolment_id=made.id, tracking_code=code)
        elif status is not _P.IN_PROGRESS:
            organisation.enrolment(learner, each, ended, pathway_enrolment_id=made.id)


def _groups(organisation: Organisation, crew: list[Record]) -> list[Record]:
    """Groups that overlap, one of nobody, one retired."""
    return [
        organisation.group(*crew[:8], team="Blue", level="3"),
        organisation.group(*crew[8:14], team="Red"),
        organisation.group(*crew[4:10], shift="Night"),
        organisation.group(shift="Day"),
        organisation.group(*crew[20:24], shift="Twilight", is_active=False),
    ]


def _certifications(organisation: Organisation, everybody: list[Record], groups: list[Record], random: Random) -> None:
    """Certifications of every way to join, some retired, some without a version in force; records at every status."""
    now, statuses = organisation.clock(), cycle(LearnerCertificationStatus)
    joinings = cycle(CertificationJoining)
    made_in_order, published = list[Record](), list[Record]()
    for number, title in enumerate((*TITLES, *TITLES[:4])):
        made = organisation.certification(
            title=title,
            joining=next(joinings),
            is_active=not title.startswith("Retired"),
            is_published=number % 4 > 0,
            created_at=now - 9 * DAY + random.choice(AROUND[:2]),
        )
        for group in random.sample(groups, number % 3):
            organisation.assigns(group, made)
        if number % 4:
            published.append(made)
        made_in_order.append(made)
    for own in everybody:
        for certification in random.sample(published, random.randint(0, 3)):
            status = next(statuses)
            near = random.choice(AROUND) if random.random() < 0.7 else -40 * DAY
            is_timed = status is LearnerCertificationStatus.CERTIFIED
            expiry: dict[str, Any] = {
                "expires_at": now + near,
                "lapses_at": now + near + random.choice([timedelta(), 30 * DAY]),
            }
            expiry["window_opens_at"] = now + near - 30 * DAY
            organisation.learner_certification(own, certification, status, **(expiry if is_timed else {}))
        if random.random() < 0.4:
            organisation.access_request(own, random.choice(published))
    for number, made in enumerate(made_in_order):
        _versions(organisation, made, number, random)
    gone: dict[str, Any] = {"archived_at": now - DAY, "assigned_at": now - 3 * DAY}
    for own in everybody[:6]:
        last = organisation.certification(joining=CertificationJoining.OPEN)
        organisation.learner_certification(own, last, LearnerCertificationStatus.ASSIGNED, **gone)
    organisation.assigned_by_groups()


def _versions(organisation: Organisation, of: Record, number: int, random: Random) -> None:
    """Later versions: with fees and without, of no steps and of many, retired, and drafts."""
    fees: dict[str, Any] = {"initial_fee": random.choice([None, 1, 10_000]), "recertification_fee": 500}
    if number % 4:
        exam: dict[str, Any] = {"attempt_limit": random.choice([None, 1]), "validity_months": random.choice([None, 12])}
        organisation.certification_version(of, steps=number % 3 + 1, **fees, **exam)
    if number % 2:
        organisation.certification_version(of, CertificationVersionStatus.RETIRED, paths=(StepPath.TEST_OUT,))
    if number % 3:
        organisation.certification_version(of, CertificationVersionStatus.DRAFT, steps=0)


def _exports(organisation: Organisation, users: list[Record], random: Random) -> None:
    """Exports of whoever may have some, at every status, some of them gone by now."""
    now, near = organisation.clock(), cycle(AROUND)
    for user in users:
        for status in ExportStatus:
            is_kept = status in (ExportStatus.READY, ExportStatus.EXPIRED)
            organisation.export(
                user,
                status,
                random.choice(list(ExportList)),
                written_count=random.randint(0, 9),
                row_count=None if status is ExportStatus.QUEUED else 9,
                created_at=now - 2 * DAY + next(near),
                **({"expires_at": now + next(near)} if is_kept else {}),
            )
