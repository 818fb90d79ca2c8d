"""What the database itself must hold against: the rights of two roles on PostgreSQL, and what is asked before serving.

The owner makes the tables (`migrate`). The application's role owns nothing: it reads and adds rows everywhere,
changes and deletes only where rows may be changed, and is bound by row-level security. What is append-only the
database knows itself, by the triggers of the migration that made it so: `<table>_no_update` and `<table>_no_delete`;
`<table>_fixed` stands where rows never change but may go.
"""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import text
from sqlalchemy.engine import Connection

from portfolio.database import Database
from portfolio.engines import SQLITE

TABLES = "pg_class c WHERE c.relnamespace = current_schema()::regnamespace AND c.relkind IN ('r', 'p')"
TRIGGER = "EXISTS (SELECT 1 FROM pg_trigger t WHERE t.tgrelid = c.oid AND t.tgname IN ({names}))"
NO_UPDATE = TRIGGER.format(names="c.relname || '_no_update', c.relname || '_fixed'")
NO_DELETE = TRIGGER.format(names="c.relname || '_no_delete'")
OWN_TABLES = text(
    f"SELECT c.relname, {NO_UPDATE}, {NO_DELETE} FROM {TABLES} "  # noqa: S608
    "AND pg_has_role(current_user, c.relowner, 'MEMBER') ORDER BY c.relname"
)
READ_ONLY = "alembic_version"
COUNTED_ON = {
    "file_opening": ("last_at", "times"),
    "comment": ("text",),
    "testimony": ("relation", "statement"),
    "decision": ("missing", "reason"),
    "sign_off": ("reason",),
    "sighting": ("seen_where", "statement"),
    "hours_confirmation": ("reason",),
    "provider_framework": ("withdrawn_by_id", "withdrawn_at"),
    "sealed_words": ("words", "purged_at"),
    "evaluation_answer": ("words",),
    "booking": ("state", "waiting_since", "offer_until"),
}
"""Tables of which only these columns may be changed, and only in one way: upwards (the trigger `<table>_only_raised`
sees to it), against their sealed copy (`<table>_only_sealed`, migration 0021), or as the rest of the row stands
(`<table>_only_moved`)."""
TWO_ROLES = (
    "Make two roles as README says under “Run it for real”: PORTFOLIO_DATABASE_OWNER_URL names the one that owns the "
    "tables, for migrate only; PORTFOLIO_DATABASE_URL the one that serves. Then run: python -m portfolio migrate"
)


class NoSuchRole(Exception):
    """The application's role is not there. The argument is the sentence to show."""


def check_role(connection: Connection, role: str) -> None:
    """Raises NoSuchRole."""
    if connection.scalar(text("SELECT 1 FROM pg_roles WHERE rolname = :role"), {"role": role}) is None:
        raise NoSuchRole(f"There is no role {role} on this server. {TWO_ROLES}")


def grant(connection: Connection, role: str) -> None:
    """Give the application's role exactly what it needs in this schema, and take away what is more. Repeatable.

    Runs as the owner, in the transaction of the migration. Raises NoSuchRole."""
    check_role(connection, role)
    quote = connection.dialect.identifier_preparer.quote_identifier
    to, schema = quote(role), quote(str(connection.scalar(text("SELECT current_schema()"))))
    statements = [f"GRANT USAGE ON SCHEMA {schema} TO {to}"]
    if _may(connection, "has_schema_privilege(:role, current_schema(), 'CREATE')", role):
        statements.append(f"REVOKE CREATE ON SCHEMA {schema} FROM PUBLIC, {to}")
    name = quote(str(connection.scalar(text("SELECT current_database()"))))
    if _may(connection, "has_database_privilege(:role, current_database(), 'TEMPORARY')", role):
        statements.append(f"REVOKE TEMPORARY ON DATABASE {name} FROM PUBLIC, {to}")
    if not _may(connection, "has_database_privilege(:role, current_database(), 'CONNECT')", role):
        statements.append(f"GRANT CONNECT ON DATABASE {name} TO {to}")
    for table, no_update, no_delete in connection.execute(OWN_TABLES).all():
        update = "UPDATE" if table not in COUNTED_ON else f"UPDATE ({', '.join(COUNTED_ON[table])})"
        rights = ["SELECT", "INSERT", *([] if no_update else [update]), *([] if no_delete else ["DELETE"])]
        held = ", ".join(["SELECT"] if table == READ_ONLY else rights)
        statements += [
            f"REVOKE ALL ON TABLE {quote(table)} FROM PUBLIC, {to}",
            f"GRANT {held} ON TABLE {quote(table)} TO {to}",
        ]
    for statement in [*statements, f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {schema} TO {to}"]:
        connection.exec_driver_sql(statement)


def _may(connection: Connection, condition: str, role: str) -> bool:
    return bool(connection.scalar(text(f"SELECT {condition}"), {"role": role}))


def faults(database: Database) -> list[str]:
    """Why this database must not be served from, as sentences; none if all is as it should be."""
    with database.engine.connect() as connection:
        return list(_sqlite(connection) if database.is_sqlite else _postgresql(connection))


def _sqlite(connection: Connection) -> Iterator[str]:
    for name, wanted in SQLITE.items():
        found = connection.exec_driver_sql(f"PRAGMA {name}").scalar()
        if found != wanted:
            yield (
                f"SQLite has {name} at {found} where {wanted} was asked for: what is confirmed would not be safe. "
                "The database must be a file on a local disk, opened by nothing that changes this."
            )


def _some_table(condition: str) -> str:
    return f"EXISTS (SELECT 1 FROM {TABLES} AND ({condition}))"  # noqa: S608  # our own words


CHANGES_MORE = " OR ".join(
    f"(c.relname = '{table}' AND EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 "  # noqa: S608
    f"AND NOT a.attisdropped AND a.attname <> ALL ('{{{','.join(columns)}}}') "
    "AND has_column_privilege(current_user, c.oid, a.attnum, 'UPDATE')))"
    for table, columns in COUNTED_ON.items()
)
"""May change a column of those tables that is none of those."""
ROLE_FAULTS = {
    "is a superuser, or may become one": (
        "EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolsuper AND pg_has_role(current_user, r.oid, 'MEMBER'))"
    ),
    "has BYPASSRLS, so that row-level security does not bind it": (
        "EXISTS (SELECT 1 FROM pg_roles r WHERE r.rolbypassrls AND NOT r.rolsuper "
        "AND pg_has_role(current_user, r.oid, 'MEMBER'))"
    ),
    "owns the tables": _some_table("pg_has_role(current_user, c.relowner, 'MEMBER')"),
    "may make tables of its own": (  # a temporary one comes before ours of the same name
        "has_schema_privilege(current_user, current_schema(), 'CREATE') "
        "OR has_database_privilege(current_user, current_database(), 'TEMPORARY')"
    ),
    "may change or delete what is append-only": _some_table(
        f"({NO_UPDATE} AND has_any_column_privilege(current_user, c.oid, 'UPDATE')) "
        f"OR ({NO_DELETE} AND has_table_privilege(current_user, c.oid, 'DELETE')) OR {CHANGES_MORE}"
    ),
    "may empty tables": _some_table("has_table_privilege(current_user, c.oid, 'TRUNCATE')"),
    "may not read the tables": _some_table("NOT has_table_privilege(current_user, c.oid, 'SELECT')"),
}
"""What a role that serves must not be or have. A superuser is and has everything, so it is told only that."""
SHARED = {
    "alembic_version": "which migrations ran; the application's role may only read it",
    "job": "jobs are nobody's: they hold ids and days, never what anybody wrote",
    "object_hold": "of backups, which are of all providers",
    "person": "an account may belong to several providers, and is looked up before it is known who asks",
    "sign_in_count": "how often was tried, before it is known who asks",
}
"""The only tables without row-level security, and why. Every other must have it, also one that is made later. Of
`signed_in_session` all rows may be read, not changed, while nobody is known: a cookie's hash is looked up to know who."""
BOUND = (
    "(SELECT count(DISTINCT p.polcmd) = 4 OR count(*) FILTER (WHERE p.polcmd = '*') > 0 "
    "FROM pg_policy p WHERE p.polrelid = c.oid)"
)
OPEN = (
    "EXISTS (SELECT 1 FROM pg_policy p, LATERAL (VALUES (p.polqual), (p.polwithcheck)) e (condition) "
    "WHERE p.polrelid = c.oid AND pg_get_expr(e.condition, c.oid) NOT LIKE '%portfolio.%')"
)
UNGUARDED = text(
    f"SELECT c.relname FROM {TABLES} AND c.relname <> ALL (:shared) AND "  # noqa: S608  # our own words
    f"(NOT (c.relrowsecurity AND c.relforcerowsecurity) OR NOT {BOUND} OR {OPEN}) ORDER BY c.relname"
)
"""In force, for the owner too; a policy for each of reading and the three ways of writing, or one for all; and none
that asks for less than what a transaction says about itself."""


def _postgresql(connection: Connection) -> Iterator[str]:
    role = connection.scalar(text("SELECT current_user"))
    for what, condition in ROLE_FAULTS.items():
        if connection.scalar(text(f"SELECT {condition}")):
            yield f"The database role {role} {what}. {TWO_ROLES}"
            if "superuser" in what:
                return
    if unguarded := connection.scalars(UNGUARDED, {"shared": list(SHARED)}).all():
        yield f"Without row-level security: {', '.join(unguarded)}. Run: python -m portfolio migrate"
