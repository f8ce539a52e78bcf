"""Learncycles with their runs, tasks, notifications, the outbox and webhooks.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

FAR_INSTANT = "9999-12-31T00:00:00.000000Z"
LARGE_LISTS: dict[str, dict[str, tuple[str, ...]]] = {
    "learners": {
        "ix_learners_organisation_id_given_name_key_id": ("given_name_key",),
        "ix_learners_organisation_id_student_identifier_id": ("student_identifier",),
        "ix_learners_last_activity_at": ("coalesce(last_activity_at, '1900-01-01T00:00:00.000000Z')",),
        "ix_learners_deactivated_at": (f"coalesce(deactivated_at, '{FAR_INSTANT}')",),
    },
    "series_enrolments": {
        "ix_series_enrolments_organisation_id_starts_at_id": ("starts_at",),
        "ix_series_enrolments_organisation_id_ends_at_id": ("ends_at",),
        "ix_series_enrolments_overdue_at": (f"coalesce(overdue_at, '{FAR_INSTANT}')",),
        "ix_series_enrolments_withdrawn_at": (f"coalesce(withdrawn_at, '{FAR_INSTANT}')",),
    },
    "pathway_enrolments": {
        "ix_pathway_enrolments_organisation_id_ends_at_id": ("ends_at",),
        "ix_pathway_enrolments_withdrawn_at": (f"coalesce(withdrawn_at, '{FAR_INSTANT}')",),
    },
    "learner_certifications": {
        "ix_learner_certifications_organisation_id_assigned_at_id": ("assigned_at",),
        "ix_learner_certifications_enrolled_at": (f"coalesce(enrolled_at, '{FAR_INSTANT}')",),
        "ix_learner_certifications_expires_at": (f"coalesce(expires_at, '{FAR_INSTANT}')",),
        "ix_learner_certifications_certified_at": (f"coalesce(certified_at, '{FAR_INSTANT}')",),
    },
    "approvals": {"ix_approvals_organisation_id_requested_at_id": ("requested_at",)},
    "history_entries": {
        "ix_history_entries_organisation_id_action_occurred_at_id": ("action", "occurred_at"),
        "ix_history_entries_organisation_id_actor_id_occurred_at_id": ("actor_id", "occurred_at"),
    },
}
"""What the lists that grow with an organisation are sorted and filtered by. Here, after the last table that is made anew:
SQLite forgets an index on an expression when its table is."""


def upgrade() -> None:
    op.create_table(
        "outbox_messages",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("payload", sa.Text(), nullable=False, comment="What is to be delivered, as JSON."),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("delivered_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column(
            "due_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="The next attempt; far in the future when there is none.",
        ),
        sa.CheckConstraint("kind IN ('task', 'notification', 'webhook')", name=op.f("ck_outbox_messages_kind_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_outbox_messages_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_outbox_messages")),
        comment="Written in the transaction of its cause, and so only if that is kept; delivered afterwards.",
    )
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_outbox_messages_due_at"), ["due_at"], unique=False)

    op.create_table(
        "webhook_endpoints",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("url", sa.Text(), nullable=False),
        sa.Column(
            "secret", sa.Text(), nullable=False, comment="What messages are signed with; never read but for that."
        ),
        sa.Column("event_kinds", sa.Text(), nullable=False, comment="The triggers whose messages it is sent."),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_webhook_endpoints_status_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_webhook_endpoints_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_webhook_endpoints")),
    )
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_webhook_endpoints_organisation_id_name_key_id"),
            ["organisation_id", "name_key", "id"],
            unique=False,
        )

    op.create_table(
        "learncycles",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("trigger_kind", sa.String(40), nullable=False),
        sa.Column(
            "trigger_value",
            sa.String(length=40),
            nullable=True,
            comment="What a change comes to, as the history writes it.",
        ),
        sa.Column(
            "trigger_reason_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="What the reason of an enrolment changes to.",
        ),
        sa.Column(
            "offset_days",
            sa.Integer(),
            nullable=True,
            comment="Days after a day of a record; before it where negative.",
        ),
        sa.Column(
            "switched_on_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'on') = (switched_on_at IS NOT NULL)", name=op.f("ck_learncycles_switched_on_at_when_on")
        ),
        sa.CheckConstraint(
            "(trigger_kind = 'course_enrolment_reason') = (trigger_reason_id IS NOT NULL)",
            name=op.f("ck_learncycles_reason_when_triggering"),
        ),
        sa.CheckConstraint("status IN ('off', 'on', 'retired')", name=op.f("ck_learncycles_status_known")),
        sa.CheckConstraint(
            "trigger_kind IN ('course_enrolment_status', 'course_enrolment_reason', 'unit_outcome', 'series_enrolment_status', 'certification_status', 'course_enrolment_starts', 'course_enrolment_ends', 'course_enrolment_returns', 'course_enrolment_finalised', 'course_enrolment_reconnects', 'unit_ends', 'series_enrolment_ends', 'certificate_expires')",
            name=op.f("ck_learncycles_trigger_kind_known"),
        ),
        sa.CheckConstraint(
            "(CASE WHEN trigger_value IS NULL THEN 0 ELSE 1 END) + (CASE WHEN trigger_reason_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN offset_days IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_learncycles_trigger_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "trigger_reason_id"],
            ["status_reasons.organisation_id", "status_reasons.id"],
            name=op.f("fk_learncycles_organisation_id_trigger_reason_id"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_learncycles_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_learncycles")),
    )
    with op.batch_alter_table("learncycles", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_learncycles_organisation_id_name_key_id"),
            ["organisation_id", "name_key", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learncycles_organisation_id_status_trigger_kind"),
            ["organisation_id", "status", "trigger_kind"],
            unique=False,
        )

    op.create_table(
        "notifications",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("sent_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("read_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'read') = (read_at IS NOT NULL)", name=op.f("ck_notifications_read_at_when_read")
        ),
        sa.CheckConstraint("status IN ('unread', 'read')", name=op.f("ck_notifications_status_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_notifications_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_notifications")),
    )
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_notifications_organisation_id_learner_id_sent_at_id"),
            ["organisation_id", "learner_id", "sent_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_notifications_organisation_id_sent_at_id"),
            ["organisation_id", "sent_at", "id"],
            unique=False,
        )

    op.create_table(
        "webhook_deliveries",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("webhook_endpoint_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("message_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("event_kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column(
            "attempts",
            sa.Text(),
            nullable=False,
            comment="Every attempt: when, what was answered, how long it took; JSON.",
        ),
        sa.Column("tries", sa.Integer(), nullable=False, comment="How many attempts since it was last asked for."),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("delivered_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column(
            "due_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="The next attempt; far in the future when there is none.",
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'delivered') = (delivered_at IS NOT NULL)",
            name=op.f("ck_webhook_deliveries_delivered_at_when_delivered"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'delivered', 'failed', 'dead')", name=op.f("ck_webhook_deliveries_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "message_id"],
            ["outbox_messages.organisation_id", "outbox_messages.id"],
            name=op.f("fk_webhook_deliveries_organisation_id_message_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "webhook_endpoint_id"],
            ["webhook_endpoints.organisation_id", "webhook_endpoints.id"],
            name=op.f("fk_webhook_deliveries_organisation_id_webhook_endpoint_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_webhook_deliveries")),
        sa.UniqueConstraint(
            "organisation_id",
            "webhook_endpoint_id",
            "message_id",
            name=op.f("uq_webhook_deliveries_organisation_id_webhook_endpoint_id_message_id"),
        ),
    )
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_webhook_deliveries_organisation_id_status_created_at_id"),
            ["organisation_id", "status", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(batch_op.f("ix_webhook_deliveries_due_at"), ["due_at"], unique=False)
        batch_op.create_index(
            batch_op.f("ix_webhook_deliveries_organisation_id_created_at_id"),
            ["organisation_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_webhook_deliveries_organisation_id_webhook_endpoint_id_id"),
            ["organisation_id", "webhook_endpoint_id", "id"],
            unique=False,
        )

    op.create_table(
        "learncycle_actions",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learncycle_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="0 for the first."),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("deactivation_reason", sa.String(40), nullable=True),
        sa.Column("has_app_access", sa.Boolean(), nullable=True),
        sa.Column("course_status", sa.String(40), nullable=True),
        sa.Column("status_reason_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("body", sa.Text(), nullable=True),
        sa.Column("due_in_days", sa.Integer(), nullable=True),
        sa.Column("assignee_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.CheckConstraint(
            "(kind = 'deactivate_learner') = (deactivation_reason IS NOT NULL)",
            name=op.f("ck_learncycle_actions_deactivation_reason_when_asked"),
        ),
        sa.CheckConstraint(
            "(kind = 'set_app_access') = (has_app_access IS NOT NULL)",
            name=op.f("ck_learncycle_actions_app_access_when_asked"),
        ),
        sa.CheckConstraint(
            "(kind = 'set_course_status') = (course_status IS NOT NULL)",
            name=op.f("ck_learncycle_actions_course_status_when_asked"),
        ),
        sa.CheckConstraint(
            "(kind IN ('create_task', 'notify')) = (title IS NOT NULL)",
            name=op.f("ck_learncycle_actions_title_when_asked"),
        ),
        sa.CheckConstraint(
            "course_status IN ('enquiry', 'pending', 'current', 'deferred', 'completion_pending', 'completed', 'withdrawn', 'cancelled_no_penalty', 'cancelled_penalty', 'partial_attendance', 'declined')",
            name=op.f("ck_learncycle_actions_course_status_known"),
        ),
        sa.CheckConstraint(
            "deactivation_reason IN ('no_activity', 'left_organisation', 'deported', 'dismissed', 'deceased', 'enrolments_ended', 'other')",
            name=op.f("ck_learncycle_actions_deactivation_reason_known"),
        ),
        sa.CheckConstraint(
            "kind IN ('deactivate_learner', 'set_app_access', 'set_course_status', 'create_task', 'notify', 'call_webhook')",
            name=op.f("ck_learncycle_actions_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assignee_id"],
            ["roles.organisation_id", "roles.user_id"],
            name=op.f("fk_learncycle_actions_organisation_id_assignee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learncycle_id"],
            ["learncycles.organisation_id", "learncycles.id"],
            name=op.f("fk_learncycle_actions_organisation_id_learncycle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "status_reason_id"],
            ["status_reasons.organisation_id", "status_reasons.id"],
            name=op.f("fk_learncycle_actions_organisation_id_status_reason_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "learncycle_id", "position", name=op.f("pk_learncycle_actions")),
    )
    op.create_table(
        "learncycle_conditions",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learncycle_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=True),
        sa.Column("course_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("series_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("group_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.CheckConstraint(
            "(kind = 'certification') = (certification_id IS NOT NULL)",
            name=op.f("ck_learncycle_conditions_certification_id_when_asked"),
        ),
        sa.CheckConstraint(
            "(kind = 'course') = (course_id IS NOT NULL)", name=op.f("ck_learncycle_conditions_course_id_when_asked")
        ),
        sa.CheckConstraint(
            "(kind = 'group') = (group_id IS NOT NULL)", name=op.f("ck_learncycle_conditions_group_id_when_asked")
        ),
        sa.CheckConstraint(
            "(kind = 'series') = (series_id IS NOT NULL)", name=op.f("ck_learncycle_conditions_series_id_when_asked")
        ),
        sa.CheckConstraint(
            "(kind = 'status') = (status IS NOT NULL)", name=op.f("ck_learncycle_conditions_status_when_asked")
        ),
        sa.CheckConstraint(
            "kind IN ('status', 'course', 'series', 'certification', 'group')",
            name=op.f("ck_learncycle_conditions_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_id"],
            ["certifications.organisation_id", "certifications.id"],
            name=op.f("fk_learncycle_conditions_organisation_id_certification_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_id"],
            ["courses.organisation_id", "courses.id"],
            name=op.f("fk_learncycle_conditions_organisation_id_course_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "group_id"],
            ["groups.organisation_id", "groups.id"],
            name=op.f("fk_learncycle_conditions_organisation_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learncycle_id"],
            ["learncycles.organisation_id", "learncycles.id"],
            name=op.f("fk_learncycle_conditions_organisation_id_learncycle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "series_id"],
            ["series.organisation_id", "series.id"],
            name=op.f("fk_learncycle_conditions_organisation_id_series_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "learncycle_id", "position", name=op.f("pk_learncycle_conditions")),
        comment="A record passes that has, for each kind named, one of the values named with it.",
    )
    op.create_table(
        "learncycle_offers",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learncycle_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("course_offer_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_offer_id"],
            ["course_offers.organisation_id", "course_offers.id"],
            name=op.f("fk_learncycle_offers_organisation_id_course_offer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learncycle_id"],
            ["learncycles.organisation_id", "learncycles.id"],
            name=op.f("fk_learncycle_offers_organisation_id_learncycle_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "learncycle_id", "course_offer_id", name=op.f("pk_learncycle_offers")
        ),
        comment="The offers that a learncycle is for; one without any is for all.",
    )
    with op.batch_alter_table("learncycle_offers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_learncycle_offers_organisation_id_course_offer_id"),
            ["organisation_id", "course_offer_id"],
            unique=False,
        )

    op.create_table(
        "learncycle_runs",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learncycle_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "cause_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="The history entry that triggered it; none where a day did.",
        ),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("action", sa.String(40), nullable=False),
        sa.Column(
            "position", sa.Integer(), nullable=False, comment="The place of the action in the rule, 0 for the first."
        ),
        sa.Column("outcome", sa.String(40), nullable=False),
        sa.Column("reasons", sa.Text(), nullable=False, comment="Why it was skipped: coded reasons, as JSON."),
        sa.Column("on_date", sa.Date(), nullable=True, comment="The day of the record, where a day triggered it."),
        sa.Column(
            "day_from",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=True,
            comment="The first instant of that day, and the first after it.",
        ),
        sa.Column("day_until", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('fired', 'skipped', 'loop_stopped')", name=op.f("ck_learncycle_runs_outcome_known")
        ),
        sa.CheckConstraint("(cause_id IS NULL) = (on_date IS NOT NULL)", name=op.f("ck_learncycle_runs_cause_or_date")),
        sa.CheckConstraint(
            "(on_date IS NULL) = (day_from IS NULL) AND (on_date IS NULL) = (day_until IS NULL)",
            name=op.f("ck_learncycle_runs_day_whole"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "cause_id"],
            ["history_entries.organisation_id", "history_entries.id"],
            name=op.f("fk_learncycle_runs_organisation_id_cause_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learncycle_id"],
            ["learncycles.organisation_id", "learncycles.id"],
            name=op.f("fk_learncycle_runs_organisation_id_learncycle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_learncycle_runs_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_learncycle_runs")),
        sa.UniqueConstraint(
            "organisation_id",
            "learncycle_id",
            "subject_id",
            "on_date",
            "position",
            name=op.f("uq_learncycle_runs_organisation_id_learncycle_id_subject_id_on_date_position"),
        ),
        comment="What became of each action of a learncycle, for each record that triggered it. It only grows.",
    )
    with op.batch_alter_table("learncycle_runs", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_learncycle_runs_organisation_id_at_id"), ["organisation_id", "at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_learncycle_runs_organisation_id_learncycle_id_at_id"),
            ["organisation_id", "learncycle_id", "at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learncycle_runs_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )

    op.create_table(
        "tasks",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("subject_kind", sa.String(40), nullable=False),
        sa.Column("subject_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("stage", sa.String(40), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("assignee_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column(
            "learncycle_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="The learncycle that made it; none where a person did.",
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("ended_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("(status = 'open') = (ended_at IS NULL)", name=op.f("ck_tasks_ended_at_when_ended")),
        sa.CheckConstraint(
            "stage IN ('sales', 'progression', 'completion', 'reconnect')", name=op.f("ck_tasks_stage_known")
        ),
        sa.CheckConstraint("status IN ('open', 'done', 'dropped')", name=op.f("ck_tasks_status_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "assignee_id"],
            ["roles.organisation_id", "roles.user_id"],
            name=op.f("fk_tasks_organisation_id_assignee_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learncycle_id"],
            ["learncycles.organisation_id", "learncycles.id"],
            name=op.f("fk_tasks_organisation_id_learncycle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_tasks_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_tasks")),
    )
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_tasks_organisation_id_title_key_id"),
            ["organisation_id", "title_key", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_tasks_status_due_on",
            ["organisation_id", "status", sa.text("coalesce(due_on, '9999-12-30')"), "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_tasks_organisation_id_assignee_id_status_id"),
            ["organisation_id", "assignee_id", "status", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_tasks_organisation_id_created_at_id"), ["organisation_id", "created_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_tasks_organisation_id_learner_id_id"), ["organisation_id", "learner_id", "id"], unique=False
        )
    for table, indexes in LARGE_LISTS.items():
        for name, columns in indexes.items():
            own = [sa.text(each) if "(" in each else each for each in columns]
            op.create_index(name, table, ["organisation_id", *own, "id"], unique=False)


def downgrade() -> None:
    for table, indexes in LARGE_LISTS.items():
        for name in indexes:
            op.drop_index(name, table_name=table)
    with op.batch_alter_table("tasks", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_tasks_organisation_id_title_key_id"))
        batch_op.drop_index("ix_tasks_status_due_on")
        batch_op.drop_index(batch_op.f("ix_tasks_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_tasks_organisation_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_tasks_organisation_id_assignee_id_status_id"))

    op.drop_table("tasks")
    with op.batch_alter_table("learncycle_runs", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learncycle_runs_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_learncycle_runs_organisation_id_learncycle_id_at_id"))
        batch_op.drop_index(batch_op.f("ix_learncycle_runs_organisation_id_at_id"))

    op.drop_table("learncycle_runs")
    with op.batch_alter_table("learncycle_offers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learncycle_offers_organisation_id_course_offer_id"))

    op.drop_table("learncycle_offers")
    op.drop_table("learncycle_conditions")
    op.drop_table("learncycle_actions")
    with op.batch_alter_table("webhook_deliveries", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_deliveries_organisation_id_status_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_webhook_deliveries_organisation_id_webhook_endpoint_id_id"))
        batch_op.drop_index(batch_op.f("ix_webhook_deliveries_organisation_id_created_at_id"))
        batch_op.drop_index(batch_op.f("ix_webhook_deliveries_due_at"))

    op.drop_table("webhook_deliveries")
    with op.batch_alter_table("notifications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_notifications_organisation_id_sent_at_id"))
        batch_op.drop_index(batch_op.f("ix_notifications_organisation_id_learner_id_sent_at_id"))

    op.drop_table("notifications")
    with op.batch_alter_table("learncycles", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_learncycles_organisation_id_status_trigger_kind"))
        batch_op.drop_index(batch_op.f("ix_learncycles_organisation_id_name_key_id"))

    op.drop_table("learncycles")
    with op.batch_alter_table("webhook_endpoints", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_webhook_endpoints_organisation_id_name_key_id"))

    op.drop_table("webhook_endpoints")
    with op.batch_alter_table("outbox_messages", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_outbox_messages_due_at"))

    op.drop_table("outbox_messages")
