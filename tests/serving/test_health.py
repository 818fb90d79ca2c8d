"""Alive and ready are two questions, cheap to ask, and their answers give nothing away."""

from __future__ import annotations

import shutil
import socket
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

from fastapi import FastAPI
from sqlalchemy import select, text

from portfolio.database import Database
from portfolio.jobs.actions import enqueue
from portfolio.jobs.models import Job
from portfolio.serving.readiness import LATE_SECONDS, NOT_YET, Found, Readiness
from portfolio.web.formats import utc_now
from storage.memory import MemoryStore
from storage.store import StoreUnavailable
from tests.builders import Cast
from tests.client import Browser
from tests.counting import queries
from tests.limits.raw import connect, head, is_open
from tests.serving.fixtures import Start
from tests.serving.running import PATIENCE, client, wait_until


def test_alive_asks_nobody(browser: Callable[..., Browser], database: Database) -> None:
    with queries(database) as count:
        answer = browser().get("/healthz")
    assert (answer.status_code, answer.text) == (200, "ok\n")
    assert count.number == 0


def test_ready_names_every_part(app: FastAPI, browser: Callable[..., Browser]) -> None:
    app.state.readiness = Readiness()
    answer = browser().get("/readyz")
    assert answer.status_code == 200
    assert answer.text == "database: ok\nstore: ok\njobs: ok\n"


def test_asking_often_looks_once_a_second(
    app: FastAPI, browser: Callable[..., Browser], database: Database
) -> None:
    app.state.readiness = Readiness()
    page = browser()
    page.get("/readyz")
    with queries(database) as count:
        for _ in range(50):
            page.get("/readyz")
    one_look = 2
    assert count.number <= one_look * 5, "fifty questions were fifty looks"


class BrokenStore(MemoryStore):
    def ready(self) -> None:
        raise StoreUnavailable("with a secret address in it")


def test_each_part_that_fails_is_named_without_its_words(database: Database, tmp_path: Path) -> None:
    def look(database: Database, store: object) -> tuple[bool, dict[str, str]]:
        found = Readiness().now(SimpleNamespace(database=database, store=store))
        return found.ready, dict(found.parts)

    assert look(database, BrokenStore()) == (
        False,
        {"database": "ok", "store": "unavailable", "jobs": "ok"},
    )
    empty, away = Database("sqlite://"), Database(f"sqlite:///{tmp_path / 'nowhere' / 'a.db'}")
    assert look(empty, MemoryStore())[1] == {"database": "not migrated", "store": "ok", "jobs": "unknown"}
    assert look(away, MemoryStore())[1]["database"] == "unavailable"
    for one in (empty, away):
        one.engine.dispose()


class SilentStore(MemoryStore):
    """Says nothing until it is let go."""

    def __init__(self) -> None:
        super().__init__()
        self.asked, self.go = threading.Event(), threading.Event()

    def ready(self) -> None:
        self.asked.set()
        assert self.go.wait(PATIENCE)


def test_nobody_waits_while_a_silent_store_is_looked_at(database: Database) -> None:
    """Neither for the first look nor for a later one: whoever asks has the last answer at once."""
    store = SilentStore()
    state = SimpleNamespace(database=database, store=store)
    readiness = Readiness()
    for known in (NOT_YET, Found(True, {"database": "ok", "store": "ok", "jobs": "ok"})):
        store.go.clear()
        store.asked.clear()
        with ThreadPoolExecutor(1) as first:
            looking = first.submit(readiness.now, state)
            try:
                assert store.asked.wait(PATIENCE)
                with ThreadPoolExecutor(1) as second:
                    asked = second.submit(lambda: [readiness.now(state) for _ in range(80)])
                    assert asked.result(PATIENCE / 2) == [known] * 80
            finally:
                store.go.set()
            assert looking.result(PATIENCE).parts["store"] == "ok"
        readiness._until = 0.0  # as if a second had passed


def test_pages_are_served_while_a_silent_store_is_asked_after(start: Start, database: Database) -> None:
    """A bucket that takes connections and never answers, and more probes at once than there are threads."""
    with socket.create_server(("127.0.0.1", 0), backlog=500) as silent:
        running = start(
            storage_url="s3://bucket",
            s3_endpoint=f"http://127.0.0.1:{silent.getsockname()[1]}",
            s3_access_key="one",
            s3_secret_key="two",
            s3_read_timeout_seconds=PATIENCE,
        )
        probes = [connect(running) for _ in range(120)]
        try:
            for probe in probes:
                probe.sendall(head(running, "GET", "/readyz"))
            wait_until(lambda: sum(map(is_open, probes)) == 1, "all but the one that looks are answered")
            with client(running) as browser:
                assert browser.get("/sign-in").status_code == 200
                assert browser.get("/healthz").status_code == 200
            assert sum(map(is_open, probes)) == 1, "the store has said something: this shows nothing"
        finally:
            for probe in probes:
                probe.close()


def test_late_and_dead_jobs_are_named_but_pages_go_on(database: Database) -> None:
    now = utc_now()
    with database.writing() as session:
        enqueue(session, "test.late", now=now, run_at=now - timedelta(seconds=LATE_SECONDS + 60))
        enqueue(session, "test.dead", now=now)
        session.flush()
        session.scalars(select(Job).where(Job.kind == "test.dead")).one().dead_at = now
    found = Readiness().now(SimpleNamespace(database=database, store=MemoryStore()))
    assert found.ready
    assert found.parts["jobs"] == "late by 16 minutes, 1 given up"


def test_a_server_without_its_store_is_alive_and_not_ready_until_it_is_back(
    start: Start, cast: Cast, tmp_path: Path
) -> None:
    running = start()
    files = tmp_path / "files"
    with client(running) as browser:
        wait_until(lambda: browser.get("/readyz").status_code == 200, "it is ready")
        files.rename(tmp_path / "elsewhere")
        wait_until(lambda: browser.get("/readyz").status_code == 503, "it notices")
        answer = browser.get("/readyz")
        assert "store: unavailable" in answer.text
        assert str(tmp_path) not in answer.text
        assert browser.get("/healthz").status_code == 200
        assert browser.get("/sign-in").status_code == 200
        shutil.rmtree(files, ignore_errors=True)
        (tmp_path / "elsewhere").rename(files)
        wait_until(lambda: browser.get("/readyz").status_code == 200, "it is back")
    said = running.said.read_text()
    assert said.count('"serving.not_ready"') == 1
    assert "/readyz" not in said, "a line for a change, none for each probe"


def test_the_database_is_asked_by_name_of_its_last_change(database: Database, owner: Database | None) -> None:
    if owner is None:
        with database.engine.begin() as connection:
            connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
        found = Readiness().now(SimpleNamespace(database=database, store=MemoryStore()))
        assert (found.ready, found.parts["database"]) == (False, "not migrated")
