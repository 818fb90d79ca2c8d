"""Where a test's server keeps everything: SQLite and a folder, or PostgreSQL and a real S3 server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import pytest
from fastapi import FastAPI

from kbs.catalogue import Catalogue
from portfolio.app import create_app
from portfolio.database import Database
from portfolio.migrate import migrate
from portfolio.settings import Settings
from tests.postgres import TEST_DATABASE_URL, own_database
from tests.s3 import S3Server


@contextmanager
def data(folder: Path, request: pytest.FixtureRequest | None) -> Iterator[dict[str, str]]:
    """The settings of a place of its own: SQLite and a folder; for a test that passes its request also PostgreSQL
    and a real S3 server, if that is what the tests run on."""
    settings = {
        "PORTFOLIO_SECRET": secrets.token_urlsafe(48),
        "PORTFOLIO_MAIL_FOLDER": str(folder / "mail"),
        "PORTFOLIO_STANDARDS_FOLDER": str(folder / "standards"),
        "PORTFOLIO_SIGN_IN_ATTEMPTS": "1000",
        "PORTFOLIO_DATABASE_POOL": "8",
        "PORTFOLIO_BACKGROUND": "separate",
    }
    with ExitStack() as stack:
        if TEST_DATABASE_URL and request is not None:
            server: S3Server = request.getfixturevalue("s3_server")
            settings |= server.environment(server.new_bucket())
            settings["PORTFOLIO_DATABASE_URL"] = stack.enter_context(own_database("kills")).application
            settings["PORTFOLIO_S3_STAGING_FOLDER"] = str(folder / "staging")
        else:
            settings["PORTFOLIO_DATABASE_URL"] = f"sqlite:///{folder / 'portfolio.db'}"
            settings["PORTFOLIO_STORAGE_URL"] = f"folder:{folder / 'files'}"
            database = Database(settings["PORTFOLIO_DATABASE_URL"])
            migrate(database)
            database.engine.dispose()
        yield settings


@contextmanager
def application(settings: dict[str, str], catalogue: Catalogue) -> Iterator[FastAPI]:
    """The same application in this process, to look at what is left."""
    values = {name.removeprefix("PORTFOLIO_").lower(): value for name, value in settings.items()}
    app = create_app(Settings.model_validate(values), catalogue=catalogue)
    yield app
    app.state.database.engine.dispose()
