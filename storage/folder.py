"""A store in a folder: the embedded default. The folder must be on a local disk, not on a network share.

A file is safe only when its bytes and every name on the way to it have been flushed: a file that is renamed
without flushing its folder can be gone after a power cut (the ALICE study, OSDI 2014).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from storage.staging import StagingOf, sweep
from storage.store import (
    CHUNK,
    KeyTaken,
    NotStored,
    StoredObject,
    StoreUnavailable,
    check_key,
    check_prefix,
    check_span,
    is_key,
)

STAGING = ".staging"
"""Name of the folder of staging folders: inside the store, so that adopting is a rename; no provider id starts with a dot."""


class FolderStore:
    """Keeps each object in a file `<folder>/<key>`. Readable by the owner only."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._kept: set[Path] = set()  # folders whose names are known to be on disk
        with _answering():
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._make_folder(self.folder / STAGING)
        self._staging = StagingOf(self.folder / STAGING)
        sweep(self.folder / STAGING)

    def staging(self) -> Path:
        with _answering():
            return self._staging.folder()

    def adopt(self, key: str, path: Path, sha256: str = "") -> StoredObject:
        target = self._place(key)
        with _answering():
            size = path.stat().st_size
            path.chmod(0o600)
            os.utime(path)
            _flush(path)
            self._make_folder(target.parent.parent)
            self._make_folder(target.parent)
            _move(path, target)
            _flush(target.parent)
            _flush(path.parent)
        return StoredObject(key, size)

    def put(self, key: str, data: bytes) -> StoredObject:
        check_key(key)
        staged = self.staging() / f"put-{secrets.token_hex(16)}"
        try:
            with _answering():
                staged.write_bytes(data)
            return self.adopt(key, staged)
        finally:
            staged.unlink(missing_ok=True)

    def read(self, key: str, start: int = 0, length: int | None = None) -> Generator[bytes, None, None]:
        check_span(start, length)
        chunks = self._chunks(key, start, length)
        next(chunks)  # opens the file: what is missing is reported now, and closing always works
        return chunks

    def _chunks(self, key: str, start: int, length: int | None) -> Generator[bytes, None, None]:
        with _answering(key), self._place(key).open("rb") as file:
            yield b""
            file.seek(start)
            left = length
            while chunk := file.read(CHUNK if left is None else min(CHUNK, left)):
                left = None if left is None else left - len(chunk)
                yield chunk

    def size(self, key: str) -> int:
        with _answering(key):
            return self._place(key).stat().st_size

    def exists(self, key: str) -> bool:
        with _answering():
            return self._place(key).exists()

    def delete(self, key: str) -> None:
        target = self._place(key)
        with _answering():
            if target.exists():
                target.unlink(missing_ok=True)
                _flush(target.parent)

    def keys(self, prefix: str = "") -> Iterator[str]:
        check_prefix(prefix)
        provider, slash, _ = prefix.partition("/")
        with _answering():
            tops = [provider] if slash else sorted(entry.name for entry in self.folder.iterdir())
        return (key for top in tops for key in self._keys_of(top) if key.startswith(prefix))

    def modified(self, key: str) -> datetime:
        with _answering(key):
            return datetime.fromtimestamp(self._place(key).stat().st_mtime, UTC)

    def ready(self) -> None:
        """Writes a few bytes, flushes and removes them: a full or read-only disk shows now, not at an upload."""
        trial = self.staging() / f"trial-{secrets.token_hex(16)}"
        with _answering():
            try:
                trial.write_bytes(b"can this be kept?")
                _flush(trial)
            finally:
                trial.unlink(missing_ok=True)

    def _keys_of(self, provider: str) -> Iterator[str]:
        with _answering():
            for spread in sorted(path for path in (self.folder / provider).glob("[0-9a-f][0-9a-f]")):
                names = sorted(entry.name for entry in spread.iterdir())
                yield from filter(is_key, (f"{provider}/{spread.name}/{name}" for name in names))

    def _make_folder(self, folder: Path) -> None:
        """Make it, and see to it that its name is on disk: also when another thread has made it a moment ago and
        has not come to that yet."""
        if folder not in self._kept or not folder.exists():
            folder.mkdir(mode=0o700, exist_ok=True)
            _flush(folder.parent)
            self._kept.add(folder)

    def _place(self, key: str) -> Path:
        return self.folder / check_key(key)


@contextmanager
def _answering(key: str = "") -> Iterator[None]:
    """Turn what the operating system reports into the store's own words."""
    try:
        yield
    except FileExistsError as error:
        raise KeyTaken("this key is in use") from error
    except FileNotFoundError as error:
        if key:
            raise NotStored(key) from error
        raise StoreUnavailable("a file or folder of the store is gone") from error
    except OSError as error:
        raise StoreUnavailable(f"the folder store cannot answer: {error.strerror}") from error


def _move(staged: Path, target: Path) -> None:
    """Give the file its final name, never over another file: `rename` would overwrite, a link cannot."""
    try:
        os.link(staged, target)
    except FileExistsError:
        raise
    except OSError:  # a file system without hard links; keys are random, so looking first is enough
        if target.exists():
            raise FileExistsError(target) from None
        os.replace(staged, target)  # noqa: PTH105 - its name is what a trace of system calls shows
    else:
        staged.unlink()


def _flush(path: Path) -> None:
    """Ask the disk to keep this file, or the names in this folder, before we go on."""
    if os.name == "nt" and path.is_dir():
        return  # Windows cannot flush a folder and journals its names itself
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
