"""Move house: `python -m portfolio move --to DATABASE --storage STORE`.

Everything is copied, nothing is taken away: the source is only ever read. The rows come in one transaction, read at
one instant; then the objects that they name; then everything is compared. Interrupted at any point, the same command
goes on: objects that are there are not copied again. Rows that changed at the source meanwhile are found at the end,
and a further run brings the difference, also after one that was finished.

A mark stands in a database that is being moved into (mark.py) and says what rows were brought. Rows that are anything
else are left alone: somebody wrote them there, and may have been told that they are safe.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from portfolio.people.models import Provider
from portfolio.safekeeping import loading, mark, rows
from portfolio.safekeeping.backup import Source
from portfolio.safekeeping.copying import Damaged, Patience, patiently, take_in
from portfolio.safekeeping.parallel import in_parallel
from portfolio.safekeeping.progress import Counting, Say
from portfolio.safekeeping.register import Named, Register
from portfolio.safekeeping.rows import Measured, Shape
from portfolio.safekeeping.target import NotEmpty, Target, owning, prepare_tables, require_role
from storage.store import EvidenceStore, NotStored, StoreUnavailable


class NothingToMove(Exception):
    """The source holds no provider."""


@dataclass
class Moved:
    """What is in the new place now, with its rows as they stood at `read_at`. `copied`: objects that this run
    brought; `faults`: a line for each object that could not be, `lost`: their keys; `changed`: tables that are not the
    same at the source any more."""

    read_at: datetime
    rows: int = 0
    objects: int = 0
    copied: int = 0
    faults: list[str] = field(default_factory=list)
    lost: set[str] = field(default_factory=set)
    changed: list[str] = field(default_factory=list)

    @property
    def complete(self) -> bool:
        return not self.faults and not self.changed


def move(source: Source, target: Target, *, say: Say) -> Moved:
    """Raises `NotEmpty`, `NothingToMove`, `UnknownTable`, `NewerVersion`, `NoSuchRole` and `StoreUnavailable`."""
    require_role(target)
    result = Moved(datetime.now(UTC))
    with Register() as register:
        with rows.snapshot(source.database) as connection:
            rows.check_all_known(connection)
            register.take_named(connection)
            register.take_present(target.store.keys())
            brought = _bring_rows(connection, target, register, say)
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
        mark.end_move(connection)


def _bring_rows(connection: Connection, target: Target, register: Register, say: Say) -> dict[str, Measured]:
    """With the mark, in one transaction: what is refused there stays as it was, and serves as it did."""
    mine = connection.scalar(sa.select(Provider.id).order_by(Provider.id).limit(1))
    if mine is None:
        raise NothingToMove("There is no provider here: nothing to move.")
    shapes = rows.shapes()
    with owning(target.owner) as there:
        loading.alone(there)
        held = _entered(connection, there, mine, register, shapes)
        if held is not None and _is_all(connection, held, shapes):
            measured = held
            say("rows: all there already")
        else:
            with loading.walls_aside(there):
                loading.empty(there, shapes)
                measured = {shape.name: _bring_table(connection, there, shape) for shape in shapes}
            mark.note_brought(there, measured)
            say(f"rows: {sum(one.rows for one in measured.values()):,} in {len(shapes)} tables")
    with owning(target.owner) as there:
        loading.refresh_statistics(there)
    return measured


def _entered(
    here: Connection, there: Connection, mine: UUID, register: Register, shapes: list[Shape]
) -> dict[str, Measured] | None:
    """Mark the target as ours. What an earlier run has brought; None if it was empty, and its tables are made.
    Anything else that it may hold is `NotEmpty`."""
    source = mark.resume_move(there)
    if source is None:
        if not rows.is_empty(there):
            raise NotEmpty("That database holds other rows already. Choose an empty one.")
        if (count := register.count_strangers("named")) > 0:
            raise NotEmpty(f"That store holds {count:,} objects that are not from here. Choose an empty one.")
        prepare_tables(there, rows.revision(here))
        mark.begin_move(there, mine)
        return None
    if source != mine:
        raise NotEmpty("Something else is being moved into that database. Choose an empty one.")
    if rows.revision(there) != rows.revision(here):
        raise NotEmpty("That database was begun with another version of the product. Choose an empty one.")
    held = {shape.name: rows.measure(there, shape) for shape in shapes}
    if mark.hash_of(held) != mark.brought(there):
        raise NotEmpty(
            "That database was written to since its rows were brought there, and going on would take that away. "
            "Choose an empty one."
        )
    return held


def _is_all(here: Connection, held: dict[str, Measured], shapes: list[Shape]) -> bool:
    return all(rows.measure(here, shape).sha256 == held[shape.name].sha256 for shape in shapes)


def _bring_table(here: Connection, there: Connection, shape: Shape) -> Measured:
    """Copy it, and see that the other database gives back the same text."""
    measured = Measured()
    lines = rows.lines(here, shape, measured)
    next(lines)  # the columns
    loading.load(there, shape, lines)
    if rows.measure(there, shape).sha256 != measured.sha256:
        raise RuntimeError(f"the rows of {shape.name} did not arrive as they were")
    return measured


@dataclass(frozen=True)
class _Tried:
    """What became of one object: its size, or why it did not come. `read`: the source was asked for its bytes."""

    size: int = 0
    why: str = ""
    read: bool = False
    away: StoreUnavailable | None = None


class _Unreadable(StoreUnavailable):
    """It is the source that does not give its bytes."""


def _bring_objects(
    here: EvidenceStore, there: EvidenceStore, register: Register, result: Moved, say: Say
) -> None:
    """Raises `StoreUnavailable` when a store is away altogether."""
    counting, patience = Counting(say, "objects", register.count("named")), Patience()
    for (named, was_there), tried in in_parallel(partial(_bring, here, there), _each(register)):
        if tried.away is not None:
            patience.failed(tried.away)
        elif tried.read:
            patience.worked()
        if tried.why:
            line = f"{tried.why}: {named.key} ({named.table} {named.row}, {named.column})"
            result.faults.append(line)
            result.lost.add(named.key)
            continue
        result.objects += 1
        result.copied += not was_there
        counting.add(tried.size)
    counting.end()


def _each(register: Register) -> Iterator[tuple[Named, bool]]:
    last = ""
    for named in register.names():
        if named.key != last:
            yield named, register.is_present(named.key)
        last = named.key


def _bring(here: EvidenceStore, there: EvidenceStore, item: tuple[Named, bool]) -> _Tried:
    """Runs in a thread of its own. What is there with the right size stays, and `verify` reads it at the end."""
    named, is_there = item
    try:
        size = patiently(lambda: _size(here, named.key)) if named.size is None else named.size
        if size == 0 and named.size is None:  # a preview always has bytes
            return _Tried(why="empty at the source", read=True)
        if is_there and there.size(named.key) == size:
            return _Tried(size)
        brought = take_in(there, named.key, lambda: _read(here, named.key), size, named.sha256)
        return _Tried(brought, read=True)
    except NotStored:
        return _Tried(why="missing at the source", read=True)
    except Damaged as damage:
        why = f"damaged at the source ({damage.size} bytes, SHA-256 {damage.sha256})"
        return _Tried(why=why, read=True)
    except ValueError:
        return _Tried(why="not a key of the store")
    except _Unreadable as error:
        return _Tried(why="cannot be read at the source", away=error)


def _size(store: EvidenceStore, key: str) -> int:
    try:
        return store.size(key)
    except StoreUnavailable as error:
        raise _Unreadable(str(error)) from error


def _read(store: EvidenceStore, key: str) -> Iterator[bytes]:
    try:
        with closing(store.read(key)) as chunks:
            yield from chunks
    except StoreUnavailable as error:
        raise _Unreadable(str(error)) from error
