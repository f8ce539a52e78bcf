"""Certificates: who sees them, and what each field reads."""

from portal_api.domain.certifications import CERTIFICATES
from portal_api.models import certificates, history_entries
from portal_api.planner.declare import Column, Connection, Key, Source, ToOne
from portal_api.queries import scope
from portal_api.queries.time import status_now

CERTIFICATE = Source(
    type="Certificate",
    prefix="cer",
    table=certificates,
    scope=scope.CERTIFICATES,
    fields={
        "id": Key(),
        "status": Column(status_now(CERTIFICATES, certificates), is_nullable=False),
        "issuedAt": Column(certificates.c.issued_at),
        "issuedOn": Column(certificates.c.issued_on),
        "expiresAt": Column(certificates.c.expires_at),
        "endedAt": Column(certificates.c.ended_at),
        "learnerCertification": ToOne("LearnerCertification", certificates.c.learner_certification_id),
        "version": Column(certificates.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
    },
)
