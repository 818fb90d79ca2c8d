"""All rows as plain text: one file per table, one line per row, the same on SQLite and PostgreSQL.

Why a form of our own and not the engines' tools: one form serves backup, restore and the move from one engine to
the other; it can be read without the product; and two databases hold the same rows exactly when their text is the
same, so that a copy is proved by comparing one hash per table. A copy of the database's own files would carry
damage, and walls that somebody had taken down, along unseen.

The first line of a table names its columns with their kinds; each further line is a JSON array. Moments are ISO
8601 in UTC to the microsecond, ids 32 hexadecimal digits, JSON columns their text as it is stored, bytes base64.
"""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
from alembic.migration import MigrationContext
from sqlalchemy.engine import Connection
from sqlalchemy.orm import Session

import portfolio.app  # noqa: F401  # joins all parts: only then does the metadata know every table
from portfolio.database import Base, Database

A_LITTLE = {"stream_results": True, "yield_per": 2000}
"""Rows are read so many at a time, however many there are."""

MOVED_IN = "moved_in"
"""A table that a move leaves behind (mark.py). It is none of the product's, and no row of it counts."""
NOT_COPIED = frozenset({"alembic_version", MOVED_IN})

_KINDS: tuple[tuple[type[Any], str], ...] = (
    (sa.Uuid, "uuid"),
    (sa.DateTime, "moment"),
    (sa.Date, "date"),
    (sa.JSON, "json"),
    (sa.Boolean, "bool"),
    (sa.Integer, "int"),
    (sa.Float, "float"),
    (sa.LargeBinary, "bytes"),
    (sa.String, "text"),
)


class UnknownTable(Exception):
    """The database has a table that this version of the product does not know: part of it would be left behind."""


@dataclass(frozen=True)
class Shape:
    """A table: its columns with their kinds, and those that its rows are put in order by."""

    name: str
    columns: tuple[tuple[str, str], ...]
    key: tuple[str, ...]

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for name, _ in self.columns)

    def header(self) -> bytes:
        return _line({"table": self.name, "columns": self.columns, "key": self.key})

    @classmethod
    def from_header(cls, line: bytes) -> Shape:
        read = json.loads(line)
        columns = tuple((str(name), str(kind)) for name, kind in read["columns"])
        return cls(str(read["table"]), columns, tuple(map(str, read["key"])))


@dataclass
class Measured:
    """How many rows went by, and the SHA-256 of all that did, the line with the columns included."""

    rows: int = 0
    _hash: Any = field(default_factory=hashlib.sha256)

    def note(self, line: bytes) -> None:
        self._hash.update(line)
        self.rows += 1

    def begin(self, header: bytes) -> None:
        self._hash.update(header)

    @property
    def sha256(self) -> str:
        return str(self._hash.hexdigest())


def shapes() -> list[Shape]:
    """Every table of this version, what is referred to before what refers to it."""
    return [_shape(table) for table in Base.metadata.sorted_tables]


def _shape(table: sa.Table) -> Shape:
    columns = tuple((column.name, kind_of(column.type)) for column in table.columns)
    return Shape(table.name, columns, tuple(column.name for column in table.primary_key.columns))


def kind_of(column: sa.types.TypeEngine[Any]) -> str:
    """Raises `LookupError` for a type that no kind stands for: a new one needs an entry here first."""
    bare = column.impl if isinstance(column, sa.TypeDecorator) else column
    for type_, kind in _KINDS:
        if isinstance(bare, type_):
            return kind
    raise LookupError(f"no kind for {bare!r}")


@contextmanager
def snapshot(database: Database) -> Iterator[Connection]:
    """Every row as it stands at one moment, whatever is written meanwhile; nobody has to wait for it."""
    with snapshot_session(database) as session:
        yield session.connection()


@contextmanager
def snapshot_session(database: Database) -> Iterator[Session]:
    """The same for queries of the product's own. It may take as long as it takes."""
    with database.reading() as session:
        if database.is_sqlite:
            connection = session.connection()
            connection.exec_driver_sql("SELECT count(*) FROM sqlite_master")  # the moment is now
        else:
            connection = session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
            for setting in ("statement_timeout", "idle_in_transaction_session_timeout"):
                connection.exec_driver_sql(f"SET LOCAL {setting} = 0")
        yield session


def check_all_known(connection: Connection) -> None:
    """Raises `UnknownTable`, so that a copy never leaves a table behind without a word."""
    strangers = set(sa.inspect(connection).get_table_names()) - {shape.name for shape in shapes()}
    if strangers := strangers - NOT_COPIED:
        raise UnknownTable(", ".join(sorted(strangers)))


def lines(connection: Connection, shape: Shape, measured: Measured) -> Iterator[bytes]:
    """The table as text: the line with its columns, then one line per row in the order of its key."""
    measured.begin(header := shape.header())
    yield header
    turn = _turned([kind for _, kind in shape.columns])
    with connection.execute(_select(connection.dialect.name, shape), execution_options=A_LITTLE) as found:
        for row in found:
            line = _line(turn(row))
            measured.note(line)
            yield line


def measure(connection: Connection, shape: Shape) -> Measured:
    """Count and hash of a table, without keeping its text."""
    measured = Measured()
    for _ in lines(connection, shape, measured):
        pass
    return measured


def revision(connection: Connection) -> str:
    """The migration that this database is at; "" if it has no tables of ours."""
    return MigrationContext.configure(connection).get_current_revision() or ""


def is_empty(connection: Connection) -> bool:
    """Whether no table that is there has a row. Alembic's own is not counted, nor what a move left behind."""
    names = set(sa.inspect(connection).get_table_names()) - NOT_COPIED
    one = sa.select(sa.literal(1)).limit(1)
    return not any(connection.execute(one.select_from(sa.table(name))).first() for name in sorted(names))


def _select(dialect: str, shape: Shape) -> sa.Select[Any]:
    table = sa.table(shape.name, *(sa.column(name) for name in shape.names))
    columns = [_as_text(dialect, kind, table.c[name]).label(name) for name, kind in shape.columns]
    kinds = dict(shape.columns)
    order = [
        sa.collate(table.c[name], "C") if dialect != "sqlite" and kinds[name] == "text" else table.c[name]
        for name in shape.key
    ]
    return sa.select(*columns).order_by(*order)


def _as_text(dialect: str, kind: str, column: sa.ColumnElement[Any]) -> sa.ColumnElement[Any]:
    """The column in the form that stands in the file, made by the database, which is quicker at it."""
    if dialect == "sqlite":
        if kind == "moment":  # stored in UTC with a space; by hand also without a fraction
            fraction = sa.case((sa.func.length(column) == 19, ".000000Z"), else_="Z")
            return sa.func.replace(column, " ", "T").concat(fraction)
        return sa.cast(column, sa.Text) if kind == "json" else column
    if kind == "moment":
        return sa.func.to_char(
            sa.func.timezone("UTC", column), sa.literal_column('\'YYYY-MM-DD"T"HH24:MI:SS.US"Z"\'')
        )
    if kind == "uuid":
        return sa.func.replace(sa.cast(column, sa.Text), "-", "")
    if kind in ("date", "json"):
        return sa.cast(column, sa.Text)
    return column


def _turned(kinds: list[str]) -> Any:
    """What is left to turn in Python: truth, which SQLite keeps as a number, and bytes."""
    truths = [place for place, kind in enumerate(kinds) if kind == "bool"]
    binary = [place for place, kind in enumerate(kinds) if kind == "bytes"]

    def turn(row: Any) -> list[Any]:
        values = list(row)
        for place in truths:
            values[place] = None if values[place] is None else bool(values[place])
        for place in binary:
            values[place] = None if values[place] is None else base64.b64encode(values[place]).decode()
        return values

    return turn


def _line(value: Any) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode() + b"\n"
