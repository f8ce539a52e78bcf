"""Certificates: who sees them, and what each field reads."""

from sqlalchemy import true

from portal_api.domain.certifications import CERTIFICATES
from portal_api.models import certificates, history_entries
from portal_api.planner.declare import Column, Connection, Derived, Key, Source, ToOne
from portal_api.queries import scope
from portal_api.queries.links import link_facts, no_link
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
        "registerNumber": Column(certificates.c.register_number),
        "download": Derived(link_facts(certificates, true()), no_link),
        "version": Column(certificates.c.version),
        "history": Connection("HistoryEntry", history_entries.c.subject_id),
    },
)
