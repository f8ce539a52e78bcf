"""History, which only grows, the answers kept for repeated calls, and who has written last in which transaction."""

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
)

from portal_api.domain.history import ActorKind, HistoryAction, SubjectKind
from portal_api.models.base import (
    Id,
    Instant,
    Words,
    enum_check,
    enum_column,
    metadata,
    organisation_column,
    reference,
)

history_entries = Table(
    "history_entries",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    enum_column("actor_kind", ActorKind),
    Column("actor_id", Id),
    enum_column("action", HistoryAction),
    enum_column("subject_kind", SubjectKind),
    Column("subject_id", Id, nullable=False),
    Column("learner_id", Id),
    Column("from_status", String(40)),
    Column("to_status", String(40)),
    Column("reason", String(40)),
    Column("note", Text),
    Column("changed_fields", Words, comment="The names of what an edit changed; never what it was or became."),
    Column("version", Integer, nullable=False),
    Column("request_id", String(64)),
    Column("cause_id", Id),
    Column("occurred_at", Instant, nullable=False),
    Column("recorded_at", Instant, nullable=False),
    ForeignKeyConstraint(["actor_id"], ["users.id"]),
    reference("learner_id", "learners"),
    reference("cause_id", "history_entries"),
    enum_check("actor_kind", ActorKind),
    CheckConstraint("(actor_id IS NOT NULL) = (actor_kind IN ('user', 'integration'))", name="actor_when_person"),
    Index(None, "organisation_id", "subject_id", "id"),
    Index(None, "organisation_id", "learner_id", "id"),
    Index(None, "organisation_id", "occurred_at", "id"),
    Index(None, "organisation_id", "action", "occurred_at", "id"),
    Index(None, "organisation_id", "actor_id", "occurred_at", "id"),
)

idempotency_keys = Table(
    "idempotency_keys",
    metadata,
    Column("organisation_id", Id, ForeignKey("organisations.id"), primary_key=True),
    Column("actor_id", Id, ForeignKey("users.id"), primary_key=True),
    Column("mutation", String(64), primary_key=True),
    Column("key", String(200), primary_key=True),
    Column("input_hash", String(64), nullable=False),
    Column("outcome", Text),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Index(None, "expires_at"),
)

written_marks = Table(
    "written_marks",
    metadata,
    Column("organisation_id", Id, ForeignKey("organisations.id"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True),
    Column(
        "written_in", BigInteger, nullable=False, comment="The number of the transaction, as PostgreSQL counts them."
    ),
)
