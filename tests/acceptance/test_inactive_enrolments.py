"""Article 1, the rest: learners with inactive enrolments in bulk, and the learncycle that sets a learner inactive."""

import pytest

from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.roles import Role
from tests.api.calls import call
from tests.api.cases import outcomes
from tests.conftest import SignIn
from tests.factories import Organisation, Record

CANDIDATES = "{ learnersWithInactiveEnrolments { totalCount nodes { learner { id } enrolments { reason } } } }"


@pytest.fixture
def ended(organisation: Organisation) -> Record:
    """A learner all of whose enrolments are inactive; others have one that is open, or none."""
    learner, open_ = organisation.learner(), organisation.learner()
    organisation.course_enrolment(learner, status=CourseEnrolmentStatus.WITHDRAWN)
    organisation.unit_enrolment(organisation.course_enrolment(learner), ends=-1)
    organisation.course_enrolment(open_, status=CourseEnrolmentStatus.COMPLETED)
    organisation.unit_enrolment(organisation.course_enrolment(open_), ends=0)
    return learner


async def test_learners_with_inactive_enrolments_are_set_inactive_in_bulk(
    organisation: Organisation, ended: Record, sign_in: SignIn
) -> None:
    admin = sign_in(Role.ADMIN)

    seen = (await admin.query(CANDIDATES))["learnersWithInactiveEnrolments"]
    assert [each["learner"]["id"] for each in seen["nodes"]] == [ended.gid]
    assert sorted(each["reason"] for each in seen["nodes"][0]["enrolments"]) == ["PAST_END", "STATUS"]
    everybody = [ended.gid, *(each.gid for each in organisation.own.values())]
    payload = await call(admin, "deactivateLearnersWithInactiveEnrolments", "status", ids=everybody)
    assert [each["node"]["status"] for each in payload["results"][:1]] == ["INACTIVE"]
    assert set(outcomes(payload)[1:]) == {"REFUSED"}
    assert (await admin.query(CANDIDATES))["learnersWithInactiveEnrolments"]["totalCount"] == 0


async def test_a_learncycle_sets_a_learner_inactive_when_the_reason_changes(
    organisation: Organisation, sign_in: SignIn
) -> None:
    owner, learner = sign_in(Role.OWNER), organisation.learner()
    offer = organisation.course_offer(organisation.course())
    enrolment = organisation.course_enrolment(learner, offer)
    added = await call(owner, "addStatusReasons", "id", reasons=[{"title": "Left the company"}])
    reason = added["results"][0]["node"]["id"]
    rule = {
        "trigger": {"kind": "COURSE_ENROLMENT_REASON", "reasonId": reason},
        "offerIds": [offer.gid],
        "then": [{"kind": "DEACTIVATE_LEARNER"}],
    }
    made = await call(owner, "createLearncycle", "id status", name="Left", rule=rule)
    assert made["results"][0]["node"]["status"] == "OFF"
    await call(owner, "switchLearncyclesOn", "id", ids=[made["results"][0]["node"]["id"]])

    other = organisation.course_enrolment(organisation.learner())
    given = {"status": "WITHDRAWN", "statusReasonId": reason}
    payload = await call(
        sign_in(Role.ADMIN), "setCourseEnrolmentStatus", "learner { status }", ids=[enrolment.gid, other.gid], **given
    )

    assert outcomes(payload) == ["CHANGED", "CHANGED"]
    assert [each["node"]["learner"]["status"] for each in payload["results"]] == ["INACTIVE", "ACTIVE"]
