"""The last day in time of a refresher stands in the progress summary, and in the index that the headline reads alone.

Rows of before say that nobody asks for one until their summary is computed anew: `verify-progress --repair`.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None

INDEX, COLUMN = "ix_progress_standing", "refresher_due_day"
BEFORE = (
    "provider_id cohort_id employer_id stage gaps dbs_due_day earliest_gateway_day start_day break_days "
    "last_activity_day back_day earned signed_share break_began_day planned_gateway_day waiting_day"
).split()


def upgrade() -> None:
    op.drop_index(INDEX, table_name="progress")
    op.add_column("progress", sa.Column(COLUMN, sa.Integer(), nullable=True))
    op.create_index(INDEX, "progress", [*BEFORE, COLUMN, "map"])


def downgrade() -> None:
    op.drop_index(INDEX, table_name="progress")
    op.drop_column("progress", COLUMN)
    op.create_index(INDEX, "progress", [*BEFORE, "map"])
