"""What every store of bytes promises, and the keys under which bytes are found again.

The order is always: object before row, row before receipt. A key is random, is used once and never holds
anything a person typed, so that an address or a log line gives nothing away.
"""

from __future__ import annotations

import hashlib
import re
import secrets
from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Protocol

CHUNK = 256 * 1024
"""Bytes handed on at a time when reading: small enough for memory, large enough for speed."""

_PROVIDER = re.compile(r"[a-z0-9][a-z0-9-]{0,63}")
_KEY = re.compile(r"[a-z0-9][a-z0-9-]{0,63}/([0-9a-f]{2})/\1[0-9a-f]{30}")
_PREFIX = re.compile(r"[a-z0-9/-]*")


class NotStored(KeyError):
    """There is nothing under this key."""

    def __str__(self) -> str:
        return f"nothing is stored under {self.args[0] if self.args else 'this key'}"


class KeyTaken(Exception):
    """Something is stored under this key already. What is stored is never overwritten."""


class StoreUnavailable(Exception):
    """The store cannot answer now (disk full, network gone, wrong credentials). Trying again may help."""


class Altered(StoreUnavailable):
    """The bytes are not those that were stored, or not those that were to be: their SHA-256 differs. On the way
    out a second reading may be right; if it is not, the object is damaged and a backup has it."""


@dataclass(frozen=True)
class StoredObject:
    """What was taken into the store: its key and its size in bytes."""

    key: str
    size: int


class EvidenceStore(Protocol):
    """Where files of evidence live. Every method raises `ValueError` for a key that is not of our making
    and `StoreUnavailable` when the store cannot answer."""

    def staging(self) -> Path:
        """A private folder where uploads may be written before they are adopted."""
        ...

    def adopt(self, key: str, path: Path, sha256: str = "") -> StoredObject:
        """Take over a complete file from the staging folder; the staged name is gone afterwards.

        When this returns, the bytes are safe. With `sha256`, a store that copies bytes compares what it copied
        and raises `Altered`; a folder renames, and has nothing to compare. Raises `KeyTaken` if the key is in
        use: the staged file then stays where it is, as after any failure."""
        ...

    def put(self, key: str, data: bytes) -> StoredObject:
        """Store something small that is in memory, such as a preview. Raises `KeyTaken`."""
        ...

    def read(self, key: str, start: int = 0, length: int | None = None) -> Generator[bytes, None, None]:
        """The bytes from `start`, `length` of them or up to the end, in chunks of 256 KiB at most.

        Raises `NotStored` at once, not at the first chunk. A start beyond the end gives nothing."""
        ...

    def size(self, key: str) -> int:
        """Size in bytes. Raises `NotStored`."""
        ...

    def exists(self, key: str) -> bool:
        """Whether something is stored under this key."""
        ...

    def delete(self, key: str) -> None:
        """Remove it. Removing what is gone already is no error."""
        ...

    def keys(self, prefix: str = "") -> Iterator[str]:
        """Every key that starts with the prefix, in order."""
        ...

    def modified(self, key: str) -> datetime:
        """When it was stored, in UTC by the store's own clock: tells what is on its way in from what was left
        behind. Raises `NotStored`."""
        ...

    def ready(self) -> None:
        """Whether a file could be stored now, found out cheaply. Raises `StoreUnavailable` if not."""
        ...


def new_key(provider_id: str) -> str:
    """A fresh key: provider, two characters to spread the folders, 128 random bits in hexadecimal."""
    if not _PROVIDER.fullmatch(provider_id):
        raise ValueError("a provider id may hold only lower-case letters, digits and hyphens")
    name = secrets.token_hex(16)
    return f"{provider_id}/{name[:2]}/{name}"


def check_key(key: str) -> str:
    """The key itself if it is one of ours; `ValueError` otherwise. Every store asks before it acts."""
    if not _KEY.fullmatch(key):
        raise ValueError("not a storage key")
    return key


def is_key(text: str) -> bool:
    """Whether this has the form of one of our keys."""
    return _KEY.fullmatch(text) is not None


def check_prefix(prefix: str) -> str:
    """The prefix itself if a key could start with it; `ValueError` otherwise."""
    if not _PREFIX.fullmatch(prefix):
        raise ValueError("not the beginning of a storage key")
    return prefix


def check_span(start: int, length: int | None) -> None:
    """Refuse a negative start or length: a slip in the caller, not a question for the store."""
    if start < 0 or (length is not None and length < 0):
        raise ValueError("start and length cannot be negative")


def read_verified(store: EvidenceStore, key: str, sha256: str) -> Generator[bytes, None, None]:
    """All of an object, in chunks of 256 KiB at most. Raises `NotStored` at once, and `Altered` in place of the
    last chunk when the whole has another SHA-256: wrong bytes are never handed out as something complete."""
    chunks = store.read(key)
    verified = _verified(chunks, sha256)
    next(verified)  # begins, so that closing closes the store's own chunks as well
    return verified


def _verified(chunks: Generator[bytes, None, None], sha256: str) -> Generator[bytes, None, None]:
    digest, held = hashlib.sha256(), b""
    with closing(chunks):
        yield b""
        for chunk in chunks:
            if held:
                yield held
            digest.update(chunk)
            held = chunk
    if digest.hexdigest() != sha256:
        raise Altered("the bytes that came out are not those that were stored")
    if held:
        yield held
