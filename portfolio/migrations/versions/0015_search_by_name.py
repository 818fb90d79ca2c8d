"""A search by name in a large cohort reads an index alone: all that it asks about stands in it."""

from __future__ import annotations

from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BEFORE = {
    "ix_progress_cohort_name": ["cohort_id", "sort_name", "apprenticeship_id"],
    "ix_progress_provider_name": ["provider_id", "sort_name", "apprenticeship_id"],
}
NOW = {
    "ix_progress_cohort_name": ["provider_id", "cohort_id", "sort_name", "apprenticeship_id", "employer_id"],
    "ix_progress_provider_name": ["provider_id", "sort_name", "apprenticeship_id", "employer_id"],
}


def upgrade() -> None:
    replace(NOW)


def downgrade() -> None:
    replace(BEFORE)


def replace(indexes: dict[str, list[str]]) -> None:
    for name, columns in indexes.items():
        op.drop_index(name, table_name="progress")
        op.create_index(name, "progress", columns)
