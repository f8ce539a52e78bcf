"""Credentials, documents and what is told of register numbers, in plain Python."""

import json
from datetime import timedelta
from typing import Any
from zoneinfo import ZoneInfo

from portal_api import models
from portal_api.auth import DownloadLinks
from portal_api.domain.certifications import CertificateStatus
from portal_api.domain.credentials import CREDENTIALS, CancellationReason, CredentialFacts, CredentialStatus
from portal_api.domain.documents import DOCUMENTS, DocumentFacts
from portal_api.domain.learners import LearnerStatus
from portal_api.domain.register_numbers import read_register_number
from tests.conftest import SIGNING_KEY
from tests.oracle.engine import Asking, Noun, owned, reporting, searching
from tests.oracle.groups import in_group
from tests.oracle.rows import FAR_FUTURE, Row, folded, wire

_EARNED = {"20", "51", "60"}
_TOLD = {CancellationReason.REVOKED: "REVOKED", CancellationReason.REPLACED: "REPLACED"}


def link(prefix: str, asking: Asking, row: Row) -> dict[str, Any]:
    """The link to a record's file; how it is signed is not this oracle's business."""
    url, expires_at = DownloadLinks(SIGNING_KEY).sign_file(prefix, row.organisation_id, row.id, asking.now)
    return {"url": url, "expiresAt": expires_at}


def _learner(asking: Asking, row: Row) -> Row:
    return next(each for each in asking.rows["Learner"] if each.id == row.learner_id)


def _learner_texts(asking: Asking, row: Row) -> list[str]:
    whose = _learner(asking, row)
    return [whose.given_name, whose.family_name, whose.email, whose.external_ref]


def _is_active(asking: Asking, row: Row) -> bool:
    return _learner(asking, row).status is LearnerStatus.ACTIVE


def _credential_actions(asking: Asking, row: Row) -> Any:
    outcomes = {
        each.outcome
        for each in asking.rows["UnitEnrolment"]
        if each.course_enrolment_id == row.course_enrolment_id and each.outcome
    }
    others = (
        each
        for each in asking.rows["Credential"]
        if each.course_enrolment_id == row.course_enrolment_id and each.id != row.id
    )
    facts = CredentialFacts(
        row.status,
        _is_active(asking, row),
        bool(_EARNED & {str(each) for each in outcomes}),
        row.status is CredentialStatus.CANCELLED
        and any(each.status is not CredentialStatus.CANCELLED for each in others),
    )
    return CREDENTIALS.actions(asking.viewer.role, facts)


CREDENTIAL = Noun(
    "Credential",
    "crd",
    sees=lambda asking, row: asking.knows(row.learner_id),
    tables={"Credential": models.credentials, "UnitEnrolment": models.unit_enrolments},
    root="credential",
    root_list="credentials",
    fields={
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "courseEnrolment": lambda asking, row: asking.record("CourseEnrolment", row.course_enrolment_id),
        "units": lambda _, row: json.loads(row.units or "[]"),
        "cancellationNote": lambda asking, row: row.cancellation_note if asking.is_administrator else None,
        "replacedBy": lambda asking, row: asking.record("Credential", row.replaced_by),
        "download": lambda asking, row: link("crd", asking, row) if row.register_number else None,
        "actions": _credential_actions,
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
    keys={"id": "crd", "learnerId": "lrn", "courseEnrolmentId": "cen", "groupId": "grp"},
    conditions={
        "groupId": in_group(lambda row: row.learner_id),
        "reportsTo": reporting(lambda row: row.learner_id),
        "search": searching(_learner_texts),
    },
    orders={
        "REQUESTED_AT": lambda row: wire(row.requested_at),
        "ISSUED_AT": lambda row: wire(row.issued_at) or FAR_FUTURE,
    },
)
DOCUMENT = Noun(
    "Document",
    "doc",
    sees=lambda asking, row: asking.is_administrator or row.learner_id == asking.viewer.learner_id,
    tables={"Document": models.documents},
    root="document",
    root_list="documents",
    fields={
        "learner": lambda asking, row: asking.record("Learner", row.learner_id),
        "courseEnrolment": lambda asking, row: asking.record("CourseEnrolment", row.course_enrolment_id),
        "download": lambda asking, row: link("doc", asking, row),
        "actions": lambda asking, row: DOCUMENTS.actions(
            asking.viewer.role, DocumentFacts(row.status, _is_active(asking, row))
        ),
    },
    lists={"history": ("HistoryEntry", owned("subject_id"))},
    keys={"id": "doc", "learnerId": "lrn", "courseEnrolmentId": "cen"},
    conditions={"search": searching(lambda _, row: [row.title])},
    orders={"TITLE": lambda row: folded(row.title), "ADDED_AT": lambda row: wire(row.added_at)},
)


def verify_credential(_: Any, info: Any, number: str) -> dict[str, Any]:
    """How things stand with a number; here one of the organisation's own, or of nobody."""
    asking: Asking = info.context
    known = read_register_number(number)
    for row in asking.rows["Credential"]:
        if known and row.register_number == known:
            is_cancelled = row.status is CredentialStatus.CANCELLED
            asking.served += 1
            status = _TOLD.get(row.cancellation_reason, "CANCELLED") if is_cancelled else "VALID"
            return _answer(status, "CREDENTIAL", row.course_title, row.issued_on)
    for row in asking.rows["Certificate"]:
        if known and row.register_number == known:
            asking.served += 1
            is_over = row.status is CertificateStatus.VALID and row.expires_at and row.expires_at <= asking.now
            status = "EXPIRED" if is_over else row.status.name
            return _answer(status, "CERTIFICATE", _title(asking, row), row.issued_on, _last_day(asking, row))
    return _answer("NOT_FOUND")


def _title(asking: Asking, row: Row) -> str:
    record = next(each for each in asking.rows["LearnerCertification"] if each.id == row.learner_certification_id)
    return next(each.title for each in asking.rows["Certification"] if each.id == record.certification_id)


def _last_day(asking: Asking, row: Row) -> Any:
    if row.expires_at is None:
        return None
    [organisation] = asking.rows["Organisation"]
    return (row.expires_at - timedelta(microseconds=1)).astimezone(ZoneInfo(organisation.time_zone)).date()


def _answer(
    status: str, kind: str | None = None, title: str | None = None, issued_on: Any = None, expires_on: Any = None
) -> dict[str, Any]:
    told = {"status": status, "kind": kind, "title": title, "issuedOn": issued_on, "expiresOn": expires_on}
    return {name: wire(value) for name, value in told.items()}
