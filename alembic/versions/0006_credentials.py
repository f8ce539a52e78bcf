"""Credentials and documents of learners; register numbers of certificates.

Revision ID: 0006
Revises: 0005
"""

import sqlalchemy as sa
from alembic import op

from portal_api.clock import system_clock
from portal_api.domain.register_numbers import register_number
from portal_api.ids import new_id

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "credentials",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("course_enrolment_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "learner_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=False,
            comment="That of the enrolment, for whoever asks who may see it.",
        ),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("requested_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column(
            "register_number",
            sa.Text(),
            nullable=True,
            comment="By which anybody verifies it; none before it is issued.",
        ),
        sa.Column("issued_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True, comment="The local day."),
        sa.Column(
            "organisation_name",
            sa.Text(),
            nullable=True,
            comment="This and the following as they were when it was issued.",
        ),
        sa.Column("learner_name", sa.Text(), nullable=True),
        sa.Column("course_title", sa.Text(), nullable=True),
        sa.Column("program_identifier", sa.Text(), nullable=True),
        sa.Column(
            "units",
            sa.Text(),
            nullable=True,
            comment="What it was issued for, as JSON: identifier, title and outcome of each unit.",
        ),
        sa.Column("cancelled_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("cancellation_reason", sa.String(40), nullable=True),
        sa.Column("cancellation_note", sa.Text(), nullable=True),
        sa.Column(
            "replaced_by",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="The one that was issued in its place.",
        ),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(cancellation_reason = 'request_withdrawn') = (issued_at IS NULL)",
            name=op.f("ck_credentials_withdrawn_before_issued"),
        ),
        sa.CheckConstraint(
            "(status <> 'requested' OR issued_at IS NULL) AND (status <> 'issued' OR issued_at IS NOT NULL)",
            name=op.f("ck_credentials_issued_when_issued"),
        ),
        sa.CheckConstraint(
            "(status = 'cancelled') = (cancelled_at IS NOT NULL) AND (cancelled_at IS NULL) = (cancellation_reason IS NULL)",
            name=op.f("ck_credentials_cancelled_whole"),
        ),
        sa.CheckConstraint(
            "cancellation_reason IN ('request_withdrawn', 'issued_in_error', 'revoked', 'replaced')",
            name=op.f("ck_credentials_cancellation_reason_known"),
        ),
        sa.CheckConstraint(
            "replaced_by IS NULL OR cancellation_reason = 'replaced'",
            name=op.f("ck_credentials_replaced_by_when_replaced"),
        ),
        sa.CheckConstraint("status IN ('requested', 'issued', 'cancelled')", name=op.f("ck_credentials_status_known")),
        sa.CheckConstraint(
            "(issued_at IS NULL) = (register_number IS NULL) AND (issued_at IS NULL) = (issued_on IS NULL) AND (issued_at IS NULL) = (organisation_name IS NULL) AND (issued_at IS NULL) = (learner_name IS NULL) AND (issued_at IS NULL) = (course_title IS NULL) AND (issued_at IS NULL) = (program_identifier IS NULL) AND (issued_at IS NULL) = (units IS NULL)",
            name=op.f("ck_credentials_issued_whole"),
        ),
        sa.CheckConstraint(
            "cancellation_note IS NULL OR cancelled_at IS NOT NULL", name=op.f("ck_credentials_note_when_cancelled")
        ),
        sa.CheckConstraint("replaced_by <> id", name=op.f("ck_credentials_replaced_by_another")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_enrolment_id"],
            ["course_enrolments.organisation_id", "course_enrolments.id"],
            name=op.f("fk_credentials_organisation_id_course_enrolment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_credentials_organisation_id_learner_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "replaced_by"],
            ["credentials.organisation_id", "credentials.id"],
            name=op.f("fk_credentials_organisation_id_replaced_by"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_credentials")),
        sa.UniqueConstraint("register_number", name=op.f("uq_credentials_register_number")),
    )
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.create_index(
            "ix_credentials_issued_at",
            ["organisation_id", sa.text("coalesce(issued_at, '9999-12-31T00:00:00.000000Z')"), "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_credentials_organisation_id_course_enrolment_id_id"),
            ["organisation_id", "course_enrolment_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_credentials_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_credentials_organisation_id_requested_at_id"),
            ["organisation_id", "requested_at", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_credentials_organisation_id_status_id"), ["organisation_id", "status", "id"], unique=False
        )
        batch_op.create_index(
            "uq_credentials_standing",
            ["organisation_id", "course_enrolment_id"],
            unique=True,
            sqlite_where=sa.text("status IN ('requested', 'issued')"),
            postgresql_where=sa.text("status IN ('requested', 'issued')"),
        )

    op.create_table(
        "documents",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("learner_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column(
            "course_enrolment_id",
            sa.String(32).with_variant(sa.Uuid(), "postgresql"),
            nullable=True,
            comment="Where it belongs to one.",
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("title_key", sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=False),
        sa.Column("file_name", sa.Text(), nullable=False),
        sa.Column("media_type", sa.String(40), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False, comment="In bytes."),
        sa.Column("sha256", sa.Text(), nullable=False, comment="In hexadecimal characters."),
        sa.Column("status", sa.String(40), nullable=False),
        sa.Column("added_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=False),
        sa.Column("archived_at", sa.String(27).with_variant(sa.DateTime(timezone=True), "postgresql"), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "(status = 'archived') = (archived_at IS NOT NULL)", name=op.f("ck_documents_archived_at_when_archived")
        ),
        sa.CheckConstraint(
            "media_type IN ('pdf', 'png', 'jpeg', 'docx', 'text')", name=op.f("ck_documents_media_type_known")
        ),
        sa.CheckConstraint("status IN ('active', 'archived')", name=op.f("ck_documents_status_known")),
        sa.CheckConstraint("size >= 1", name=op.f("ck_documents_size_positive")),
        sa.ForeignKeyConstraint(
            ["organisation_id", "course_enrolment_id"],
            ["course_enrolments.organisation_id", "course_enrolments.id"],
            name=op.f("fk_documents_organisation_id_course_enrolment_id"),
        ),
        sa.ForeignKeyConstraint(
            ["organisation_id", "learner_id"],
            ["learners.organisation_id", "learners.id"],
            name=op.f("fk_documents_organisation_id_learner_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "id", name=op.f("pk_documents")),
    )
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_documents_organisation_id_added_at_id"), ["organisation_id", "added_at", "id"], unique=False
        )
        batch_op.create_index(
            batch_op.f("ix_documents_organisation_id_course_enrolment_id_id"),
            ["organisation_id", "course_enrolment_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_documents_organisation_id_learner_id_id"),
            ["organisation_id", "learner_id", "id"],
            unique=False,
        )
        batch_op.create_index(
            batch_op.f("ix_documents_organisation_id_title_key_id"),
            ["organisation_id", "title_key", "id"],
            unique=False,
        )

    op.create_table(
        "document_pieces",
        sa.Column("organisation_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("document_id", sa.String(32).with_variant(sa.Uuid(), "postgresql"), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id", "document_id"],
            ["documents.organisation_id", "documents.id"],
            name=op.f("fk_document_pieces_organisation_id_document_id"),
        ),
        sa.PrimaryKeyConstraint("organisation_id", "document_id", "position", name=op.f("pk_document_pieces")),
    )
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.add_column(
            sa.Column("register_number", sa.Text(), nullable=True, comment="By which anybody verifies it.")
        )
    _number_certificates()
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.alter_column(
            "register_number",
            existing_type=sa.Text(),
            existing_comment="By which anybody verifies it.",
            nullable=False,
        )
        batch_op.create_unique_constraint(batch_op.f("uq_certificates_register_number"), ["register_number"])


def downgrade() -> None:
    with op.batch_alter_table("certificates", schema=None) as batch_op:
        batch_op.drop_constraint(batch_op.f("uq_certificates_register_number"), type_="unique")
        batch_op.drop_column("register_number")

    op.drop_table("document_pieces")
    with op.batch_alter_table("documents", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_documents_organisation_id_title_key_id"))
        batch_op.drop_index(batch_op.f("ix_documents_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_documents_organisation_id_course_enrolment_id_id"))
        batch_op.drop_index(batch_op.f("ix_documents_organisation_id_added_at_id"))

    op.drop_table("documents")
    with op.batch_alter_table("credentials", schema=None) as batch_op:
        batch_op.drop_index("ix_credentials_issued_at")
        batch_op.drop_index(
            "uq_credentials_standing",
            sqlite_where=sa.text("status IN ('requested', 'issued')"),
            postgresql_where=sa.text("status IN ('requested', 'issued')"),
        )
        batch_op.drop_index(batch_op.f("ix_credentials_organisation_id_status_id"))
        batch_op.drop_index(batch_op.f("ix_credentials_organisation_id_requested_at_id"))
        batch_op.drop_index(batch_op.f("ix_credentials_organisation_id_learner_id_id"))
        batch_op.drop_index(batch_op.f("ix_credentials_organisation_id_course_enrolment_id_id"))

    op.drop_table("credentials")


def _number_certificates() -> None:
    """Gives the certificates of before their numbers, drawn as the portal draws them."""
    id_ = sa.String(32).with_variant(sa.Uuid(), "postgresql")
    certificates = sa.table(
        "certificates", sa.column("organisation_id", id_), sa.column("id", id_), sa.column("register_number", sa.Text())
    )
    connection = op.get_bind()
    drawn = [
        {
            "organisation": row.organisation_id,
            "certificate": row.id,
            "number": register_number(new_id(system_clock())),
        }
        for row in connection.execute(sa.select(certificates.c.organisation_id, certificates.c.id))
    ]
    if drawn:
        kept = sa.update(certificates).where(
            certificates.c.organisation_id == sa.bindparam("organisation", type_=id_),
            certificates.c.id == sa.bindparam("certificate", type_=id_),
        )
        connection.execute(kept.values(register_number=sa.bindparam("number")), drawn)
