"""The table of learners' certifications: ten statuses, the administrator's grid, and the learner's own beside it (S5)."""

from portal_api.domain.certifications.conditions import (
    ATTEMPTS_NOT_REQUESTED,
    ATTEMPTS_USED_UP,
    CERTIFICATION_ACTIVE,
    EXAM_TO_OVERRIDE,
    EXAM_TO_RECORD,
    EXAM_TO_START,
    EXAM_UNTOUCHED,
    FEE_OWED,
    FEE_PENDING,
    MANUAL_SOURCE,
    NOT_ARCHIVED,
    OWN_LEARNING,
    PAID_BEFORE_EXAM,
    PAID_BEFORE_START,
    PAID_IN_RECERTIFICATION,
    PEOPLE,
    RECERTIFICATION_FEE_OWED,
    TRAINING_TO_OVERRIDE,
    VERSION_PUBLISHED,
    WINDOW_OPEN,
    LearnerCertificationFacts,
)
from portal_api.domain.certifications.statuses import LearnerCertificationAction, LearnerCertificationStatus
from portal_api.domain.learners import HAS_APP_ACCESS, NOT_OWN_RECORD
from portal_api.domain.machine import Cell, ClockMove, Footnote, Rule, StatusMeaning, Table
from portal_api.domain.roles import Role

_ADMINISTRATORS = (Role.OWNER, Role.ADMIN)
_RECORDERS = (Role.OWNER, Role.ADMIN, Role.INTEGRATION)
_A, _S = LearnerCertificationAction, LearnerCertificationStatus
_Facts = LearnerCertificationFacts


def _by(place: str, to: LearnerCertificationStatus | None = None, *footnotes: Footnote[_Facts]) -> Cell:
    """A cell that the article gives."""
    return Cell(f"S5 {place}", to, footnotes=footnotes)


def _reading(to: LearnerCertificationStatus | None = None, *footnotes: Footnote[_Facts]) -> Cell:
    return Cell("reading", to, is_reading=True, footnotes=footnotes)


_TRAINING, _EXAM, _REVOKED = _by("Override Training"), _by("Override Exam"), _by("Revoke Access", _S.REVOKED)
_FORCED = _by("Force Recertification Cycle", _S.RECERTIFYING)
_AT_WORK = {_S.IN_PROGRESS: _reading(), _S.PENDING_APPROVAL: _reading(), _S.RECERTIFYING: _reading()}
"""Where a cycle is worked on."""

LEARNER_CERTIFICATIONS = Table[LearnerCertificationStatus, LearnerCertificationAction, LearnerCertificationFacts](
    kind="learner_certification",
    statuses={
        _S.ASSIGNED: StatusMeaning("Assigned", "Assigned; the learner has not enrolled yet."),
        _S.NOT_STARTED: StatusMeaning("Not started", "Assigned or enrolled, and not started."),
        _S.IN_PROGRESS: StatusMeaning("In progress", "The learner works on the steps."),
        _S.PENDING_APPROVAL: StatusMeaning("Pending approval", "Evidence or an exam result awaits a sign-off."),
        _S.CERTIFIED: StatusMeaning("Certified", "Completed; the certificate is valid."),
        _S.EXPIRED: StatusMeaning("Expired", "The certificate has expired; the grace period runs."),
        _S.LAPSED: StatusMeaning("Lapsed", "The grace period is over; the learner must recertify."),
        _S.RECERTIFYING: StatusMeaning("Recertifying", "The learner works on a recertification cycle."),
        _S.REVOKED: StatusMeaning(
            "Revoked", "Ended by an administrator; the learner can recertify with the newest version.", is_ended=True
        ),
        _S.DISALLOWED: StatusMeaning("Disallowed", "Barred by an administrator, until restored.", is_ended=True),
    },
    rules=(
        Rule(
            _A.OVERRIDE_PAYMENT,
            "Overriding payment",
            _ADMINISTRATORS,
            {
                _S.NOT_STARTED: _by("Override Payment", None, FEE_OWED),
                _S.IN_PROGRESS: _by("Override Payment", None, FEE_OWED, EXAM_UNTOUCHED),
                _S.RECERTIFYING: _by("Override Payment", None, RECERTIFICATION_FEE_OWED),
            },
            footnotes=(NOT_OWN_RECORD, NOT_ARCHIVED),
        ),
        Rule(
            _A.OVERRIDE_TRAINING,
            "Overriding training",
            _ADMINISTRATORS,
            {_S.IN_PROGRESS: _TRAINING, _S.PENDING_APPROVAL: _TRAINING, _S.RECERTIFYING: _TRAINING},
            footnotes=(NOT_OWN_RECORD, TRAINING_TO_OVERRIDE, NOT_ARCHIVED),
        ),
        Rule(
            _A.OVERRIDE_EXAM,
            "Overriding the exam",
            _ADMINISTRATORS,
            {_S.IN_PROGRESS: _EXAM, _S.PENDING_APPROVAL: _EXAM, _S.RECERTIFYING: _EXAM},
            footnotes=(NOT_OWN_RECORD, EXAM_TO_OVERRIDE, NOT_ARCHIVED),
        ),
        Rule(
            _A.REVOKE_ACCESS,
            "Revoking access",
            _ADMINISTRATORS,
            {
                _S.NOT_STARTED: _REVOKED,
                _S.IN_PROGRESS: _REVOKED,
                _S.PENDING_APPROVAL: _REVOKED,
                _S.EXPIRED: _REVOKED,
                _S.LAPSED: _REVOKED,
                _S.RECERTIFYING: _REVOKED,
            },
            footnotes=(NOT_ARCHIVED,),
        ),
        Rule(
            _A.FORCE_RECERTIFICATION,
            "Forcing recertification",
            _ADMINISTRATORS,
            {_S.CERTIFIED: _FORCED, _S.EXPIRED: _FORCED, _S.LAPSED: _FORCED},
            footnotes=(CERTIFICATION_ACTIVE, VERSION_PUBLISHED, NOT_ARCHIVED),
        ),
        Rule(
            _A.PERMANENTLY_REVOKE,
            "Revoking permanently",
            _ADMINISTRATORS,
            {_S.CERTIFIED: _by("Permanent Revoke", _S.DISALLOWED)},
            footnotes=(NOT_ARCHIVED,),
        ),
        Rule(
            _A.RESTORE_ACCESS,
            "Restoring access",
            _ADMINISTRATORS,
            {_S.REVOKED: _reading(), _S.DISALLOWED: _by("Restore Access")},
            footnotes=(CERTIFICATION_ACTIVE, VERSION_PUBLISHED, NOT_ARCHIVED),
        ),
        Rule(
            _A.REMOVE_ASSIGNMENT,
            "Removing an assignment",
            _ADMINISTRATORS,
            {_S.ASSIGNED: _reading(None, MANUAL_SOURCE), _S.NOT_STARTED: _reading(None, MANUAL_SOURCE, EXAM_UNTOUCHED)},
            footnotes=(NOT_ARCHIVED,),
        ),
        Rule(
            _A.RECORD_STEP_COMPLETION,
            "Recording the completion of a step",
            _RECORDERS,
            _AT_WORK,
            footnotes=(NOT_OWN_RECORD, NOT_ARCHIVED),
        ),
        Rule(
            _A.RECORD_EXAM_RESULT,
            "Recording an exam result",
            _RECORDERS,
            _AT_WORK,
            footnotes=(NOT_OWN_RECORD, EXAM_TO_RECORD, NOT_ARCHIVED),
        ),
        Rule(
            _A.RECORD_PAYMENT,
            "Recording a payment",
            _RECORDERS,
            {_S.NOT_STARTED: _reading(), **_AT_WORK},
            footnotes=(NOT_OWN_RECORD, FEE_PENDING, NOT_ARCHIVED),
        ),
        Rule(
            _A.ENROL,
            "Enrolling",
            PEOPLE,
            {_S.ASSIGNED: _reading(_S.NOT_STARTED)},
            footnotes=(HAS_APP_ACCESS, CERTIFICATION_ACTIVE, VERSION_PUBLISHED, NOT_ARCHIVED),
            narrowing=OWN_LEARNING,
        ),
        Rule(
            _A.START,
            "Starting",
            PEOPLE,
            {_S.NOT_STARTED: _reading(_S.IN_PROGRESS)},
            footnotes=(HAS_APP_ACCESS, PAID_BEFORE_START, NOT_ARCHIVED),
            narrowing=OWN_LEARNING,
        ),
        Rule(
            _A.SUBMIT_EVIDENCE,
            "Submitting evidence",
            PEOPLE,
            _AT_WORK,
            footnotes=(HAS_APP_ACCESS, PAID_IN_RECERTIFICATION, NOT_ARCHIVED),
            narrowing=OWN_LEARNING,
        ),
        Rule(
            _A.START_EXAM,
            "Starting the exam",
            PEOPLE,
            _AT_WORK,
            footnotes=(HAS_APP_ACCESS, PAID_BEFORE_EXAM, EXAM_TO_START, NOT_ARCHIVED),
            narrowing=OWN_LEARNING,
        ),
        Rule(
            _A.START_RECERTIFICATION,
            "Starting recertification",
            PEOPLE,
            {
                _S.CERTIFIED: _reading(None, WINDOW_OPEN),
                _S.EXPIRED: _reading(),
                _S.LAPSED: _reading(),
                _S.REVOKED: _by("Revoked, in the list of statuses"),
            },
            footnotes=(HAS_APP_ACCESS, CERTIFICATION_ACTIVE, VERSION_PUBLISHED, NOT_ARCHIVED),
            narrowing=OWN_LEARNING,
        ),
        Rule(
            _A.REQUEST_MORE_ATTEMPTS,
            "Asking for more attempts",
            PEOPLE,
            _AT_WORK,
            footnotes=(HAS_APP_ACCESS, ATTEMPTS_USED_UP, ATTEMPTS_NOT_REQUESTED, NOT_ARCHIVED),
            narrowing=OWN_LEARNING,
        ),
    ),
    clock=(
        ClockMove(_S.CERTIFIED, "expires_at", _S.EXPIRED, "S5 Expired, in the list of statuses"),
        ClockMove(_S.EXPIRED, "lapses_at", _S.LAPSED, "S5 Lapsed, in the list of statuses"),
    ),
)
