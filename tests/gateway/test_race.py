"""Two people at once: what is decided while somebody locks is either in the lock or refused, never after it.

On SQLite the second writer waits for the first at BEGIN; on PostgreSQL it waits at the row of the apprenticeship.
"""

from __future__ import annotations

import threading
from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import GRANTS, Membership, Role, Viewer
from portfolio.apprenticeships.guards import Opened, open_apprenticeship
from portfolio.cohorts import progress
from portfolio.database import Database, new_id
from portfolio.evidence.models import Evidence
from portfolio.feedback.models import Comment
from portfolio.gateway import actions_lock
from portfolio.gateway.fingerprint import fingerprint
from portfolio.gateway.models import GatewayLock
from portfolio.gateway.portfolio_query import portfolio_parts
from tests.builders import NOW, Cast, commit
from tests.gateway.conftest import ON
from tests.gateway.steps import declared, everything_but_declarations, sign_off

WAIT = 20.0
"""Seconds: how long a thread may take before the test gives up on it; nothing here waits that long."""


def manager(session: Session, catalogue: Catalogue, cast: Cast) -> Opened:
    membership = Membership(cast.provider.id, cast.provider.name, frozenset({Role.MANAGER}))
    viewer = Viewer(cast.priya.id, cast.priya.name, cast.priya.email, new_id(), memberships=(membership,))
    assert GRANTS[Role.MANAGER]
    return open_apprenticeship(session, catalogue, viewer, cast.amina_at.id)


def in_thread(work: Callable[[], None]) -> tuple[threading.Thread, list[BaseException]]:
    failed: list[BaseException] = []

    def run() -> None:
        try:
            work()
        except BaseException as error:
            failed.append(error)

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    return thread, failed


def a_comment(session: Session, cast: Cast, piece: Evidence) -> None:
    session.add(
        Comment(
            provider_id=piece.provider_id,
            apprenticeship_id=piece.apprenticeship_id,
            evidence_id=piece.id,
            author_id=cast.asha.id,
            role="assessor",
            text="Well observed.",
            written_at=NOW,
            form_key=new_id().hex,
        )
    )
    session.flush()


@pytest.fixture
def ready(session: Session, cast: Cast, catalogue: Catalogue) -> Evidence:
    piece = everything_but_declarations(session, cast, catalogue)
    declared(session, cast)
    commit(session)
    return piece


def test_a_write_that_comes_while_the_lock_is_being_given_is_refused(
    database: Database, catalogue: Catalogue, cast: Cast, ready: Evidence
) -> None:
    begun = threading.Event()

    def write() -> None:
        begun.set()
        with database.writing() as session:  # waits for the lock, then meets it
            a_comment(session, cast, ready)

    with database.session(write=True, across=True) as locking:
        actions_lock.lock(locking, manager(locking, catalogue, cast), now=ON)
        thread, failed = in_thread(write)
        assert begun.wait(WAIT)
        thread.join(0.3)
        assert thread.is_alive(), "the write did not wait for the lock"
        database.commit(locking)
    thread.join(WAIT)
    assert not thread.is_alive()
    assert len(failed) == 1
    assert isinstance(failed[0], DBAPIError)
    assert "the portfolio is locked" in str(failed[0].orig)
    with database.reading() as session:
        assert session.scalars(select(Comment)).all() == []
        assert list(progress.verify(session, catalogue)) == []


def test_a_write_that_came_first_is_waited_for_and_stands_in_the_fingerprint(
    database: Database, catalogue: Catalogue, cast: Cast, ready: Evidence
) -> None:
    with database.session(write=True, across=True) as writing:
        sign_off(writing, cast.amina_at, cast.asha, "K1")

        def lock() -> None:
            with database.session(write=True, across=True) as session:
                actions_lock.lock(session, manager(session, catalogue, cast), now=ON)
                database.commit(session)

        thread, failed = in_thread(lock)
        thread.join(0.3)
        assert thread.is_alive(), "the lock did not wait for the write"
        database.commit(writing)
    thread.join(WAIT)
    assert not thread.is_alive()
    assert failed == []
    with database.reading() as session:
        lock_row = session.scalars(select(GatewayLock)).one()
        assert lock_row.portfolio_sha256 == fingerprint(portfolio_parts(session, cast.amina_at.id))
        assert list(progress.verify(session, catalogue)) == []


def test_locking_in_two_windows_at_once_locks_once(
    database: Database, catalogue: Catalogue, cast: Cast, ready: Evidence
) -> None:
    def lock() -> None:
        with database.session(write=True, across=True) as session:
            actions_lock.lock(session, manager(session, catalogue, cast), now=ON)
            database.commit(session)

    pairs = [in_thread(lock) for _ in range(2)]
    for thread, _ in pairs:
        thread.join(WAIT)
        assert not thread.is_alive()
    failures = [error for _, failed in pairs for error in failed]
    assert failures == []
    with database.reading() as session:
        assert len(session.scalars(select(GatewayLock)).all()) == 1
