"""What stands open with a learner, in plain Python: a list over five types of record."""

from types import SimpleNamespace

from portal_api.domain.certifications import ApprovalStatus, LearnerCertificationStatus
from portal_api.domain.credentials import CredentialStatus
from tests.oracle import learner_certifications, pathway_enrolments, series_times
from tests.oracle.engine import Asking, Noun
from tests.oracle.rows import Row

_S = LearnerCertificationStatus
UNFINISHED = (_S.ASSIGNED, _S.NOT_STARTED, _S.IN_PROGRESS, _S.PENDING_APPROVAL, _S.RECERTIFYING)
TYPES = (
    ("SeriesEnrolment", "SERIES_ENROLMENT", series_times.status_at, series_times.RUNNING, "enrolled_at"),
    ("PathwayEnrolment", "PATHWAY_ENROLMENT", pathway_enrolments.status_at, pathway_enrolments.RUNNING, "enrolled_at"),
    ("LearnerCertification", "LEARNER_CERTIFICATION", learner_certifications.status_at, UNFINISHED, "assigned_at"),
    ("Credential", "CREDENTIAL", lambda _, row: row.status, (CredentialStatus.REQUESTED,), "requested_at"),
    ("Approval", "APPROVAL", lambda _, row: row.status, (ApprovalStatus.PENDING,), "requested_at"),
)


def _is_archived(row: Row) -> bool:
    return getattr(row, "archived_at", None) is not None


def _rows(asking: Asking) -> list[Row]:
    return [
        SimpleNamespace(
            record_type="OpenRecord",
            id=row.id,
            learner_id=row.learner_id,
            kind=kind,
            type=type_,
            status=status_at(asking.now, row),
            since=getattr(row, since),
        )
        for type_, kind, status_at, running, since in TYPES
        for row in asking.rows[type_]
        if status_at(asking.now, row) in running and not _is_archived(row)
    ]


OPEN_RECORD = Noun(
    "OpenRecord",
    "",
    sees=lambda asking, row: asking.knows(row.learner_id),
    rows=_rows,
    fields={"subject": lambda asking, row: asking.record(row.type, row.id)},
)
