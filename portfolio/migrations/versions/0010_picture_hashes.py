"""The SHA-256 of each picture that was made of a file, so that an exchanged one is found.

Empty for pictures that were made before: nobody noted what they were, and reading them now would call right whatever
lies there.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

COLUMNS = ("preview_sha256", "thumbnail_sha256")


def upgrade() -> None:
    for column in COLUMNS:
        op.add_column("file_preparation", sa.Column(column, sa.String(64), nullable=False, server_default=""))


def downgrade() -> None:
    for column in reversed(COLUMNS):
        op.drop_column("file_preparation", column)
