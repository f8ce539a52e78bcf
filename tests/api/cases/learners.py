"""The mutations of learners."""

from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import learners
from tests.api.cases.shapes import ADMINISTRATORS, RECORDERS, CallCase, MutationCase
from tests.factories import Organisation, Record

NGAIO = {"givenName": "Ngaio", "familyName": "Marsh", "email": "ngaio@example.org"}


def enrolled(made: Organisation, status: CourseEnrolmentStatus) -> Record:
    """A learner with one enrolment."""
    learner = made.learner()
    made.course_enrolment(learner, status=status)
    return learner


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="createLearners",
        roles=ADMINISTRATORS,
        changes=lambda made: {"learners": [NGAIO]},
        refuses=lambda made: {"learners": [{**NGAIO, "externalRef": made.learner()["external_ref"]}]},
        refusal=("EXTERNAL_REF_TAKEN",),
        action=HistoryAction.LEARNER_CREATED,
        subject=SubjectKind.LEARNER,
        moves=(None, "ACTIVE"),
    ),
    CallCase(
        mutation="updateLearner",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.learner().gid, "familyName": "Marsh"},
        refuses=lambda made: {"id": made.learner(is_active=False).gid, "familyName": "Marsh"},
        refusal=("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"),
        action=HistoryAction.LEARNER_UPDATED,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "ACTIVE"),
        changed_fields=("familyName",),
    ),
    MutationCase(
        mutation="deactivateLearners",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: made.learner(),
        refuses=lambda made: made.learner(is_active=False),
        refusal=("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"),
        input={"reason": "LEFT_ORGANISATION", "note": "Moved away"},
        other_inputs=({"reason": "OTHER"}, {"note": "moved away"}, {"note": None}),
        action=HistoryAction.LEARNER_DEACTIVATED,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "INACTIVE"),
    ),
    MutationCase(
        mutation="reactivateLearners",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: made.learner(is_active=False),
        refuses=lambda made: made.learner(),
        refusal=("STATUS_NOT_ALLOWED",),
        input={},
        other_inputs=(),
        action=HistoryAction.LEARNER_REACTIVATED,
        subject=SubjectKind.LEARNER,
        moves=("INACTIVE", "ACTIVE"),
    ),
    MutationCase(
        mutation="setLearnerAppAccess",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: made.learner(has_app_access=False),
        refuses=lambda made: made.learner(is_active=False),
        refusal=("LEARNER_INACTIVE", "STATUS_NOT_ALLOWED"),
        input={"hasAppAccess": True},
        other_inputs=({"hasAppAccess": False},),
        action=HistoryAction.LEARNER_APP_ACCESS_GIVEN,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "ACTIVE"),
        again="UNCHANGED",
    ),
    CallCase(
        mutation="recordSignIns",
        roles=RECORDERS,
        changes=lambda made: {"ids": [made.learner().gid]},
        refuses=lambda made: {"ids": [made.learner(has_app_access=False).gid]},
        refusal=("APP_ACCESS_OFF",),
        action=HistoryAction.LEARNER_SIGNED_IN,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "ACTIVE"),
    ),
    MutationCase(
        mutation="deactivateLearnersWithInactiveEnrolments",
        table=learners,
        roles=ADMINISTRATORS,
        changes=lambda made: enrolled(made, CourseEnrolmentStatus.WITHDRAWN),
        refuses=lambda made: enrolled(made, CourseEnrolmentStatus.CURRENT),
        refusal=("NOT_INACTIVE_ENROLMENTS",),
        input={"reason": "ENROLMENTS_ENDED", "note": "End of term"},
        other_inputs=({"reason": "OTHER"}, {"note": "end of term"}, {"note": None}),
        action=HistoryAction.LEARNER_DEACTIVATED,
        subject=SubjectKind.LEARNER,
        moves=("ACTIVE", "INACTIVE"),
    ),
)
