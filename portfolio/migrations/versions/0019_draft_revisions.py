"""Drafts that two devices write: what each page sent and what the draft said then, and what could not be merged."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

TABLES = ("draft_revision", "draft_conflict")

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
OWN = f"{ACROSS} OR provider_id = ANY ({PROVIDERS})"
POLICIES = {
    "own_providers": f"FOR SELECT USING ({OWN})",
    "own_providers_insert": f"FOR INSERT WITH CHECK ({OWN})",
    "own_providers_update": f"FOR UPDATE USING ({OWN}) WITH CHECK ({OWN})",
    "own_providers_delete": f"FOR DELETE USING ({OWN})",
}


def upgrade() -> None:
    op.create_table(
        "draft_revision",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("page", sa.String(64), nullable=False),
        sa.Column("turn", sa.Integer(), nullable=False),
        sa.Column("device", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("sent", sa.Text(), nullable=False),
        sa.Column("said", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft_revision"),
        sa.ForeignKeyConstraint(["version_id"], ["evidence_version.id"], name="fk_draft_revision_version_id"),
        sa.UniqueConstraint("version_id", "number", name="uq_draft_revision_version_id_number"),
    )
    op.create_index("ix_draft_revision_provider_id", "draft_revision", ["provider_id"])
    op.create_table(
        "draft_conflict",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("version_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(40), nullable=False),
        sa.Column("page", sa.String(64), nullable=False),
        sa.Column("device", sa.String(10), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_draft_conflict"),
        sa.ForeignKeyConstraint(["version_id"], ["evidence_version.id"], name="fk_draft_conflict_version_id"),
        sa.UniqueConstraint("version_id", "field", "page", name="uq_draft_conflict_version_id_field_page"),
    )
    op.create_index("ix_draft_conflict_provider_id", "draft_conflict", ["provider_id"])
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, policy in POLICIES.items():
            op.execute(f"CREATE POLICY {name} ON {table} {policy}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
