"""Bytes from one place to another, counted and hashed on the way, so that a bad copy never arrives."""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from typing import Any, TypeVar

from portfolio.safekeeping.places import PlaceUnavailable
from storage.store import EvidenceStore, KeyTaken, NotStored, StoreUnavailable

Result = TypeVar("Result")
WAITS = (0.5, 2.0, 5.0)
"""Seconds between tries, where a store does not answer: a short absence is nobody's damage."""
MOST_IN_A_ROW = 10
"""So many objects one after another that cannot be read are not damage: the store is away."""


class Damaged(Exception):
    """The bytes are not those that the row names. Says what came instead."""

    def __init__(self, size: int, sha256: str) -> None:
        super().__init__("not the bytes that were expected")
        self.size, self.sha256 = size, sha256


class Sum:
    """Size and SHA-256 of what goes by."""

    def __init__(self) -> None:
        self.size = 0
        self._hash: Any = hashlib.sha256()

    def of(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            self.size += len(chunk)
            self._hash.update(chunk)
            yield chunk

    @property
    def sha256(self) -> str:
        return str(self._hash.hexdigest())

    def differs(self, size: int | None, sha256: str | None) -> bool:
        """From what is expected; None where that is not known."""
        return (size is not None and size != self.size) or (sha256 is not None and sha256 != self.sha256)


def checked(chunks: Iterable[bytes], size: int | None, sha256: str | None, total: Sum) -> Iterator[bytes]:
    """The same chunks. Raises `Damaged` after the last one if they were not what was expected."""
    yield from total.of(chunks)
    if total.differs(size, sha256):
        raise Damaged(total.size, total.sha256)


def sum_of(store: EvidenceStore, key: str) -> Sum:
    """Reads all of an object. Raises `NotStored`, and `StoreUnavailable` after some patience."""

    def read() -> Sum:
        total = Sum()
        with closing(store.read(key)) as chunks:
            for _ in total.of(chunks):
                pass
        return total

    return patiently(read)


def take_in(
    store: EvidenceStore, key: str, read: Callable[[], Iterable[bytes]], size: int | None, sha256: str | None
) -> int:
    """Store what `read` gives under this key, checked before anybody sees it. Returns its size in bytes.

    What is there already with the same size stays; with another size it is replaced. Raises `Damaged`."""

    def try_once() -> int:
        total = Sum()
        path = store.staging() / f"copy-{secrets.token_hex(16)}"
        try:
            with path.open("xb") as file:
                for chunk in checked(read(), size, sha256, total):
                    file.write(chunk)
            try:
                return store.adopt(key, path).size
            except KeyTaken:
                if store.size(key) != total.size:
                    store.delete(key)
                    return store.adopt(key, path).size
                return total.size
        finally:
            path.unlink(missing_ok=True)

    return patiently(try_once)


def patiently(function: Callable[[], Result]) -> Result:
    """Try again a few times where a store does not answer."""
    for wait in WAITS:
        try:
            return function()
        except (StoreUnavailable, PlaceUnavailable):
            time.sleep(wait)
    return function()


class Patience:
    """Counts what could not be read. One bad sector is damage and goes on; a store that is away stops the run."""

    def __init__(self) -> None:
        self.in_a_row = 0

    def worked(self) -> None:
        self.in_a_row = 0

    def failed(self, error: StoreUnavailable) -> None:
        self.in_a_row += 1
        if self.in_a_row >= MOST_IN_A_ROW:
            raise error


__all__ = ["Damaged", "NotStored", "Patience", "Sum", "checked", "patiently", "sum_of", "take_in"]
