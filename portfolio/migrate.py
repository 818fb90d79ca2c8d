"""Bring a database up to date: `python -m portfolio migrate`, and before the demonstration and every test."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import make_url, text
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.settings import Settings
from portfolio.walls import grant

MIGRATIONS = Path(__file__).resolve().parent / "migrations"
LOCK = 0x706F7274666F6C69
"""PostgreSQL: whoever migrates holds this advisory lock ("portfoli"). SQLite has one writer at a time."""


Then = Callable[[Session, str | None], None]
"""What a newer release does with the rows it finds; it is told the revision before."""


class Migrated(NamedTuple):
    """The revision before (None for a database without tables) and after."""

    before: str | None
    after: str


def configuration(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def migrate(database: Database, *, application_role: str = "", then: Then | None = None) -> Migrated:
    """Apply what is missing, all of it or nothing; on PostgreSQL give the application's role its rights, too.

    `then` is done in the same transaction, for rows that were there before.

    Two at once take turns, and the second finds nothing left to do. Raises walls.NoSuchRole."""
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        before = MigrationContext.configure(connection).get_current_revision()
        newest = ScriptDirectory(str(MIGRATIONS)).get_current_head() or ""
        if before != newest:
            command.upgrade(configuration(connection), "head")
            if then is not None:
                _do(then, database, connection, before)
        if application_role and not database.is_sqlite:
            grant(connection, application_role)
        return Migrated(before, newest)


def _do(then: Then, database: Database, connection: Connection, before: str | None) -> None:
    with database.session(write=True, across=True) as session:
        session.bind = connection  # the transaction that is running: this session ends none of its own
        then(session, before)
        session.flush()


def migrate_with(settings: Settings, then: Then | None = None) -> tuple[Migrated, list[str]]:
    """The command: migrate as the owner, say what was done, one line for each step."""
    owner_url = settings.database_owner_url or settings.database_url
    application, owner = make_url(settings.database_url).username, make_url(owner_url).username
    role = application if application and application != owner else ""
    database = Database(owner_url, pool=1, overflow=0)
    try:
        done = migrate(database, application_role=role, then=then)
    finally:
        database.engine.dispose()
    lines = list(steps(done))
    if role and not database.is_sqlite:
        lines.append(
            f"The role {role} may read and add rows, change and delete them where rows may change, and owns nothing."
        )
    return done, lines


def steps(done: Migrated) -> list[str]:
    """What was applied, in order: "0005: The ledger …"."""
    if done.before == done.after:
        return []
    scripts = ScriptDirectory(str(MIGRATIONS)).iterate_revisions(done.after, done.before or "base")
    return [f"{one.revision}: {one.doc}" for one in reversed(list(scripts))]


def is_current(database: Database) -> bool:
    """Whether this database has every change that this version of the product expects."""
    with database.engine.connect() as connection:
        found = MigrationContext.configure(connection).get_current_revision()
    return found == ScriptDirectory(str(MIGRATIONS)).get_current_head()
