"""A fresh, migrated database for each test, with real commits; the application over it; people signed in.

On SQLite each test gets a copy of one migrated file. With TEST_DATABASE_URL set (a PostgreSQL server whose
user may create roles and databases) each worker makes a database of its own with its two roles, and the product
and its tests run as the application's role, which owns nothing; only emptying between tests is a superuser's.
"""

from __future__ import annotations

import secrets
import sqlite3
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import Engine, create_engine, text
from sqlalchemy.orm import Session
from starlette.testclient import TestClient

from kbs.catalogue import SHIPPED, Catalogue, load_catalogue
from portfolio.app import create_app, open_store
from portfolio.cohorts import progress
from portfolio.database import Base, Database
from portfolio.ledger import keeping as ledger
from portfolio.migrate import migrate
from portfolio.settings import Settings
from tests.builders import Cast, a_cast
from tests.client import Browser
from tests.postgres import TEST_DATABASE_URL, TwoRoles, own_database
from tests.s3 import s3_server as s3_server

ADDRESS = "http://testserver"


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The shipped standards and the small invented one of another shape."""
    return load_catalogue(SHIPPED, Path(__file__).parent / "kbs" / "standards")


@pytest.fixture(scope="session")
def two_roles() -> Iterator[TwoRoles | None]:
    """On PostgreSQL this worker's own database with its owner and its application's role; on SQLite nothing."""
    if not TEST_DATABASE_URL:
        yield None
        return
    with own_database() as made:
        yield made


@pytest.fixture(scope="session")
def owner(two_roles: TwoRoles | None) -> Iterator[Database | None]:
    """As the owner of the tables, on PostgreSQL: for what the application's role may not do."""
    database = Database(two_roles.owner, pool=1, overflow=0) if two_roles else None
    yield database
    if database is not None:
        database.engine.dispose()


@pytest.fixture(scope="session")
def empty_database(tmp_path_factory: pytest.TempPathFactory, two_roles: TwoRoles | None) -> Iterator[str]:
    """A migrated database without rows: a file to copy, or the address for the application's role."""
    if two_roles is None:
        path = tmp_path_factory.mktemp("database") / "empty.db"
        database = Database(f"sqlite:///{path}")
        migrate(database)
        database.engine.dispose()
        with sqlite3.connect(path) as connection:
            connection.execute("PRAGMA journal_mode=DELETE")  # one file to copy
        connection.close()
        yield str(path)
        return
    yield two_roles.application


@pytest.fixture(scope="session")
def superuser(two_roles: TwoRoles | None) -> Iterator[Engine | None]:
    """For emptying the database between tests, on PostgreSQL."""
    engine = create_engine(two_roles.superuser, pool_size=1) if two_roles else None
    yield engine
    if engine is not None:
        engine.dispose()


@pytest.fixture
def database(
    empty_database: str, superuser: Engine | None, tmp_path: Path, catalogue: Catalogue
) -> Iterator[Database]:
    if superuser is not None:
        _empty(superuser)
        database = Database(empty_database)
    else:
        path = tmp_path / "portfolio.db"
        path.write_bytes(Path(empty_database).read_bytes())
        database = Database(f"sqlite:///{path}")
    database.keepers.append(partial(progress.keep, catalogue))
    ledger.join(database)
    yield database
    database.engine.dispose()


_TABLES = [table.name for table in Base.metadata.sorted_tables]
_FILLED = "SELECT '{0}' WHERE EXISTS (SELECT 1 FROM \"{0}\")"
_ROWS_IN = text(" UNION ALL ".join(_FILLED.format(one) for one in _TABLES))


def _empty(superuser: Engine) -> None:
    """All rows away: only from tables that have some, without triggers and foreign keys. To truncate every table takes
    a hundred times as long, and is most of what a short test costs."""
    with superuser.begin() as connection:
        connection.execute(text("SET LOCAL session_replication_role = replica"))
        for name in connection.scalars(_ROWS_IN).all():
            connection.execute(text(f'DELETE FROM "{name}"'))  # noqa: S608


@pytest.fixture
def session(database: Database) -> Iterator[Session]:
    """A writing session for actions and queries, across all providers until `narrow` is called; `commit(session)`
    from builders commits as a request would."""
    with database.session(write=True, across=True) as session:
        session.info["database"] = database
        yield session


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings(
        secret=secrets.token_urlsafe(48),
        storage_url=f"folder:{tmp_path / 'files'}",
        mail_folder=tmp_path / "mail",
        standards_folder=tmp_path / "standards",
        public_url=ADDRESS,
    )


@pytest.fixture(scope="session")
def one_app(catalogue: Catalogue) -> FastAPI:
    """The application, made once: routes and templates are compiled at first use, which takes a while."""
    settings = Settings(secret=secrets.token_urlsafe(48), storage_url="memory:", public_url=ADDRESS)
    return create_app(settings, catalogue=catalogue, database=Database("sqlite://"))


@pytest.fixture
def app(one_app: FastAPI, settings: Settings, database: Database, catalogue: Catalogue) -> FastAPI:
    """The application over this test's own database, store and settings."""
    if settings.public_url != ADDRESS:  # what stands around every request is bound to the address
        return create_app(settings, catalogue=catalogue, database=database)
    one_app.state.settings, one_app.state.catalogue = settings, catalogue
    one_app.state.database, one_app.state.store = database, open_store(settings)
    return one_app


@pytest.fixture
def cast(session: Session) -> Cast:
    """Amina and everybody around her, and a second provider with the same shape: committed."""
    return a_cast(session)


@pytest.fixture
def browser(app: FastAPI) -> Iterator[Callable[..., Browser]]:
    """`browser()` is nobody; `browser(cast.amina)` is signed in as Amina. `htmx=True` asks for fragments."""
    opened: list[TestClient] = []

    def open_browser(person: object = None, *, htmx: bool = False) -> Browser:
        client = Browser(app, base_url=ADDRESS, follow_redirects=False, raise_server_exceptions=True)
        client.htmx = htmx
        client.__enter__()
        opened.append(client)
        if person is not None:
            client.sign_in_as(person)
        return client

    yield open_browser
    for client in opened:
        client.__exit__(None, None, None)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """What was not run on this machine is said at the end, and is never mistaken for a pass."""
    reasons = {
        str(report.longrepr[2])
        for report in terminalreporter.stats.get("skipped", [])
        if isinstance(report.longrepr, tuple)
    }
    for reason in sorted(reasons):
        terminalreporter.write_line(f"NOT RUN: {reason.removeprefix('Skipped: not run: ')}", yellow=True)
