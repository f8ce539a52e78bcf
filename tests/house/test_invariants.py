"""The invariants themselves: each one sees what breaks it, and a sound organisation breaks none."""

from collections import Counter
from datetime import date, datetime, timedelta

import pytest
from sqlalchemy import update

from portal_api.database import Database
from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.domain.series import SeriesEnrolmentStatus
from portal_api.models import (
    history_entries,
    roles,
    series_enrolments,
)
from tests import invariants
from tests.clock import START, ManualClock, RepeatableIds
from tests.conftest import SignIn
from tests.factories import Organisation, organisation_with_everybody
from tests.house.broken import DAY, Broken


@pytest.fixture
async def breakable(database: Database, clock: ManualClock, new_id: RepeatableIds) -> Broken:
    made = Broken(organisation_with_everybody(database, clock, new_id))
    await made.organisation.save()
    return made


BREACHES = 82


@pytest.mark.parametrize("number", range(BREACHES))
async def test_an_invariant_sees_what_breaks_it(breakable: Broken, number: int) -> None:
    organisation, breaches = breakable.organisation, breakable.breaches()
    assert len(breaches) == BREACHES
    expected, statements = list(breaches.items())[number]
    assert await invariants.broken(organisation.database, organisation.id) == {}

    async with organisation.database.engine.begin() as connection:
        for statement in statements:
            await connection.execute(statement)

    found = await invariants.broken(organisation.database, organisation.id)
    assert any(expected in rule for rule in found), found
    with pytest.raises(AssertionError, match=expected):
        await invariants.check(organisation.database, organisation.id)


async def test_the_clock_may_make_several_moves_in_one_version(breakable: Broken) -> None:
    organisation = breakable.organisation
    entries = [
        breakable.withdrawal(
            breakable.ended,
            actor_kind=ActorKind.CLOCK,
            actor_id=None,
            action=action,
            from_status=from_status,
            to_status=to_status,
            occurred_at=occurred_at,
        )
        for action, from_status, to_status, occurred_at in (
            (HistoryAction.SERIES_ENROLMENT_STARTED, "WAITING_TO_START", "NO_ATTEMPTS", START - DAY),
            (HistoryAction.SERIES_ENROLMENT_ENDED, "NO_ATTEMPTS", "INCOMPLETE", START),
        )
    ]
    async with organisation.database.engine.begin() as connection:
        for entry in entries:
            await connection.execute(entry)
    assert await invariants.broken(organisation.database, organisation.id) == {}


async def test_a_life_of_changes_breaks_nothing(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    """Deactivated, reactivated, withdrawn, overdue by several moves: the fixture checks in the end."""
    learner = organisation.learner()
    cases = organisation.every_status(learner)
    admin = sign_in(Role.ADMIN)
    changes = [
        ("deactivateLearners", {"ids": [learner.gid], "reason": "OTHER"}, 1),
        ("reactivateLearners", {"ids": [learner.gid]}, 1),
        (
            "withdrawSeriesEnrolments",
            {"ids": [case.enrolment.gid for case in cases], "reason": "ENROLMENT_ERROR"},
            sum(case.now.name in {"WAITING_TO_START", "NOT_SIGNED_IN", "NO_ATTEMPTS", "IN_PROGRESS"} for case in cases),
        ),
        ("deactivateLearners", {"ids": [learner.gid], "reason": "OTHER"}, 1),
    ]
    for name, given, changed in changes:
        title = f"{name[0].upper()}{name[1:]}Input"
        data = await admin.query(
            f"mutation ($input: {title}!) {{ {name}(input: $input) {{ counts {{ changed }} }} }}", {"input": given}
        )
        assert data[name]["counts"]["changed"] == changed
        clock.advance(timedelta(minutes=5))
    acts = Counter(row["action"].name for row in await organisation.stored(history_entries))
    assert acts == {
        "LEARNER_DEACTIVATED": 2,
        "LEARNER_REACTIVATED": 1,
        "SERIES_ENROLMENT_STARTED": 2,
        "SERIES_ENROLMENT_WITHDRAWN": 6,
    }


@pytest.mark.parametrize(
    ("day", "instant"),
    [
        (date(2026, 4, 4), "2026-04-05T00:00:00+13:00"),
        (date(2026, 4, 5), "2026-04-06T00:00:00+12:00"),
        (date(2026, 9, 27), "2026-09-28T00:00:00+13:00"),
    ],
)
async def test_a_day_is_over_when_the_organisation_says_so(breakable: Broken, day: date, instant: str) -> None:
    organisation, at = breakable.organisation, datetime.fromisoformat(instant)
    for wrong in (timedelta(), timedelta(microseconds=1), -timedelta(microseconds=1), DAY):
        async with organisation.database.engine.begin() as connection:
            await connection.execute(
                update(series_enrolments)
                .where(series_enrolments.c.id == breakable.enrolment.id)
                .values(due_on=day, overdue_at=at + wrong)
            )
        found = await invariants.broken(organisation.database, organisation.id)
        assert found == ({invariants.OVERDUE: [breakable.enrolment.id]} if wrong else {})


async def test_reactivating_is_the_one_act_on_an_inactive_learner(breakable: Broken) -> None:
    organisation = breakable.organisation
    async with organisation.database.engine.begin() as connection:
        await connection.execute(breakable.of_learner(HistoryAction.LEARNER_REACTIVATED))
    assert await invariants.broken(organisation.database, organisation.id) == {}


async def test_a_pathway_whose_time_ran_out_may_wait_for_the_clock(breakable: Broken) -> None:
    """The clock has moved the enrolment in its series, and comes to the pathway itself next."""
    organisation = breakable.organisation
    own = series_enrolments.c
    async with organisation.database.engine.begin() as connection:
        await connection.execute(
            update(series_enrolments)
            .where(own.pathway_enrolment_id == breakable.whole.id, own.status == SeriesEnrolmentStatus.IN_PROGRESS)
            .values(status=SeriesEnrolmentStatus.INCOMPLETE, due_at=invariants.FAR_FUTURE)
        )
    assert await invariants.broken(organisation.database, organisation.id) == {}


async def test_every_kind_of_record_with_a_history_is_known(breakable: Broken) -> None:
    """An entry about a record of each kind tells of one that exists, at the status that it has."""
    organisation = breakable.organisation
    resource, course, unit = organisation.resource(), organisation.course(), organisation.unit()
    offer, reason = organisation.course_offer(course), organisation.status_reason(is_active=False)
    await organisation.save()
    subjects = {
        SubjectKind.ORGANISATION: (organisation.id, "OPEN"),
        SubjectKind.USER: (organisation.staff[Role.TRAINER].id, "TRAINER"),
        SubjectKind.INTEGRATION_TOKEN: (breakable.token["id"], "ACTIVE"),
        SubjectKind.GROUP: (breakable.retired.id, "RETIRED"),
        SubjectKind.LEARNER: (breakable.low.id, "ACTIVE"),
        SubjectKind.SERIES: (breakable.steps[0].id, "ACTIVE"),
        SubjectKind.SERIES_ENROLMENT: (breakable.enrolment.id, "IN_PROGRESS"),
        SubjectKind.PATHWAY: (breakable.pathway.id, "ACTIVE"),
        SubjectKind.PATHWAY_ENROLMENT: (breakable.done.id, "COMPLETED"),
        SubjectKind.RESOURCE: (resource.id, "ACTIVE"),
        SubjectKind.CERTIFICATION: (breakable.certifying.certification.id, "ACTIVE"),
        SubjectKind.CERTIFICATION_VERSION: (breakable.certifying.version.id, "PUBLISHED"),
        SubjectKind.LEARNER_CERTIFICATION: (breakable.certifying.at_work.id, "IN_PROGRESS"),
        SubjectKind.APPROVAL: (breakable.certifying.approval.id, "PENDING"),
        SubjectKind.CERTIFICATE: (breakable.certifying.certificate.id, "VALID"),
        SubjectKind.COURSE: (course.id, "ACTIVE"),
        SubjectKind.UNIT: (unit.id, "ACTIVE"),
        SubjectKind.COURSE_OFFER: (offer.id, "ACTIVE"),
        SubjectKind.STATUS_REASON: (reason.id, "RETIRED"),
        SubjectKind.COURSE_ENROLMENT: (breakable.enrolling.completed.id, "COMPLETED"),
        SubjectKind.UNIT_ENROLMENT: (breakable.enrolling.done.id, "20"),
        SubjectKind.SURVEY: (breakable.enrolling.survey.id, "REQUESTED"),
        SubjectKind.EXPORT: (breakable.export["id"], "QUEUED"),
        SubjectKind.CREDENTIAL: (breakable.crediting.credential.id, "ISSUED"),
        SubjectKind.DOCUMENT: (breakable.crediting.document.id, "ACTIVE"),
        SubjectKind.LEARNCYCLE: (breakable.automating.learncycle.id, "ON"),
        SubjectKind.TASK: (breakable.automating.task.id, "OPEN"),
        SubjectKind.NOTIFICATION: (breakable.automating.notification.id, "UNREAD"),
        SubjectKind.WEBHOOK_ENDPOINT: (breakable.automating.endpoint.id, "ACTIVE"),
        SubjectKind.WEBHOOK_DELIVERY: (breakable.automating.delivery.id, "DEAD"),
    }
    assert list(subjects) == list(SubjectKind)
    for kind, (id_, status) in subjects.items():
        columns = {"subject_kind": kind, "subject_id": id_, "from_status": None}
        async with organisation.database.engine.begin() as connection:
            await connection.execute(breakable.withdrawal(breakable.enrolment, **columns, to_status=status))
        assert await invariants.broken(organisation.database, organisation.id) == {}
    async with organisation.database.engine.begin() as connection:
        gone = (roles.c.organisation_id == organisation.id) & (roles.c.role == Role.TRAINER)
        await connection.execute(update(roles).where(gone).values(role=None))
    [(rule, ids)] = (await invariants.broken(organisation.database, organisation.id)).items()
    assert "says the status that the record has" in rule
    assert ids == [subjects[SubjectKind.USER][0]]
