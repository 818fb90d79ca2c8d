"""Cleaning in place: what is to change is planned first, all of it, and only then written.

The file is the staged one, which nobody else reads yet. Memory stays small whatever its size.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from storage.boxes import Malformed

PIECE = 256 * 1024
_ZEROS = bytes(PIECE)


class Plan:
    """The changes to one file, and what they take out in plain words. Nothing is written before `apply`.

    What is already so is no change: a cleaned file has an empty plan."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self.file, self.size = file, size
        self.words: set[str] = set()
        self.end: int | None = None
        self._writes: list[tuple[int, bytes]] = []
        self._zeroed: list[tuple[int, int]] = []

    @property
    def changes(self) -> int:
        return len(self._writes) + len(self._zeroed) + (self.end is not None)

    @property
    def zeroed(self) -> list[tuple[int, int]]:
        """From where to where the file is emptied, in order."""
        return sorted(self._zeroed)

    def read(self, at: int, length: int) -> bytes:
        """Exactly so many bytes. Raises `Malformed` where the file ends before."""
        self.file.seek(at)
        found = self.file.read(length)
        if len(found) < length:
            raise Malformed("the file ends too early")
        return found

    def write(self, at: int, data: bytes) -> bool:
        """Plan to write these bytes over what is there; whether that is a change."""
        if self.read(at, len(data)) == data:
            return False
        self._writes.append((at, data))
        return True

    def zero(self, start: int, end: int) -> bool:
        """Plan to empty this part; whether there is anything in it."""
        if not self.holds_something(start, end):
            return False
        self._zeroed.append((start, end))
        return True

    def cut(self, at: int) -> None:
        """Plan to let the file end here."""
        self.end = at

    def holds_something(self, start: int, end: int) -> bool:
        """Whether anything but zeros lies between the two places."""
        return any(piece != _ZEROS[: len(piece)] for piece in self.pieces(start, end))

    def pieces(self, start: int, end: int) -> Iterator[bytes]:
        """What lies between the two places, piece by piece."""
        for at in range(start, end, PIECE):
            yield self.read(at, min(PIECE, end - at))

    def apply(self, path: Path) -> None:
        """Write what was planned. Only the disk can fail now, and then the file is not to be kept."""
        with path.open("r+b") as file:
            for start, end in self._zeroed:
                file.seek(start)
                for at in range(start, end, PIECE):
                    file.write(_ZEROS[: end - at])
            for at, data in self._writes:
                file.seek(at)
                file.write(data)
            if self.end is not None:
                file.truncate(self.end)
