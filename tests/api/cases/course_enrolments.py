"""The mutations of course enrolments."""

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.courses.statuses import CourseEnrolmentStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import course_enrolments
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase
from tests.client import Json
from tests.factories import Organisation, Record

S = CourseEnrolmentStatus


def of_inactive(made: Organisation, status: CourseEnrolmentStatus = S.CURRENT) -> Record:
    """An enrolment of a learner who is inactive, so that nothing can be done to it."""
    return made.course_enrolment(made.learner(is_active=False), status=status)


def finalised(made: Organisation) -> Record:
    """An enrolment that was finalised as withdrawn."""
    return made.course_enrolment(made.learner(), status=S.WITHDRAWN, finalised_on=made.day(-3))


def superseded(made: Organisation) -> Record:
    """An enrolment in a course that another one supersedes, with an open unit."""
    offer = made.course_offer(made.course(superseded_by=made.course()))
    enrolment = made.course_enrolment(made.learner(), offer)
    made.unit_enrolment(enrolment)
    return enrolment


def _enrolling(learner: Record, offer: Record) -> Json:
    return {"courseOfferId": offer.gid, "learners": [{"learnerId": learner.gid}]}


def _offer(made: Organisation) -> Record:
    return made.course_offer(made.course(made.unit(), made.unit()))


def _leaving(made: Organisation, hours: int | None) -> Json:
    enrolment = made.course_enrolment(made.learner())
    made.unit_enrolment(enrolment, hours=hours)
    made.unit_enrolment(enrolment, outcome=Outcome.COMPETENT)
    return {"enrolments": [{"id": enrolment.gid, "on": str(made.day(-1))}], "status": "WITHDRAWN"}


def _moving_on(enrolment: Record) -> Json:
    return {"enrolments": [{"id": enrolment.gid, "commitmentId": "COM-2"}]}


MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="enrolInCourse",
        roles=ADMINISTRATORS,
        changes=lambda made: _enrolling(made.learner(), _offer(made)),
        refuses=lambda made: _enrolling(made.learner(is_active=False), _offer(made)),
        refusal=("LEARNER_INACTIVE",),
        action=HistoryAction.COURSE_ENROLMENT_CREATED,
        subject=SubjectKind.COURSE_ENROLMENT,
        moves=(None, "CURRENT"),
        changed_fields=("status",),
    ),
    CallCase(
        mutation="updateCourseEnrolment",
        table=course_enrolments,
        roles=ADMINISTRATORS,
        changes=lambda made: {"id": made.course_enrolment(made.learner()).gid, "commitmentId": "COM-1"},
        refuses=lambda made: {"id": of_inactive(made).gid, "commitmentId": "COM-1"},
        refusal=("LEARNER_INACTIVE",),
        action=HistoryAction.COURSE_ENROLMENT_UPDATED,
        subject=SubjectKind.COURSE_ENROLMENT,
        moves=("CURRENT", "CURRENT"),
        changed_fields=("commitmentId",),
    ),
    MutationCase(
        mutation="setCourseEnrolmentStatus",
        table=course_enrolments,
        roles=ADMINISTRATORS,
        changes=lambda made: made.course_enrolment(made.learner()),
        refuses=of_inactive,
        refusal=("LEARNER_INACTIVE",),
        input={"status": "COMPLETION_PENDING", "note": "Papers are due"},
        other_inputs=({"status": "DEFERRED"}, {"note": "papers are due"}, {"note": None}),
        action=HistoryAction.COURSE_ENROLMENT_STATUS_SET,
        subject=SubjectKind.COURSE_ENROLMENT,
        moves=("CURRENT", "COMPLETION_PENDING"),
        changed_fields=("status",),
        again="UNCHANGED",
    ),
    CallCase(
        mutation="finaliseCourseEnrolments",
        roles=ADMINISTRATORS,
        changes=lambda made: _leaving(made, hours=12),
        refuses=lambda made: _leaving(made, hours=None),
        refusal=("HOURS_MISSING",),
        action=HistoryAction.COURSE_ENROLMENT_FINALISED,
        subject=SubjectKind.COURSE_ENROLMENT,
        moves=("CURRENT", "WITHDRAWN"),
        changed_fields=("status", "finalisedOn", "finalisedAt"),
    ),
    MutationCase(
        mutation="flagForReconnect",
        table=course_enrolments,
        roles=ADMINISTRATORS,
        changes=finalised,
        refuses=lambda made: made.course_enrolment(made.learner(), status=S.COMPLETED),
        refusal=("NOT_FINALISED",),
        input={"purpose": "RENEWAL", "on": "2027-01-31"},
        other_inputs=({"purpose": "MARKETING"}, {"on": "2027-02-01"}, {"on": None}),
        action=HistoryAction.COURSE_ENROLMENT_FLAGGED,
        subject=SubjectKind.COURSE_ENROLMENT,
        moves=("WITHDRAWN", "WITHDRAWN"),
        changed_fields=("reconnectFor", "reconnectOn"),
        again="UNCHANGED",
    ),
    CallCase(
        mutation="transitionCourseEnrolments",
        roles=ADMINISTRATORS,
        changes=lambda made: _moving_on(superseded(made)),
        refuses=lambda made: _moving_on(made.course_enrolment(made.learner())),
        refusal=("NOT_SUPERSEDED",),
        action=HistoryAction.COURSE_ENROLMENT_TRANSITIONED,
        subject=SubjectKind.COURSE_ENROLMENT,
        moves=("CURRENT", "CURRENT"),
        changed_fields=("transitionedTo", "commitmentId"),
    ),
)
