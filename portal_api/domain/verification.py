"""What anybody learns of a register number: how things stand with what bears it, and nothing about whose it is (a reading)."""

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portal_api.domain.certifications import CertificateStatus
from portal_api.domain.credentials import CancellationReason, CredentialStatus


class VerificationKind(StrEnum):
    """What bears a register number."""

    CREDENTIAL = "credential"
    CERTIFICATE = "certificate"


class VerificationStatus(StrEnum):
    """How things stand with what bears a register number."""

    VALID = "valid"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    REVOKED = "revoked"
    REPLACED = "replaced"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Verification:
    """What is told of a register number."""

    status: VerificationStatus
    kind: VerificationKind | None = None
    title: str | None = None
    """That of the course or certification."""
    issued_on: date | None = None
    expires_on: date | None = None
    """The last day on which it is valid."""


NOT_FOUND = Verification(VerificationStatus.NOT_FOUND)
VERIFICATION_LABELS = {
    VerificationStatus.VALID: "Valid",
    VerificationStatus.EXPIRED: "Expired",
    VerificationStatus.CANCELLED: "Cancelled",
    VerificationStatus.REVOKED: "Revoked",
    VerificationStatus.REPLACED: "Replaced by a newer one",
    VerificationStatus.NOT_FOUND: "Not found",
}
_OF_CERTIFICATE = {
    CertificateStatus.VALID: VerificationStatus.VALID,
    CertificateStatus.EXPIRED: VerificationStatus.EXPIRED,
    CertificateStatus.REPLACED: VerificationStatus.REPLACED,
    CertificateStatus.REVOKED: VerificationStatus.REVOKED,
}
_OF_REASON = {
    CancellationReason.REVOKED: VerificationStatus.REVOKED,
    CancellationReason.REPLACED: VerificationStatus.REPLACED,
}


def of_credential(status: CredentialStatus, reason: CancellationReason | None) -> VerificationStatus:
    """How an issued credential stands; one that was cancelled is told by its reason."""
    if status is CredentialStatus.CANCELLED:
        return _OF_REASON.get(reason, VerificationStatus.CANCELLED) if reason else VerificationStatus.CANCELLED
    return VerificationStatus.VALID


def of_certificate(status: CertificateStatus) -> VerificationStatus:
    """How a certificate stands, by its status at the instant of the request."""
    return _OF_CERTIFICATE[status]
