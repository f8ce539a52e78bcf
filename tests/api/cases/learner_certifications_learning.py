"""The mutations of the learner's own way through a certification."""

from typing import Any

from portal_api.domain.certifications import (
    CertificationJoining,
    FeeDue,
    LearnerCertificationStatus,
    StepPath,
)
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.domain.roles import Role
from portal_api.models import learner_certifications
from tests.api.cases.shapes import CallCase, MutationCase
from tests.client import Json
from tests.factories import Organisation, Record

S = LearnerCertificationStatus
PEOPLE = frozenset(set(Role) - {Role.INTEGRATION})
USED_UP: dict[str, Any] = {"attempts_used": 3}


def own_record(
    made: Organisation, status: LearnerCertificationStatus, cycle: dict[str, Any] | None = None, **version: Any
) -> Record:
    """The Learner's record in a certification of its own, at a status, under a version with some terms."""
    certification = made.certification(is_published=False)
    made.certification_version(certification, **version)
    return made.learner_certification(made.own[Role.LEARNER], certification, status, cycle=cycle)


def _id(status: LearnerCertificationStatus, cycle: dict[str, Any] | None = None, **version: Any) -> Any:
    return lambda made: {"id": own_record(made, status, cycle, **version).gid}


def _evidence(status: LearnerCertificationStatus, **version: Any) -> Any:
    def given(made: Organisation) -> Json:
        record = own_record(made, status, **version)
        return {
            "id": record.gid,
            "stepId": made.steps_of(made.version_of(record))[0].gid,
            "text": "I have done it.",
            "links": ["https://files.example.org/report.pdf"],
        }

    return given


def _joining(joining: CertificationJoining) -> Any:
    return lambda made: {"certificationId": made.certification(joining=joining).gid}


def _case(
    mutation: str, changes: Any, refuses: Any, refusal: str, action: HistoryAction, moves: tuple[str | None, str]
) -> CallCase:
    return CallCase(
        mutation=mutation,
        table=learner_certifications,
        roles=PEOPLE,
        changes=changes,
        refuses=refuses,
        refusal=(refusal,),
        action=action,
        subject=SubjectKind.APPROVAL if moves[0] is None else SubjectKind.LEARNER_CERTIFICATION,
        moves=moves,
        is_own=True,
    )


_H, J = HistoryAction, CertificationJoining
MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="enrolInCertification",
        roles=PEOPLE,
        changes=_joining(J.OPEN),
        refuses=_joining(J.ON_REQUEST),
        refusal=("NOT_OPEN_TO_JOIN",),
        action=_H.LEARNER_CERTIFICATION_ENROLLED,
        subject=SubjectKind.LEARNER_CERTIFICATION,
        moves=(None, "NOT_STARTED"),
        other={"expectedVersion": 9},
        is_own=True,
    ),
    _case(
        "startCertification",
        _id(S.NOT_STARTED),
        _id(S.NOT_STARTED, initial_fee=5_000, fee_due=FeeDue.BEFORE_START),
        "PAYMENT_REQUIRED",
        _H.LEARNER_CERTIFICATION_STARTED,
        ("NOT_STARTED", "IN_PROGRESS"),
    ),
    _case(
        "submitEvidence",
        _evidence(S.IN_PROGRESS),
        _evidence(S.IN_PROGRESS, paths=(StepPath.ONLINE,)),
        "STEP_PATH_NOT_OFFERED",
        _H.LEARNER_CERTIFICATION_EVIDENCE_SENT,
        ("IN_PROGRESS", "PENDING_APPROVAL"),
    ),
    _case(
        "startExam",
        _id(S.IN_PROGRESS, steps=0),
        _id(S.IN_PROGRESS),
        "TRAINING_OPEN",
        _H.LEARNER_CERTIFICATION_EXAM_STARTED,
        ("IN_PROGRESS", "IN_PROGRESS"),
    ),
    _case(
        "startRecertification",
        _id(S.LAPSED),
        _id(S.CERTIFIED),
        "RECERTIFICATION_NOT_OPEN",
        _H.LEARNER_CERTIFICATION_CYCLE_STARTED,
        ("LAPSED", "RECERTIFYING"),
    ),
    _case(
        "requestMoreAttempts",
        _id(S.IN_PROGRESS, USED_UP),
        _id(S.IN_PROGRESS),
        "ATTEMPTS_LEFT",
        _H.APPROVAL_REQUESTED,
        (None, "PENDING"),
    ),
    CallCase(
        mutation="requestAccess",
        roles=PEOPLE,
        changes=_joining(J.ON_REQUEST),
        refuses=_joining(J.OPEN),
        refusal=("NOT_OPEN_TO_JOIN",),
        action=_H.APPROVAL_REQUESTED,
        subject=SubjectKind.APPROVAL,
        moves=(None, "PENDING"),
        other={"expectedVersion": 9},
        is_own=True,
    ),
)
