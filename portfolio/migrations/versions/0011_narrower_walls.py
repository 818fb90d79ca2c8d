"""The second wall, narrower: what is seen is not yet what may be written, and what is a person's own is theirs.

Somebody sees what they are in each provider; that must not let them change it there. So seeing and writing get a
policy each. Tables of a person (what was half typed, reminders, sessions, links) get one, too. And the functions of the
triggers name their schema, so that a temporary table of the same name does not come first.
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

ACROSS = "(SELECT coalesce(current_setting('portfolio.across', true), '') = 'on')"
PROVIDERS = "((SELECT coalesce(nullif(current_setting('portfolio.providers', true), ''), '{}'))::uuid[])"
PERSON = "((SELECT nullif(current_setting('portfolio.person', true), ''))::uuid)"
OWN_HISTORY = f"by_id = {PERSON} OR about_person_id = {PERSON}"
WRITING = {"INSERT": "WITH CHECK ({ok})", "UPDATE": "USING ({own}) WITH CHECK ({ok})", "DELETE": "USING ({own})"}
OF_A_PERSON = ("kept_form", "reminder_choice", "reminder_sent", "signed_in_session", "single_use_link")
NOBODY_KNOWN = f"({PERSON} IS NULL AND {PROVIDERS} = '{{}}')"
"""A request begins so: a session is looked up by what only its browser has, and then it is known who asks."""


def of_providers() -> dict[str, tuple[str, str, str]]:
    """For each table: which rows may be seen, which may be changed, and what a row must be when it is written."""
    found = {}
    inspector = sa.inspect(op.get_bind())
    for table in sorted(inspector.get_table_names()):
        columns = {column["name"]: column for column in inspector.get_columns(table)}
        if "provider_id" not in columns:
            continue
        own = f"provider_id = ANY ({PROVIDERS})"
        may_see, may_change, may_write = own, own, own
        if "apprenticeship_id" in columns:
            may_write += (
                f" AND (apprenticeship_id IS NULL OR EXISTS (SELECT 1 FROM apprenticeship a "
                f"WHERE a.id = {table}.apprenticeship_id AND a.provider_id = {table}.provider_id))"
            )
        if table == "member":
            may_see += f" OR person_id = {PERSON}"
        elif table == "audit_event":
            may_see += f" OR {OWN_HISTORY}"
        if columns["provider_id"]["nullable"]:
            may_write = f"provider_id IS NULL OR ({may_write})"
            if table != "audit_event":
                may_see += " OR provider_id IS NULL"
                may_change += " OR provider_id IS NULL"
        found[table] = (may_see, may_change, may_write)
    own = f"id = ANY ({PROVIDERS})"
    found["provider"] = (
        f"{own} OR EXISTS (SELECT 1 FROM member m WHERE m.provider_id = provider.id)",
        own,
        own,
    )
    return found


def upgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for table, (may_see, may_change, may_write) in of_providers().items():
        op.execute(f"DROP POLICY own_providers ON {table}")
        op.execute(f"CREATE POLICY own_providers ON {table} FOR SELECT USING ({ACROSS} OR {may_see})")
        own, ok = f"{ACROSS} OR {may_change}", f"{ACROSS} OR ({may_write})"
        for verb, form in WRITING.items():
            name = f"own_providers_{verb.lower()}"
            op.execute(f"CREATE POLICY {name} ON {table} FOR {verb} {form.format(own=own, ok=ok)}")
    for table in OF_A_PERSON:
        op.execute(f"ALTER TABLE {table} ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY")
        op.execute(f"CREATE POLICY own_person ON {table} USING ({ACROSS} OR person_id = {PERSON})")
    op.execute(f"CREATE POLICY asks_who ON signed_in_session FOR SELECT USING ({NOBODY_KNOWN})")
    schema = op.get_bind().dialect.identifier_preparer.quote_identifier(
        op.get_bind().scalar(sa.text("SELECT current_schema()"))
    )
    for function in functions():
        op.execute(f"ALTER FUNCTION {function}() SET search_path = {schema}, pg_temp")


def functions() -> list[str]:
    """Of the triggers on our tables."""
    return list(
        op.get_bind().scalars(
            sa.text(
                "SELECT DISTINCT p.proname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid "
                "WHERE NOT t.tgisinternal AND p.pronamespace = current_schema()::regnamespace ORDER BY p.proname"
            )
        )
    )


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return
    for function in functions():
        op.execute(f"ALTER FUNCTION {function}() RESET search_path")
    op.execute("DROP POLICY asks_who ON signed_in_session")
    for table in OF_A_PERSON:
        op.execute(f"DROP POLICY own_person ON {table}")
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY, DISABLE ROW LEVEL SECURITY")
    for table, (may_see, _, may_write) in of_providers().items():
        for verb in WRITING:
            op.execute(f"DROP POLICY own_providers_{verb.lower()} ON {table}")
        op.execute(f"DROP POLICY own_providers ON {table}")
        op.execute(
            f"CREATE POLICY own_providers ON {table} "
            f"USING ({ACROSS} OR {may_see}) WITH CHECK ({ACROSS} OR ({may_write}))"
        )
