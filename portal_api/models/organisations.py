"""Organisations, their users, roles, machine clients' tokens and groups; and the lease of the ticker."""

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    Table,
    Text,
    false,
    text,
    true,
)

from portal_api.domain.library import LibraryStatus
from portal_api.domain.organisations import IntegrationTokenStatus
from portal_api.domain.roles import Role
from portal_api.models.base import (
    Id,
    Instant,
    SortKey,
    enum_check,
    enum_column,
    metadata,
    organisation_column,
    reference,
)

organisations = Table(
    "organisations",
    metadata,
    Column("id", Id, primary_key=True),
    Column("external_ref", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("time_zone", Text, nullable=False),
    Column("has_reconnect_stage", Boolean, nullable=False, server_default=true()),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
)

users = Table(
    "users",
    metadata,
    Column("id", Id, primary_key=True),
    Column("external_ref", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("name_key", SortKey, nullable=False),
    Column("email", Text, nullable=False),
    Column("search_key", SortKey, nullable=False),
    Column("is_machine", Boolean, nullable=False, server_default=false()),
    Column("created_at", Instant, nullable=False),
)

roles = Table(
    "roles",
    metadata,
    Column("organisation_id", Id, ForeignKey("organisations.id"), primary_key=True),
    Column("user_id", Id, ForeignKey("users.id"), primary_key=True),
    enum_column("role", Role, nullable=True),
    Column("learner_id", Id),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False, server_default=text("1")),
    ForeignKeyConstraint(["organisation_id", "learner_id"], ["learners.organisation_id", "learners.id"]),
    enum_check("role", Role),
    Index(None, "organisation_id", "learner_id"),
    Index(None, "user_id"),
)

integration_tokens = Table(
    "integration_tokens",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("user_id", Id, nullable=False),
    Column("name", Text, nullable=False),
    enum_column("status", IntegrationTokenStatus),
    Column("created_at", Instant, nullable=False),
    Column("expires_at", Instant, nullable=False),
    Column("due_at", Instant, nullable=False, comment="The next clock move; far in the future when there is none."),
    Column("revoked_at", Instant),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["organisation_id", "user_id"], ["roles.organisation_id", "roles.user_id"]),
    enum_check("status", IntegrationTokenStatus),
    CheckConstraint("(status = 'revoked') = (revoked_at IS NOT NULL)", name="revoked_at_when_revoked"),
    Index(None, "organisation_id", "user_id", "id"),
    Index(None, "organisation_id", "due_at"),
    comment="What machine clients sign in with: never the token itself, only that it was issued.",
)

groups = Table(
    "groups",
    metadata,
    organisation_column(),
    Column("id", Id, primary_key=True),
    Column("name", Text, nullable=False),
    Column("name_key", SortKey, nullable=False),
    enum_column("status", LibraryStatus),
    Column("created_at", Instant, nullable=False),
    Column("version", Integer, nullable=False),
    ForeignKeyConstraint(["organisation_id"], ["organisations.id"]),
    enum_check("status", LibraryStatus),
    Index(None, "organisation_id", "name_key", "id"),
)

group_conditions = Table(
    "group_conditions",
    metadata,
    organisation_column(),
    Column("group_id", Id, primary_key=True),
    Column("attribute", Text, primary_key=True),
    Column("value", Text, primary_key=True),
    reference("group_id", "groups"),
    comment="A learner passes who has, for each attribute named, one of the values named with it.",
)

group_members = Table(
    "group_members",
    metadata,
    organisation_column(),
    Column("group_id", Id, primary_key=True),
    Column("learner_id", Id, primary_key=True),
    reference("group_id", "groups"),
    reference("learner_id", "learners"),
    Index(None, "organisation_id", "learner_id"),
    comment="Who passes the tests of which group in use: kept in step with attributes and tests by whatever changes them.",
)

ticker_leases = Table(
    "ticker_leases",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("holder", Id, nullable=False),
    Column("held_until", Instant, nullable=False),
)
