"""What the database refuses of credentials and documents: references, rows that contradict themselves, unknown values."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Table

from portal_api.domain.credentials import CancellationReason, CredentialStatus
from portal_api.domain.documents import DocumentStatus
from portal_api.domain.register_numbers import register_number
from portal_api.domain.roles import Role
from portal_api.models import course_enrolments, credentials, document_pieces, documents
from tests.clock import START
from tests.factories import Organisation

TABLES = {credentials, documents, document_pieces}
REFERENCES = [
    ("credentials", "course_enrolment_id"),
    ("credentials", "learner_id"),
    ("credentials", "replaced_by"),
    ("documents", "learner_id"),
    ("documents", "course_enrolment_id"),
    ("document_pieces", "document_id"),
]
CANCELLED = {
    "status": CredentialStatus.CANCELLED,
    "cancelled_at": START,
    "cancellation_reason": CancellationReason.REPLACED,
}


def lay_out(organisation: Organisation) -> None:
    """An issued credential with a number that tests know, and a document."""
    learner = organisation.own[Role.LEARNER]
    organisation.credential(organisation.trained(learner))
    organisation.document(learner)


def writable(organisation: Organisation, table: Table) -> dict[str, Any]:
    """What a copy of the last row of a table differs in, so that both can stand."""
    match table.name:
        case "credentials":
            return {**CANCELLED, "register_number": register_number(organisation.new_id(START))}
        case "document_pieces":
            return {"position": 1}
        case _:
            return {}


def keys_of(twin: Organisation) -> dict[str, UUID]:
    """By the names of columns, the keys of another organisation's records."""
    return {
        "course_enrolment_id": twin.rows[course_enrolments][-1]["id"],
        "document_id": twin.rows[documents][-1]["id"],
        "replaced_by": twin.rows[credentials][-1]["id"],
    }


_STANDING = {"status": CredentialStatus.ISSUED, "cancelled_at": None, "cancellation_reason": None}
CONTRADICTIONS: dict[str, tuple[Table, dict[str, Any], str]] = {
    "an issued credential without a number": (credentials, {"register_number": None}, "issued_whole"),
    "an issued credential that says nothing of units": (credentials, {"units": None}, "issued_whole"),
    "a requested credential that was issued": (
        credentials,
        {**_STANDING, "status": CredentialStatus.REQUESTED},
        "issued_when_issued",
    ),
    "a cancelled credential without a reason": (credentials, {"cancellation_reason": None}, "cancelled_whole"),
    "a credential cancelled at no instant": (credentials, {"cancelled_at": None}, "cancelled_whole"),
    "a note on what is not cancelled": (
        credentials,
        {**_STANDING, "cancellation_note": "Why"},
        "(?i)note_when_cancelled|unique",
    ),
    "a withdrawn request that was issued": (
        credentials,
        {"cancellation_reason": CancellationReason.REQUEST_WITHDRAWN},
        "withdrawn_before_issued",
    ),
    "a successor of what was not replaced": (
        credentials,
        {"cancellation_reason": CancellationReason.REVOKED, "replaced_by": UUID(int=1)},
        "replaced_by_when_replaced",
    ),
    "a credential that replaces itself": (
        credentials,
        {"id": UUID(int=2), "replaced_by": UUID(int=2)},
        "replaced_by_another",
    ),
    "a second credential that stands": (credentials, _STANDING, "(?i)unique"),
    "a number taken already": (credentials, CANCELLED, "(?i)unique.*register_number|uq_credentials_register_number"),
    "an empty document": (documents, {"size": 0}, "size_positive"),
    "an archived document since never": (documents, {"status": DocumentStatus.ARCHIVED}, "archived_at_when_archived"),
    "an active document archived at an instant": (
        documents,
        {"archived_at": START - timedelta(days=1)},
        "archived_at_when_archived",
    ),
}
BESIDE = {("credentials", "status"): {"cancelled_at": None, "cancellation_reason": None}}
"""What else the row of an unknown value holds, so that nothing but the value is wrong."""
COPIES = {"a number taken already"}
"""Those that are made of the row laid out, and not of one that could stand beside it."""
UNKNOWN_VALUES = [
    (credentials, "status"),
    (credentials, "cancellation_reason"),
    (documents, "media_type"),
    (documents, "status"),
]
