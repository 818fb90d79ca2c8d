"""A copy of everything, made while people work: `python -m portfolio backup PLACE`.

The order makes it one moment. First a hold: from then on nothing is taken out of the store. Then the rows, all as
they stand at one instant. Then the objects that these rows name: they were stored before their rows were written,
are never overwritten, and cannot go away under the hold. The manifest comes last; without it there is no backup.

    PLACE/objects/<key>                          every object once, however many backups name it
    PLACE/backups/<name>/rows/<table>.jsonl.gz
    PLACE/backups/<name>/objects.jsonl.gz        [key, size, SHA-256] of each object that its rows name
    PLACE/backups/<name>/standards/<file>        the standards that were imported
    PLACE/backups/<name>/manifest.json           written last
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlalchemy.engine import Connection

from portfolio.database import Database
from portfolio.safekeeping import heads, rows
from portfolio.safekeeping.copying_out import copy_objects
from portfolio.safekeeping.holding import holding
from portfolio.safekeeping.manifest import (
    BEGAN,
    MANIFEST,
    OBJECT_LIST,
    OBJECTS,
    STANDARDS,
    Manifest,
    Table,
    table_file,
    under,
)
from portfolio.safekeeping.packing import packed, write_list
from portfolio.safekeeping.places import NotThere, Place, PlaceUnavailable, whole
from portfolio.safekeeping.progress import Say
from portfolio.safekeeping.register import Register
from storage.store import EvidenceStore


@dataclass(frozen=True)
class Source:
    """What is backed up, and what is moved."""

    database: Database
    store: EvidenceStore
    standards: Path


@dataclass(frozen=True)
class Taken:
    """A complete backup. `copied`: how many objects the place did not have before; `faults`: a line for each
    object that could not be copied whole."""

    manifest: Manifest
    copied: int
    faults: list[str]


def back_up(source: Source, place: Place, *, say: Say, rehash: bool = False) -> Taken:
    """Raises `PlaceUnavailable`, `StoreUnavailable` and `UnknownTable`: then there is no new backup, and those
    before are untouched. `rehash` reads again what the place holds already, and replaces what went bad there."""
    began = datetime.now(UTC)
    name = f"{began:%Y%m%dT%H%M%SZ-%f}-{secrets.token_hex(2)}"  # names sort by their beginning
    mark = began.isoformat().encode()
    place.write(under(name, BEGAN), [mark])
    with Register() as register, holding(source.database):
        with rows.snapshot(source.database) as connection:
            rows.check_all_known(connection)
            revision, newest = rows.revision(connection), heads.read(connection)
            tables = [_write_table(place, name, connection, shape) for shape in rows.shapes()]
            register.take_named(connection)
        say(f"rows: {sum(table.rows for table in tables):,} in {len(tables)} tables")
        copied = copy_objects(source.store, place, register, rehash=rehash, say=say)
        listed = write_list(place, name, register)
        standards = _write_standards(place, name, source.standards)
        _see_that_it_is_there(place, name, mark, tables, standards, register)
    taken = Manifest(
        name=name,
        began_at=began.isoformat(),
        ended_at=datetime.now(UTC).isoformat(),
        engine=source.database.engine.dialect.name,
        schema_revision=revision,
        tables=tables,
        objects=listed.objects,
        object_bytes=listed.bytes,
        objects_sha256=listed.sha256,
        standards=standards,
        heads=newest,
        damaged=[fault.key for fault in copied.faults],
    )
    place.write(under(name, MANIFEST), [taken.text()])
    return Taken(taken, copied.objects, [fault.line for fault in copied.faults])


def _see_that_it_is_there(
    place: Place, name: str, mark: bytes, tables: list[Table], standards: dict[str, str], register: Register
) -> None:
    """Before the manifest says so. A disk that goes away leaves an empty folder where it was mounted, and what is
    written from then on lies there. Raises `PlaceUnavailable`."""
    if _read(place, under(name, BEGAN)) != mark:
        raise PlaceUnavailable(
            "what this backup began with is not in its place any more: was the disk removed?"
        )
    files = [table_file(name, table.name) for table in tables] + [under(name, OBJECT_LIST)]
    files += [under(name, STANDARDS + file) for file in standards]
    held = dict(place.sizes(under(name)))
    if lost := [file for file in files if not held.get(file)]:
        raise PlaceUnavailable(f"the place does not hold what was written to it: {lost[0]}")
    register.take_kept((key.removeprefix(OBJECTS), size) for key, size in place.sizes(OBJECTS))
    if (count := register.count_not_kept()) > 0:
        raise PlaceUnavailable(f"the place does not hold {count:,} of the objects that were copied there")


def _read(place: Place, name: str) -> bytes:
    try:
        return whole(place, name)
    except NotThere:
        return b""


def _write_table(place: Place, name: str, connection: Connection, shape: rows.Shape) -> Table:
    measured = rows.Measured()
    place.write(table_file(name, shape.name), packed(rows.lines(connection, shape, measured)))
    return Table(shape.name, measured.rows, measured.sha256)


def _write_standards(place: Place, name: str, folder: Path) -> dict[str, str]:
    found = {}
    for path in sorted(folder.glob("*.yaml")):
        data = path.read_bytes()
        place.write(under(name, STANDARDS + path.name), [data])
        found[path.name] = hashlib.sha256(data).hexdigest()
    return found
