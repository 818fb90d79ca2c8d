"""Indexes for the questions that are asked of jobs all the time: how many were given up, and which were done long ago.

Done jobs stay for weeks, so that the table is large while hardly anything is open.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    for name, column in (("ix_job_dead", "dead_at"), ("ix_job_done", "done_at")):
        where = sa.text(f"{column} IS NOT NULL")
        op.create_index(name, "job", [column], postgresql_where=where, sqlite_where=where)


def downgrade() -> None:
    op.drop_index("ix_job_done", table_name="job")
    op.drop_index("ix_job_dead", table_name="job")
