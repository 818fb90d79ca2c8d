"""Whom to turn to when something is happening now: the employer's safeguarding lead, the provider's contact."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

TABLE = "safeguarding_contact"
OF_PROVIDER = "employer_id IS NULL"

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
        TABLE,
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("role", sa.String(200), nullable=False),
        sa.Column("phone", sa.String(40), nullable=False),
        sa.Column("email", sa.String(254), nullable=False),
        sa.Column("deputy_name", sa.String(200), nullable=False),
        sa.Column("deputy_phone", sa.String(40), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_safeguarding_contact"),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name="fk_safeguarding_contact_employer_id"),
        sa.UniqueConstraint("employer_id", name="uq_safeguarding_contact_employer_id"),
    )
    op.create_index("ix_safeguarding_contact_provider_id", TABLE, ["provider_id"])
    where = sa.text(OF_PROVIDER)
    op.create_index(
        "ix_safeguarding_contact_of_provider",
        TABLE,
        ["provider_id"],
        unique=True,
        postgresql_where=where,
        sqlite_where=where,
    )
    if op.get_bind().dialect.name == "sqlite":
        return
    op.execute(f"ALTER TABLE {TABLE} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
    for name, policy in POLICIES.items():
        op.execute(f"CREATE POLICY {name} ON {TABLE} {policy}")


def downgrade() -> None:
    op.drop_table(TABLE)
