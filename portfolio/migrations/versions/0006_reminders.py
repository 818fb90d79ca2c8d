"""Which reminders a person wants, and which were sent."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "reminder_choice",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("weekly", sa.Boolean(), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("muted", sa.JSON(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("weekday BETWEEN 1 AND 7", name=op.f("ck_reminder_choice_weekday")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_reminder_choice_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reminder_choice"),
        sa.UniqueConstraint("person_id", name="uq_reminder_choice_person_id"),
    )
    op.create_table(
        "reminder_sent",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("week", sa.String(8), nullable=False),
        sa.Column("sent_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivery", sa.String(10), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.CheckConstraint("delivery IN ('sent','folder')", name=op.f("ck_reminder_sent_delivery")),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_reminder_sent_person_id"),
        sa.PrimaryKeyConstraint("id", name="pk_reminder_sent"),
        sa.UniqueConstraint("person_id", "week", name="uq_reminder_sent_person_id_week"),
    )


def downgrade() -> None:
    op.drop_table("reminder_sent")
    op.drop_table("reminder_choice")
