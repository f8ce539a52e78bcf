"""Courses, units, offers and enrolments in them; surveys; what is reported of learners.

Revision ID: 0005
Revises: 0004
"""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "courses",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("search_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("program_identifier", sa.Text(), nullable=False, comment="The qualification that is reported."),
        sa.Column(
            "superseded_by",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="The course of the qualification that has taken its place.",
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_courses_status_known")),
        sa.CheckConstraint("superseded_by <> id", name=op.f("ck_courses_superseded_by_another")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "superseded_by"],
            ["courses.organisation_id", "courses.id"],
            name=op.f("fk_courses_organisation_id_superseded_by"),
        ),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_courses_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_courses")),
        sa.UniqueConstraint("organisation_id", "external_ref", name=op.f("uq_courses_organisation_id_external_ref")),
    )
    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_courses_organisation_id_created_at_id"),
            ["organisation_id", "created_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_courses_organisation_id_title_key_id"), ["organisation_id", "title_key", "id"], unique=False
        )

    op.create_table(
        "status_reasons",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_status_reasons_status_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisations.id"], name=op.f("fk_status_reasons_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_status_reasons")),
        sa.UniqueConstraint("organisation_id", "title_key", name=op.f("uq_status_reasons_organisation_id_title_key")),
        comment="The organisation's own reasons for the statuses of its enrolments.",
    )
    op.create_table(
        "units",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("identifier", sa.Text(), nullable=False, comment="As it is reported."),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("search_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column(
            "scheduled_hours",
            sa.Integer(),
            nullable=True,
            comment="What an enrolment in it is planned with, if nothing else is said.",
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_units_status_known")),
        sa.CheckConstraint("scheduled_hours >= 0", name=op.f("ck_units_hours_positive")),
        sa.ForeignKeyConstraint(["organisation_id"], ["organisations.id"], name=op.f("fk_units_organisation_id")),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_units")),
        sa.UniqueConstraint("organisation_id", "identifier", name=op.f("uq_units_organisation_id_identifier")),
    )
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_units_organisation_id_title_key_id"), ["organisation_id", "title_key", "id"], unique=False
        )

    op.create_table(
        "course_offers",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("course_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("search_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column(
            "needs_commitment",
            sa.Boolean(),
            nullable=False,
            comment="Whether each enrolment is reported with a commitment.",
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("created_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint("status IN ('active', 'retired')", name=op.f("ck_course_offers_status_known")),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_course_offers_days_in_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_id"],
            ["courses.organisation_id", "courses.id"],
            name=op.f("fk_course_offers_organisation_id_course_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_course_offers")),
        sa.UniqueConstraint(
            "organisation_id", "external_ref", name=op.f("uq_course_offers_organisation_id_external_ref")
        ),
    )
    with op.batch_alter_table("course_offers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_course_offers_organisation_id_course_id_id"),
            ["organisation_id", "course_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_course_offers_organisation_id_title_key_id"),
            ["organisation_id", "title_key", "id"],
            unique=False,
        )

    op.create_table(
        "course_units",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("course_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("unit_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False, comment="1 for the first."),
        sa.CheckConstraint("position >= 1", name=op.f("ck_course_units_position_positive")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_id"],
            ["courses.organisation_id", "courses.id"],
            name=op.f("fk_course_units_organisation_id_course_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "unit_id"],
            ["units.organisation_id", "units.id"],
            name=op.f("fk_course_units_organisation_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "course_id", "unit_id", name=op.f("pk_course_units")),
        sa.UniqueConstraint(
            "organisation_id", "course_id", "position", name=op.f("uq_course_units_organisation_id_course_id_position")
        ),
    )
    with op.batch_alter_table("course_units", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_course_units_organisation_id_unit_id"), ["organisation_id", "unit_id"], unique=False
        )

    op.create_table(
        "course_enrolments",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("external_ref", sa.Text(), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("course_offer_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("status_reason_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=True),
        sa.Column("commitment_ref", sa.Text(), nullable=True, comment="The commitment that is reported."),
        sa.Column(
            "cancelled_commitment_ref",
            sa.Text(),
            nullable=True,
            comment="The one that a transition has cancelled, and that is kept.",
        ),
        sa.Column(
            "transitioned_to",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="The course that it has moved on to, whose program its new units take.",
        ),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column(
            "ends_on",
            sa.Date(),
            nullable=True,
            comment="Asked only where the enrolment has no units: else they say it.",
        ),
        sa.Column("enrolled_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("deferred_on", sa.Date(), nullable=True),
        sa.Column("returns_on", sa.Date(), nullable=True),
        sa.Column("finalised_on", sa.Date(), nullable=True, comment="The date with which it was finalised."),
        sa.Column(
            "finalised_at",
            sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"),
            nullable=True,
            comment="When it was finalised to a status that ends it.",
        ),
        sa.Column("reconnect_for", sa.String(40), nullable=True),
        sa.Column("reconnect_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "deferred_on IS NULL OR status = 'deferred'",
            name=op.f("ck_course_enrolments_deferral_only_when_deferred"),
        ),
        sa.CheckConstraint(
            "finalised_at IS NULL OR status IN ('completed', 'withdrawn', 'cancelled_no_penalty', 'cancelled_penalty', 'partial_attendance')",
            name=op.f("ck_course_enrolments_finalised_when_ended"),
        ),
        sa.CheckConstraint(
            "reconnect_for IN ('renewal', 'other_qualification', 'marketing')",
            name=op.f("ck_course_enrolments_reconnect_for_known"),
        ),
        sa.CheckConstraint(
            "status IN ('enquiry', 'pending', 'current', 'deferred', 'completion_pending', 'completed', 'withdrawn', 'cancelled_no_penalty', 'cancelled_penalty', 'partial_attendance', 'declined')",
            name=op.f("ck_course_enrolments_status_known"),
        ),
        sa.CheckConstraint(
            "(deferred_on IS NULL) = (returns_on IS NULL)", name=op.f("ck_course_enrolments_deferral_whole")
        ),
        sa.CheckConstraint(
            "(finalised_on IS NULL) = (finalised_at IS NULL)", name=op.f("ck_course_enrolments_finalisation_whole")
        ),
        sa.CheckConstraint(
            "(reconnect_for IS NULL) = (reconnect_on IS NULL)", name=op.f("ck_course_enrolments_reconnection_whole")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_course_enrolments_days_in_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_offer_id"],
            ["course_offers.organisation_id", "course_offers.id"],
            name=op.f("fk_course_enrolments_organisation_id_course_offer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "transitioned_to"],
            ["courses.organisation_id", "courses.id"],
            name=op.f("fk_course_enrolments_organisation_id_transitioned_to"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_course_enrolments_organisation_id_learner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "status_reason_id"],
            ["status_reasons.organisation_id", "status_reasons.id"],
            name=op.f("fk_course_enrolments_organisation_id_status_reason_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_course_enrolments")),
        sa.UniqueConstraint(
            "organisation_id", "external_ref", name=op.f("uq_course_enrolments_organisation_id_external_ref")
        ),
        sa.UniqueConstraint(
            "organisation_id",
            "id",
            "learner_id",
            "course_offer_id",
            name=op.f("uq_course_enrolments_organisation_id_id_learner_id_course_offer_id"),
        ),
    )
    with op.batch_alter_table("course_enrolments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_course_enrolments_organisation_id_commitment_ref_id"),
            ["organisation_id", "commitment_ref", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_course_enrolments_organisation_id_status_reason_id_id"),
            ["organisation_id", "status_reason_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_course_enrolments_finalised_on",
            ["organisation_id", sa.text("coalesce(finalised_on, '9999-12-30')"), "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_course_enrolments_reconnect_on",
            ["organisation_id", sa.text("coalesce(reconnect_on, '9999-12-30')"), "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_course_enrolments_returns_on",
            ["organisation_id", sa.text("coalesce(returns_on, '9999-12-30')"), "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_course_enrolments_starts_on",
            ["organisation_id", sa.text("coalesce(starts_on, '9999-12-30')"), "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_course_enrolments_organisation_id_course_offer_id_status_id"),
            ["organisation_id", "course_offer_id", "status", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_course_enrolments_organisation_id_enrolled_at_id"),
            ["organisation_id", "enrolled_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_course_enrolments_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_course_enrolments_organisation_id_status_id"),
            ["organisation_id", "status", "id"],
            unique=False,
        )

    op.create_table(
        "course_offer_trainers",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("course_offer_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("user_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_offer_id"],
            ["course_offers.organisation_id", "course_offers.id"],
            name=op.f("fk_course_offer_trainers_organisation_id_course_offer_id"),
        ),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_course_offer_trainers_user_id")),
        sa.PrimaryKeyConstraint("organisation_id", "course_offer_id", "user_id", name=op.f("pk_course_offer_trainers")),
        comment="Who trains in which offer, and so may work on the units of whoever is enrolled in it.",
    )
    with op.batch_alter_table("course_offer_trainers", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_course_offer_trainers_organisation_id_user_id"), ["organisation_id", "user_id"], unique=False
        )

    op.create_table(
        "surveys",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("course_enrolment_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("requested_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("answered_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("answers_ref", sa.Text(), nullable=True, comment="What the survey system knows the answers by."),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'answered') = (answered_at IS NOT NULL)", name=op.f("ck_surveys_answered_at_when_answered")
        ),
        sa.CheckConstraint("status IN ('requested', 'answered')", name=op.f("ck_surveys_status_known")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_enrolment_id"],
            ["course_enrolments.organisation_id", "course_enrolments.id"],
            name=op.f("fk_surveys_organisation_id_course_enrolment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_surveys_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_surveys")),
        comment="What a learner is asked once a course is completed: asked for here, answered in the survey system.",
    )
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_surveys_organisation_id_requested_at_id"),
            ["organisation_id", "requested_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_surveys_organisation_id_course_enrolment_id_id"),
            ["organisation_id", "course_enrolment_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_surveys_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            "uq_surveys_open",
            ["organisation_id", "course_enrolment_id"],
            unique=True,
            sqlite_where=sa.text("status = 'requested'"),
            postgresql_where=sa.text("status = 'requested'"),
        )

    op.create_table(
        "unit_enrolments",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("course_enrolment_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "learner_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=False,
            comment="That of the enrolment, for whoever asks who may see the unit.",
        ),
        sa.Column(
            "course_offer_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=False,
            comment="That of the enrolment, likewise.",
        ),
        sa.Column("unit_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("program_identifier", sa.Text(), nullable=False),
        sa.Column("starts_on", sa.Date(), nullable=True),
        sa.Column("ends_on", sa.Date(), nullable=True),
        sa.Column("outcome", sa.String(40), nullable=True),
        sa.Column("scheduled_hours", sa.Integer(), nullable=True),
        sa.Column("actual_hours", sa.Integer(), nullable=True),
        sa.Column("reported_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "outcome IN ('00', '20', '30', '40', '41', '51', '52', '60', '61', '70', '81', '82', '85')",
            name=op.f("ck_unit_enrolments_outcome_known"),
        ),
        sa.CheckConstraint(
            "scheduled_hours >= 0 AND actual_hours >= 0", name=op.f("ck_unit_enrolments_hours_positive")
        ),
        sa.CheckConstraint("starts_on <= ends_on", name=op.f("ck_unit_enrolments_days_in_order")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_enrolment_id", "learner_id", "course_offer_id"],
            [
                "course_enrolments.organisation_id",
                "course_enrolments.id",
                "course_enrolments.learner_id",
                "course_enrolments.course_offer_id",
            ],
            name=op.f("fk_unit_enrolments_organisation_id_course_enrolment_id_learner_id_course_offer_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "unit_id"],
            ["units.organisation_id", "units.id"],
            name=op.f("fk_unit_enrolments_organisation_id_unit_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_unit_enrolments")),
        sa.UniqueConstraint(
            "organisation_id",
            "course_enrolment_id",
            "unit_id",
            name=op.f("uq_unit_enrolments_organisation_id_course_enrolment_id_unit_id"),
        ),
    )
    with op.batch_alter_table("unit_enrolments", schema=None) as batch_op:
        batch_op.create_index(
            "ix_unit_enrolments_ends_on",
            ["organisation_id", sa.text("coalesce(ends_on, '9999-12-30')"), "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_unit_enrolments_starts_on",
            ["organisation_id", sa.text("coalesce(starts_on, '9999-12-30')"), "id"],
            unique=False,
        )
        batch_op.create_index(
            "ix_unit_enrolments_ends",
            ["organisation_id", "course_enrolment_id", "ends_on", "outcome"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_unit_enrolments_organisation_id_course_offer_id_id"),
            ["organisation_id", "course_offer_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_unit_enrolments_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_unit_enrolments_organisation_id_outcome_id"),
            ["organisation_id", "outcome", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_unit_enrolments_organisation_id_unit_id_outcome_id"),
            ["organisation_id", "unit_id", "outcome", "id"],
            unique=False,
        )

    with op.batch_alter_table("learners", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "student_identifier",
                sa.Text(),
                nullable=True,
                comment="As it is reported: a USI, or the word that stands for none.",
            )
        )

    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.add_column(sa.Column("has_reconnect_stage", sa.Boolean(), server_default=sa.true(), nullable=False))


def downgrade() -> None:
    with op.batch_alter_table("organisations", schema=None) as batch_op:
        batch_op.drop_column("has_reconnect_stage")

    with op.batch_alter_table("learners", schema=None) as batch_op:
        batch_op.drop_column("student_identifier")

    with op.batch_alter_table("unit_enrolments", schema=None) as batch_op:
        batch_op.drop_index("ix_unit_enrolments_ends_on")
        batch_op.drop_index("ix_unit_enrolments_starts_on")
        batch_op.drop_index(batch_op.f("ix_unit_enrolments_organisation_id_unit_id_outcome_id"))
        batch_op.drop_index(batch_op.f("ix_unit_enrolments_organisation_id_outcome_id"))
        batch_op.drop_index(batch_op.f("ix_unit_enrolments_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_unit_enrolments_organisation_id_course_offer_id_id"))
        batch_op.drop_index("ix_unit_enrolments_ends")

    op.drop_table("unit_enrolments")
    with op.batch_alter_table("surveys", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_surveys_organisation_id_requested_at_id"))
        batch_op.drop_index(
            "uq_surveys_open",
            sqlite_where=sa.text("status = 'requested'"),
            postgresql_where=sa.text("status = 'requested'"),
        )
        batch_op.drop_index(batch_op.f("ix_surveys_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_surveys_organisation_id_course_enrolment_id_id"))

    op.drop_table("surveys")
    with op.batch_alter_table("course_offer_trainers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_offer_trainers_organisation_id_user_id"))

    op.drop_table("course_offer_trainers")
    with op.batch_alter_table("course_enrolments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_enrolments_organisation_id_commitment_ref_id"))
        batch_op.drop_index(batch_op.f("ix_course_enrolments_organisation_id_status_reason_id_id"))
        batch_op.drop_index("ix_course_enrolments_finalised_on")
        batch_op.drop_index("ix_course_enrolments_reconnect_on")
        batch_op.drop_index("ix_course_enrolments_returns_on")
        batch_op.drop_index("ix_course_enrolments_starts_on")
        batch_op.drop_index(batch_op.f("ix_course_enrolments_organisation_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_course_enrolments_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_course_enrolments_organisation_id_enrolled_at_id"))
        batch_op.drop_index(batch_op.f("ix_course_enrolments_organisation_id_course_offer_id_status_id"))

    op.drop_table("course_enrolments")
    with op.batch_alter_table("course_units", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_units_organisation_id_unit_id"))

    op.drop_table("course_units")
    with op.batch_alter_table("course_offers", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_course_offers_organisation_id_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_course_offers_organisation_id_course_id_id"))

    op.drop_table("course_offers")
    with op.batch_alter_table("units", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_units_organisation_id_title_key_id"))

    op.drop_table("units")
    op.drop_table("status_reasons")
    with op.batch_alter_table("courses", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_courses_organisation_id_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_courses_organisation_id_created_at_id"))

    op.drop_table("courses")
