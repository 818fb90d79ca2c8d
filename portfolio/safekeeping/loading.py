"""Putting rows into an empty database, past the walls that guard them in use, and putting the walls back.

Triggers refuse rows of submitted versions and of locked portfolios whoever writes them. They, and PostgreSQL's row
security, are set aside by the owner of the tables inside the transaction that loads: either everything is in and
every wall stands again as it was, or nothing happened. Foreign keys, unique and other conditions stay in force.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portfolio.migrate import LOCK
from portfolio.safekeeping.rows import Shape

WRITE_AT_ONCE = 2000


def alone(connection: Connection) -> None:
    """Until this transaction ends nobody else writes or migrates, so that what it finds empty stays so. On SQLite
    whoever writes is alone already."""
    if connection.dialect.name == "sqlite":
        return
    connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
    connection.execute(sa.text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
    if names := ", ".join(f'"{name}"' for name in _security(connection)):
        connection.exec_driver_sql(f"LOCK TABLE {names} IN ACCESS EXCLUSIVE MODE")


@contextmanager
def walls_aside(connection: Connection) -> Iterator[None]:
    """While rows are loaded. What comes back is compared with what was there."""
    aside = _sqlite_aside if connection.dialect.name == "sqlite" else _postgresql_aside
    with aside(connection):
        yield


@contextmanager
def _sqlite_aside(connection: Connection) -> Iterator[None]:
    triggers = _triggers(connection)
    connection.exec_driver_sql(
        "PRAGMA defer_foreign_keys=ON"
    )  # asked at the commit, in whatever order rows came
    for name in triggers:
        connection.exec_driver_sql(f'DROP TRIGGER "{name}"')
    yield
    for statement in triggers.values():
        connection.exec_driver_sql(statement)
    if _triggers(connection) != triggers:
        raise RuntimeError("the triggers did not come back as they were")


def _triggers(connection: Connection) -> dict[str, str]:
    found = connection.exec_driver_sql(
        "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' ORDER BY name"
    )
    return {str(name): str(statement) for name, statement in found}


@contextmanager
def _postgresql_aside(connection: Connection) -> Iterator[None]:
    for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
        connection.exec_driver_sql(f"SET LOCAL {setting} = 0")
    tables = _security(connection)
    for name, (on, _) in tables.items():
        connection.exec_driver_sql(f'ALTER TABLE "{name}" DISABLE TRIGGER USER')
        if on:
            connection.exec_driver_sql(f'ALTER TABLE "{name}" DISABLE ROW LEVEL SECURITY')
    yield
    for name, (on, _) in tables.items():
        connection.exec_driver_sql(f'ALTER TABLE "{name}" ENABLE TRIGGER USER')
        if on:
            connection.exec_driver_sql(f'ALTER TABLE "{name}" ENABLE ROW LEVEL SECURITY')
    if _security(connection) != tables:
        raise RuntimeError("row security did not come back as it was")


def _security(connection: Connection) -> dict[str, tuple[bool, bool]]:
    """Every table of ours: is row security on, does it bind the owner too."""
    found = connection.exec_driver_sql(
        "SELECT relname, relrowsecurity, relforcerowsecurity FROM pg_class "
        "WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace ORDER BY relname"
    )
    return {str(name): (bool(on), bool(forced)) for name, on, forced in found}


def empty(connection: Connection, shapes: Sequence[Shape]) -> None:
    """All rows away, with the walls aside: only for what an interrupted move has brought."""
    if connection.dialect.name != "sqlite":
        names = ", ".join(f'"{shape.name}"' for shape in shapes)
        connection.exec_driver_sql(f"TRUNCATE {names}")
        return
    for shape in reversed(shapes):
        connection.execute(sa.delete(sa.table(shape.name)))


def load(connection: Connection, shape: Shape, rows: Iterable[bytes]) -> int:
    """The rows of one table, as `rows.lines` gave them, without the line that names the columns. Returns how many."""
    values = (_values(shape, line) for line in rows)
    if connection.dialect.name == "sqlite":
        return _insert(connection, shape, values)
    return _copy(connection, shape, values)


def _values(shape: Shape, line: bytes) -> list[Any]:
    read: list[Any] = json.loads(line)
    if len(read) != len(shape.columns):
        raise ValueError(f"a row of {shape.name} has {len(read)} values for {len(shape.columns)} columns")
    for place, (_, kind) in enumerate(shape.columns):
        if kind == "bytes" and read[place] is not None:
            read[place] = base64.b64decode(read[place])
    return read


def _insert(connection: Connection, shape: Shape, values: Iterator[list[Any]]) -> int:
    names = ", ".join(f'"{name}"' for name in shape.names)
    marks = ", ".join("?" * len(shape.names))
    moments = [place for place, (_, kind) in enumerate(shape.columns) if kind == "moment"]
    statement = f'INSERT INTO "{shape.name}" ({names}) VALUES ({marks})'  # noqa: S608  # names are our own tables'
    count = 0
    while part := list(islice(values, WRITE_AT_ONCE)):
        for row in part:
            for place in moments:
                if row[place] is not None:  # as SQLAlchemy keeps a moment in SQLite
                    row[place] = row[place].replace("T", " ").removesuffix("Z")
        connection.exec_driver_sql(statement, [tuple(row) for row in part])
        count += len(part)
    return count


def _copy(connection: Connection, shape: Shape, values: Iterator[list[Any]]) -> int:
    names = ", ".join(f'"{name}"' for name in shape.names)
    driver: Any = connection.connection.driver_connection
    count = 0
    with driver.cursor() as cursor, cursor.copy(f'COPY "{shape.name}" ({names}) FROM STDIN') as copy:
        for row in values:
            copy.write_row(row)
            count += 1
    return count


def refresh_statistics(connection: Connection) -> None:
    """PostgreSQL plans by what it knows of the tables, and of freshly loaded ones it knows nothing."""
    if connection.dialect.name != "sqlite":
        connection.execute(sa.text("ANALYZE"))
