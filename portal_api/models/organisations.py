"""Organisations, their users, the roles that users hold, and the lease of the ticker."""

from sqlalchemy import Column, ForeignKey, ForeignKeyConstraint, Index, String, Table, Text

from portal_api.domain.organisations import Role
from portal_api.models.base import Id, Instant, enum_check, enum_column, metadata

organisations = Table(
    "organisations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("external_ref", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("external_ref", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("email", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("organisation_id", Id, ForeignKey("organisations.id"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True),
    enum_column("role", Role),
    Column("learner_id", Id),
    Column("created_at", Instant, nullable=False),
    ForeignKeyConstraint(["organisation_id", "learner_id"], ["learners.organisation_id", "learners.id"]),
    enum_check("role", Role),
    Index(None, "organisation_id", "learner_id"),
    Index(None, "user_id"),
)

ticker_leases = Table(
    "ticker_leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", Id, nullable=False),
    Column("held_until", Instant, nullable=False),
)
