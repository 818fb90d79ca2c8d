"""Which part of a file a browser asks for (RFC 9110 section 14). Players on iPhones need this for video."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import NamedTuple

_ONE_RANGE = re.compile(r"\s*bytes\s*=\s*([0-9]*)\s*-\s*([0-9]*)\s*", re.IGNORECASE | re.ASCII)


class ByteRange(NamedTuple):
    """First and last byte, both included, as in the header."""

    start: int
    end: int

    @property
    def length(self) -> int:
        """How many bytes that is."""
        return self.end - self.start + 1

    def content_range(self, size: int) -> str:
        """The `Content-Range` header of the answer with status 206."""
        return f"bytes {self.start}-{self.end}/{size}"


@dataclass(frozen=True)
class Unsatisfiable:
    """The range begins after the end of the file: the answer is status 416."""

    size: int

    @property
    def content_range(self) -> str:
        """The `Content-Range` header of the answer with status 416."""
        return f"bytes */{self.size}"


def parse_range(header: str | None, size: int) -> ByteRange | Unsatisfiable | None:
    """The one range asked for; None if the whole file should be sent: no header, one we cannot read, or several
    ranges at once. Never raises."""
    found = _ONE_RANGE.fullmatch(header or "")
    if found is None:
        return None
    first, last = (_number(digits) for digits in found.groups())
    if first is None:
        return None if last is None else _suffix(last, size)
    if last is not None and last < first:
        return None
    if first >= size:
        return Unsatisfiable(size)
    return ByteRange(first, size - 1 if last is None else min(last, size - 1))


def _suffix(length: int, size: int) -> ByteRange | Unsatisfiable:
    if length == 0 or size == 0:
        return Unsatisfiable(size)
    return ByteRange(max(0, size - length), size - 1)


def _number(digits: str) -> int | None:
    # Twenty digits are beyond any file; int() itself refuses text of thousands of digits.
    return int(digits.lstrip("0")[:20] or "0") if digits else None
