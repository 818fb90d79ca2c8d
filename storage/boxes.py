"""MP4, MOV, M4A and HEIC: one container of nested boxes (ISO/IEC 14496-12). What is in it, and is it whole?"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from storage.kinds import HEIC, M4A, MOV, MP4, FileKind
from storage.refusals import DAMAGED, PICTURE_FORMAT, VIDEO_FORMAT

_MOST_BOXES = 200_000
"""A long recording in fragments has thousands of boxes; more than this is made to keep us busy."""

_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1", b"msf1"}
_OTHER_PICTURES = {b"avif": "AVIF", b"avis": "AVIF", b"crx ": "Canon raw", b"hevc": "HEIC sequence"}
_MEDIA_BRANDS = {b"qt  ": MOV, b"M4A ": M4A, b"M4B ": M4A}
_TOP_LEVEL = {b"ftyp", b"moov", b"mdat", b"wide", b"free", b"skip", b"pnot"}


@dataclass(frozen=True)
class Box:
    """A box: its type, where its content begins and where it ends, in bytes from the start of the file."""

    type: bytes
    start: int
    end: int


class Malformed(ValueError):
    """The structure contradicts itself, or the file ends before it does."""


def boxes(file: BinaryIO, start: int, end: int) -> Iterator[Box]:
    """The boxes between two places. Raises `Malformed` when one reaches beyond its parent or the file."""
    for _ in range(_MOST_BOXES):
        if start >= end:
            return
        file.seek(start)
        head = file.read(16)
        if len(head) < 8 or end - start < 8:
            raise Malformed("cut in a box header")
        size, kind = struct.unpack(">I4s", head[:8])
        skip = 8
        if size == 1 and len(head) == 16:
            size, skip = struct.unpack(">Q", head[8:])[0], 16
        elif size == 0:
            size = end - start
        if size < skip or start + size > end:
            raise Malformed("a box is longer than what holds it")
        yield Box(kind, start + skip, start + size)
        start += size
    raise Malformed("too many boxes")


def is_box_file(head: bytes) -> bool:
    """Whether the file begins like one of these containers. Old QuickTime has no `ftyp`.

    "Our free time" has "free" in that place too, but no text begins with so small a number."""
    return head[4:8] in _TOP_LEVEL and head[:4] < b"\t\t\t\t"


def kind_of_boxes(path: Path, name: str) -> FileKind:
    """HEIC, MP4, M4A or MOV, by brand and by what tracks there are. Raises `Unacceptable`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        brand = _brand(file)
        if brand in _OTHER_PICTURES:
            raise PICTURE_FORMAT.about(name, format=_OTHER_PICTURES[brand])
        if brand.startswith(b"3g"):
            raise VIDEO_FORMAT.about(name, format="3GP")
        kind = HEIC if brand in _HEIC_BRANDS else _MEDIA_BRANDS.get(brand, MP4)
        try:
            return kind if _whole_photo(file, size, kind) else _by_tracks(file, size, kind)
        except Malformed as error:
            raise DAMAGED.about(name, label=kind.label) from error


def _brand(file: BinaryIO) -> bytes:
    file.seek(0)
    head = file.read(12)
    return head[8:12] if head[4:8] == b"ftyp" else b"qt  "


def _whole_photo(file: BinaryIO, size: int, kind: FileKind) -> bool:
    if kind is not HEIC:
        return False
    if b"meta" not in {box.type for box in boxes(file, 0, size)}:
        raise Malformed("a picture without its description")
    return True


def _by_tracks(file: BinaryIO, size: int, kind: FileKind) -> FileKind:
    """Phones write sound alone under the brand of a video: the tracks decide, save that QuickTime stays so."""
    movie, has_media = None, False
    for box in _until_trailer(file, size):
        movie = box if box.type == b"moov" else movie
        has_media = has_media or (box.type == b"mdat" and box.end > box.start)
    tracks = set(_handlers(file, movie)) if movie else set()
    if not has_media or not tracks & {b"vide", b"soun"}:
        raise Malformed("no sound and no picture in it")
    if kind is MOV:
        return MOV
    return MP4 if b"vide" in tracks else M4A


def _until_trailer(file: BinaryIO, size: int) -> Iterator[Box]:
    """Top-level boxes. What makers append after a complete film (padding, notes of an editor) is no fault."""
    seen: set[bytes] = set()
    try:
        for box in boxes(file, 0, size):
            seen.add(box.type)
            yield box
    except Malformed:
        if not {b"moov", b"mdat"} <= seen:
            raise


def _handlers(file: BinaryIO, movie: Box) -> Iterator[bytes]:
    for track in (box for box in boxes(file, movie.start, movie.end) if box.type == b"trak"):
        for media in (box for box in boxes(file, track.start, track.end) if box.type == b"mdia"):
            for handler in (box for box in boxes(file, media.start, media.end) if box.type == b"hdlr"):
                file.seek(handler.start + 8)
                yield file.read(4)
