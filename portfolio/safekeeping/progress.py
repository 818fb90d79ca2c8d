"""How far it is, on standard error, for whoever started the command: now and then, never per object."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

Say = Callable[[str], None]
EVERY = 5.0
"""Seconds between two lines."""


def to_terminal(line: str) -> None:
    sys.stderr.write(f"· {line}\n")
    sys.stderr.flush()


class Counting:
    """Counts objects and bytes; says so every few seconds and at the end."""

    def __init__(self, say: Say, what: str, of: int) -> None:
        self.say, self.what, self.of = say, what, of
        self.objects = self.bytes = 0
        self._began = self._said = time.monotonic()

    def add(self, size: int) -> None:
        self.objects += 1
        self.bytes += size
        if time.monotonic() - self._said >= EVERY:
            self._said = time.monotonic()
            self.say(f"{self.what}: {self.objects:,} of {self.of:,}, {megabytes(self.bytes)}")

    def end(self) -> None:
        seconds = max(time.monotonic() - self._began, 0.001)
        self.say(
            f"{self.what}: {self.objects:,} objects, {megabytes(self.bytes)} in {seconds:.1f} s "
            f"({self.bytes / 1_000_000 / seconds:.0f} MB/s)"
        )


def megabytes(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
