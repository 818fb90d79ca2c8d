"""Move house: `python -m portfolio move --to DATABASE --storage STORE`.

Everything is copied, nothing is taken away: the source is only ever read. The rows come in one transaction, read at
one instant; then the objects that they name; then everything is compared. Interrupted at any point, the same command
goes on: objects that are there are not copied again. Rows that changed at the source meanwhile are found at the end,
and a further run brings the difference.

A table of one row marks a database that is being moved into, from the first moment to the last; where it is
missing, a database with rows of its own is left alone.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from functools import partial

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portfolio.people.models import Provider
from portfolio.safekeeping import loading, rows
from portfolio.safekeeping.backup import Source
from portfolio.safekeeping.copying import Damaged, take_in
from portfolio.safekeeping.parallel import in_parallel
from portfolio.safekeeping.progress import Counting, Say
from portfolio.safekeeping.register import Named, Register
from portfolio.safekeeping.rows import Measured, Shape
from portfolio.safekeeping.target import NotEmpty, Target, owning, prepare_tables
from storage.store import EvidenceStore, NotStored

MARK = "moving_in"
_MARK = sa.Table(MARK, sa.MetaData(), sa.Column("source", sa.Uuid(), nullable=False))


class NothingToMove(Exception):
    """The source holds no provider."""


@dataclass
class Moved:
    """What is in the new place now. `copied`: objects that this run brought; `faults`: a line for each object that
    could not be; `changed`: tables that are not the same at the source any more."""

    rows: int = 0
    objects: int = 0
    copied: int = 0
    faults: list[str] = field(default_factory=list)
    changed: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.faults and not self.changed


def move(source: Source, target: Target, *, say: Say) -> Moved:
    """Raises `NotEmpty`, `NothingToMove`, `UnknownTable`, `NewerVersion` and `StoreUnavailable`."""
    result = Moved()
    with Register() as register:
        with rows.snapshot(source.database) as connection:
            rows.check_all_known(connection)
            register.take_named(connection)
            register.take_present(target.store.keys())
            _enter(connection, target, register)
            brought = _bring_rows(connection, target, say)
        result.rows = sum(table.rows for table in brought.values())
        _bring_objects(source.store, target.store, register, result, say)
    with rows.snapshot(source.database) as connection:
        result.changed = [
            shape.name
            for shape in rows.shapes()
            if rows.measure(connection, shape).sha256 != brought[shape.name].sha256
        ]
    return result


def finish(target: Target) -> None:
    """Everything is there and was verified: from now on this is a database like any other."""
    with owning(target.owner) as connection:
        _MARK.drop(connection, checkfirst=True)


def _enter(connection: Connection, target: Target, register: Register) -> None:
    """Mark the target as ours if it is empty. It may bear our mark already, or hold these very rows and no mark: then
    the move was finished. Anything else is `NotEmpty`."""
    mine = connection.scalar(sa.select(Provider.id).order_by(Provider.id).limit(1))
    if mine is None:
        raise NothingToMove("There is no provider here: nothing to move.")
    with owning(target.owner) as there:
        if sa.inspect(there).has_table(MARK):
            if there.scalar(sa.select(_MARK.c.source)) != mine:
                raise NotEmpty("Something else is being moved into that database. Choose an empty one.")
            return
        if not rows.is_empty(there):
            if not _same(connection, there):
                raise NotEmpty("That database holds other rows already. Choose an empty one.")
            return
        if (count := register.count_strangers("named")) > 0:
            raise NotEmpty(f"That store holds {count:,} objects that are not from here. Choose an empty one.")
        prepare_tables(there, rows.revision(connection))
        _MARK.create(there)
        there.execute(sa.insert(_MARK).values(source=mine))


def _same(here: Connection, there: Connection) -> bool:
    if rows.revision(here) != rows.revision(there):
        return False
    return all(rows.measure(here, one).sha256 == rows.measure(there, one).sha256 for one in rows.shapes())


def _bring_rows(connection: Connection, target: Target, say: Say) -> dict[str, Measured]:
    shapes = rows.shapes()
    with owning(target.owner) as there:
        measured = _unchanged(connection, there, shapes)
        if measured is None:
            with loading.walls_aside(there):
                loading.empty(there, shapes)
                measured = {shape.name: _bring_table(connection, there, shape) for shape in shapes}
            say(f"rows: {sum(one.rows for one in measured.values()):,} in {len(shapes)} tables")
        else:
            say("rows: all there already")
    with owning(target.owner) as there:
        loading.refresh_statistics(there)
    return measured


def _unchanged(here: Connection, there: Connection, shapes: list[Shape]) -> dict[str, Measured] | None:
    """What the source holds, if an earlier run has brought exactly that."""
    if rows.is_empty(there, but=MARK):
        return None
    measured = {}
    for shape in shapes:
        measured[shape.name] = rows.measure(here, shape)
        if rows.measure(there, shape).sha256 != measured[shape.name].sha256:
            return None
    return measured


def _bring_table(here: Connection, there: Connection, shape: Shape) -> Measured:
    """Copy it, and see that the other database gives back the same text."""
    measured = Measured()
    lines = rows.lines(here, shape, measured)
    next(lines)  # the columns
    loading.load(there, shape, lines)
    if rows.measure(there, shape).sha256 != measured.sha256:
        raise RuntimeError(f"the rows of {shape.name} did not arrive as they were")
    return measured


def _bring_objects(
    here: EvidenceStore, there: EvidenceStore, register: Register, result: Moved, say: Say
) -> None:
    counting = Counting(say, "objects", register.count("named"))
    for (named, was_there), (size, why) in in_parallel(partial(_bring, here, there), _each(register)):
        if why:
            line = f"{why}: {named.key} ({named.table} {named.row}, {named.column})"
            result.faults.append(line)
            continue
        result.objects += 1
        result.copied += not was_there
        counting.add(size)
    counting.end()


def _each(register: Register) -> Iterator[tuple[Named, bool]]:
    last = ""
    for named in register.names():
        if named.key != last:
            yield named, register.is_present(named.key)
        last = named.key


def _bring(here: EvidenceStore, there: EvidenceStore, item: tuple[Named, bool]) -> tuple[int, str]:
    """Its size, and why it did not come. Runs in a thread of its own. What is there with the right size stays, and
    `verify` reads it at the end."""
    named, is_there = item
    try:
        size = here.size(named.key) if named.size is None else named.size
        if is_there and there.size(named.key) == size:
            return size, ""
        return take_in(there, named.key, lambda: _read(here, named.key), size, named.sha256), ""
    except NotStored:
        return 0, "missing at the source"
    except Damaged as damage:
        return 0, f"damaged at the source ({damage.size} bytes, SHA-256 {damage.sha256})"
    except ValueError:
        return 0, "not a key of the store"


def _read(store: EvidenceStore, key: str) -> Iterator[bytes]:
    with closing(store.read(key)) as chunks:
        yield from chunks
