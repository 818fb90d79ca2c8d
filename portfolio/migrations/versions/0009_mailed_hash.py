"""Which hash of the ledger was mailed last, so that a letter can say when the ledger no longer leads to it."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Of letters that left before, the hash is not known here."""
    op.add_column("ledger_address", sa.Column("mailed_hash", sa.String(64), nullable=True))


def downgrade() -> None:
    op.drop_column("ledger_address", "mailed_hash")
