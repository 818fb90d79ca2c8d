"""The second wall between providers: row-level security on PostgreSQL.

A transaction says whose rows it may see, for itself alone: `portfolio.providers` lists them, `portfolio.person` is who
asks, `portfolio.across` is on where nobody asks (jobs, commands). Untold, it sees nothing. Settings are read in
subqueries, which PostgreSQL runs once per statement and not once per row.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
PERSON = "((SELECT nullif(current_setting('portfolio.person', true), ''))::uuid)"
OWN_HISTORY = f"by_id = {PERSON} OR about_person_id = {PERSON}"
"""What somebody did, and what was done to their account, is theirs to read in whichever provider it was."""


def policies() -> dict[str, tuple[str, str]]:
    """For each table what may be seen, and what may be written."""
    found = {}
    inspector = sa.inspect(op.get_bind())
    for table in sorted(inspector.get_table_names()):
        columns = {column["name"]: column for column in inspector.get_columns(table)}
        if "provider_id" not in columns:
            continue
        own = f"provider_id = ANY ({PROVIDERS})"
        may_write = own
        if "apprenticeship_id" in columns:  # nor may a row of one provider hang on another's apprenticeship
            may_write += (
                f" AND (apprenticeship_id IS NULL OR EXISTS (SELECT 1 FROM apprenticeship a "
                f"WHERE a.id = {table}.apprenticeship_id AND a.provider_id = {table}.provider_id))"
            )
        may_see = own
        if table == "member":  # what one is in each provider is asked before anything else is known
            may_see += f" OR person_id = {PERSON}"
        elif table == "audit_event":
            may_see += f" OR {OWN_HISTORY}"
        if columns["provider_id"]["nullable"]:
            may_write = f"provider_id IS NULL OR ({may_write})"
            if table != "audit_event":
                may_see += " OR provider_id IS NULL"
        found[table] = (may_see, may_write)
    found["provider"] = (
        f"id = ANY ({PROVIDERS}) OR EXISTS (SELECT 1 FROM member m WHERE m.provider_id = provider.id)",
        f"id = ANY ({PROVIDERS})",
    )
    return found


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, (may_see, may_write) in policies().items():
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(
            f"CREATE POLICY own_providers ON {table} "
            f"USING ({ACROSS} OR {may_see}) WITH CHECK ({ACROSS} OR ({may_write}))"
        )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table in policies():
        op.execute(f"DROP POLICY own_providers ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
