"""Objects on their way into the store, so that what no row came to name is found and removed."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pending_object",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(120), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_pending_object"),
        sa.UniqueConstraint("key", name="uq_pending_object_key"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_pending_object_person_id"),
    )
    op.create_index("ix_pending_object_provider_id", "pending_object", ["provider_id"])
    op.create_index("ix_pending_object_created_at", "pending_object", ["created_at"])
    op.create_table(
        "object_hold",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_object_hold"),
    )


def downgrade() -> None:
    op.drop_table("object_hold")
    op.drop_table("pending_object")
