"""How much each person and each provider has stored, for the quotas."""

from __future__ import annotations

import uuid

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    use = op.create_table(
        "storage_use",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("provider_id", sa.Uuid(), nullable=False),
        sa.Column("holder_id", sa.Uuid(), nullable=False),
        sa.Column("bytes", sa.BigInteger(), nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id", name="pk_storage_use"),
        sa.UniqueConstraint("provider_id", "holder_id", name="uq_storage_use_provider_id_holder_id"),
    )
    op.create_index("ix_storage_use_provider_id", "storage_use", ["provider_id"])
    rows = [
        {"id": uuid.uuid4(), "provider_id": provider, "holder_id": holder, "bytes": size, "files": count}
        for provider, holder, size, count in stored()
    ]
    if rows:
        op.bulk_insert(use, rows)


def stored():
    """What every person and every provider has stored by now."""
    file = sa.table(
        "evidence_file",
        sa.column("provider_id", sa.Uuid()),
        sa.column("uploaded_by_id", sa.Uuid()),
        sa.column("size", sa.Integer()),
    )
    size, count = sa.func.sum(sa.cast(file.c.size, sa.BigInteger)), sa.func.count()
    of_people = sa.select(file.c.provider_id, file.c.uploaded_by_id, size, count).group_by(
        file.c.provider_id, file.c.uploaded_by_id
    )
    of_providers = sa.select(file.c.provider_id, file.c.provider_id, size, count).group_by(file.c.provider_id)
    for statement in (of_people, of_providers):
        for provider, holder, total, number in op.get_bind().execute(statement):
            yield provider, holder, int(total), number


def downgrade() -> None:
    op.drop_table("storage_use")
