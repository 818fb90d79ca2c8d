"""Files that come in pieces: the upload while it is on its way, and the pieces that are safe already."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

TABLES = ("upload", "upload_chunk")
SENDING = "state = 'sending'"

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
        "upload",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("evidence_id", sa.Uuid(), nullable=False),
        sa.Column("person_id", sa.Uuid(), nullable=False),
        sa.Column("key", sa.String(64), nullable=False),
        sa.Column("name", sa.String(160), nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("chunk_size", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("refusal", sa.Text(), nullable=False),
        sa.Column("file_id", sa.Uuid(), nullable=True),
        sa.Column("began_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upload"),
        sa.ForeignKeyConstraint(["evidence_id"], ["evidence.id"], name="fk_upload_evidence_id"),
        sa.ForeignKeyConstraint(["person_id"], ["person.id"], name="fk_upload_person_id"),
        sa.UniqueConstraint("evidence_id", "key", name="uq_upload_evidence_id_key"),
        sa.CheckConstraint(
            "state IN ('sending','safe','refused','cancelled','expired')", name=op.f("ck_upload_state")
        ),
    )
    op.create_index("ix_upload_provider_id", "upload", ["provider_id"])
    op.create_index("ix_upload_person_id", "upload", ["person_id"])
    where = sa.text(SENDING)
    op.create_index("ix_upload_sending", "upload", ["last_at"], postgresql_where=where, sqlite_where=where)
    op.create_table(
        "upload_chunk",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("upload_id", sa.Uuid(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(64), nullable=False),
        sa.Column("storage_key", sa.String(120), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_upload_chunk"),
        sa.ForeignKeyConstraint(["upload_id"], ["upload.id"], name="fk_upload_chunk_upload_id"),
        sa.UniqueConstraint("upload_id", "number", name="uq_upload_chunk_upload_id_number"),
        sa.UniqueConstraint("storage_key", name="uq_upload_chunk_storage_key"),
    )
    op.create_index("ix_upload_chunk_provider_id", "upload_chunk", ["provider_id"])
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in TABLES:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        for name, policy in POLICIES.items():
            op.execute(f"CREATE POLICY {name} ON {table} {policy}")


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
