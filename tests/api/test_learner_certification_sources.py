"""Assignments to records that time has moved, and nobody has written it down yet: the move is told first."""

from portal_api.domain.certifications import AssignmentSourceKind, LearnerCertificationStatus
from portal_api.domain.roles import Role
from tests.api.calls import call, told
from tests.clock import ManualClock
from tests.conftest import SignIn
from tests.factories import Organisation


async def test_an_assignment_by_hand_of_what_has_expired_tells_the_expiry_first(
    organisation: Organisation, sign_in: SignIn, clock: ManualClock
) -> None:
    certification, learner = organisation.certification(), organisation.learner()
    record = organisation.learner_certification(
        learner, certification, LearnerCertificationStatus.CERTIFIED, source=AssignmentSourceKind.SELF
    )
    await organisation.save()
    clock.now = record["expires_at"]

    payload = await call(
        sign_in(Role.ADMIN),
        "assignCertification",
        "status version",
        certificationId=certification.gid,
        learnerIds=[learner.gid],
    )

    assert [result["node"] for result in payload["results"]] == [{"status": "EXPIRED", "version": 3}]
    assert await told(organisation) == [
        ("LEARNER_CERTIFICATION_EXPIRED", "CERTIFIED", "EXPIRED", 2),
        ("LEARNER_CERTIFICATION_REASSIGNED", "EXPIRED", "EXPIRED", 3),
    ]
