"""Credentials, documents and what is told of register numbers."""

from portal_api.domain.credentials import (
    CANCELLATION_REASON_LABELS,
    CREDENTIALS,
    CancellationReason,
    CredentialAction,
    CredentialStatus,
)
from portal_api.domain.documents import DOCUMENTS, NAMES, DocumentAction, DocumentStatus, MediaType
from portal_api.domain.verification import VERIFICATION_LABELS, VerificationKind, VerificationStatus
from portal_api.schema.enums.describing import described

described(CredentialStatus, "Where a credential stands.", {s: m.description for s, m in CREDENTIALS.statuses.items()})

described(
    CredentialAction,
    "What can be done about a credential.",
    {
        CredentialAction.REQUEST: "Ask for another one, for the same enrolment.",
        CredentialAction.ISSUE: "Issue it, under a register number.",
        CredentialAction.CANCEL: "Withdraw the request, or revoke what was issued, with a reason.",
        CredentialAction.REISSUE: "Replace it by a new one, with a number of its own.",
    },
)

described(
    CancellationReason, "Why a credential was cancelled.", {r: f"{t}." for r, t in CANCELLATION_REASON_LABELS.items()}
)

described(DocumentStatus, "Whether a document is in use.", {s: m.description for s, m in DOCUMENTS.statuses.items()})

described(DocumentAction, "What can be done to a document.", {DocumentAction.ARCHIVE: "Take it out of use."})

described(MediaType, "What a document can be.", {each: f"`{name}`." for each, name in NAMES.items()})

described(
    VerificationKind,
    "What bears a register number.",
    {
        VerificationKind.CREDENTIAL: "The credential of an enrolment in a course.",
        VerificationKind.CERTIFICATE: "The certificate of a certification.",
    },
)

described(
    VerificationStatus,
    "How things stand with what bears a register number.",
    {status: f"{label}." for status, label in VERIFICATION_LABELS.items()},
)

__all__ = [
    "CancellationReason",
    "CredentialAction",
    "CredentialStatus",
    "DocumentAction",
    "DocumentStatus",
    "MediaType",
    "VerificationKind",
    "VerificationStatus",
]
