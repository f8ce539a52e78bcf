"""Credentials and documents that a test may break, and what breaks each of their invariants."""

from typing import Any

from sqlalchemy import update

from portal_api.domain.credentials import CancellationReason, CredentialStatus
from portal_api.models import certificates, credentials, documents
from tests.clock import START
from tests.factories import Organisation, Record


class Crediting:
    """One learner with a credential and a document, another who is trained, and a certificate of somebody's."""

    def __init__(self, organisation: Organisation, learner: Record, other: Record, certificate: Record) -> None:
        self.other, self.certificate = other, certificate
        self.credential = organisation.credential(organisation.trained(learner))
        self.elsewhere = organisation.trained(other)
        self.document = organisation.document(learner)

    def breaches(self) -> dict[str, list[Any]]:
        """What to do to the database, by the rule that it breaks."""
        credential = update(credentials).where(credentials.c.id == self.credential.id)
        document = update(documents).where(documents.c.id == self.document.id)
        replaced = {"cancelled_at": START, "cancellation_reason": CancellationReason.REPLACED}
        return {
            "a credential is its enrolment's learner's": [credential.values(learner_id=self.other.id)],
            "names the one that was issued in its place": [
                credential.values(status=CredentialStatus.CANCELLED, **replaced)
            ],
            "nothing bears the register number of something else": [
                update(certificates)
                .where(certificates.c.id == self.certificate.id)
                .values(register_number=self.credential["register_number"])
            ],
            "a document for an enrolment is its learner's": [
                document.values(course_enrolment_id=self.elsewhere.id),
            ],
            "the pieces of a document come to its size": [document.values(size=self.document["size"] + 1)],
        }
