"""Text in lines, packed on the way out and unpacked on the way in, a little at a time."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from portfolio.safekeeping.copying import Sum
from portfolio.safekeeping.manifest import OBJECT_LIST, under
from portfolio.safekeeping.places import Place
from portfolio.safekeeping.register import Kept, Register

GZIP = 31
"""zlib's word for the form of gzip, so that any tool can unpack it."""
LEVEL = 3
TOGETHER = 1024 * 1024


class Spoilt(Exception):
    """A file of the backup cannot be unpacked or is not what its manifest says. The argument is its name."""


def packed(lines: Iterable[bytes]) -> Iterator[bytes]:
    packer = zlib.compressobj(LEVEL, wbits=GZIP)
    waiting: list[bytes] = []
    size = 0
    for line in lines:
        waiting.append(line)
        size += len(line)
        if size >= TOGETHER:
            yield packer.compress(b"".join(waiting))
            waiting, size = [], 0
    yield packer.compress(b"".join(waiting)) + packer.flush()


def unpacked(place: Place, name: str) -> Iterator[bytes]:
    """The lines of a packed file. Raises `Spoilt` for one that is cut off or damaged."""
    unpacker = zlib.decompressobj(wbits=GZIP)
    rest = b""
    try:
        for chunk in place.read(name):
            *whole, rest = (rest + unpacker.decompress(chunk)).split(b"\n")
            for line in whole:
                yield line + b"\n"
    except zlib.error as error:
        raise Spoilt(name) from error
    if rest or not unpacker.eof:
        raise Spoilt(name)


@dataclass(frozen=True)
class Listed:
    """The list of a backup's objects: how many, their bytes, and the SHA-256 of the list."""

    objects: int
    bytes: int
    sha256: str


def write_list(place: Place, name: str, register: Register) -> Listed:
    """What the backup holds, by key."""
    total = Sum()
    counted = [0, 0]

    def lines() -> Iterator[bytes]:
        for one in register.listed():
            counted[0] += 1
            counted[1] += one.size
            yield json.dumps([one.key, one.size, one.sha256]).encode() + b"\n"

    place.write(under(name, OBJECT_LIST), packed(total.of(lines())))
    return Listed(counted[0], counted[1], total.sha256)


def read_list(place: Place, name: str, total: Sum | None = None) -> Iterator[Kept]:
    """The objects of a backup, by key. `total` gets the hash of the list. Raises `Spoilt` and `NotThere`."""
    file = under(name, OBJECT_LIST)
    for line in (total or Sum()).of(unpacked(place, file)):
        try:
            key, size, sha256 = json.loads(line)
            yield Kept(str(key), int(size), str(sha256))
        except (ValueError, TypeError) as error:
            raise Spoilt(file) from error
