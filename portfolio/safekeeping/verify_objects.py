"""Rows against objects: what is missing, cut off, changed, exchanged, left over, or not ours.

The rows are read in one moment and then the store is listed, so whatever is named was stored before it was looked
for. What seems wrong is asked of the rows once more: a draft may have lost its file while we looked.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from itertools import islice

from sqlalchemy import select

from portfolio.database import Base, Database
from portfolio.objects import queries as objects
from portfolio.people.models import Provider
from portfolio.safekeeping.copying import Patience, Sum, patiently, sum_of
from portfolio.safekeeping.faults import Fault
from portfolio.safekeeping.parallel import in_parallel
from portfolio.safekeeping.progress import Counting, Say
from portfolio.safekeeping.register import Named, Register
from portfolio.safekeeping.rows import snapshot
from portfolio.safekeeping.strangers import strangers
from storage.store import EvidenceStore, NotStored, StoreUnavailable, is_key

AT_A_TIME = 500


@dataclass(frozen=True)
class _Seen:
    """What an object is: its size and, if it was read, the hash of its bytes. None of it: why not."""

    size: int = 0
    sha256: str | None = None
    gone: bool = False
    away: StoreUnavailable | None = None


class Objects:
    """One comparison. Afterwards `checked` says how many objects were looked at, `bytes` how much was read, and
    `on_their_way` how many have no name yet and are too young to be left over."""

    def __init__(
        self, database: Database, store: EvidenceStore, now: datetime, *, quick: bool, say: Say
    ) -> None:
        self.database, self.store, self.now = database, store, now
        self.quick, self.say = quick, say
        self.checked = self.bytes = self.on_their_way = 0

    def faults(self) -> Iterator[Fault]:
        """Raises `StoreUnavailable` if the store is away altogether."""
        with Register() as register:
            with snapshot(self.database) as connection:
                register.take_named(connection)
            register.take_present(self.store.keys())
            self.say(
                f"rows name {register.count('named'):,} objects; {register.count('present'):,} are there"
            )
            yield from self._wrong_names(register)
            for named in register.not_there():
                if _belongs(named) and self._is_missing(named):
                    yield _missing(named)
            yield from self._bytes(register)
            yield from self._left_over(register)
        for path in strangers(self.store):
            yield Fault("foreign", f"{path} lies in the store and is none of its objects", {"path": path})

    def _wrong_names(self, register: Register) -> Iterator[Fault]:
        """Rows that name another provider's object, no key at all, or what another row names."""
        before: Named | None = None
        for named in register.names():
            if not _belongs(named) and self._still_named(named):
                yield _of_another(named)
            if before and before.key == named.key and self._still_named(before) and self._still_named(named):
                line = f"{_row(before)} and {_row(named)} both name {named.key}"
                yield Fault("rows", line, _about(named))
            before = named

    def _is_missing(self, named: Named) -> bool:
        return not patiently(lambda: self.store.exists(named.key)) and self._still_named(named)

    def _bytes(self, register: Register) -> Iterator[Fault]:
        counting = Counting(self.say, "objects checked", register.count("named"))
        patience = Patience()
        there = (named for named in register.there() if _belongs(named))
        for named, seen in in_parallel(self._look, there):
            counting.add(seen.size)
            if seen.away is not None:
                patience.failed(seen.away)
                yield Fault(
                    "unreadable", f"{named.key} is there but cannot be read ({_row(named)})", _about(named)
                )
                continue
            patience.worked()
            fault = _difference(register, named, seen)
            if fault is not None and self._still_named(named):
                yield fault
        counting.end()
        self.checked, self.bytes = counting.objects, 0 if self.quick else counting.bytes

    def _look(self, named: Named) -> _Seen:
        """Runs in a thread of its own."""
        try:
            if self.quick:
                return _Seen(patiently(lambda: self.store.size(named.key)))
            total: Sum = sum_of(self.store, named.key)
            return _Seen(total.size, total.sha256)
        except NotStored:
            return _Seen(gone=True)
        except StoreUnavailable as error:
            return _Seen(away=error)

    def _still_named(self, named: Named) -> bool:
        table = Base.metadata.tables[named.table]
        with self.database.reading() as session:
            statement = select(table.c[named.column]).where(table.c.id == named.row)
            return session.execute(statement).scalar() == named.key

    def _left_over(self, register: Register) -> Iterator[Fault]:
        """Without a name: on its way in or out, left behind, or of a provider that is not here."""
        unnamed = register.without_a_name()
        while part := list(islice(unnamed, AT_A_TIME)):
            with self.database.reading() as session:
                known = objects.named(session, part) | objects.pending(session, part)
                known |= objects.to_be_removed(session)
                here = {str(one) for one in session.scalars(select(Provider.id))}
            for key in part:
                if key in known:
                    self.on_their_way += 1
                elif key.partition("/")[0] not in here:
                    yield Fault(
                        "foreign", f"{key} lies under a provider that does not exist here", {"key": key}
                    )
                else:
                    yield from self._old(key)

    def _old(self, key: str) -> Iterator[Fault]:
        try:
            stored_at = patiently(lambda: self.store.modified(key))
        except NotStored:  # removed since it was listed
            return
        if self.now - stored_at <= objects.GRACE:
            self.on_their_way += 1
            return
        line = (
            f"{key} is there since {stored_at:%Y-%m-%d %H:%M} UTC; no row names it and nothing waits for it"
        )
        yield Fault("orphaned", line, {"key": key})


def _belongs(named: Named) -> bool:
    """A key of ours, under the provider of its row."""
    return is_key(named.key) and named.key.partition("/")[0] == named.provider


def _of_another(named: Named) -> Fault:
    whose = f"of provider {named.key.partition('/')[0]}" if is_key(named.key) else "no key"
    line = f"{_row(named)} of provider {named.provider} names {named.key}, which is {whose}"
    return Fault("foreign", line, _about(named))


def _difference(register: Register, named: Named, seen: _Seen) -> Fault | None:
    if seen.gone:
        return _missing(named)
    if seen.size == 0 and named.size is None:  # a preview always has bytes
        return Fault("truncated", f"{named.key} is empty ({_row(named)})", _about(named))
    if seen.sha256 is not None and named.sha256 is not None and seen.sha256 != named.sha256:
        return _other_bytes(register, named, seen.size, seen.sha256)
    if named.size is not None and seen.size != named.size:
        return _other_size(named, seen.size)
    return None


def _other_bytes(register: Register, named: Named, size: int, sha256: str) -> Fault:
    other = register.whose_bytes(sha256)
    if other is not None:
        line = f"{named.key} holds the bytes of {other.key} ({_row(named)} and {_row(other)})"
        return Fault("swapped", line, _about(named) | {"other": other.key})
    if named.size is not None and size != named.size:
        return _other_size(named, size)
    line = f"{named.key} has other bytes: SHA-256 {sha256} instead of {named.sha256} ({_row(named)})"
    return Fault("altered", line, _about(named))


def _other_size(named: Named, size: int) -> Fault:
    kind = "truncated" if size < (named.size or 0) else "altered"
    return Fault(kind, f"{named.key} has {size} bytes instead of {named.size} ({_row(named)})", _about(named))


def _missing(named: Named) -> Fault:
    return Fault("missing", f"{named.key} is not there ({_row(named)})", _about(named))


def _row(named: Named) -> str:
    return f"{named.table} {named.row}, {named.column}"


def _about(named: Named) -> dict[str, str]:
    return {"key": named.key, "table": named.table, "row": str(named.row), "column": named.column}
