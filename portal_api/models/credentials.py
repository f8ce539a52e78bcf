"""Credentials with what they said when they were issued, and learners' documents with their content in pieces."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    Index,
    Integer,
    LargeBinary,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from portal_api.domain.credentials import CancellationReason, CredentialStatus
from portal_api.domain.documents import DocumentStatus, MediaType
from portal_api.models.base import (
    Id,
    Instant,
    SortKey,
    enum_check,
    enum_column,
    metadata,
    or_far_instant,
    organisation_column,
    reference,
)

credentials = Table(
    "credentials",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("course_enrolment_id", Id, nullable=False),
    Column("learner_id", Id, nullable=False, comment="That of the enrolment, for whoever asks who may see it."),
    enum_column("status", CredentialStatus),
    Column("requested_at", Instant, nullable=False),
    Column("register_number", Text, comment="By which anybody verifies it; none before it is issued."),
    Column("issued_at", Instant),
    Column("issued_on", Date, comment="The local day."),
    Column("organisation_name", Text, comment="This and the following as they were when it was issued."),
    Column("learner_name", Text),
    Column("course_title", Text),
    Column("program_identifier", Text),
    Column("units", Text, comment="What it was issued for, as JSON: identifier, title and outcome of each unit."),
    Column("cancelled_at", Instant),
    enum_column("cancellation_reason", CancellationReason, nullable=True),
    Column("cancellation_note", Text),
    Column("replaced_by", Id, comment="The one that was issued in its place."),
    Column("version", Integer, nullable=False),
    reference("course_enrolment_id", "course_enrolments"),
    reference("learner_id", "learners"),
    reference("replaced_by", "credentials"),
    # Over all organisations: whoever verifies a number does not say whose it is.
    UniqueConstraint("register_number"),
    enum_check("status", CredentialStatus),
    enum_check("cancellation_reason", CancellationReason),
    CheckConstraint(
        "(issued_at IS NULL) = (register_number IS NULL) AND (issued_at IS NULL) = (issued_on IS NULL) "
        "AND (issued_at IS NULL) = (organisation_name IS NULL) AND (issued_at IS NULL) = (learner_name IS NULL) "
        "AND (issued_at IS NULL) = (course_title IS NULL) AND (issued_at IS NULL) = (program_identifier IS NULL) "
        "AND (issued_at IS NULL) = (units IS NULL)",
        name="issued_whole",
    ),
    CheckConstraint(
        "(status <> 'requested' OR issued_at IS NULL) AND (status <> 'issued' OR issued_at IS NOT NULL)",
        name="issued_when_issued",
    ),
    CheckConstraint(
        "(status = 'cancelled') = (cancelled_at IS NOT NULL) "
        "AND (cancelled_at IS NULL) = (cancellation_reason IS NULL)",
        name="cancelled_whole",
    ),
    CheckConstraint("cancellation_note IS NULL OR cancelled_at IS NOT NULL", name="note_when_cancelled"),
    CheckConstraint(
        "(cancellation_reason = 'request_withdrawn') = (issued_at IS NULL)", name="withdrawn_before_issued"
    ),
    CheckConstraint("replaced_by IS NULL OR cancellation_reason = 'replaced'", name="replaced_by_when_replaced"),
    CheckConstraint("replaced_by <> id", name="replaced_by_another"),
    Index(None, "organisation_id", "learner_id", "id"),
    Index(None, "organisation_id", "course_enrolment_id", "id"),
    Index(None, "organisation_id", "status", "id"),
    Index(None, "organisation_id", "requested_at", "id"),
    Index("ix_credentials_issued_at", "organisation_id", or_far_instant("issued_at"), "id"),
    Index(
        "uq_credentials_standing",
        "organisation_id",
        "course_enrolment_id",
        unique=True,
        sqlite_where=text("status IN ('requested', 'issued')"),
        postgresql_where=text("status IN ('requested', 'issued')"),
    ),
)

documents = Table(
    "documents",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("learner_id", Id, nullable=False),
    Column("course_enrolment_id", Id, comment="Where it belongs to one."),
    Column("title", Text, nullable=False),
    Column("title_key", SortKey, nullable=False),
    Column("file_name", Text, nullable=False),
    enum_column("media_type", MediaType),
    Column("size", Integer, nullable=False, comment="In bytes."),
    Column("sha256", Text, nullable=False, comment="In hexadecimal characters."),
    enum_column("status", DocumentStatus),
    Column("added_at", Instant, nullable=False),
    Column("archived_at", Instant),
    Column("version", Integer, nullable=False),
    reference("learner_id", "learners"),
    reference("course_enrolment_id", "course_enrolments"),
    enum_check("media_type", MediaType),
    enum_check("status", DocumentStatus),
    CheckConstraint("size >= 1", name="size_positive"),
    CheckConstraint("(status = 'archived') = (archived_at IS NOT NULL)", name="archived_at_when_archived"),
    Index(None, "organisation_id", "learner_id", "id"),
    Index(None, "organisation_id", "course_enrolment_id", "id"),
    Index(None, "organisation_id", "title_key", "id"),
    Index(None, "organisation_id", "added_at", "id"),
)

document_pieces = Table(
    "document_pieces",
    metadata,
    organisation_column(),
    Column("document_id", Id, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    reference("document_id", "documents"),
)
