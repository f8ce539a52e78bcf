"""Exports: what was asked for, how far it is, and the file itself in pieces."""

from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, Index, Integer, LargeBinary, Table, Text

from portal_api.domain.exports import ExportList, ExportStatus
from portal_api.models.base import (
    Id,
    Instant,
    enum_check,
    enum_column,
    metadata,
    organisation_column,
    reference,
)

exports = Table(
    "exports",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("user_id", Id, nullable=False),
    enum_column("list", ExportList),
    Column("arguments", Text, nullable=False, comment="The filter and order asked for, as JSON."),
    enum_column("status", ExportStatus),
    Column("row_count", Integer, comment="How many rows there are to write; known once it runs."),
    Column("written_count", Integer, nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("finished_at", Instant),
    Column("expires_at", Instant),
    Column("due_at", Instant, nullable=False, comment="The next clock move; far in the future when there is none."),
    Column("leased_until", Instant, comment="Until when a worker holds it; another may take it up afterwards."),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["organisation_id", "user_id"], ["roles.organisation_id", "roles.user_id"]),
    enum_check("status", ExportStatus),
    CheckConstraint("(status IN ('ready', 'expired')) = (expires_at IS NOT NULL)", name="expires_at_when_ready"),
    Index(None, "organisation_id", "user_id", "id"),
    Index(None, "organisation_id", "due_at"),
    Index(None, "status", "created_at"),
)

export_pieces = Table(
    "export_pieces",
    metadata,
    organisation_column(),
    Column("export_id", Id, primary_key=True),
    Column("position", Integer, primary_key=True),
    Column("content", LargeBinary, nullable=False),
    reference("export_id", "exports"),
)
