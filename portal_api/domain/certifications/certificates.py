"""Certificates: at most one of a record is in force (S5; that a new one replaces the old is a reading)."""

from enum import StrEnum

from portal_api.domain.machine import ClockMove, RecordFacts, StatusMeaning, Table


class CertificateStatus(StrEnum):
    """Where a certificate stands."""

    VALID = "valid"
    EXPIRED = "expired"
    REPLACED = "replaced"
    REVOKED = "revoked"


class CertificateAction(StrEnum):
    """What can be done to a certificate itself: nothing yet, since it follows its record."""


_S = CertificateStatus

CERTIFICATES = Table[CertificateStatus, CertificateAction, RecordFacts[CertificateStatus]](
    kind="certificate",
    statuses={
        _S.VALID: StatusMeaning("Valid", "In force."),
        _S.EXPIRED: StatusMeaning("Expired", "Its time has run out.", is_ended=True),
        _S.REPLACED: StatusMeaning("Replaced", "A newer one has taken its place.", is_ended=True),
        _S.REVOKED: StatusMeaning("Revoked", "Taken back by an administrator.", is_ended=True),
    },
    rules=(),
    clock=(ClockMove(_S.VALID, "expires_at", _S.EXPIRED, "S5 Expired, in the list of statuses"),),
)
