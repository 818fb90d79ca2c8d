"""From the store into the place of the backup: what it does not have yet, each object checked on the way."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field

from portfolio.safekeeping.copying import Damaged, Patience, Sum, checked, patiently
from portfolio.safekeeping.manifest import OBJECTS, complete
from portfolio.safekeeping.packing import Spoilt, read_list
from portfolio.safekeeping.parallel import in_parallel
from portfolio.safekeeping.places import NotThere, Place
from portfolio.safekeeping.progress import Counting, Say
from portfolio.safekeeping.register import Kept, Named, Register
from storage.store import EvidenceStore, NotStored, StoreUnavailable


@dataclass(frozen=True)
class Fault:
    """An object that could not be copied whole: its key, and what is wrong, in words."""

    key: str
    line: str


@dataclass
class Copied:
    objects: int = 0
    faults: list[Fault] = field(default_factory=list)


@dataclass(frozen=True)
class _Tried:
    """What became of one object: what the place has now, whether it was copied, or why it is not there."""

    kept: Kept | None = None
    copied: bool = False
    why: str = ""
    away: StoreUnavailable | None = None


def copy_objects(store: EvidenceStore, place: Place, register: Register, *, rehash: bool, say: Say) -> Copied:
    """Copy what the register names; it lists afterwards what the place holds of it.

    Raises `PlaceUnavailable`, and `StoreUnavailable` when the store is away altogether."""
    _take_what_is_there(place, register)
    copying = _Copying(store, place, rehash)
    result, patience = Copied(), Patience()
    counting = Counting(say, "objects", register.count("named"))
    for (named, _), tried in in_parallel(copying.one, _each_once(register)):
        if tried.away is not None:
            patience.failed(tried.away)
        else:
            patience.worked()
        if tried.kept is None:
            line = f"{tried.why}: {named.key} ({named.table} {named.row}, {named.column})"
            result.faults.append(Fault(named.key, line))
            continue
        register.list([tried.kept])
        result.objects += tried.copied
        counting.add(tried.kept.size)
    counting.end()
    return result


def _take_what_is_there(place: Place, register: Register) -> None:
    register.take_kept((name.removeprefix(OBJECTS), size) for name, size in place.sizes(OBJECTS))
    for name in complete(place)[-1:]:
        try:
            register.take_hashes(read_list(place, name))
        except (Spoilt, NotThere):  # then the bytes themselves are read
            return


def _each_once(register: Register) -> Iterator[tuple[Named, Kept | None]]:
    """Each object that a row names, with what the place has of it."""
    last = ""
    for named in register.names():
        if named.key != last:
            yield named, register.kept(named.key)
        last = named.key


class _Copying:
    def __init__(self, store: EvidenceStore, place: Place, rehash: bool) -> None:
        self.store, self.place, self.rehash = store, place, rehash

    def one(self, item: tuple[Named, Kept | None]) -> _Tried:
        """Runs in a thread of its own."""
        named, had = item
        if had is not None and (kept := self._as_it_should_be(named, had)):
            return _Tried(kept)
        try:
            return _Tried(patiently(lambda: self._copy(named)), copied=True)
        except NotStored:
            return _Tried(why="missing in the store")
        except Damaged as damage:
            return _Tried(why=f"damaged in the store ({damage.size} bytes, SHA-256 {damage.sha256})")
        except ValueError:
            return _Tried(why="not a key of the store")
        except StoreUnavailable as error:
            return _Tried(why="cannot be read from the store", away=error)

    def _as_it_should_be(self, named: Named, had: Kept) -> Kept | None:
        """What the place has of it, if that is good: keys are never used twice, so the right size is enough,
        unless it is to be read again or nothing says what it is."""
        if named.size is not None and named.size != had.size:
            return None
        expected = named.sha256 or had.sha256
        if had.sha256 not in (None, expected):
            return None
        if expected is not None and not self.rehash:
            return Kept(had.key, had.size, expected)
        total = Sum()
        for _ in total.of(self.place.read(OBJECTS + had.key)):
            pass
        if expected not in (None, total.sha256):
            return None
        return Kept(had.key, total.size, total.sha256)

    def _copy(self, named: Named) -> Kept:
        total = Sum()
        with closing(self.store.read(named.key)) as chunks:
            self.place.write(OBJECTS + named.key, checked(chunks, named.size, named.sha256, total))
        return Kept(named.key, total.size, total.sha256)
