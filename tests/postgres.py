"""A PostgreSQL database of one's own, as the product wants it: one role that owns it, another that owns nothing.

TEST_DATABASE_URL names a server and a user who may create roles and databases there; the tests connect as that
user only to make both and to take them away again.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from sqlalchemy import URL, Connection, create_engine, make_url, text
from sqlalchemy.pool import NullPool

from portfolio.database import Database
from portfolio.migrate import migrate

TEST_DATABASE_URL = os.environ.get("TEST_DATABASE_URL", "")


@dataclass(frozen=True)
class TwoRoles:
    """The addresses of one database: `owner` for `migrate`, `application` for `serve` and `worker`. `superuser` is
    for what neither may do."""

    owner: str
    application: str
    owner_role: str
    application_role: str
    superuser: str


@contextmanager
def own_database(
    what: str = "test", *, migrated: bool = True, on: str = TEST_DATABASE_URL
) -> Iterator[TwoRoles]:
    """An empty database with an owner role and an application role, all three of random names, removed at the end.

    `migrated=False` leaves it without tables: `python -m portfolio migrate` with both addresses does the rest.
    """
    server = create_engine(on, isolation_level="AUTOCOMMIT", poolclass=NullPool)
    name, password = f"portfolio_{what}_{secrets.token_hex(4)}", secrets.token_urlsafe(24)
    owner, application = f"{name}_owner", f"{name}_app"
    url = make_url(on).set(database=name)

    def run(*statements: str) -> None:
        with server.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))

    login = f"LOGIN NOSUPERUSER NOBYPASSRLS NOCREATEDB NOCREATEROLE PASSWORD '{password}'"
    run(
        f'CREATE ROLE "{owner}" {login}',
        f'CREATE ROLE "{application}" {login}',
        f'CREATE DATABASE "{name}" OWNER "{owner}"',
    )
    try:
        made = TwoRoles(
            _as(url, owner, password),
            _as(url, application, password),
            owner,
            application,
            url.render_as_string(hide_password=False),
        )
        if migrated:
            as_owner = Database(made.owner, pool=1, overflow=0)
            migrate(as_owner, application_role=application)
            as_owner.engine.dispose()
        yield made
    finally:
        run(
            f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)',
            f'DROP ROLE IF EXISTS "{application}"',
            f'DROP ROLE IF EXISTS "{owner}"',
        )


@contextmanager
def plain(database: Database) -> Iterator[Connection]:
    """A transaction without the ORM and across all providers, as somebody at the database's own prompt has it."""
    with database.engine.begin() as connection:
        if not database.is_sqlite:
            connection.execute(text("SELECT set_config('portfolio.across', 'on', true)"))
        yield connection


def refusals(database: Database, owner: Database | None, why: str) -> list[tuple[Database, str]]:
    """Who may not change what is append-only, each with the reason (a pattern): the application's role has not the
    right to on PostgreSQL; the owner has it, and meets the trigger."""
    if owner is None:
        return [(database, why)]
    return [(database, "permission denied"), (owner, why)]


def _as(url: URL, role: str, password: str) -> str:
    return url.set(username=role, password=password).render_as_string(hide_password=False)
