"""A release without openings gets the table, keeps all its rows, and gets them back when it is taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic import command
from sqlalchemy import MetaData, select
from sqlalchemy.exc import DBAPIError

from portfolio.database import Database
from portfolio.migrate import configuration
from tests.postgres import TEST_DATABASE_URL, own_database, plain
from tests.rows import Rows, fill, row_of

BEFORE, AFTER = "0012", "0013"


@pytest.fixture
def empty(tmp_path: Path) -> Iterator[Database]:
    """A database without tables, as the role that owns it."""
    if TEST_DATABASE_URL:
        with own_database("release", migrated=False) as made:
            database = Database(made.owner, pool=2, overflow=0)
            yield database
            database.engine.dispose()
        return
    database = Database(f"sqlite:///{tmp_path / 'release.db'}")
    yield database
    database.engine.dispose()


def go(database: Database, revision: str, *, down: bool = False) -> None:
    with database.engine.begin() as connection:
        (command.downgrade if down else command.upgrade)(configuration(connection), revision)


def everything(database: Database) -> dict[str, list[tuple[object, ...]]]:
    tables = MetaData()
    with plain(database) as connection:
        tables.reflect(connection)
        return {
            name: sorted(tuple(map(str, row)) for row in connection.execute(select(table)))
            for name, table in tables.tables.items()
            if name != "alembic_version"
        }


def test_the_table_comes_and_goes_and_every_other_row_stays(empty: Database) -> None:
    go(empty, BEFORE)
    tables = MetaData()
    with plain(empty) as connection:
        tables.reflect(connection)
        rows: list[Rows] = [
            fill(connection, tables, name) for name in ("Northern Skills", "Harbour Training")
        ]
    before = everything(empty)
    assert all(len(found) == 2 for found in before.values())
    for _ in range(2):  # up, down with rows in it, and up again
        go(empty, AFTER)
        after = everything(empty)
        assert after.pop("file_opening") == []
        assert after == before
        with plain(empty) as connection:
            tables.reflect(connection, extend_existing=True)
            table = tables.tables["file_opening"]
            for own in rows:
                connection.execute(table.insert().values(**row_of(table, own, "Northern Skills")))
        with pytest.raises(DBAPIError, match="file_opening is append-only"), plain(empty) as connection:
            connection.execute(table.delete())
        assert len(everything(empty)["file_opening"]) == 2
        go(empty, BEFORE, down=True)
        assert everything(empty) == before
