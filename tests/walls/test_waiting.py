"""Nobody waits without an end: what takes too long is a page that says so, with what was typed, and nothing half done."""

from __future__ import annotations

import os
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from fastapi import FastAPI
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.app import open_database
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Database
from portfolio.engines import Patience
from portfolio.evidence.models import Evidence
from portfolio.feedback.models import Comment
from portfolio.settings import Settings
from portfolio.web import trouble
from tests.builders import Cast, a_submitted, commit
from tests.client import Browser
from tests.feedback.steps import comments_path
from tests.postgres import TwoRoles

TYPED = {"text": "Well done, and ask Asha about the second part.", "form_key": "7" * 32}


@pytest.fixture
def hurried(app: FastAPI, database: Database) -> Iterator[Database]:
    """The same database, opened by an application that waits a second at most; its pages are served from it."""
    quick = Database(
        database.engine.url.render_as_string(hide_password=False),
        patience=Patience(statement=30, lock=1, idle=30),
    )
    quick.keepers = database.keepers
    app.state.database = quick
    yield quick
    quick.engine.dispose()


@pytest.fixture
def piece(session: Session, cast: Cast) -> Evidence:
    piece = a_submitted(session, cast.amina_at, "K1")
    commit(session)
    return piece


@contextmanager
def somebody_writes(database: Database, cast: Cast) -> Iterator[None]:
    """Somebody else's write about the same apprentice, which is not done yet: their row, or the one writer's turn."""
    with database.session(write=True, across=True) as other:
        other.execute(
            select(Apprenticeship.id).where(Apprenticeship.id == cast.amina_at.id).with_for_update()
        ).all()
        yield
        other.rollback()


def comments(database: Database) -> int:
    with database.reading() as session:
        return session.scalar(select(func.count(Comment.id))) or 0


@pytest.mark.parametrize("htmx", [False, True])
def test_a_write_that_waits_too_long_says_so_and_loses_nothing(
    browser: Callable[..., Browser],
    hurried: Database,
    database: Database,
    cast: Cast,
    piece: Evidence,
    htmx: bool,
) -> None:
    page = browser(cast.marek, htmx=htmx)
    with somebody_writes(database, cast):
        answer = page.post(comments_path(piece), data=TYPED)
        assert answer.status_code == 503
        assert trouble.DATABASE_BUSY in answer.text
        assert "What you sent was not confirmed" in answer.text
        if not htmx:  # in a fragment's place it is on the page still
            assert TYPED["text"] in answer.text
            assert TYPED["form_key"] in answer.text
        assert comments(database) == 0
        assert page.get(comments_path(piece)).status_code == 200  # reading waits for nobody
    again = page.post(comments_path(piece), data=TYPED)
    assert again.status_code in (200, 204, 303)
    assert comments(database) == 1


def test_the_settings_are_in_force_on_every_connection(
    roles: TwoRoles, settings: Settings, catalogue: Catalogue
) -> None:
    given = {
        "database_url": roles.application,
        "statement_timeout_seconds": 41,
        "lock_timeout_seconds": 7,
        "idle_transaction_timeout_seconds": 90,
    }
    database = open_database(settings.model_copy(update=given), catalogue)
    try:
        for open_session in (database.reading, database.writing):
            with open_session() as session:
                shown = [
                    session.scalar(text(f"SHOW {name}"))
                    for name in ("statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
                ]
                assert shown == ["41s", "7s", "90s"]
    finally:
        database.engine.dispose()


def test_options_in_the_address_are_kept_beside_them(roles: TwoRoles) -> None:
    address = f"{roles.application}?options=-c%20application_name%3Dportfolio"
    database = Database(address, patience=Patience(lock=3))
    try:
        with database.engine.connect() as connection:
            assert connection.scalar(text("SHOW application_name")) == "portfolio"
            assert connection.scalar(text("SHOW lock_timeout")) == "3s"
            assert connection.scalar(text("SHOW statement_timeout")) == "0"
    finally:
        database.engine.dispose()


@pytest.mark.parametrize(("more", "seconds"), [("", 5), ("?connect_timeout=8", 8)])
def test_a_server_that_takes_the_connection_and_says_nothing_is_given_up(more: str, seconds: int) -> None:
    """As a host does that has lost its database, or a firewall that swallows everything after the first packet."""
    with socket.create_server(("127.0.0.1", 0)) as silent:
        hangs_up = threading.Timer(30, silent.close)  # or this test would wait for minutes to fail
        hangs_up.start()
        database = Database(f"postgresql://nobody@127.0.0.1:{silent.getsockname()[1]}/nothing{more}")
        began = time.monotonic()
        with pytest.raises(DBAPIError, match="timeout"):
            database.engine.connect()
        hangs_up.cancel()
        assert seconds - 0.5 <= time.monotonic() - began < seconds + 15
        database.engine.dispose()


def test_a_connection_that_goes_dead_is_noticed(roles: TwoRoles) -> None:
    """What was sent and is never acknowledged, and a peer that is gone while nothing is sent."""
    options = {"TCP_USER_TIMEOUT": 20_000, "TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}
    for more, idle in (("", 30), ("?keepalives_idle=77", 77)):
        database = Database(f"{roles.application}{more}", pool=1, overflow=0)
        with database.engine.connect() as connection:
            number = connection.connection.dbapi_connection.fileno()  # type: ignore[union-attr]
            with socket.socket(fileno=os.dup(number)) as wire:
                found = {name: wire.getsockopt(socket.IPPROTO_TCP, getattr(socket, name)) for name in options}
                assert wire.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE) == 1
        database.engine.dispose()
        assert found == options | {"TCP_KEEPIDLE": idle}


@pytest.mark.parametrize(
    ("patience", "statement", "said"),
    [
        (Patience(statement=1), "SELECT pg_sleep(60)", trouble.DATABASE_SLOW),
        (Patience(idle=1), None, trouble.DATABASE_SILENT),
    ],
)
def test_a_statement_and_an_idle_transaction_are_ended(
    roles: TwoRoles, patience: Patience, statement: str | None, said: str
) -> None:
    """And what was ended is a page to try again, not a fault of ours; the next transaction works."""
    database = Database(roles.application, pool=1, overflow=0, patience=patience)
    server = Database(roles.superuser, pool=1, overflow=0)
    try:
        with database.engine.connect() as connection:
            connection.execute(text("SELECT 1"))
            if statement is None:
                with server.engine.connect() as elsewhere:
                    elsewhere.execute(text("SELECT pg_sleep(2)"))
            with pytest.raises(DBAPIError) as ended:
                connection.execute(text(statement or "SELECT 1"))
        assert trouble.reason(ended.value) == said
        with database.engine.connect() as connection:
            assert connection.scalar(text("SELECT 1")) == 1
    finally:
        database.engine.dispose()
        server.engine.dispose()
