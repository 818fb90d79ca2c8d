"""What the rows name, what is there, and what a copy has: three lists on disk, however many there are.

A file of SQLite's in a temporary folder: lists of millions are compared without holding them in memory, and the
database of the product is asked once, in one moment, and then left in peace.
"""

from __future__ import annotations

import sqlite3
import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portfolio.objects.queries import naming_columns
from portfolio.safekeeping.rows import A_LITTLE
from portfolio.sealing.rules import GONE

TABLES = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF; PRAGMA temp_store=FILE;
CREATE TABLE named (key TEXT NOT NULL, source TEXT, row TEXT, provider TEXT, size INTEGER, sha256 TEXT);
CREATE TABLE present (key TEXT PRIMARY KEY) WITHOUT ROWID;
CREATE TABLE kept (key TEXT PRIMARY KEY, size INTEGER, sha256 TEXT) WITHOUT ROWID;
CREATE TABLE listed (key TEXT PRIMARY KEY, size INTEGER, sha256 TEXT) WITHOUT ROWID;
"""
MEASURES: dict[tuple[str, str], tuple[str | None, str]] = {
    ("evidence_file", "storage_key"): ("size", "sha256_stored"),
    ("upload_chunk", "storage_key"): ("size", "sha256"),
    ("file_preparation", "preview_key"): (None, "preview_sha256"),
    ("file_preparation", "thumbnail_key"): (None, "thumbnail_sha256"),
}
"""Where a row also says how many bytes an object has, and which. A hash of "" is not known."""


@dataclass(frozen=True)
class Named:
    """An object that a row names: which row and column, whose, and what its bytes must be, where that is known."""

    key: str
    source: str
    row: UUID
    provider: str
    size: int | None
    sha256: str | None

    @property
    def table(self) -> str:
        return self.source.partition(".")[0]

    @property
    def column(self) -> str:
        return self.source.partition(".")[2]


@dataclass(frozen=True)
class Kept:
    """An object as a copy has it. No hash: it lies there, and no list says what it is."""

    key: str
    size: int
    sha256: str | None


class Register:
    """Use it in a `with`: its folder goes away at the end."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="portfolio-register-")
        self._lists = sqlite3.connect(Path(self._folder.name) / "lists.db", check_same_thread=False)
        self._lists.executescript(TABLES)

    def __enter__(self) -> Register:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lists.close()
        self._folder.cleanup()

    def take_named(self, connection: Connection) -> None:
        """Everything that the rows name at the moment of this connection."""
        for column in naming_columns():
            self._take(connection, column)
        self._lists.execute("CREATE INDEX named_key ON named (key)")
        self._lists.execute("CREATE INDEX named_sha256 ON named (sha256)")

    def _take(self, connection: Connection, column: sa.Column[str]) -> None:
        table = column.table
        source = f"{table.name}.{column.name}"
        size, sha256 = MEASURES.get((table.name, column.name), (None, None))
        statement = sa.select(
            column,
            table.c.id,
            table.c.provider_id,
            table.c[size] if size else sa.null(),
            sa.func.nullif(table.c[sha256], "") if sha256 else sa.null(),
        ).where(column != "", column.not_like(f"{GONE}%"))
        with connection.execute(statement, execution_options=A_LITTLE) as rows:
            self._insert(
                "named", ((key, source, id_.hex, str(owner), *rest) for key, id_, owner, *rest in rows)
            )

    def take_present(self, keys: Iterable[str]) -> None:
        """Everything that lies in the store."""
        self._insert("present", ((key,) for key in keys))

    def take_kept(self, sizes: Iterable[tuple[str, int]]) -> None:
        """What lies in the place of the backup now."""
        self._lists.execute("DELETE FROM kept")
        self._insert("kept", ((key, size, None) for key, size in sizes))

    def take_hashes(self, objects: Iterable[Kept]) -> None:
        """What an earlier backup noted of its objects; counts where the size is still the same."""
        for one in objects:
            self._lists.execute(
                "UPDATE kept SET sha256 = ? WHERE key = ? AND size = ?", (one.sha256, one.key, one.size)
            )

    def list(self, objects: Iterable[Kept]) -> None:
        """Note what the new backup holds."""
        self._insert("listed", ((one.key, one.size, one.sha256) for one in objects))

    def listed(self) -> Iterator[Kept]:
        return (Kept(*row) for row in self._lists.execute("SELECT * FROM listed ORDER BY key"))

    def _insert(self, table: str, rows: Iterable[tuple[Any, ...]]) -> None:
        width = {"named": 6, "present": 1, "kept": 3, "listed": 3}[table]
        marks = ", ".join("?" * width)
        rows = iter(rows)
        while part := list(islice(rows, 5000)):
            self._lists.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({marks})", part)  # noqa: S608

    def names(self, where: str = "1 = 1") -> Iterator[Named]:
        """What the rows name, by key, so that a run that is repeated goes the same way."""
        found = self._lists.execute(
            f"SELECT key, source, row, provider, size, sha256 FROM named WHERE {where} ORDER BY key, source, row"  # noqa: S608
        )
        for key, source, row, provider, size, sha256 in found:
            yield Named(key, source, UUID(row), provider, size, sha256)

    def not_there(self) -> Iterator[Named]:
        return self.names("key NOT IN (SELECT key FROM present)")

    def there(self) -> Iterator[Named]:
        return self.names("key IN (SELECT key FROM present)")

    def without_a_name(self) -> Iterator[str]:
        """What lies in the store although no row named it at that moment."""
        found = self._lists.execute(
            "SELECT key FROM present WHERE key NOT IN (SELECT key FROM named) ORDER BY key"
        )
        return (key for (key,) in found)

    def is_present(self, key: str) -> bool:
        found = self._lists.execute("SELECT 1 FROM present WHERE key = ?", (key,)).fetchone()
        return found is not None

    def count_strangers(self, among: str = "listed") -> int:
        """How many objects lie in the store that are not "listed", or not "named"."""
        statement = f"SELECT count(*) FROM present WHERE key NOT IN (SELECT key FROM {among})"  # noqa: S608
        return int(self._lists.execute(statement).fetchone()[0])

    def whose_bytes(self, sha256: str) -> Named | None:
        """A row that these bytes belong to."""
        return next(self._by_hash(sha256), None)

    def _by_hash(self, sha256: str) -> Iterator[Named]:
        found = self._lists.execute(
            "SELECT key, source, row, provider, size, sha256 FROM named WHERE sha256 = ? ORDER BY key LIMIT 1",
            (sha256,),
        ).fetchall()
        return (
            Named(key, source, UUID(row), owner, size, its) for key, source, row, owner, size, its in found
        )

    def count_not_kept(self) -> int:
        """How many objects are "listed", and are not "kept" with the same size."""
        statement = (
            "SELECT count(*) FROM listed LEFT JOIN kept USING (key) WHERE kept.size IS NOT listed.size"
        )
        return int(self._lists.execute(statement).fetchone()[0])

    def kept(self, key: str) -> Kept | None:
        found = self._lists.execute("SELECT key, size, sha256 FROM kept WHERE key = ?", (key,)).fetchone()
        return Kept(*found) if found else None

    def has(self, key: str) -> bool:
        """Whether the list of a backup holds it."""
        found = self._lists.execute("SELECT 1 FROM listed WHERE key = ?", (key,)).fetchone()
        return found is not None

    def count(self, table: str) -> int:
        """How many entries "named", "present", "kept" or "listed" has."""
        return int(self._lists.execute(f"SELECT count(*) FROM {table}").fetchone()[0])  # noqa: S608
