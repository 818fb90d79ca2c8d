"""Bring a backup back into an empty place: `python -m portfolio restore PLACE`.

What the backup holds is checked as it is read; objects come before the rows that name them; the rows come in one
transaction, at the revision they were written at, and their text is compared with the manifest's before it ends.
Whatever interrupts it, there are either no rows or all of them, with a mark until the database is fit to serve
(mark.py), and the same command goes on where it stopped.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from sqlalchemy.engine import Connection

from portfolio.migrate import migrate
from portfolio.safekeeping import heads, loading, mark, rows
from portfolio.safekeeping.copying import Damaged, Sum, take_in
from portfolio.safekeeping.manifest import OBJECTS, STANDARDS, Manifest, Table, table_file, under
from portfolio.safekeeping.packing import Spoilt, read_list, unpacked
from portfolio.safekeeping.parallel import in_parallel
from portfolio.safekeeping.places import NotThere, Place, whole
from portfolio.safekeeping.progress import Counting, Say
from portfolio.safekeeping.purging import purge_what_was_purged
from portfolio.safekeeping.register import Kept, Register
from portfolio.safekeeping.target import (
    NotEmpty,
    Target,
    end_what_gave_access,
    owning,
    prepare_tables,
    require_role,
)


@dataclass
class Restored:
    """What came back. `faults`: a line for each object that could not be brought back whole."""

    rows: int = 0
    objects: int = 0
    faults: list[str] = field(default_factory=list)


def restore(place: Place, manifest: Manifest, target: Target, *, now: datetime, say: Say) -> Restored:
    """Raises `NotEmpty`, `Spoilt`, `NotThere`, `NewerVersion`, `NoSuchRole`, `PlaceUnavailable` and
    `StoreUnavailable`: then no row was written. After anything else the same command goes on."""
    require_role(target)
    with owning(target.owner) as connection:
        rows_are_in = _rows_are_in(connection, manifest)
    for table in manifest.tables:
        _check_table(place, manifest, table)
    say(f"rows checked: {manifest.rows:,} in {len(manifest.tables)} tables")
    result = Restored(rows=manifest.rows)
    _restore_standards(place, manifest, target)
    with Register() as register:
        _read_list(place, manifest, register)
        _refuse_strangers(target, register)
        _restore_objects(place, target, register, result, say)
    if rows_are_in:
        say("rows: all there already")
    else:
        _restore_rows(place, manifest, target, now)
        say(f"rows: {manifest.rows:,}")
    migrate(target.owner, application_role=target.role)
    if purged := purge_what_was_purged(place, manifest, target.owner, now):
        say(f"purged again, since later backups say so: {purged:,}")
    with owning(target.owner) as connection:
        loading.refresh_statistics(connection)
        mark.end_restore(connection)
    return result


def _rows_are_in(connection: Connection, manifest: Manifest) -> bool:
    """Whether an earlier run has brought the rows of this backup and got no further. Raises `NotEmpty`."""
    begun = mark.restoring(connection)
    if begun and begun != manifest.name:
        raise NotEmpty(f"The backup {begun} is being restored into it. Go on with: --backup {begun}")
    if not begun and not rows.is_empty(connection):
        raise NotEmpty("The database holds rows already. Restore into an empty one.")
    return bool(begun)


def _restore_rows(place: Place, manifest: Manifest, target: Target, now: datetime) -> None:
    with owning(target.owner) as connection:
        loading.alone(connection)
        if not rows.is_empty(connection):  # objects took a while, and preparing takes every table away
            raise NotEmpty("Rows were written to the database meanwhile. Restore into one that nobody uses.")
        prepare_tables(connection, manifest.schema_revision)
        with loading.walls_aside(connection):
            for table in manifest.tables:
                _restore_table(place, manifest, table, connection)
            if heads.read(connection) != manifest.heads:
                raise Spoilt(table_file(manifest.name, "ledger_entry"))
            end_what_gave_access(connection, now)
        mark.begin_restore(connection, manifest.name)


def _check_table(place: Place, manifest: Manifest, table: Table) -> None:
    file = table_file(manifest.name, table.name)
    digest = hashlib.sha256()
    for line in unpacked(place, file):
        digest.update(line)
    if digest.hexdigest() != table.sha256:
        raise Spoilt(file)


def _restore_standards(place: Place, manifest: Manifest, target: Target) -> None:
    folder = target.standards
    for name, sha256 in manifest.standards.items():
        file = under(manifest.name, STANDARDS + name)
        data = whole(place, file)
        if hashlib.sha256(data).hexdigest() != sha256 or "/" in name:
            raise Spoilt(file)
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / name
        if path.exists() and path.read_bytes() != data:
            raise NotEmpty(f"The folder of standards holds another {name}.")
        path.write_bytes(data)


def _read_list(place: Place, manifest: Manifest, register: Register) -> None:
    total = Sum()
    register.list(read_list(place, manifest.name, total))
    if total.sha256 != manifest.objects_sha256:
        raise Spoilt(under(manifest.name, "objects.jsonl.gz"))


def _refuse_strangers(target: Target, register: Register) -> None:
    register.take_present(target.store.keys())
    if (count := register.count_strangers()) > 0:
        raise NotEmpty(
            f"The store holds {count:,} objects that are not of this backup. Restore into an empty one."
        )


def _restore_objects(place: Place, target: Target, register: Register, result: Restored, say: Say) -> None:
    counting = Counting(say, "objects", register.count("listed"))
    missing = ((one, register.is_present(one.key)) for one in register.listed())
    for (one, _), why in in_parallel(partial(_restore_object, place, target), missing):
        if why:
            result.faults.append(f"{why}: {one.key}")
        else:
            result.objects += 1
            counting.add(one.size)
    counting.end()


def _restore_object(place: Place, target: Target, item: tuple[Kept, bool]) -> str:
    """Why it did not come back; "" if it did. Runs in a thread of its own. What an interrupted run has brought
    already stays; `verify` reads it at the end."""
    one, is_there = item
    if is_there and target.store.size(one.key) == one.size:
        return ""
    try:
        take_in(target.store, one.key, lambda: place.read(OBJECTS + one.key), one.size, one.sha256)
    except NotThere:
        return "missing in the backup"
    except Damaged as damage:
        return f"damaged in the backup ({damage.size} bytes, SHA-256 {damage.sha256})"
    return ""


def _restore_table(place: Place, manifest: Manifest, table: Table, connection: Connection) -> None:
    """Load it, and see that what the database gives back is to the byte what the backup holds."""
    file = table_file(manifest.name, table.name)
    lines = unpacked(place, file)
    shape = rows.Shape.from_header(next(lines))
    loading.load(connection, shape, lines)
    back = rows.measure(connection, shape)
    if (back.rows, back.sha256) != (table.rows, table.sha256):
        raise Spoilt(file)
