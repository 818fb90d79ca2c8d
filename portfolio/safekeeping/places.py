"""Where a backup is kept: a folder on another disk or machine, or a bucket that is not the product's own.

A name either holds everything that was written under it or does not exist: what is cut off in the middle leaves
nothing that could be mistaken for a copy.
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Generator, Iterable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath
from typing import Protocol

CHUNK = 1024 * 1024
HALF = ".part-"
"""Begins the names of files that are not complete yet."""


class NotThere(LookupError):
    """There is nothing under this name."""


class PlaceUnavailable(Exception):
    """The place cannot answer or take anything now: gone, full, or not ours to write to."""


class Place(Protocol):
    """Names are paths with slashes, of our own making. Every method raises `PlaceUnavailable`."""

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        """All of it, safe on disk when this returns, or nothing: also if the chunks raise before their end.
        What was there under this name is replaced."""
        ...

    def read(self, name: str) -> Generator[bytes, None, None]:
        """Raises `NotThere` at the first chunk."""
        ...

    def sizes(self, under: str) -> Iterator[tuple[str, int]]:
        """Every name that starts with this, with its size in bytes."""
        ...

    def remove(self, name: str) -> None:
        """Removing what is gone already is no error."""
        ...


def whole(place: Place, name: str) -> bytes:
    """All of something small."""
    return b"".join(place.read(name))


class FolderPlace:
    """A folder, readable by its owner only. On a network share as well: nothing is read back while it is written."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder.absolute()
        self._written = False

    def write(self, name: str, chunks: Iterable[bytes]) -> None:
        target = self._path(name)
        half = target.with_name(HALF + secrets.token_hex(8))
        with _taking():
            self._make_folders(target.parent)
        try:
            with _opened(half) as handle:
                for chunk in chunks:  # what it raises is the reader's and not this place's fault
                    with _taking():
                        _write_all(handle, chunk)
                with _taking():
                    os.fsync(handle)
            with _taking():
                half.replace(target)
                _flush(target.parent)
        finally:
            with suppress(OSError):  # the disk is gone, and half a file with it
                half.unlink(missing_ok=True)
        self._written = True

    def _make_folders(self, folder: Path) -> None:
        """Down to this one. The folder itself is made once: if it goes away afterwards, so did its disk, and what is
        written then would lie on another."""
        if folder.exists():
            return
        if folder == self.folder:
            if self._written:
                raise PlaceUnavailable(
                    "the folder of the backup is not there any more: was its disk removed?"
                )
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        else:
            self._make_folders(folder.parent)
            folder.mkdir(mode=0o700, exist_ok=True)
        _flush(folder.parent)

    def read(self, name: str) -> Generator[bytes, None, None]:
        with _answering(name), self._path(name).open("rb") as file:
            while chunk := file.read(CHUNK):
                yield chunk

    def sizes(self, under: str) -> Iterator[tuple[str, int]]:
        top = self.folder / PurePosixPath(under.rpartition("/")[0])
        with _answering(under):
            for folder, folders, files in os.walk(top, onerror=_not_if_missing):
                folders.sort()
                for file in sorted(files):
                    path = Path(folder) / file
                    name = path.relative_to(self.folder).as_posix()
                    if name.startswith(under) and not file.startswith(HALF):
                        yield name, path.stat().st_size

    def remove(self, name: str) -> None:
        with _answering(name):
            path = self._path(name)
            path.unlink(missing_ok=True)
            for folder in path.parents:  # folders that are empty now go as well
                if folder == self.folder or not folder.exists() or any(folder.iterdir()):
                    break
                folder.rmdir()

    def _path(self, name: str) -> Path:
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts:
            raise ValueError("not a name in a backup")
        return self.folder / path


@contextmanager
def _opened(path: Path) -> Iterator[int]:
    with _taking():
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        yield handle
    finally:
        os.close(handle)


def _write_all(handle: int, chunk: bytes) -> None:
    left = memoryview(chunk)
    while left:
        left = left[os.write(handle, left) :]


def _flush(folder: Path) -> None:
    """Ask the disk to keep the names in this folder."""
    if os.name == "nt":
        return  # Windows cannot flush a folder and journals its names itself
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _not_if_missing(error: OSError) -> None:
    if not isinstance(error, FileNotFoundError):
        raise error


@contextmanager
def _answering(name: str) -> Iterator[None]:
    try:
        with _taking():
            yield
    except PlaceUnavailable as error:
        if isinstance(error.__cause__, FileNotFoundError):
            raise NotThere(name) from error
        raise


@contextmanager
def _taking() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise PlaceUnavailable(f"the folder of the backup: {error.strerror}") from error
