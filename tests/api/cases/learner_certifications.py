"""The mutations of learners' certifications."""

from typing import Any

from portal_api.domain.certifications import FeeDue, LearnerCertificationStatus
from portal_api.domain.history import HistoryAction, SubjectKind
from portal_api.models import assignment_sources, learner_certifications
from tests.api.cases.shapes import ADMINISTRATORS, CallCase, MutationCase
from tests.factories import Organisation, Record

S = LearnerCertificationStatus
OTHER_NOTES: tuple[dict[str, Any], ...] = ({"note": "Another note"},)


def record_at(made: Organisation, status: LearnerCertificationStatus, **version: Any) -> Record:
    """A learner's certification at a status, under a version with some terms."""
    certification = made.certification(is_published=False)
    made.certification_version(certification, **version)
    return made.learner_certification(made.learner(), certification, status)


def _source(made: Organisation, record: Record) -> str:
    """What brought a record about."""
    [source] = [row for row in made.rows[assignment_sources] if row["learner_certification_id"] == record.id]
    return made.record(source["id"]).gid


def _at(status: LearnerCertificationStatus, **version: Any) -> Any:
    return lambda made: record_at(made, status, **version)


def _case(
    mutation: str,
    of: Any,
    refused: Any,
    refusal: str,
    action: HistoryAction,
    moves: tuple[str, str],
    again: str = "STATUS_NOT_ALLOWED",
) -> MutationCase:
    return MutationCase(
        mutation=mutation,
        table=learner_certifications,
        roles=ADMINISTRATORS,
        changes=of,
        refuses=refused,
        refusal=(refusal,),
        input={"note": "As agreed"},
        other_inputs=OTHER_NOTES,
        action=action,
        subject=SubjectKind.LEARNER_CERTIFICATION,
        moves=moves,
        again_code=again,
    )


_FEE = {"initial_fee": 5_000, "fee_due": FeeDue.BEFORE_START}
_H = HistoryAction
MUTATIONS: tuple[MutationCase | CallCase, ...] = (
    CallCase(
        mutation="assignCertification",
        roles=ADMINISTRATORS,
        changes=lambda made: {"certificationId": made.certification().gid, "learnerIds": [made.learner().gid]},
        refuses=lambda made: {
            "certificationId": made.certification(is_published=False).gid,
            "learnerIds": [made.learner().gid],
        },
        refusal=("NO_PUBLISHED_VERSION",),
        action=_H.LEARNER_CERTIFICATION_ASSIGNED,
        subject=SubjectKind.LEARNER_CERTIFICATION,
        moves=(None, "ASSIGNED"),
    ),
    CallCase(
        mutation="removeAssignments",
        roles=ADMINISTRATORS,
        changes=lambda made: {"ids": [_source(made, record_at(made, S.ASSIGNED))]},
        refuses=lambda made: {"ids": [_source(made, record_at(made, S.IN_PROGRESS))]},
        refusal=("STATUS_NOT_ALLOWED",),
        action=_H.LEARNER_CERTIFICATION_ARCHIVED,
        subject=SubjectKind.LEARNER_CERTIFICATION,
        moves=("ASSIGNED", "ASSIGNED"),
    ),
    _case(
        "overridePayment",
        _at(S.NOT_STARTED, **_FEE),
        _at(S.NOT_STARTED),
        "PAYMENT_NOT_REQUIRED",
        _H.LEARNER_CERTIFICATION_FEE_OVERRIDDEN,
        ("NOT_STARTED", "NOT_STARTED"),
        "ALREADY_WAIVED",
    ),
    _case(
        "overrideTraining",
        _at(S.PENDING_APPROVAL),
        _at(S.NOT_STARTED),
        "STATUS_NOT_ALLOWED",
        _H.LEARNER_CERTIFICATION_STEPS_OVERRIDDEN,
        ("PENDING_APPROVAL", "IN_PROGRESS"),
        "NOTHING_TO_OVERRIDE",
    ),
    _case(
        "overrideExam",
        _at(S.IN_PROGRESS, steps=0),
        _at(S.CERTIFIED),
        "STATUS_NOT_ALLOWED",
        _H.LEARNER_CERTIFICATION_EXAM_OVERRIDDEN,
        ("IN_PROGRESS", "CERTIFIED"),
    ),
    _case(
        "revokeAccess",
        _at(S.PENDING_APPROVAL),
        _at(S.CERTIFIED),
        "STATUS_NOT_ALLOWED",
        _H.LEARNER_CERTIFICATION_REVOKED,
        ("PENDING_APPROVAL", "REVOKED"),
    ),
    _case(
        "forceRecertification",
        _at(S.CERTIFIED),
        _at(S.RECERTIFYING),
        "STATUS_NOT_ALLOWED",
        _H.LEARNER_CERTIFICATION_CYCLE_FORCED,
        ("CERTIFIED", "RECERTIFYING"),
    ),
    _case(
        "permanentlyRevoke",
        _at(S.CERTIFIED),
        _at(S.EXPIRED),
        "STATUS_NOT_ALLOWED",
        _H.LEARNER_CERTIFICATION_BARRED,
        ("CERTIFIED", "DISALLOWED"),
    ),
    _case(
        "restoreAccess",
        _at(S.DISALLOWED),
        _at(S.CERTIFIED),
        "STATUS_NOT_ALLOWED",
        _H.LEARNER_CERTIFICATION_RESTORED,
        ("DISALLOWED", "RECERTIFYING"),
    ),
)
