"""What a backup says of itself. The manifest is written last: a backup without one was cut off and is not one."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field

from portfolio.safekeeping.heads import Head
from portfolio.safekeeping.places import NotThere, Place, whole

FORM = 1
"""Of the files of a backup. A later form gets the next number, and the old ones stay readable."""
OBJECTS = "objects/"
BACKUPS = "backups/"
MANIFEST = "manifest.json"
OBJECT_LIST = "objects.jsonl.gz"
STANDARDS = "standards/"
BEGAN = "began"
"""Written first: says that somebody may still be copying."""


class NoBackup(Exception):
    """There is no such backup, or it is not complete, or it is not of a form that this version reads."""


@dataclass(frozen=True)
class Table:
    """The rows of a table: how many, and the SHA-256 of their text (unpacked)."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """Everything that is needed to know whether all of it came back."""

    name: str
    began_at: str
    ended_at: str
    engine: str
    schema_revision: str
    tables: list[Table]
    objects: int
    object_bytes: int
    objects_sha256: str
    """Of the list of objects, unpacked."""
    standards: dict[str, str]
    """File name and SHA-256 of every standard that was imported."""
    heads: dict[str, Head]
    """For each provider the newest entry of its ledger: position and hash."""
    damaged: list[str] = field(default_factory=list)
    """Keys of objects that were missing or damaged already when the backup was made."""
    form: int = FORM

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables)

    def text(self) -> bytes:
        return json.dumps(asdict(self), indent=1, ensure_ascii=False).encode() + b"\n"


def under(name: str, part: str = "") -> str:
    """Where a part of this backup is kept."""
    return f"{BACKUPS}{name}/{part}"


def table_file(name: str, table: str) -> str:
    """Where the rows of a table are kept."""
    return under(name, f"rows/{table}.jsonl.gz")


def read_manifest(place: Place, name: str) -> Manifest:
    """Raises NoBackup."""
    try:
        read = json.loads(whole(place, under(name, MANIFEST)))
        if read.get("form") != FORM:
            raise NoBackup(
                f"The backup {name} is of form {read.get('form')}; this version reads form {FORM}."
            )
        return Manifest(**{**read, "tables": [Table(**table) for table in read["tables"]]})
    except NotThere:
        raise NoBackup(
            f"The backup {name} is not there, or was never completed: it has no manifest."
        ) from None
    except (ValueError, TypeError, KeyError):
        raise NoBackup(f"The manifest of the backup {name} is damaged.") from None


def complete(place: Place) -> list[str]:
    """The names of all complete backups, the oldest first."""
    return sorted(_named(place))


def newest(place: Place) -> str:
    """Raises NoBackup."""
    names = complete(place)
    if not names:
        raise NoBackup("There is no complete backup in this place.")
    return names[-1]


def _named(place: Place) -> Iterator[str]:
    for name, _ in place.sizes(BACKUPS):
        backup, _, part = name.removeprefix(BACKUPS).partition("/")
        if part == MANIFEST:
            yield backup
