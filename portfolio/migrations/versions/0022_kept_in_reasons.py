"""What the identity check found is also kept, with its reason, in sign-offs and their withdrawals, confirmations of an
original, requests to unlock, the record of the assessment, and the reason why a piece is withdrawn."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

TABLE, NAME = "kept_finding", "ck_kept_finding_about"
BEFORE = ("evidence_version", "comment", "testimony", "decision")
ADDED = ("evidence", "sighting", "sign_off", "unlock_request", "assessment_event")


def upgrade() -> None:
    _only((*BEFORE, *ADDED))


def downgrade() -> None:
    kept = sa.table(TABLE, sa.column("about", sa.String))
    op.execute(kept.delete().where(kept.c.about.in_(ADDED)))
    _only(BEFORE)


def _only(values: tuple[str, ...]) -> None:
    condition = f"about IN ({','.join(repr(value) for value in values)})"
    with op.batch_alter_table(TABLE) as table:  # SQLite writes the table anew
        table.drop_constraint(op.f(NAME), type_="check")
        table.create_check_constraint(op.f(NAME), condition)
