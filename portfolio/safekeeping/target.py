"""An empty place for everything: a database as its owner sees it, a store, a folder for standards."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Connection

from portfolio.database import Database
from portfolio.migrate import MIGRATIONS, configuration
from portfolio.safekeeping import rows
from portfolio.walls import check_role
from storage.store import EvidenceStore


class NotEmpty(Exception):
    """There is something already. The argument is the sentence to show."""


class NewerVersion(Exception):
    """The rows were written by a version of the product that this one does not know."""


@dataclass(frozen=True)
class Target:
    """`owner`: the database, opened as the role that owns the tables; `role` is the one that will serve."""

    owner: Database
    role: str
    store: EvidenceStore
    standards: Path


def require_role(target: Target) -> None:
    """Raises `NoSuchRole`: better now than when everything is in."""
    if target.role and not target.owner.is_sqlite:
        with target.owner.engine.connect() as connection:
            check_role(connection, target.role)


def has_rows(database: Database) -> bool:
    with owning(database) as connection:
        return not rows.is_empty(connection)


def prepare_tables(connection: Connection, revision: str) -> None:
    """The tables as they were at this revision. Only ever called for a database without rows."""
    known = {script.revision for script in ScriptDirectory(str(MIGRATIONS)).walk_revisions()}
    if revision not in known:
        raise NewerVersion(f"It is at revision {revision}, which this version of the product does not know.")
    found = rows.revision(connection)
    if found == revision:
        return
    if found:
        command.downgrade(configuration(connection), "base")
    command.upgrade(configuration(connection), revision)


@contextmanager
def owning(database: Database) -> Iterator[Connection]:
    """One transaction as the owner, who sees the rows of every provider."""
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(sa.text("SELECT set_config('portfolio.across', 'on', true)"))
        yield connection


def end_what_gave_access(connection: Connection, now: datetime) -> None:
    """After a restore: who was signed in then signs in anew, and links that were sent then no longer work. Sessions
    that were ended and links that were used since the backup must not come to life again."""
    moment = sa.DateTime(timezone=True)
    sessions = sa.table("signed_in_session", sa.column("ended_at", moment))
    links = sa.table("single_use_link", sa.column("expires_at", moment), sa.column("used_at", moment))
    connection.execute(sa.update(sessions).where(sessions.c.ended_at.is_(None)).values(ended_at=now))
    connection.execute(
        sa.update(links).where(links.c.used_at.is_(None), links.c.expires_at > now).values(expires_at=now)
    )
    connection.execute(sa.delete(sa.table("object_hold")))  # of the backup that these rows were read for
