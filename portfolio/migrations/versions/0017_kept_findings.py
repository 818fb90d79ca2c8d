"""What the identity check found and its writer kept, with the reason; what is read in files; an employer's own list of
words."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

TABLES = ("kept_finding", "file_reading", "employer_words")

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
        "kept_finding",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("about", sa.String(20), nullable=False),
        sa.Column("record_id", sa.Uuid(), nullable=False),
        sa.Column("field", sa.String(60), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("starts", sa.Integer(), nullable=False),
        sa.Column("ends", sa.Integer(), nullable=False),
        sa.Column("mark", sa.String(60), nullable=False),
        sa.Column("reason", sa.String(300), nullable=False),
        sa.Column("kept_by_id", sa.Uuid(), nullable=False),
        sa.Column("kept_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "about IN ('evidence_version','comment','testimony','decision')", name=op.f("ck_kept_finding_about")
        ),
        sa.ForeignKeyConstraint(["kept_by_id"], ["person.id"], name="fk_kept_finding_kept_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_kept_finding"),
        sa.UniqueConstraint("record_id", "field", "starts", name="uq_kept_finding_record_id_field_starts"),
    )
    op.create_index("ix_kept_finding_provider_id", "kept_finding", ["provider_id"])
    op.create_table(
        "file_reading",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("found", sa.JSON(), nullable=False),
        sa.Column("whole", sa.Boolean(), nullable=False),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint("state IN ('waiting','read','unread','off')", name=op.f("ck_file_reading_state")),
        sa.ForeignKeyConstraint(["file_id"], ["evidence_file.id"], name="fk_file_reading_file_id"),
        sa.PrimaryKeyConstraint("id", name="pk_file_reading"),
        sa.UniqueConstraint("file_id", name="uq_file_reading_file_id"),
    )
    op.create_index("ix_file_reading_provider_id", "file_reading", ["provider_id"])
    op.create_table(
        "employer_words",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("employer_id", sa.Uuid(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("changed_by_id", sa.Uuid(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["employer_id"], ["employer.id"], name="fk_employer_words_employer_id"),
        sa.ForeignKeyConstraint(["changed_by_id"], ["person.id"], name="fk_employer_words_changed_by_id"),
        sa.PrimaryKeyConstraint("id", name="pk_employer_words"),
        sa.UniqueConstraint("employer_id", name="uq_employer_words_employer_id"),
    )
    op.create_index("ix_employer_words_provider_id", "employer_words", ["provider_id"])
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, policy in POLICIES.items():
            op.execute(f"CREATE POLICY {name} ON {table} {policy}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
