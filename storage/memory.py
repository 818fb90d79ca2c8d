"""A store in memory: for tests, and for a look round that leaves nothing behind."""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock

from storage.staging import in_temporary_folder
from storage.store import (
    CHUNK,
    Altered,
    KeyTaken,
    NotStored,
    StoredObject,
    check_key,
    check_prefix,
    check_span,
)


class MemoryStore:
    """Keeps everything until the process ends."""

    def __init__(self) -> None:
        self._objects: dict[str, bytes] = {}
        self._stored_at: dict[str, datetime] = {}
        self._lock = Lock()
        self._staging = in_temporary_folder()

    def staging(self) -> Path:
        return self._staging.folder()

    def adopt(self, key: str, path: Path, sha256: str = "") -> StoredObject:
        data = path.read_bytes()
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            raise Altered("the file changed between its arrival and its sending")
        stored = self.put(key, data)
        path.unlink()
        return stored

    def put(self, key: str, data: bytes) -> StoredObject:
        check_key(key)
        with self._lock:
            if key in self._objects:
                raise KeyTaken(key)
            self._objects[key] = data
            self._stored_at[key] = datetime.now(UTC)
        return StoredObject(key, len(data))

    def read(self, key: str, start: int = 0, length: int | None = None) -> Generator[bytes, None, None]:
        check_span(start, length)
        data = self._find(key)
        end = len(data) if length is None else min(len(data), start + length)
        return (data[at : min(at + CHUNK, end)] for at in range(start, end, CHUNK))

    def size(self, key: str) -> int:
        return len(self._find(key))

    def exists(self, key: str) -> bool:
        return check_key(key) in self._objects

    def delete(self, key: str) -> None:
        self._objects.pop(check_key(key), None)

    def keys(self, prefix: str = "") -> Iterator[str]:
        check_prefix(prefix)
        return iter(sorted(key for key in list(self._objects) if key.startswith(prefix)))

    def modified(self, key: str) -> datetime:
        self._find(key)
        return self._stored_at[key]

    def ready(self) -> None:
        """Memory always is."""

    def _find(self, key: str) -> bytes:
        try:
            return self._objects[check_key(key)]
        except KeyError:
            raise NotStored(key) from None
