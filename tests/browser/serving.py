"""A real server on loopback with the demonstration's data; ends only what it started."""

from __future__ import annotations

import secrets
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import uvicorn
from fastapi import FastAPI

from kbs.catalogue import SHIPPED, load_catalogue
from portfolio.app import create_app, open_store
from portfolio.background import make_worker
from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.demo.load import load
from portfolio.migrate import migrate
from portfolio.settings import Settings

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
PHONE = {"width": 390, "height": 844}
DESK = {"width": 1280, "height": 900}
PICTURES = Path(__file__).parent / "pictures"


@dataclass(frozen=True)
class Served:
    """A running server: its address, and the application behind it."""

    address: str
    app: FastAPI
    settings: Settings


@contextmanager
def serving(database_url: str, folder: Path) -> Iterator[Served]:
    """Load the demonstration into this empty database (on PostgreSQL one that its owner has migrated), serve it
    from a thread, stop it at the end."""
    port = free_port()
    settings = Settings(
        secret=secrets.token_urlsafe(48),
        database_url=database_url,
        storage_url=f"folder:{folder / 'files'}",
        standards_folder=folder / "standards",
        mail_folder=folder / "mail",
        public_url=f"http://127.0.0.1:{port}",
        sign_in_attempts=1000,  # the same few people sign in again and again from one address
    )
    catalogue = load_catalogue(SHIPPED)
    database = Database(database_url)
    database.keepers.append(partial(progress.keep, catalogue))
    if database.is_sqlite:
        migrate(database)
    store = open_store(settings)
    load(database, store, catalogue, datetime.now(UTC), lambda _line: None)
    app = create_app(settings, catalogue=catalogue, database=database, store=store)
    server = uvicorn.Server(
        uvicorn.Config(app, host="127.0.0.1", port=port, log_config=None, access_log=False)
    )
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    for _ in range(400):
        if server.started:
            break
        threading.Event().wait(0.05)
    assert server.started, "the server did not start"
    worker = make_worker(app)  # beside the pages, as `serve` has it
    working = threading.Thread(target=worker.run, daemon=True)
    working.start()
    try:
        yield Served(settings.public_url, app, settings)
    finally:
        server.should_exit = True
        worker.stop()
        thread.join(20)
        working.join(30)
        database.engine.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
