"""Learners and series, complete: users, groups, pathways, resources, exports, and what enrolments measure.

Down again only while nothing of it has been used: history is never deleted, so the constraints of before refuse.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


# SQLite makes a table anew to change it; the triggers that close history go with the old one.
CLOSE_HISTORY = [
    *(
        f"CREATE TRIGGER history_entries_no_{act.lower()} BEFORE {act} ON history_entries "
        "BEGIN SELECT RAISE(ABORT, 'history only grows'); END"
        for act in ("UPDATE", "DELETE")
    ),
    "CREATE TRIGGER history_entries_no_replace BEFORE INSERT ON history_entries WHEN EXISTS (SELECT 1 FROM history_entries "
    "WHERE organisation_id = NEW.organisation_id AND id = NEW.id) BEGIN SELECT RAISE(ABORT, 'history only grows'); END",
]
FIRST_ACTIONS = (
    "action IN ('learner_deactivated', 'learner_reactivated', 'series_enrolment_withdrawn', 'series_enrolment_started', "
    "'series_enrolment_ended')"
)


def _open_history() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for act in ("update", "delete", "replace"):
            op.execute(f"DROP TRIGGER history_entries_no_{act}")


def _close_history() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for statement in CLOSE_HISTORY:
            op.execute(statement)


def upgrade() -> None:
    op.create_table(
        "groups",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_groups_status_known")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_groups_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_groups")),
    )
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_groups_organisation_id_name_key_id"), ["organisation_id", "name_key", "id"], unique=False
        )

    op.create_table(
        "pathways",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("search_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("kind IN ('linear', 'interleaved')", name=op.f("ck_pathways_kind_known")),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_pathways_status_known")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_pathways_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_pathways")),
        sa.UniqueConstraint("organisation_id", "external_ref", name=op.f("uq_pathways_organisation_id_external_ref")),
    )
    with op.batch_alter_table("pathways", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pathways_organisation_id_created_at_id"),
            ["organisation_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_pathways_organisation_id_title_key_id"), ["organisation_id", "title_key", "id"], unique=False
        )

    op.create_table(
        "group_conditions",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("group_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("attribute", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "group_id"],
            ["groups.organisation_id", "groups.id"],
            name=op.f("fk_group_conditions_organisation_id_group_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "group_id", "attribute", "value", name=op.f("pk_group_conditions")),
        comment="A learner passes who has, for each attribute named, one of the values named with it.",
    )
    op.create_table(
        "group_members",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("group_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "group_id"],
            ["groups.organisation_id", "groups.id"],
            name=op.f("fk_group_members_organisation_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_group_members_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "group_id", "learner_id", name=op.f("pk_group_members")),
        comment="Who passes the tests of which group in use: kept in step with attributes and tests by whatever changes them.",
    )
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_group_members_organisation_id_learner_id"), ["organisation_id", "learner_id"], unique=False
        )

    op.create_table(
        "learner_attributes",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_learner_attributes_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "learner_id", "name", name=op.f("pk_learner_attributes")),
    )
    with op.batch_alter_table("learner_attributes", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_learner_attributes_organisation_id_name_value_learner_id"),
            ["organisation_id", "name", "value", "learner_id"],
            unique=False,
        )

    op.create_table(
        "pathway_enrolments",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("pathway_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="The step whose series is open, or opens next."),
        sa.Column("enrolled_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column(
            "ends_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="When the time of the series that is open runs out.",
        ),
        sa.Column(
            "due_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="The next clock move; far in the future when there is none.",
        ),
        sa.Column("tracking_code", sa.Text(), nullable=True),
        sa.Column("completed_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("withdrawn_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("withdrawal_reason", sa.String(40), nullable=True),
        sa.Column("withdrawal_note", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'completed') = (completed_at IS NOT NULL)",
            name=op.f("ck_pathway_enrolments_completed_at_when_completed"),
        ),
        sa.CheckConstraint(
            "(status = 'withdrawn') = (withdrawn_at IS NOT NULL) AND (status = 'withdrawn') = (withdrawal_reason IS NOT NULL)",
            name=op.f("ck_pathway_enrolments_withdrawal_when_withdrawn"),
        ),
        sa.CheckConstraint(
            "status IN ('in_progress', 'completed', 'incomplete', 'withdrawn')",
            name=op.f("ck_pathway_enrolments_status_known"),
        ),
        sa.CheckConstraint(
            "withdrawal_reason IN ('no_longer_required', 'user_deactivated', 'does_not_want_to_complete', 'enrolment_error')",
            name=op.f("ck_pathway_enrolments_withdrawal_reason_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_pathway_enrolments_organisation_id_learner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "pathway_id"],
            ["pathways.organisation_id", "pathways.id"],
            name=op.f("fk_pathway_enrolments_organisation_id_pathway_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_pathway_enrolments")),
        sa.UniqueConstraint(
            "organisation_id", "external_ref", name=op.f("uq_pathway_enrolments_organisation_id_external_ref")
        ),
    )
    with op.batch_alter_table("pathway_enrolments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pathway_enrolments_organisation_id_due_at"), ["organisation_id", "due_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_pathway_enrolments_organisation_id_enrolled_at_id"),
            ["organisation_id", "enrolled_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_pathway_enrolments_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_pathway_enrolments_organisation_id_pathway_id_id"),
            ["organisation_id", "pathway_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_pathway_enrolments_organisation_id_status_due_at"),
            ["organisation_id", "status", "due_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_pathway_enrolments_organisation_id_status_id"),
            ["organisation_id", "status", "id"],
            unique=False,
        )

    op.create_table(
        "pathway_steps",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("pathway_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="1 for the first."),
        sa.Column("series_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.CheckConstraint("position >= 1", name=op.f("ck_pathway_steps_position_positive")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "pathway_id"],
            ["pathways.organisation_id", "pathways.id"],
            name=op.f("fk_pathway_steps_organisation_id_pathway_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "series_id"],
            ["series.organisation_id", "series.id"],
            name=op.f("fk_pathway_steps_organisation_id_series_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_pathway_steps")),
        sa.UniqueConstraint(
            "organisation_id",
            "pathway_id",
            "position",
            name=op.f("uq_pathway_steps_organisation_id_pathway_id_position"),
        ),
        sa.UniqueConstraint(
            "organisation_id",
            "pathway_id",
            "series_id",
            name=op.f("uq_pathway_steps_organisation_id_pathway_id_series_id"),
        ),
    )
    with op.batch_alter_table("pathway_steps", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pathway_steps_organisation_id_series_id"), ["organisation_id", "series_id"], unique=False
        )

    op.create_table(
        "resources",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "series_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="The series that it belongs to; none for one of the organisation.",
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_resources_status_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "series_id"],
            ["series.organisation_id", "series.id"],
            name=op.f("fk_resources_organisation_id_series_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_resources_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_resources")),
    )
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_resources_organisation_id_series_id_title_key_id"),
            ["organisation_id", "series_id", "title_key", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_resources_organisation_id_title_key_id"),
            ["organisation_id", "title_key", "id"],
            unique=False,
        )

    op.create_table(
        "exports",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("list", sa.String(40), nullable=False),
        sa.Column("arguments", sa.Text(), nullable=False, comment="The filter and order asked for, as JSON."),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column(
            "row_count", sa.Integer(), nullable=True, comment="How many rows there are to write; known once it runs."
        ),
        sa.Column("written_count", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("finished_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("expires_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column(
            "due_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="The next clock move; far in the future when there is none.",
        ),
        sa.Column(
            "leased_until",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=True,
            comment="Until when a worker holds it; another may take it up afterwards.",
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('ready', 'expired')) = (expires_at IS NOT NULL)", name=op.f("ck_exports_expires_at_when_ready")
        ),
        sa.CheckConstraint(
            "status IN ('queued', 'running', 'ready', 'failed', 'expired')", name=op.f("ck_exports_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"],
            ["roles.organisation_id", "roles.user_id"],
            name=op.f("fk_exports_organisation_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_exports")),
    )
    with op.batch_alter_table("exports", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exports_organisation_id_due_at"), ["organisation_id", "due_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_exports_organisation_id_user_id_id"), ["organisation_id", "user_id", "id"], unique=False
        )
        batch_op.create_index(batch_op.f("ix_exports_status_created_at"), ["status", "created_at"], unique=False)

    op.create_table(
        "integration_tokens",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("expires_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column(
            "due_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="The next clock move; far in the future when there is none.",
        ),
        sa.Column("revoked_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'revoked') = (revoked_at IS NOT NULL)",
            name=op.f("ck_integration_tokens_revoked_at_when_revoked"),
        ),
        sa.CheckConstraint(
            "status IN ('active', 'expired', 'revoked')", name=op.f("ck_integration_tokens_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "user_id"],
            ["roles.organisation_id", "roles.user_id"],
            name=op.f("fk_integration_tokens_organisation_id_user_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_integration_tokens")),
        comment="What machine clients sign in with: never the token itself, only that it was issued.",
    )
    with op.batch_alter_table("integration_tokens", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_integration_tokens_organisation_id_due_at"), ["organisation_id", "due_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_integration_tokens_organisation_id_user_id_id"),
            ["organisation_id", "user_id", "id"],
            unique=False,
        )

    op.create_table(
        "export_pieces",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("export_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "export_id"],
            ["exports.organisation_id", "exports.id"],
            name=op.f("fk_export_pieces_organisation_id_export_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "export_id", "position", name=op.f("pk_export_pieces")),
    )
    _open_history()
    with op.batch_alter_table("history_entries", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("ck_history_entries_action_known"), type_="check")
        batch_op.drop_constraint(batch_op.f("ck_history_entries_subject_kind_known"), type_="check")
        batch_op.add_column(
            sa.Column(
                "changed_fields",
                sa.Text(),
                nullable=True,
                comment="The names of what an edit changed; never what it was or became.",
            )
        )
        batch_op.alter_column(
            "learner_id", existing_type=sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True
        )
    _close_history()

    with op.batch_alter_table("learners", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "last_activity_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
            )
        )
        batch_op.add_column(sa.Column("special_requirements", sa.Text(), nullable=True))
        batch_op.add_column(
            sa.Column("special_requirements_are_private", sa.Boolean(), server_default=sa.false(), nullable=False)
        )

    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))

    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.add_column(sa.Column("version", sa.Integer(), server_default=sa.text("1"), nullable=False))
        batch_op.alter_column("role", existing_type=sa.String(40), nullable=True)

    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.add_column(sa.Column("question_count", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("mastery_percent", sa.Integer(), nullable=True))
        batch_op.add_column(sa.Column("status", sa.String(40), nullable=False, server_default="active"))
        batch_op.create_check_constraint(
            batch_op.f("ck_series_goal_whole"), "(question_count IS NULL) = (mastery_percent IS NULL)"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_series_goal_in_bounds"), "question_count >= 1 AND mastery_percent BETWEEN 1 AND 100"
        )
        batch_op.create_check_constraint(batch_op.f("ck_series_status_known"), "status IN ('active', 'retired')")
    op.execute("UPDATE series SET status = 'retired' WHERE NOT is_active")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.alter_column("status", existing_type=sa.String(40), server_default=None)
        batch_op.drop_column("is_active")

    with op.batch_alter_table("series_enrolments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "due_on",
                sa.Date(),
                nullable=True,
                comment="Advisory: the last day on which the enrolment is not yet overdue.",
            )
        )
        batch_op.add_column(
            sa.Column(
                "overdue_at",
                sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
                nullable=True,
                comment="The first instant after that day, in the organisation's time zone.",
            )
        )
        batch_op.add_column(sa.Column("tracking_code", sa.Text(), nullable=True))
        batch_op.add_column(sa.Column("questions_answered", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(sa.Column("questions_correct", sa.Integer(), server_default=sa.text("0"), nullable=False))
        batch_op.add_column(
            sa.Column(
                "last_answered_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
            )
        )
        batch_op.add_column(
            sa.Column("pathway_enrolment_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True)
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_series_enrolments_overdue_at_when_due_on"), "(due_on IS NULL) = (overdue_at IS NULL)"
        )
        batch_op.create_check_constraint(
            batch_op.f("ck_series_enrolments_questions_correct_answered"),
            "0 <= questions_correct AND questions_correct <= questions_answered",
        )
        batch_op.create_index(
            batch_op.f("ix_series_enrolments_organisation_id_pathway_enrolment_id"),
            ["organisation_id", "pathway_enrolment_id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_series_enrolments_organisation_id_tracking_code_id"),
            ["organisation_id", "tracking_code", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_series_enrolments_active",
            ["organisation_id", "learner_id", "series_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress')"),
            postgresql_where=sa.text("status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress')"),
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_series_enrolments_organisation_id_pathway_enrolment_id"),
            "pathway_enrolments",
            ["organisation_id", "pathway_enrolment_id"],
            ["organisation_id", "id"],
        )

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_machine", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch_op.drop_constraint(batch_op.f("uq_users_external_ref"), type_="unique")

    # With its end as well, so that metering reads nothing but the index.
    with op.batch_alter_table("activity_intervals", schema=None) as batch_op:
        batch_op.create_index(
            "ix_activity_intervals_metering",
            ["organisation_id", "learner_id", "active_from", "active_until"],
            unique=False,
        )
        batch_op.drop_index(batch_op.f("ix_activity_intervals_organisation_id_learner_id_active_from"))


def downgrade() -> None:
    with op.batch_alter_table("activity_intervals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_activity_intervals_organisation_id_learner_id_active_from"),
            ["organisation_id", "learner_id", "active_from"],
            unique=False,
        )
        batch_op.drop_index("ix_activity_intervals_metering")

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.create_unique_constraint(batch_op.f("uq_users_external_ref"), ["external_ref"])
        batch_op.drop_column("is_machine")

    with op.batch_alter_table("series_enrolments", schema=None) as batch_op:
        batch_op.drop_constraint(
            batch_op.f("fk_series_enrolments_organisation_id_pathway_enrolment_id"), type_="foreignkey"
        )
        batch_op.drop_index(
            "uq_series_enrolments_active",
            sqlite_where=sa.text("status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress')"),
            postgresql_where=sa.text("status IN ('waiting_to_start', 'not_signed_in', 'no_attempts', 'in_progress')"),
        )
        batch_op.drop_index(batch_op.f("ix_series_enrolments_organisation_id_tracking_code_id"))
        batch_op.drop_index(batch_op.f("ix_series_enrolments_organisation_id_pathway_enrolment_id"))
        for name in ("overdue_at_when_due_on", "questions_correct_answered"):
            batch_op.drop_constraint(batch_op.f(f"ck_series_enrolments_{name}"), type_="check")
        batch_op.drop_column("pathway_enrolment_id")
        batch_op.drop_column("last_answered_at")
        batch_op.drop_column("questions_correct")
        batch_op.drop_column("questions_answered")
        batch_op.drop_column("tracking_code")
        batch_op.drop_column("overdue_at")
        batch_op.drop_column("due_on")

    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.add_column(sa.Column("is_active", sa.Boolean(), nullable=False, server_default=sa.true()))
        for name in ("goal_whole", "goal_in_bounds", "status_known"):
            batch_op.drop_constraint(batch_op.f(f"ck_series_{name}"), type_="check")
    op.execute("UPDATE series SET is_active = (status = 'active')")
    with op.batch_alter_table("series", schema=None) as batch_op:
        batch_op.alter_column("is_active", existing_type=sa.Boolean(), server_default=None)
        batch_op.drop_column("status")
        batch_op.drop_column("mastery_percent")
        batch_op.drop_column("question_count")

    with op.batch_alter_table("roles", schema=None) as batch_op:
        batch_op.alter_column("role", existing_type=sa.String(40), nullable=False)
        batch_op.drop_column("version")

    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.drop_column("version")

    with op.batch_alter_table("learners", schema=None) as batch_op:
        batch_op.drop_column("special_requirements_are_private")
        batch_op.drop_column("special_requirements")
        batch_op.drop_column("last_activity_at")

    _open_history()
    with op.batch_alter_table("history_entries", schema=None) as batch_op:
        batch_op.alter_column(
            "learner_id", existing_type=sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False
        )
        batch_op.drop_column("changed_fields")
        batch_op.create_check_constraint(batch_op.f("ck_history_entries_action_known"), FIRST_ACTIONS)
        batch_op.create_check_constraint(
            batch_op.f("ck_history_entries_subject_kind_known"), "subject_kind IN ('learner', 'series_enrolment')"
        )
    _close_history()

    op.drop_table("export_pieces")
    with op.batch_alter_table("integration_tokens", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_integration_tokens_organisation_id_user_id_id"))
        batch_op.drop_index(batch_op.f("ix_integration_tokens_organisation_id_due_at"))

    op.drop_table("integration_tokens")
    with op.batch_alter_table("exports", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exports_status_created_at"))
        batch_op.drop_index(batch_op.f("ix_exports_organisation_id_user_id_id"))
        batch_op.drop_index(batch_op.f("ix_exports_organisation_id_due_at"))

    op.drop_table("exports")
    with op.batch_alter_table("resources", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_resources_organisation_id_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_resources_organisation_id_series_id_title_key_id"))

    op.drop_table("resources")
    with op.batch_alter_table("pathway_steps", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pathway_steps_organisation_id_series_id"))

    op.drop_table("pathway_steps")
    with op.batch_alter_table("pathway_enrolments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pathway_enrolments_organisation_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_pathway_enrolments_organisation_id_status_due_at"))
        batch_op.drop_index(batch_op.f("ix_pathway_enrolments_organisation_id_pathway_id_id"))
        batch_op.drop_index(batch_op.f("ix_pathway_enrolments_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_pathway_enrolments_organisation_id_enrolled_at_id"))
        batch_op.drop_index(batch_op.f("ix_pathway_enrolments_organisation_id_due_at"))

    op.drop_table("pathway_enrolments")
    with op.batch_alter_table("learner_attributes", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learner_attributes_organisation_id_name_value_learner_id"))

    op.drop_table("learner_attributes")
    with op.batch_alter_table("group_members", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_group_members_organisation_id_learner_id"))

    op.drop_table("group_members")
    op.drop_table("group_conditions")
    with op.batch_alter_table("pathways", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pathways_organisation_id_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_pathways_organisation_id_created_at_id"))

    op.drop_table("pathways")
    with op.batch_alter_table("groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_groups_organisation_id_name_key_id"))

    op.drop_table("groups")
