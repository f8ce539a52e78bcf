"""Credentials with the enrolments in courses that they are for, and learners' documents."""

import hashlib
from typing import Any

from portal_api.domain.courses.outcomes import Outcome
from portal_api.domain.credentials import CancellationReason, CredentialStatus
from portal_api.domain.documents import DocumentStatus, MediaType
from portal_api.domain.register_numbers import register_number
from portal_api.models import (
    credentials,
    document_pieces,
    documents,
)
from portal_api.queries.folding import fold
from tests.factories.course_enrolments import CourseEnrolments
from tests.factories.records import Record
from tests.factories.tables import DAY

UNITS = '[{"identifier":"HLTAID011","title":"Provide first aid","outcome":"20"}]'
"""What a credential was issued for that was laid out as issued."""


class Credentials(CourseEnrolments):
    """Lays out enrolments with trained units, their credentials, and documents."""

    def trained(self, learner: Record, *outcomes: Outcome) -> Record:
        """An enrolment of a learner in a course of their own, with a unit for each outcome; 20 if none is said."""
        enrolment = self.course_enrolment(learner)
        for outcome in outcomes or (Outcome.COMPETENT,):
            self.unit_enrolment(enrolment, outcome=outcome)
        return enrolment

    def credential(
        self,
        of: Record,
        status: CredentialStatus = CredentialStatus.ISSUED,
        reason: CancellationReason = CancellationReason.ISSUED_IN_ERROR,
        **columns: Any,
    ) -> Record:
        """A credential of an enrolment; `reason` is that of one that is cancelled, `columns` overrules any column."""
        now = self.clock()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "course_enrolment_id": of.id,
            "learner_id": of["learner_id"],
            "status": status,
            "requested_at": now - 20 * DAY,
            "version": 1,
        }
        if status is CredentialStatus.CANCELLED:
            row |= {"cancelled_at": now - DAY, "cancellation_reason": reason}
        if (
            status is not CredentialStatus.REQUESTED
            and row.get("cancellation_reason") is not CancellationReason.REQUEST_WITHDRAWN
        ):
            row |= {
                "register_number": register_number(self.new_id(now)),
                "issued_at": now - 10 * DAY,
                "issued_on": (now - 10 * DAY).date(),
                "organisation_name": self.name,
                "learner_name": "As It Was",
                "course_title": "First aid",
                "program_identifier": "HLT54121",
                "units": UNITS,
            }
        return self._add(credentials, row | columns)

    def document(
        self, learner: Record, content: bytes = b"%PDF-1.7 as it is", *, is_active: bool = True, **columns: Any
    ) -> Record:
        """A document of a learner; `columns` overrules any column."""
        number, now = self._number(), self.clock()
        row: dict[str, Any] = {
            "organisation_id": self.id,
            "id": self.new_id(now),
            "learner_id": learner.id,
            "title": f"Document {number:04}",
            "file_name": f"document-{number}.pdf",
            "media_type": MediaType.PDF,
            "size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(),
            "status": DocumentStatus.ACTIVE if is_active else DocumentStatus.ARCHIVED,
            "added_at": now - 30 * DAY,
            "archived_at": None if is_active else now - DAY,
            "version": 1,
            **columns,
        }
        row["title_key"] = fold(row["title"])
        made = self._add(documents, row)
        piece = {"organisation_id": self.id, "document_id": made.id, "position": 0, "content": content}
        self._add(document_pieces, piece)
        return made
