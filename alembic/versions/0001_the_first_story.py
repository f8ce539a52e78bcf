"""The first story: organisations, learners, series, enrolments and their history.

Revision ID: 0001
Revises:
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# History only grows: the database itself refuses to change or delete an entry.
CLOSE_HISTORY = {
    "sqlite": [
        f"CREATE TRIGGER history_entries_no_{act.lower()} BEFORE {act} ON history_entries "
        "BEGIN SELECT RAISE(ABORT, 'history only grows'); END"
        for act in ("UPDATE", "DELETE")
    ]
    + [
        # INSERT OR REPLACE deletes without asking the trigger above.
        "CREATE TRIGGER history_entries_no_replace BEFORE INSERT ON history_entries WHEN EXISTS (SELECT 1 FROM history_entries "
        "WHERE organisation_id = NEW.organisation_id AND id = NEW.id) BEGIN SELECT RAISE(ABORT, 'history only grows'); END"
    ],
    "postgresql": [
        "CREATE FUNCTION refuse_history_change() RETURNS trigger LANGUAGE plpgsql AS "
        "$$ BEGIN RAISE EXCEPTION 'history only grows'; END $$",
        "CREATE TRIGGER history_entries_only_grow BEFORE UPDATE OR DELETE OR TRUNCATE ON history_entries "
        "FOR EACH STATEMENT EXECUTE FUNCTION refuse_history_change()",
    ],
}
OPEN_HISTORY = {
    "sqlite": [f"DROP TRIGGER history_entries_no_{act}" for act in ("update", "delete", "replace")],
    "postgresql": [
        "DROP TRIGGER history_entries_only_grow ON history_entries",
        "DROP FUNCTION refuse_history_change()",
    ],
}


def upgrade() -> None:
    op.create_table(
        "organisations",
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisations")),
        sa.UniqueConstraint("external_ref", name=op.f("uq_organisations_external_ref")),
    )
    op.create_table(
        "ticker_leases",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("holder", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("held_until", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_ticker_leases")),
    )
    op.create_table(
        "users",
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("external_ref", name=op.f("uq_users_external_ref")),
    )
    op.create_table(
        "idempotency_keys",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("actor_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("mutation", sa.String(length=64), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("input_hash", sa.String(length=64), nullable=False),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("expires_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_idempotency_keys_actor_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_idempotency_keys_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "actor_id", "mutation", "key", name=op.f("pk_idempotency_keys")),
    )
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_idempotency_keys_expires_at"), ["expires_at"], unique=False)

    op.create_table(
        "learners",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("given_name", sa.Text(), nullable=False),
        sa.Column("given_name_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("family_name", sa.Text(), nullable=False),
        sa.Column("family_name_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("search_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("has_app_access", sa.Boolean(), nullable=False),
        sa.Column("manager_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column(
            "first_signed_in_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "deactivated_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("deactivation_reason", sa.String(40), nullable=True),
        sa.Column("deactivation_note", sa.Text(), nullable=True),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'inactive') = (deactivated_at IS NOT NULL)",
            name=op.f("ck_learners_deactivated_at_when_inactive"),
        ),
        sa.CheckConstraint(
            "deactivation_reason IN ('no_activity', 'left_organisation', 'deported', 'dismissed', 'deceased', 'enrolments_ended', 'other')",
            name=op.f("ck_learners_deactivation_reason_known"),
        ),
        sa.CheckConstraint(
            "status = 'active' OR NOT has_app_access", name=op.f("ck_learners_no_app_access_when_inactive")
        ),
        sa.CheckConstraint("status IN ('active', 'inactive')", name=op.f("ck_learners_status_known")),
        sa.CheckConstraint("manager_id <> id", name=op.f("ck_learners_not_own_manager")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "manager_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_learners_organisation_id_manager_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_learners_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_learners")),
        sa.UniqueConstraint("organisation_id", "external_ref", name=op.f("uq_learners_organisation_id_external_ref")),
    )
    with op.batch_alter_table("learners", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_learners_organisation_id_created_at_id"),
            ["organisation_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learners_organisation_id_family_name_key_given_name_key_id"),
            ["organisation_id", "family_name_key", "given_name_key", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learners_organisation_id_manager_id_id"),
            ["organisation_id", "manager_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learners_organisation_id_status_id"), ["organisation_id", "status", "id"], unique=False
        )

    op.create_table(
        "series",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("search_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("type", sa.String(40), nullable=False),
        sa.Column("duration", sa.String(40), nullable=False),
        sa.Column("duration_days", sa.Integer(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(duration = 'end_date') = (ends_on IS NOT NULL)", name=op.f("ck_series_day_when_end_date")),
        sa.CheckConstraint(
            "(duration = 'fixed') = (duration_days IS NOT NULL)", name=op.f("ck_series_days_when_fixed")
        ),
        sa.CheckConstraint("duration IN ('mastery', 'fixed', 'end_date')", name=op.f("ck_series_duration_known")),
        sa.CheckConstraint("type IN ('standard', 'preview', 'competency', 'burst')", name=op.f("ck_series_type_known")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_series_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_series")),
        sa.UniqueConstraint("organisation_id", "external_ref", name=op.f("uq_series_organisation_id_external_ref")),
    )
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_series_organisation_id_created_at_id"), ["organisation_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_series_organisation_id_title_key_id"), ["organisation_id", "title_key", "id"], unique=False
        )

    op.create_table(
        "activity_intervals",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("active_from", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("active_until", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.CheckConstraint(
            "active_until IS NULL OR active_from <= active_until", name=op.f("ck_activity_intervals_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_activity_intervals_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_activity_intervals")),
    )
    with op.batch_alter_table("activity_intervals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_intervals_organisation_id_learner_id_active_from"),
            ["organisation_id", "learner_id", "active_from"],
            unique=False,
        )
        batch_op.create_index(
            "uq_activity_intervals_open",
            ["organisation_id", "learner_id"],
            unique=True,
            sqlite_where=sa.text("active_until IS NULL"),
            postgresql_where=sa.text("active_until IS NULL"),
        )

    op.create_table(
        "history_entries",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("actor_kind", sa.String(40), nullable=False),
        sa.Column("actor_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("from_status", sa.String(length=40), nullable=True),
        sa.Column("to_status", sa.String(length=40), nullable=True),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("request_id", sa.String(length=64), nullable=True),
        sa.Column("cause_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("occurred_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("recorded_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.CheckConstraint(
            "(actor_id IS NOT NULL) = (actor_kind IN ('user', 'integration'))",
            name=op.f("ck_history_entries_actor_when_person"),
        ),
        sa.CheckConstraint(
            "action IN ('learner_deactivated', 'learner_reactivated', 'series_enrolment_withdrawn', 'series_enrolment_started', 'series_enrolment_ended')",
            name=op.f("ck_history_entries_action_known"),
        ),
        sa.CheckConstraint(
            "actor_kind IN ('user', 'integration', 'learncycle', 'clock')",
            name=op.f("ck_history_entries_actor_kind_known"),
        ),
        sa.CheckConstraint(
            "subject_kind IN ('learner', 'series_enrolment')", name=op.f("ck_history_entries_subject_kind_known")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_history_entries_actor_id")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "cause_id"],
            ["history_entries.organisation_id", "history_entries.id"],
            name=op.f("fk_history_entries_organisation_id_cause_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_history_entries_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_history_entries")),
    )
    with op.batch_alter_table("history_entries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_history_entries_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_history_entries_organisation_id_occurred_at_id"),
            ["organisation_id", "occurred_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_history_entries_organisation_id_subject_id_id"),
            ["organisation_id", "subject_id", "id"],
            unique=False,
        )

    op.create_table(
        "reporting_lines",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("manager_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("depth", sa.Integer(), nullable=False),
        sa.CheckConstraint("depth >= 1", name=op.f("ck_reporting_lines_depth_positive")),
        sa.CheckConstraint("manager_id <> learner_id", name=op.f("ck_reporting_lines_no_circle")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_reporting_lines_organisation_id_learner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "manager_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_reporting_lines_organisation_id_manager_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "manager_id", "learner_id", name=op.f("pk_reporting_lines")),
        comment="Every pair of a manager and a learner below them, at any depth; depth 1 repeats learners.manager_id.",
    )
    with op.batch_alter_table("reporting_lines", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_reporting_lines_organisation_id_learner_id_depth"),
            ["organisation_id", "learner_id", "depth"],
            unique=False,
        )

    op.create_table(
        "roles",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("role", sa.String(40), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.CheckConstraint(
            "role IN ('owner', 'admin', 'manager', 'trainer', 'learner', 'integration')",
            name=op.f("ck_roles_role_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_roles_organisation_id_learner_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_roles_organisation_id")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_roles_user_id")),
        sa.PrimaryKeyConstraint("organisation_id", "user_id", name=op.f("pk_roles")),
    )
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_roles_organisation_id_learner_id"), ["organisation_id", "learner_id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_roles_user_id"), ["user_id"], unique=False)

    op.create_table(
        "series_enrolments",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("series_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column(
            "has_signed_in",
            sa.Boolean(),
            nullable=False,
            comment="Whether the learner has signed in at all, as of the last write.",
        ),
        sa.Column("enrolled_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("starts_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("ends_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column(
            "due_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="The next clock move; far in the future when there is none.",
        ),
        sa.Column("mastered_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("withdrawn_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("withdrawal_reason", sa.String(40), nullable=True),
        sa.Column("withdrawal_note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'mastered') = (mastered_at IS NOT NULL)",
            name=op.f("ck_series_enrolments_mastered_at_when_mastered"),
        ),
        sa.CheckConstraint(
            "(status = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (status = 'withdrawn') = (withdrawal_reason IS NOT NULL)",
            name=op.f("ck_series_enrolments_withdrawal_when_withdrawn"),
        ),
        sa.CheckConstraint(
            "status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress', 'mastered', 'incomplete', 'did_not_start', 'never_signed_in', 'withdrawn')",
            name=op.f("ck_series_enrolments_status_known"),
        ),
        sa.CheckConstraint(
            "withdrawal_reason IN ('no_longer_required', 'user_deactivated', 'does_not_want_to_complete', 'enrolment_error')",
            name=op.f("ck_series_enrolments_withdrawal_reason_known"),
        ),
        sa.CheckConstraint("starts_at < ends_at", name=op.f("ck_series_enrolments_in_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_series_enrolments_organisation_id_learner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "series_id"],
            ["series.organisation_id", "series.id"],
            name=op.f("fk_series_enrolments_organisation_id_series_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_series_enrolments")),
        sa.UniqueConstraint(
            "organisation_id", "external_ref", name=op.f("uq_series_enrolments_organisation_id_external_ref")
        ),
    )
    with op.batch_alter_table("series_enrolments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_series_enrolments_organisation_id_due_at"), ["organisation_id", "due_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_series_enrolments_organisation_id_enrolled_at_id"),
            ["organisation_id", "enrolled_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_series_enrolments_organisation_id_learner_id_enrolled_at_id"),
            ["organisation_id", "learner_id", "enrolled_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_series_enrolments_organisation_id_series_id_id"),
            ["organisation_id", "series_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_series_enrolments_organisation_id_status_due_at"),
            ["organisation_id", "status", "due_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_series_enrolments_organisation_id_status_id"),
            ["organisation_id", "status", "id"],
            unique=False,
        )
    for statement in CLOSE_HISTORY[op.get_context().dialect.name]:
        op.execute(statement)


def downgrade() -> None:
    for statement in OPEN_HISTORY[op.get_context().dialect.name]:
        op.execute(statement)
    with op.batch_alter_table("series_enrolments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_enrolments_organisation_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_series_enrolments_organisation_id_status_due_at"))
        batch_op.drop_index(batch_op.f("ix_series_enrolments_organisation_id_series_id_id"))
        batch_op.drop_index(batch_op.f("ix_series_enrolments_organisation_id_learner_id_enrolled_at_id"))
        batch_op.drop_index(batch_op.f("ix_series_enrolments_organisation_id_enrolled_at_id"))
        batch_op.drop_index(batch_op.f("ix_series_enrolments_organisation_id_due_at"))

    op.drop_table("series_enrolments")
    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_roles_user_id"))
        batch_op.drop_index(batch_op.f("ix_roles_organisation_id_learner_id"))

    op.drop_table("roles")
    with op.batch_alter_table("reporting_lines", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_reporting_lines_organisation_id_learner_id_depth"))

    op.drop_table("reporting_lines")
    with op.batch_alter_table("history_entries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_history_entries_organisation_id_subject_id_id"))
        batch_op.drop_index(batch_op.f("ix_history_entries_organisation_id_occurred_at_id"))
        batch_op.drop_index(batch_op.f("ix_history_entries_organisation_id_learner_id_id"))

    op.drop_table("history_entries")
    with op.batch_alter_table("activity_intervals", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_activity_intervals_open",
            sqlite_where=sa.text("active_until IS NULL"),
            postgresql_where=sa.text("active_until IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_activity_intervals_organisation_id_learner_id_active_from"))

    op.drop_table("activity_intervals")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_series_organisation_id_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_series_organisation_id_created_at_id"))

    op.drop_table("series")
    with op.batch_alter_table("learners", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learners_organisation_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_learners_organisation_id_manager_id_id"))
        batch_op.drop_index(batch_op.f("ix_learners_organisation_id_family_name_key_given_name_key_id"))
        batch_op.drop_index(batch_op.f("ix_learners_organisation_id_created_at_id"))

    op.drop_table("learners")
    with op.batch_alter_table("idempotency_keys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_idempotency_keys_expires_at"))

    op.drop_table("idempotency_keys")
    op.drop_table("users")
    op.drop_table("ticker_leases")
    op.drop_table("organisations")
