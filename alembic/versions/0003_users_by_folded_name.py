"""Users are sorted by their folded name and searched; enrolments in pathways are found by their tracking code.

Revision ID: 0003
Revises: 0002
"""

import sqlalchemy as sa
from alembic import op

from portal_api.queries.folding import fold

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table("users", schema=None) as batch_op:
        for name in ("name_key", "search_key"):
            batch_op.add_column(
                sa.Column(name, sa.Text().with_variant(sa.TEXT(collation="C"), "postgresql"), nullable=True)
            )
    _fold_everybody()
    with op.batch_alter_table("users", schema=None) as batch_op:
        for name in ("name_key", "search_key"):
            batch_op.alter_column(name, existing_type=sa.Text(), nullable=False)

    with op.batch_alter_table("pathway_enrolments", schema=None) as batch_op:
        batch_op.create_index(
            batch_op.f("ix_pathway_enrolments_organisation_id_tracking_code_id"),
            ["organisation_id", "tracking_code", "id"],
            unique=False,
        )


def downgrade() -> None:
    with op.batch_alter_table("pathway_enrolments", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_pathway_enrolments_organisation_id_tracking_code_id"))

    with op.batch_alter_table("users", schema=None) as batch_op:
        batch_op.drop_column("search_key")
        batch_op.drop_column("name_key")


def _fold_everybody() -> None:
    """Gives the users of before their keys: no database folds as the portal does."""
    id_ = sa.String(32).with_variant(sa.Uuid(), "postgresql")
    users = sa.table(
        "users", sa.column("id", id_), *map(sa.column, ("external_ref", "name", "name_key", "email", "search_key"))
    )
    connection = op.get_bind()
    given = [
        {
            "user": row.id,
            "by_name": fold(row.name),
            "by_words": fold(f"{row.name} {row.email} {row.external_ref}"),
        }
        for row in connection.execute(sa.select(users.c.id, users.c.name, users.c.email, users.c.external_ref))
    ]
    if given:
        kept = sa.update(users).where(users.c.id == sa.bindparam("user", type_=id_))
        folded = {"name_key": sa.bindparam("by_name"), "search_key": sa.bindparam("by_words")}
        connection.execute(kept.values(folded), given)
