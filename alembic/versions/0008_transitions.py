"""Enrolments in courses keep the course that they have moved on to.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

_MOVED_BEFORE = """
    UPDATE course_enrolments SET transitioned_to = (
        SELECT course.superseded_by FROM course_offers AS offer JOIN courses AS course
            ON course.organisation_id = offer.organisation_id AND course.id = offer.course_id
        WHERE offer.organisation_id = course_enrolments.organisation_id
            AND offer.id = course_enrolments.course_offer_id
    )
    WHERE cancelled_commitment_ref IS NOT NULL OR EXISTS (
        SELECT 1 FROM history_entries AS entry
        WHERE entry.organisation_id = course_enrolments.organisation_id
            AND entry.subject_id = course_enrolments.id AND entry.action = 'course_enrolment_transitioned'
    ) OR EXISTS (
        SELECT 1 FROM unit_enrolments AS unit JOIN history_entries AS entry
            ON entry.organisation_id = unit.organisation_id AND entry.subject_id = unit.id
                AND entry.action = 'unit_enrolment_transitioned'
        WHERE unit.organisation_id = course_enrolments.organisation_id
            AND unit.course_enrolment_id = course_enrolments.id
    )
"""
"""What was moved on before is known by what it has left behind: a cancelled commitment, or an entry in the history."""


def upgrade() -> None:
    with op.batch_alter_table("course_enrolments", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column(
                "transitioned_to",
                sa.String(32).with_variant(sa.Uuid(), "postgresql"),
                nullable=True,
                comment="The course that it has moved on to, whose program its new units take.",
            )
        )
        batch_op.create_foreign_key(
            batch_op.f("fk_course_enrolments_organisation_id_transitioned_to"),
            "courses",
            ["organisation_id", "transitioned_to"],
            ["organisation_id", "id"],
        )
    op.execute(_MOVED_BEFORE)


def downgrade() -> None:
    with op.batch_alter_table("course_enrolments", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("fk_course_enrolments_organisation_id_transitioned_to"), type_="foreignkey")
        batch_op.drop_column("transitioned_to")
