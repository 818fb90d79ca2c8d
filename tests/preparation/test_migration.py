"""Pictures of the previous release are carried over with its rows, and given back when it is taken back; also for
files of a portfolio that is locked, whose own rows a trigger keeps from changing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, select, text, update
from sqlalchemy.exc import DBAPIError

from portfolio.database import Database
from portfolio.migrate import configuration
from tests.postgres import TEST_DATABASE_URL, own_database, plain
from tests.rows import fill, row_of

BEFORE, AFTER = "0003", "0004"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """A database without tables, as the role that owns it."""
    with _place(tmp_path) as url:
        database = Database(url, pool=2, overflow=0)
        yield database
        database.engine.dispose()


@contextmanager
def _place(folder: Path) -> Iterator[str]:
    if not TEST_DATABASE_URL:
        yield f"sqlite:///{folder / 'release.db'}"
        return
    with own_database("release", migrated=False) as made:
        yield made.owner


def go(database: Database, revision: str, *, down: bool = False) -> None:
    with database.engine.begin() as connection:
        (command.downgrade if down else command.upgrade)(configuration(connection), revision)


def filled(database: Database, *, drawn: bool) -> tuple[str, str]:
    """A file of the previous release in a portfolio that is locked; the keys of its pictures."""
    with plain(database) as connection:
        tables = MetaData()
        tables.reflect(connection)
        rows = fill(connection, tables, "Northern Skills")
        files, locks = tables.tables["evidence_file"], tables.tables["gateway_lock"]
        if not drawn:
            connection.execute(update(files).values(preview_key="", thumbnail_key=""))
        again = row_of(locks, rows, "Northern Skills") | {"round": 2}
        connection.execute(locks.insert().values(**again))
        return tuple(connection.execute(select(files.c.preview_key, files.c.thumbnail_key)).one())


def rows(database: Database, sql: str) -> list[tuple[object, ...]]:
    with plain(database) as connection:
        return [tuple(row) for row in connection.execute(text(sql))]


@pytest.mark.parametrize("drawn", [True, False])
def test_pictures_are_carried_over_and_given_back(empty: Database, drawn: bool) -> None:
    go(empty, BEFORE)
    keys = filled(empty, drawn=drawn)
    assert all(keys) is drawn
    go(empty, AFTER)
    states = (
        "check_state, scan_state, pictures_state, preview_key, thumbnail_key, done_at IS NOT NULL, refusal"
    )
    prepared = rows(empty, f"SELECT {states} FROM file_preparation")  # noqa: S608
    assert prepared == [("passed", "off", "ready" if drawn else "none", *keys, 1, "")]
    assert rows(
        empty, "SELECT count(*) FROM file_preparation p JOIN evidence_file f ON f.id = p.file_id"
    ) == [(1,)]
    go(empty, BEFORE, down=True)
    assert rows(empty, "SELECT preview_key, thumbnail_key FROM evidence_file") == [keys]
    with pytest.raises(DBAPIError, match="the portfolio is locked"):  # the triggers are back at work
        rows(empty, "UPDATE evidence_file SET name = 'other.jpg' RETURNING id")
    go(empty, AFTER)
    assert rows(empty, "SELECT preview_key, thumbnail_key FROM file_preparation") == [keys]
    with pytest.raises(DBAPIError, match="the portfolio is locked"):
        rows(empty, "UPDATE evidence_file SET name = 'other.jpg' RETURNING id")
