"""A key is reserved before the first byte, kept with its row, and whatever nobody kept is removed: later, once,
never while a backup holds the store, and never when a row names it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.database import Base, Database
from portfolio.evidence.models import EvidenceFile
from portfolio.jobs.models import Job
from portfolio.jobs.work import Work
from portfolio.jobs.worker import Worker
from portfolio.objects import actions, jobs, queries
from portfolio.objects.models import PendingObject
from portfolio.refusals import Refused
from portfolio.settings import Settings
from storage.memory import MemoryStore
from storage.store import new_key
from tests.builders import NOW, Cast, a_draft, latest_version


@pytest.fixture
def store() -> MemoryStore:
    return MemoryStore()


@pytest.fixture
def work_off(
    database: Database, settings: Settings, catalogue: Catalogue, store: MemoryStore
) -> Callable[[datetime], None]:
    """Do every job that is due at a moment."""

    def run(at: datetime) -> None:
        work = Work(database, store, settings, catalogue, at)
        Worker(work, jobs.HANDLERS, jobs.RECURRING, lambda: at).work_off()

    return run


def reserved(database: Database, cast: Cast, store: MemoryStore, count: int = 1) -> list[str]:
    """Keys with bytes under them, as an upload leaves them just before its transaction."""
    keys = [new_key(str(cast.provider.id)) for _ in range(count)]
    actions.reserve(database, cast.provider.id, cast.amina.id, keys, NOW)
    for key in keys:
        store.put(key, b"bytes of " + key.encode())
    return keys


def a_row(session: Session, cast: Cast, key: str) -> EvidenceFile:
    piece = a_draft(session, cast.amina_at)
    row = EvidenceFile(
        provider_id=piece.provider_id,
        apprenticeship_id=piece.apprenticeship_id,
        evidence_id=piece.id,
        storage_key=key,
        name="Visit.jpg",
        kind="jpeg",
        size=10,
        sha256_received="0" * 64,
        sha256_stored="0" * 64,
        uploaded_at=latest_version(session, piece.id).created_at,
        uploaded_by_id=cast.amina.id,
    )
    session.add(row)
    session.flush()
    return row


def fails(database: Database, do: Callable[[Session], object]) -> None:
    """The transaction does this and then comes to nothing."""
    with database.session(write=True, across=True) as session:
        do(session)
        session.flush()
        session.rollback()


def pending(database: Database) -> set[str]:
    with database.reading() as session:
        return set(session.scalars(select(PendingObject.key)))


def test_a_kept_object_is_pending_no_more_and_is_never_swept(
    database: Database, cast: Cast, store: MemoryStore, work_off: Callable[[datetime], None]
) -> None:
    [key] = reserved(database, cast, store)
    assert pending(database) == {key}
    with database.writing() as session:
        a_row(session, cast, key)
        actions.keep(session, [key, ""])
    assert pending(database) == set()
    work_off(NOW + timedelta(days=30))
    assert store.exists(key)


def test_a_transaction_that_fails_leaves_the_reservation_and_the_sweep_finds_it_after_two_days(
    database: Database, cast: Cast, store: MemoryStore, work_off: Callable[[datetime], None]
) -> None:
    keys = reserved(database, cast, store, 3)
    fails(database, lambda session: (a_row(session, cast, keys[0]), actions.keep(session, keys)))
    assert pending(database) == set(keys)
    work_off(NOW + timedelta(hours=47))
    assert all(store.exists(key) for key in keys)
    work_off(NOW + timedelta(hours=49))
    assert pending(database) == set()
    assert list(store.keys()) == []


def test_what_was_given_up_cannot_be_kept(database: Database, cast: Cast, store: MemoryStore) -> None:
    """The upload that was thought dead comes back: its row would name bytes that are about to go."""
    one, other = reserved(database, cast, store, 2)
    actions.release(database, [one], NOW)
    with database.session(write=True, across=True) as session:
        a_row(session, cast, one)
        with pytest.raises(Refused, match="Choose the files again"):
            actions.keep(session, [one, other])
    with database.reading() as session:
        assert session.scalars(select(EvidenceFile)).all() == []
    assert pending(database) == {other}, "the other one is as it was"


def test_letting_go_after_all_does_not_touch_what_was_kept(
    database: Database, cast: Cast, store: MemoryStore, work_off: Callable[[datetime], None]
) -> None:
    """The answer of the commit was lost: it is not known whether it happened, and letting go must be safe."""
    key, unused = reserved(database, cast, store, 2)
    with database.writing() as session:
        a_row(session, cast, key)
        actions.keep(session, [key])
    actions.release(database, [key, unused], NOW)
    work_off(NOW)
    assert store.exists(key)
    assert not store.exists(unused)


def test_keeping_and_letting_go_at_the_same_moment_never_both_succeed(
    database: Database, cast: Cast, store: MemoryStore, work_off: Callable[[datetime], None]
) -> None:
    for _ in range(10):
        [key] = reserved(database, cast, store)
        together = threading.Barrier(2)
        kept: list[bool] = []

        def keep(key: str = key, together: threading.Barrier = together, kept: list[bool] = kept) -> None:
            together.wait()
            try:
                with database.writing() as session:
                    a_row(session, cast, key)
                    actions.keep(session, [key])
                kept.append(True)
            except Refused:
                kept.append(False)

        def let_go(key: str = key, together: threading.Barrier = together) -> None:
            together.wait()
            actions.release(database, [key], NOW)

        threads = [threading.Thread(target=keep), threading.Thread(target=let_go)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        work_off(NOW)
        assert kept == [store.exists(key)]


def test_removing_waits_while_the_store_is_held_and_is_done_afterwards(
    database: Database, cast: Cast, store: MemoryStore, work_off: Callable[[datetime], None]
) -> None:
    [key] = reserved(database, cast, store)
    [old] = reserved(database, cast, store)
    actions.release(database, [key], NOW)
    with database.writing() as session:
        held = actions.hold(session, NOW + timedelta(days=3), now=NOW)
    work_off(NOW)
    work_off(NOW + timedelta(days=2, hours=12))
    assert store.exists(key)
    assert store.exists(old), "nor is anything swept meanwhile"
    with database.writing() as session:
        actions.release_hold(session, held)
        actions.release_hold(session, held)
    work_off(NOW + timedelta(days=3, hours=1))
    assert list(store.keys()) == []
    with database.reading() as session:
        assert all(job.dead_at is None and job.attempts == 1 for job in session.scalars(select(Job)))


def test_a_forgotten_hold_ends_by_itself(
    database: Database, cast: Cast, store: MemoryStore, work_off: Callable[[datetime], None]
) -> None:
    [key] = reserved(database, cast, store)
    with database.writing() as session:
        actions.hold(session, NOW + timedelta(hours=1), now=NOW)
        actions.remove_later(session, [key], NOW)
    actions.release(database, [key], NOW)
    work_off(NOW)
    assert store.exists(key)
    work_off(NOW + timedelta(hours=2))
    assert not store.exists(key)


def test_what_a_row_names_is_not_removed_even_if_a_job_says_so(
    database: Database, cast: Cast, store: MemoryStore, work_off: Callable[[datetime], None]
) -> None:
    key, other, reserve = reserved(database, cast, store, 3)
    with database.writing() as session:
        a_row(session, cast, key)
        actions.keep(session, [key])
        actions.remove_later(session, [key, other, reserve], NOW)
    with database.writing() as session:
        actions._take(session, [other])
    work_off(NOW)
    assert store.exists(key)
    assert store.exists(reserve), "reserved: its row may come yet"
    assert not store.exists(other)


def test_no_commit_no_removal(
    database: Database, cast: Cast, store: MemoryStore, work_off: Callable[[datetime], None]
) -> None:
    [key] = reserved(database, cast, store)
    fails(database, lambda session: actions.remove_later(session, [key], NOW))
    work_off(NOW)
    assert store.exists(key)


def test_what_nobody_knows_is_listed_once_it_is_old_and_left_where_it_is(
    database: Database, cast: Cast, store: MemoryStore
) -> None:
    named, waiting, leaving, foreign = reserved(database, cast, store, 4)
    with database.writing() as session:
        a_row(session, cast, named)
        actions.keep(session, [named, leaving])
        actions.remove_later(session, [leaving], NOW)
        actions._take(session, [foreign])
    soon = store.modified(foreign) + timedelta(hours=47)
    with database.reading() as session:
        assert list(queries.unnamed(session, store, soon)) == []
        later = list(queries.unnamed(session, store, soon + timedelta(hours=2)))
    assert [one.key for one in later] == [foreign]
    assert store.exists(waiting)
    assert store.exists(foreign)


def test_every_column_that_holds_a_key_is_marked(database: Database) -> None:
    """A column that is forgotten would let its objects be taken for leftovers."""
    marked = {f"{column.table.name}.{column.name}" for column in queries.naming_columns()}
    assert "evidence_file.storage_key" in marked
    looks_like_one = {
        f"{table.name}.{column.name}"
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.name.endswith("_key") and column.name not in ("form_key",)
    }
    assert looks_like_one <= marked
