"""What a database bears while it is being filled: a table of one row, so that nothing serves from half of it.

`moving_in` comes with the rows of a move, stands to its end, and is `moved_in` from then on; `restoring` comes with
the rows of a backup, and goes when the database is fit to serve.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portfolio.database import Database
from portfolio.safekeeping.rows import MOVED_IN, Measured

MOVING_IN, RESTORING = "moving_in", "restoring"


def _of_move(name: str) -> sa.Table:
    """`brought`: what rows the last run left there, as one hash."""
    return sa.Table(
        name,
        sa.MetaData(),
        sa.Column("source", sa.Uuid(), nullable=False),
        sa.Column("brought", sa.String(64), nullable=False),
    )


_MOVING_IN = _of_move(MOVING_IN)
_RESTORING = sa.Table(RESTORING, sa.MetaData(), sa.Column("backup", sa.String(80), nullable=False))


def reason_against_use(database: Database) -> str:
    """Why nothing may be served from it or written to it now; empty if it may."""
    with database.engine.connect() as connection:
        if _has(connection, MOVING_IN):
            return (
                "This database is still being moved into: what is written here now would be lost. Run the same "
                "“move” again, where it was begun, until it says that it is done."
            )
        if _has(connection, RESTORING):
            return "This database is still being restored. Run the same “restore” again: it goes on where it stopped."
    return ""


def _has(connection: Connection, name: str) -> bool:
    return sa.inspect(connection).has_table(name)


# A move


def resume_move(connection: Connection) -> UUID | None:
    """From where it is moved into; None: it never was. A move that was finished is open again."""
    if _has(connection, MOVED_IN):
        connection.exec_driver_sql(f"ALTER TABLE {MOVED_IN} RENAME TO {MOVING_IN}")
    if not _has(connection, MOVING_IN):
        return None
    return connection.scalar(sa.select(_MOVING_IN.c.source))


def begin_move(connection: Connection, source: UUID) -> None:
    _MOVING_IN.create(connection)
    if (
        connection.dialect.name != "sqlite"
    ):  # it stays, and serving asks that no table stands outside the wall
        connection.exec_driver_sql(f"ALTER TABLE {MOVING_IN} ENABLE ROW LEVEL SECURITY")
        connection.exec_driver_sql(f"ALTER TABLE {MOVING_IN} FORCE ROW LEVEL SECURITY")
        connection.exec_driver_sql(
            f"CREATE POLICY across ON {MOVING_IN} USING (coalesce(current_setting('portfolio.across', true), '') = 'on')"
        )
    connection.execute(sa.insert(_MOVING_IN).values(source=source, brought=""))


def brought(connection: Connection) -> str:
    """The hash of what the last run left there."""
    return connection.scalar(sa.select(_MOVING_IN.c.brought)) or ""


def note_brought(connection: Connection, measured: Mapping[str, Measured]) -> None:
    connection.execute(sa.update(_MOVING_IN).values(brought=hash_of(measured)))


def hash_of(measured: Mapping[str, Measured]) -> str:
    """Of all tables in one."""
    text = "\n".join(f"{name} {one.sha256}" for name, one in sorted(measured.items()))
    return hashlib.sha256(text.encode()).hexdigest()


def end_move(connection: Connection) -> None:
    """From now on this is a database like any other. What was brought stays noted, so that a further run can tell
    whether anybody has used it since."""
    if _has(connection, MOVING_IN):
        connection.exec_driver_sql(f"ALTER TABLE {MOVING_IN} RENAME TO {MOVED_IN}")


# A restore


def restoring(connection: Connection) -> str:
    """The name of the backup whose rows are in already; "" if none was left so."""
    if not _has(connection, RESTORING):
        return ""
    return connection.scalar(sa.select(_RESTORING.c.backup)) or ""


def begin_restore(connection: Connection, backup: str) -> None:
    _RESTORING.create(connection)
    connection.execute(sa.insert(_RESTORING).values(backup=backup))


def end_restore(connection: Connection) -> None:
    _RESTORING.drop(connection, checkfirst=True)
