"""The organisation that the queries are about: small, and as awkward as it can be at the instant of asking."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import cycle
from random import Random

from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.roles import Role
from portal_api.domain.series import (
    ACTIVE_STATUSES,
    SeriesDuration,
    SeriesEnrolmentStatus,
    SeriesType,
    WithdrawalReason,
)
from portal_api.ids import global_id
from portal_api.models import history_entries, learners, series_enrolments
from portal_api.queries import history as history_queries
from portal_api.queries.history import Entry
from tests.client import Client
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, PREFIXES, Organisation, Record

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
TITLES = ("Ångströms", "angstroms", "First aid", "First Aid", "Élan vital", "Zebra 100%", "Retired", "Retired too")
SEARCHED = ("given_name", "family_name", "email", "external_ref", "title")
_S = SeriesEnrolmentStatus
WITHDRAW = """
mutation ($input: WithdrawSeriesEnrolmentsInput!) { withdrawSeriesEnrolments(input: $input) { counts { changed } } }
"""
DEACTIVATE = "mutation ($input: DeactivateLearnersInput!) { deactivateLearners(input: $input) { counts { changed } } }"
REACTIVATE = "mutation ($input: ReactivateLearnersInput!) { reactivateLearners(input: $input) { counts { changed } } }"


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
    """Sixty learners on four levels, eight series, some 250 enrolments; nothing is saved yet."""
    names, near = cycle(NAMES), cycle(AROUND)
    now = organisation.clock()

    def learner(reports_to: Record | None = None) -> Record:
        given, family = next(names)
        is_active = random.random() < 0.9
        return organisation.learner(
            reports_to=reports_to,
            is_active=is_active,
            given_name=given,
            family_name=family,
            has_app_access=is_active and random.random() < 0.8,
            first_signed_in_at=random.choice([None, now - 40 * DAY]),
            created_at=now - 50 * DAY + random.choice([timedelta(), next(near)]),
            deactivation_note=None if is_active else "Left on 1 March, “for good”",
        )

    top = organisation.own[Role.MANAGER]
    heads = [learner(top) for _ in range(3)]
    leads = [learner(head) for head in heads for _ in range(3)]
    crew = [learner(lead) for lead in leads for _ in range(4)]
    outside = [learner() for _ in range(5)]
    below = [learner(outside[0]) for _ in range(5)]
    everybody = [top, organisation.own[Role.LEARNER], *heads, *leads, *crew, *outside, *below]

    askers: dict[Role, tuple[Record, ...]] = {role: (user,) for role, user in organisation.staff.items()}
    askers[Role.OWNER] += (organisation.user(Role.OWNER, outside[1]),)
    askers[Role.ADMIN] += (organisation.user(Role.ADMIN, crew[0]),)
    askers[Role.MANAGER] += (organisation.user(Role.MANAGER, heads[1]), organisation.user(Role.MANAGER))
    askers[Role.TRAINER] = (organisation.user(Role.TRAINER, leads[1]), *askers[Role.TRAINER])

    library = [
        organisation.series(
            title=title,
            type=random.choice(list(SeriesType)),
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

    twin = organisation.twin()
    # Somebody of ours is somebody else next door.
    twin.joined_by(askers[Role.MANAGER][0], Role.OWNER)
    return World(organisation, twin, askers)


def _enrolment(
    organisation: Organisation, learner: Record, series: Record, status: SeriesEnrolmentStatus, random: Random
) -> None:
    now = organisation.clock()
    near = now if random.random() < 0.3 else now + random.choice(AROUND)
    far = random.choice([MICROSECOND, SECOND, 30 * DAY])
    starts_at, ends_at = (near, near + far) if status is _S.WAITING_TO_START else (now - 20 * DAY, near)
    if status not in (_S.WAITING_TO_START, _S.MASTERED, _S.WITHDRAWN) and random.random() < 0.3:
        ends_at = now + 60 * DAY
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
        **(withdrawal if status is _S.WITHDRAWN else {}),
    )


async def live_through(world: World, clock: ManualClock, sign_in: SignIn, random: Random) -> None:
    """Saves the world, and gives it a history: changes made over the API, then what no mutation writes yet."""
    organisation, start = world.organisation, clock.now
    await organisation.save()
    await world.twin.save()
    admin, owner = sign_in(Role.ADMIN), sign_in(Role.OWNER)
    enrolments = [global_id("sen", row["id"]) for row in organisation.rows[series_enrolments]]
    active = [row["id"] for row in organisation.rows[learners] if row["status"] is LearnerStatus.ACTIVE]
    idle = [global_id("lrn", id_) for id_ in random.sample(active, 9) if id_ != organisation.own[Role.LEARNER].id]

    async def change(client: Client, document: str, ids: list[str], **given: str) -> None:
        await client.query(document, {"input": {"ids": ids, **given}})

    clock.now = start - 12 * DAY
    await change(admin, WITHDRAW, random.sample(enrolments, 40), reason="ENROLMENT_ERROR", note="Wrong series")
    clock.now = start - 5 * DAY + MICROSECOND
    await change(owner, DEACTIVATE, idle, reason="NO_ACTIVITY", note="Since 1 March")
    clock.now = start - 2 * DAY
    await change(admin, REACTIVATE, idle[:4])
    clock.now = start - SECOND / 2
    await change(owner, DEACTIVATE, idle[:2], reason="OTHER")
    clock.now = start
    await change(owner, WITHDRAW, random.sample(enrolments, 30), reason="NO_LONGER_REQUIRED")
    await _by_machines(organisation)


async def _by_machines(organisation: Organisation) -> None:
    """Entries of an integration and a learncycle, which no mutation writes yet, the one caused by the other."""
    known = {row["subject_id"] for row in await organisation.stored(history_entries)}
    now, new_id = organisation.clock(), organisation.new_id
    [enrolment, *_] = [row for row in organisation.rows[series_enrolments] if row["id"] not in known]
    [learner, *_] = [
        row for row in organisation.rows[learners] if row["status"] is LearnerStatus.ACTIVE and row["id"] not in known
    ]
    cause = Entry(
        organisation_id=organisation.id,
        id=new_id(now),
        actor_kind=ActorKind.INTEGRATION,
        actor_id=organisation.staff[Role.INTEGRATION].id,
        action=HistoryAction.SERIES_ENROLMENT_STARTED,
        subject_kind=SubjectKind.SERIES_ENROLMENT,
        subject_id=enrolment["id"],
        learner_id=enrolment["learner_id"],
        from_status=None,
        to_status=enrolment["status"].name,
        reason=None,
        note="From the shop",
        version=enrolment["version"],
        request_id=None,
        cause_id=None,
        occurred_at=now - MICROSECOND,
        recorded_at=now,
    )
    effect = cause._replace(
        id=new_id(now),
        actor_kind=ActorKind.LEARNCYCLE,
        actor_id=None,
        action=HistoryAction.LEARNER_REACTIVATED,
        subject_kind=SubjectKind.LEARNER,
        subject_id=learner["id"],
        learner_id=learner["id"],
        to_status=learner["status"].name,
        cause_id=cause.id,
        occurred_at=now,
    )
    async with organisation.database.engine.begin() as connection:
        for entry in (cause, effect):
            await history_queries.record(connection, [entry])
