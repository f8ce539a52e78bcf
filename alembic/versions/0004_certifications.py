"""Certifications: versions, steps, learners' records with cycles, attempts, approvals, sources and certificates.

Revision ID: 0004
Revises: 0003
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "certifications",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("search_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("joining", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "joining IN ('open', 'on_request', 'assigned_only')", name=op.f("ck_certifications_joining_known")
        ),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_certifications_status_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_certifications_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_certifications")),
        sa.UniqueConstraint(
            "organisation_id", "external_ref", name=op.f("uq_certifications_organisation_id_external_ref")
        ),
    )
    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certifications_organisation_id_created_at_id"),
            ["organisation_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_certifications_organisation_id_title_key_id"),
            ["organisation_id", "title_key", "id"],
            unique=False,
        )

    op.create_table(
        "certification_groups",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("group_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_id"],
            ["certifications.organisation_id", "certifications.id"],
            name=op.f("fk_certification_groups_organisation_id_certification_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "group_id"],
            ["groups.organisation_id", "groups.id"],
            name=op.f("fk_certification_groups_organisation_id_group_id"),
        ),
        sa.PrimaryKeyConstraint(
            "organisation_id", "certification_id", "group_id", name=op.f("pk_certification_groups")
        ),
        comment="Which groups assign which certification to whoever they hold.",
    )
    with op.batch_alter_table("certification_groups", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certification_groups_organisation_id_group_id"),
            ["organisation_id", "group_id"],
            unique=False,
        )

    op.create_table(
        "certification_versions",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1 for the first of its certification."),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("exam_title", sa.Text(), nullable=False),
        sa.Column("attempt_limit", sa.Integer(), nullable=True, comment="None: as many attempts as it takes."),
        sa.Column("allows_exam_before_training", sa.Boolean(), nullable=False),
        sa.Column("exam_needs_approval", sa.Boolean(), nullable=False),
        sa.Column("evidence_needs_approval", sa.Boolean(), nullable=False),
        sa.Column(
            "initial_fee",
            sa.Integer(),
            nullable=True,
            comment="In the currency's smallest unit; none where no fee is asked for.",
        ),
        sa.Column("recertification_fee", sa.Integer(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=True),
        sa.Column("fee_due", sa.String(40), nullable=False),
        sa.Column("validity_months", sa.Integer(), nullable=True, comment="None: certificates under it never expire."),
        sa.Column("grace_days", sa.Integer(), nullable=False),
        sa.Column("window_days", sa.Integer(), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("published_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("retired_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'draft') = (published_at IS NULL)",
            name=op.f("ck_certification_versions_published_when_no_draft"),
        ),
        sa.CheckConstraint(
            "(status = 'retired') = (retired_at IS NOT NULL)",
            name=op.f("ck_certification_versions_retired_at_when_retired"),
        ),
        sa.CheckConstraint(
            "fee_due IN ('before_start', 'before_exam')", name=op.f("ck_certification_versions_fee_due_known")
        ),
        sa.CheckConstraint(
            "status IN ('draft', 'published', 'retired')", name=op.f("ck_certification_versions_status_known")
        ),
        sa.CheckConstraint(
            "(currency IS NULL) = (initial_fee IS NULL AND recertification_fee IS NULL)",
            name=op.f("ck_certification_versions_currency_of_fees"),
        ),
        sa.CheckConstraint("attempt_limit >= 1", name=op.f("ck_certification_versions_attempts_positive")),
        sa.CheckConstraint(
            "initial_fee > 0 AND recertification_fee > 0", name=op.f("ck_certification_versions_fees_positive")
        ),
        sa.CheckConstraint(
            "validity_months >= 1 AND grace_days >= 0 AND window_days >= 0",
            name=op.f("ck_certification_versions_days_positive"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_id"],
            ["certifications.organisation_id", "certifications.id"],
            name=op.f("fk_certification_versions_organisation_id_certification_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_certification_versions")),
        sa.UniqueConstraint(
            "organisation_id",
            "certification_id",
            "number",
            name=op.f("uq_certification_versions_organisation_id_certification_id_number"),
        ),
    )
    with op.batch_alter_table("certification_versions", schema=None) as batch_op:
        batch_op.create_index(
            "uq_certification_versions_draft",
            ["organisation_id", "certification_id"],
            unique=True,
            sqlite_where=sa.text("status = 'draft'"),
            postgresql_where=sa.text("status = 'draft'"),
        )

    op.create_table(
        "learner_certifications",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column(
            "assigned_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="When the record was made.",
        ),
        sa.Column("enrolled_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column(
            "certified_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=True,
            comment="When the learner was last certified; none if never.",
        ),
        sa.Column("expires_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("lapses_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column(
            "window_opens_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "due_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="The next clock move; far in the future when there is none.",
        ),
        sa.Column("archived_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "status IN ('assigned', 'not_started', 'in_progress', 'pending_approval', 'certified', 'expired', 'lapsed', 'recertifying', 'revoked', 'disallowed')",
            name=op.f("ck_learner_certifications_status_known"),
        ),
        sa.CheckConstraint(
            "(expires_at IS NULL) = (lapses_at IS NULL) AND (expires_at IS NULL) = (window_opens_at IS NULL)",
            name=op.f("ck_learner_certifications_expiry_whole"),
        ),
        sa.CheckConstraint(
            "window_opens_at <= expires_at AND expires_at <= lapses_at",
            name=op.f("ck_learner_certifications_expiry_in_order"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_id"],
            ["certifications.organisation_id", "certifications.id"],
            name=op.f("fk_learner_certifications_organisation_id_certification_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_learner_certifications_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_learner_certifications")),
        sa.UniqueConstraint(
            "organisation_id", "external_ref", name=op.f("uq_learner_certifications_organisation_id_external_ref")
        ),
    )
    with op.batch_alter_table("learner_certifications", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_learner_certifications_organisation_id_certification_id_id"),
            ["organisation_id", "certification_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learner_certifications_organisation_id_certification_id_status_id"),
            ["organisation_id", "certification_id", "status", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learner_certifications_organisation_id_due_at"), ["organisation_id", "due_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_learner_certifications_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learner_certifications_organisation_id_status_due_at"),
            ["organisation_id", "status", "due_at"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_learner_certifications_organisation_id_status_id"),
            ["organisation_id", "status", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_learner_certifications_kept",
            ["organisation_id", "learner_id", "certification_id"],
            unique=True,
            sqlite_where=sa.text("archived_at IS NULL"),
            postgresql_where=sa.text("archived_at IS NULL"),
        )

    op.create_table(
        "assignment_sources",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("group_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("created_by", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("ended_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.CheckConstraint(
            "(kind = 'group') = (group_id IS NOT NULL)", name=op.f("ck_assignment_sources_group_when_group")
        ),
        sa.CheckConstraint("kind IN ('manual', 'group', 'self')", name=op.f("ck_assignment_sources_kind_known")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_assignment_sources_created_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "group_id"],
            ["groups.organisation_id", "groups.id"],
            name=op.f("fk_assignment_sources_organisation_id_group_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_certification_id"],
            ["learner_certifications.organisation_id", "learner_certifications.id"],
            name=op.f("fk_assignment_sources_organisation_id_learner_certification_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_assignment_sources")),
    )
    with op.batch_alter_table("assignment_sources", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_assignment_sources_organisation_id_group_id"), ["organisation_id", "group_id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_assignment_sources_organisation_id_learner_certification_id_id"),
            ["organisation_id", "learner_certification_id", "id"],
            unique=False,
        )

    op.create_table(
        "certification_cycles",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_version_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="0 for the initial one."),
        sa.Column("is_recertification", sa.Boolean(), nullable=False),
        sa.Column("opened_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("started_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("closed_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("fee_status", sa.String(40), nullable=False),
        sa.Column("fee", sa.Integer(), nullable=True),
        sa.Column(
            "fee_settled_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column(
            "fee_settled_by",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="The user who recorded the payment, or waived it.",
        ),
        sa.Column("payment_ref", sa.Text(), nullable=True),
        sa.Column(
            "steps_open",
            sa.Integer(),
            nullable=False,
            comment="Steps that are not done; kept with every change of one.",
        ),
        sa.Column("steps_waiting", sa.Integer(), nullable=False, comment="Steps whose evidence awaits approval."),
        sa.Column("attempts_used", sa.Integer(), nullable=False),
        sa.Column("attempts_granted", sa.Integer(), nullable=False),
        sa.Column("has_attempt_open", sa.Boolean(), nullable=False),
        sa.Column("is_exam_waiting", sa.Boolean(), nullable=False),
        sa.Column(
            "exam_passed_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True
        ),
        sa.Column("is_exam_overridden", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "(fee_status = 'not_required') = (fee IS NULL)", name=op.f("ck_certification_cycles_fee_when_required")
        ),
        sa.CheckConstraint(
            "(fee_status IN ('paid', 'waived')) = (fee_settled_at IS NOT NULL)",
            name=op.f("ck_certification_cycles_settled_at_when_settled"),
        ),
        sa.CheckConstraint(
            "fee_status IN ('not_required', 'unpaid', 'paid', 'waived')",
            name=op.f("ck_certification_cycles_fee_status_known"),
        ),
        sa.CheckConstraint(
            "outcome IN ('certified', 'revoked', 'removed')", name=op.f("ck_certification_cycles_outcome_known")
        ),
        sa.CheckConstraint(
            "(closed_at IS NULL) = (outcome IS NULL)", name=op.f("ck_certification_cycles_outcome_when_closed")
        ),
        sa.CheckConstraint(
            "0 <= steps_waiting AND steps_waiting <= steps_open", name=op.f("ck_certification_cycles_steps_add_up")
        ),
        sa.CheckConstraint(
            "NOT (is_exam_waiting AND has_attempt_open)", name=op.f("ck_certification_cycles_attempt_open_or_waiting")
        ),
        sa.CheckConstraint(
            "attempts_used >= 0 AND attempts_granted >= 0", name=op.f("ck_certification_cycles_attempts_positive")
        ),
        sa.ForeignKeyConstraint(["fee_settled_by"], ["users.id"], name=op.f("fk_certification_cycles_fee_settled_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_version_id"],
            ["certification_versions.organisation_id", "certification_versions.id"],
            name=op.f("fk_certification_cycles_organisation_id_certification_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_certification_id"],
            ["learner_certifications.organisation_id", "learner_certifications.id"],
            name=op.f("fk_certification_cycles_organisation_id_learner_certification_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_certification_cycles")),
        sa.UniqueConstraint(
            "organisation_id",
            "learner_certification_id",
            "number",
            name=op.f("uq_certification_cycles_organisation_id_learner_certification_id_number"),
        ),
    )
    with op.batch_alter_table("certification_cycles", schema=None) as batch_op:
        batch_op.create_index(
            "uq_certification_cycles_open",
            ["organisation_id", "learner_certification_id"],
            unique=True,
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.create_table(
        "certification_steps",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_version_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="1 for the first."),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("paths", sa.Text(), nullable=False, comment="The ways to complete it."),
        sa.CheckConstraint("paths <> ''", name=op.f("ck_certification_steps_paths_some")),
        sa.CheckConstraint("position >= 1", name=op.f("ck_certification_steps_position_positive")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_version_id"],
            ["certification_versions.organisation_id", "certification_versions.id"],
            name=op.f("fk_certification_steps_organisation_id_certification_version_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_certification_steps")),
        sa.UniqueConstraint(
            "organisation_id",
            "certification_version_id",
            "position",
            name=op.f("uq_certification_steps_organisation_id_certification_version_id_position"),
        ),
    )
    op.create_table(
        "certificates",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_cycle_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("issued_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("issued_on", sa.Date(), nullable=False, comment="The local day."),
        sa.Column("expires_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column(
            "due_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=False,
            comment="The next clock move; far in the future when there is none.",
        ),
        sa.Column(
            "ended_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=True,
            comment="When it was replaced or revoked.",
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status IN ('replaced', 'revoked')) = (ended_at IS NOT NULL)",
            name=op.f("ck_certificates_ended_at_when_ended"),
        ),
        sa.CheckConstraint(
            "status IN ('valid', 'expired', 'replaced', 'revoked')", name=op.f("ck_certificates_status_known")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_cycle_id"],
            ["certification_cycles.organisation_id", "certification_cycles.id"],
            name=op.f("fk_certificates_organisation_id_certification_cycle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_certification_id"],
            ["learner_certifications.organisation_id", "learner_certifications.id"],
            name=op.f("fk_certificates_organisation_id_learner_certification_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_certificates")),
        sa.UniqueConstraint(
            "organisation_id",
            "certification_cycle_id",
            name=op.f("uq_certificates_organisation_id_certification_cycle_id"),
        ),
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_certificates_organisation_id_due_at"), ["organisation_id", "due_at"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_certificates_organisation_id_learner_certification_id_id"),
            ["organisation_id", "learner_certification_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_certificates_valid",
            ["organisation_id", "learner_certification_id"],
            unique=True,
            sqlite_where=sa.text("status = 'valid'"),
            postgresql_where=sa.text("status = 'valid'"),
        )

    op.create_table(
        "exam_attempts",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_cycle_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False, comment="1 for the first of its cycle."),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("started_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("ended_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True, comment="In percent."),
        sa.CheckConstraint(
            "(status = 'started') = (ended_at IS NULL)", name=op.f("ck_exam_attempts_ended_at_when_ended")
        ),
        sa.CheckConstraint(
            "status IN ('started', 'awaiting_approval', 'passed', 'failed', 'denied')",
            name=op.f("ck_exam_attempts_status_known"),
        ),
        sa.CheckConstraint("score BETWEEN 0 AND 100", name=op.f("ck_exam_attempts_score_in_percent")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_cycle_id"],
            ["certification_cycles.organisation_id", "certification_cycles.id"],
            name=op.f("fk_exam_attempts_organisation_id_certification_cycle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_certification_id"],
            ["learner_certifications.organisation_id", "learner_certifications.id"],
            name=op.f("fk_exam_attempts_organisation_id_learner_certification_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_exam_attempts")),
        sa.UniqueConstraint(
            "organisation_id",
            "certification_cycle_id",
            "number",
            name=op.f("uq_exam_attempts_organisation_id_certification_cycle_id_number"),
        ),
    )
    with op.batch_alter_table("exam_attempts", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_exam_attempts_organisation_id_learner_certification_id_id"),
            ["organisation_id", "learner_certification_id", "id"],
            unique=False,
        )

    op.create_table(
        "step_progress",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_cycle_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_step_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("path", sa.String(40), nullable=True),
        sa.Column("is_overridden", sa.Boolean(), nullable=False),
        sa.Column("done_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("test_out", sa.String(40), nullable=True),
        sa.Column("tested_out_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.CheckConstraint(
            "(status = 'done') = (done_at IS NOT NULL)", name=op.f("ck_step_progress_done_at_when_done")
        ),
        sa.CheckConstraint(
            "path IN ('online', 'classroom', 'evidence', 'test_out')", name=op.f("ck_step_progress_path_known")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'awaiting_approval', 'done')", name=op.f("ck_step_progress_status_known")
        ),
        sa.CheckConstraint("test_out IN ('passed', 'failed')", name=op.f("ck_step_progress_test_out_known")),
        sa.CheckConstraint(
            "(test_out IS NULL) = (tested_out_at IS NULL)", name=op.f("ck_step_progress_tested_out_at_when_tested_out")
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_cycle_id"],
            ["certification_cycles.organisation_id", "certification_cycles.id"],
            name=op.f("fk_step_progress_organisation_id_certification_cycle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_step_id"],
            ["certification_steps.organisation_id", "certification_steps.id"],
            name=op.f("fk_step_progress_organisation_id_certification_step_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_step_progress")),
        sa.UniqueConstraint(
            "organisation_id",
            "certification_cycle_id",
            "certification_step_id",
            name=op.f("uq_step_progress_organisation_id_certification_cycle_id_certification_step_id"),
        ),
    )
    op.create_table(
        "approvals",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("kind", sa.String(40), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("certification_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "learner_certification_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="None while access is asked for: there is no record yet.",
        ),
        sa.Column("certification_cycle_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("step_progress_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("exam_attempt_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("evidence_text", sa.Text(), nullable=True),
        sa.Column("evidence_links", sa.Text(), nullable=True),
        sa.Column("score", sa.Integer(), nullable=True),
        sa.Column("requested_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("decided_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("decided_by", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(kind = 'evidence') = (step_progress_id IS NOT NULL)", name=op.f("ck_approvals_step_of_evidence")
        ),
        sa.CheckConstraint(
            "(kind = 'exam') = (exam_attempt_id IS NOT NULL)", name=op.f("ck_approvals_attempt_of_exam")
        ),
        sa.CheckConstraint(
            "(status = 'pending') = (decided_at IS NULL)", name=op.f("ck_approvals_decided_at_when_decided")
        ),
        sa.CheckConstraint(
            "kind IN ('access', 'evidence', 'exam', 'more_attempts')", name=op.f("ck_approvals_kind_known")
        ),
        sa.CheckConstraint("status <> 'denied' OR comment IS NOT NULL", name=op.f("ck_approvals_comment_when_denied")),
        sa.CheckConstraint(
            "status IN ('pending', 'approved', 'denied', 'overridden', 'closed')",
            name=op.f("ck_approvals_status_known"),
        ),
        sa.ForeignKeyConstraint(["decided_by"], ["users.id"], name=op.f("fk_approvals_decided_by")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_cycle_id"],
            ["certification_cycles.organisation_id", "certification_cycles.id"],
            name=op.f("fk_approvals_organisation_id_certification_cycle_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "certification_id"],
            ["certifications.organisation_id", "certifications.id"],
            name=op.f("fk_approvals_organisation_id_certification_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "exam_attempt_id"],
            ["exam_attempts.organisation_id", "exam_attempts.id"],
            name=op.f("fk_approvals_organisation_id_exam_attempt_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_certification_id"],
            ["learner_certifications.organisation_id", "learner_certifications.id"],
            name=op.f("fk_approvals_organisation_id_learner_certification_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_approvals_organisation_id_learner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "step_progress_id"],
            ["step_progress.organisation_id", "step_progress.id"],
            name=op.f("fk_approvals_organisation_id_step_progress_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_approvals")),
    )
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_approvals_organisation_id_certification_id_id"),
            ["organisation_id", "certification_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_approvals_organisation_id_learner_certification_id_id"),
            ["organisation_id", "learner_certification_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_approvals_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_approvals_organisation_id_status_requested_at_id"),
            ["organisation_id", "status", "requested_at", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("approvals", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_approvals_organisation_id_status_requested_at_id"))
        batch_op.drop_index(batch_op.f("ix_approvals_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_approvals_organisation_id_learner_certification_id_id"))
        batch_op.drop_index(batch_op.f("ix_approvals_organisation_id_certification_id_id"))

    op.drop_table("approvals")
    op.drop_table("step_progress")
    with op.batch_alter_table("exam_attempts", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_exam_attempts_organisation_id_learner_certification_id_id"))

    op.drop_table("exam_attempts")
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certificates_valid",
            sqlite_where=sa.text("status = 'valid'"),
            postgresql_where=sa.text("status = 'valid'"),
        )
        batch_op.drop_index(batch_op.f("ix_certificates_organisation_id_learner_certification_id_id"))
        batch_op.drop_index(batch_op.f("ix_certificates_organisation_id_due_at"))

    op.drop_table("certificates")
    op.drop_table("certification_steps")
    with op.batch_alter_table("certification_cycles", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certification_cycles_open",
            sqlite_where=sa.text("closed_at IS NULL"),
            postgresql_where=sa.text("closed_at IS NULL"),
        )

    op.drop_table("certification_cycles")
    with op.batch_alter_table("assignment_sources", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_assignment_sources_organisation_id_learner_certification_id_id"))
        batch_op.drop_index(batch_op.f("ix_assignment_sources_organisation_id_group_id"))

    op.drop_table("assignment_sources")
    with op.batch_alter_table("learner_certifications", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_learner_certifications_kept",
            sqlite_where=sa.text("archived_at IS NULL"),
            postgresql_where=sa.text("archived_at IS NULL"),
        )
        batch_op.drop_index(batch_op.f("ix_learner_certifications_organisation_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_learner_certifications_organisation_id_status_due_at"))
        batch_op.drop_index(batch_op.f("ix_learner_certifications_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_learner_certifications_organisation_id_due_at"))
        batch_op.drop_index(batch_op.f("ix_learner_certifications_organisation_id_certification_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_learner_certifications_organisation_id_certification_id_id"))

    op.drop_table("learner_certifications")
    with op.batch_alter_table("certification_versions", schema=None) as batch_op:
        batch_op.drop_index(
            "uq_certification_versions_draft",
            sqlite_where=sa.text("status = 'draft'"),
            postgresql_where=sa.text("status = 'draft'"),
        )

    op.drop_table("certification_versions")
    with op.batch_alter_table("certification_groups", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certification_groups_organisation_id_group_id"))

    op.drop_table("certification_groups")
    with op.batch_alter_table("certifications", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_certifications_organisation_id_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_certifications_organisation_id_created_at_id"))

    op.drop_table("certifications")
