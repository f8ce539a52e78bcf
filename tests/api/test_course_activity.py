"""What courses do to a learner's record: what stands open at deactivation, when they were last active, what is billed."""

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import ENDED, CourseEnrolmentStatus
from portal_api.domain.roles import Role
from portal_api.models import activity_intervals, learners
from tests.api.calls import call
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import DAY, Organisation, Record

OPEN = "openRecords(first: 15) { totalCount nodes { kind status since subject { id } } }"


async def _last_activity_of(organisation: Organisation, learner: Record) -> object:
    [row] = [row for row in await organisation.stored(learners) if row["id"] == learner.id]
    return row["last_activity_at"]


async def test_a_deactivation_and_its_preview_list_the_course_enrolments_that_stand_open(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    made = {status: organisation.course_enrolment(learner, status=status) for status in CourseEnrolmentStatus}
    admin = sign_in(Role.ADMIN)

    preview = await call(
        admin, "deactivateLearners", OPEN, ids=[learner.gid], reason="OTHER", withdrawAll=True, preview=True
    )
    meant = await call(admin, "deactivateLearners", OPEN, ids=[learner.gid], reason="OTHER", withdrawAll=True)

    [told] = [result["node"]["openRecords"] for result in meant["results"]]
    assert preview == meant | {"isPreview": True}
    assert {(each["kind"], each["status"], each["subject"]["id"]) for each in told["nodes"]} == {
        ("COURSE_ENROLMENT", status.name, enrolment.gid) for status, enrolment in made.items() if status not in ENDED
    }
    assert told["totalCount"] == len(told["nodes"]) == len(CourseEnrolmentStatus) - len(ENDED)


async def test_in_bulk_likewise_though_the_days_of_what_stands_open_are_over(
    organisation: Organisation, sign_in: SignIn
) -> None:
    learner = organisation.learner()
    current = organisation.course_enrolment(learner, ends_on=organisation.day(-1))
    organisation.course_enrolment(learner, status=CourseEnrolmentStatus.WITHDRAWN)

    payload = await call(
        sign_in(Role.ADMIN), "deactivateLearnersWithInactiveEnrolments", OPEN, ids=[learner.gid], preview=True
    )

    [told] = [result["node"]["openRecords"]["nodes"] for result in payload["results"]]
    assert [(each["status"], each["subject"]["id"]) for each in told] == [("CURRENT", current.gid)]


async def test_the_result_of_a_unit_is_activity_and_its_days_are_none(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    learner = organisation.learner(last_activity_at=clock() - 40 * DAY)
    unit = organisation.unit_enrolment(organisation.course_enrolment(learner))
    admin = sign_in(Role.ADMIN)
    await organisation.save()

    await call(admin, "updateUnitEnrolments", units=[{"id": unit.gid, "startsOn": organisation.day(-9).isoformat()}])
    assert await _last_activity_of(organisation, learner) == clock() - 40 * DAY

    at = clock.advance(DAY)
    payload = await call(admin, "updateUnitEnrolments", units=[{"id": unit.gid, "outcome": Outcome.COMPETENT.value}])
    assert payload["counts"]["changed"] == 1
    assert await _last_activity_of(organisation, learner) == at

    clock.advance(DAY)
    again = await call(admin, "updateUnitEnrolments", units=[{"id": unit.gid, "outcome": Outcome.COMPETENT.value}])
    assert again["counts"]["unchanged"] == 1
    assert await _last_activity_of(organisation, learner) == at


async def test_what_is_done_in_courses_leaves_the_metering_alone(organisation: Organisation, sign_in: SignIn) -> None:
    learner = organisation.learner()
    enrolment = organisation.course_enrolment(learner)
    unit = organisation.unit_enrolment(enrolment)
    await organisation.save()
    before = await organisation.stored(activity_intervals)
    admin = sign_in(Role.ADMIN)

    await call(admin, "updateUnitEnrolments", units=[{"id": unit.gid, "outcome": Outcome.WITHDRAWN.value}])
    await call(admin, "setCourseEnrolmentStatus", ids=[enrolment.gid], status="WITHDRAWN")

    assert await organisation.stored(activity_intervals) == before
