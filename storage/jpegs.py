"""JPEG without its metadata, and without touching a single pixel: only segments that a decoder needs are copied."""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator
from mmap import mmap
from typing import NamedTuple

from storage.boxes import Malformed
from storage.metadata import (
    COMMENTS,
    OTHER,
    PREVIEW,
    Copy,
    exif_orientation,
    exif_words,
    orientation_only,
    trailer_words,
    xmp_words,
)

_SOI, _EOI, _SOS, _COMMENT = 0xD8, 0xD9, 0xDA, 0xFE
_APP0, _APP1, _APP2, _APP14 = 0xE0, 0xE1, 0xE2, 0xEE
_APPS = range(0xE0, 0xF0)
_ALONE = {0x01, *range(0xD0, 0xD8)}  # markers without a length
_AFTER_SCAN = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_EXIF = b"Exif\0"
_XMP = b"http://ns.adobe.com/xap/1.0/\0"


class Segment(NamedTuple):
    """One segment: its marker, where it starts, where its content starts, where it ends."""

    marker: int
    start: int
    content: int
    end: int


def clean_jpeg(data: mmap, write: Copy) -> set[str]:
    """Copy what is needed to show the picture; say in plain words what was left out. Raises `Malformed`."""
    words: set[str] = set()
    kept: list[bytes] = []
    orientation, end = 1, len(data)
    picture: list[Segment] = []
    for segment in segments(data):
        if segment.marker == _APP1 and data[segment.content : segment.content + 5] == _EXIF:
            tiff = data[segment.content + 6 : segment.end]
            orientation = exif_orientation(tiff) if orientation == 1 else orientation
            words |= exif_words(tiff)
        elif segment.marker in _APPS:
            needed, found = _application(segment.marker, data[segment.content : segment.end])
            kept += [needed] if needed else []
            words |= found
        elif segment.marker == _COMMENT:
            words.add(COMMENTS)
        else:
            picture.append(segment)
        end = segment.end
    write(b"\xff\xd8")
    _write_head(write, kept, orientation)
    for segment in picture:
        write(data[segment.start : segment.end])
    write(b"\xff\xd9")
    return words | trailer_words(data[end + 2 :])


def _write_head(write: Copy, kept: list[bytes], orientation: int) -> None:
    """JFIF comes first where there is one, then which way is up, then colours."""
    first = [block for block in kept if block[1] == _APP0]
    write(b"".join(first[:1]))
    if orientation != 1:
        write(_segment(_APP1, b"Exif\0\0" + orientation_only(orientation)))
    write(b"".join(block for block in kept if block[1] != _APP0))


def _application(marker: int, content: bytes) -> tuple[bytes, set[str]]:
    """What must stay of an application's segment, and what is in the rest."""
    if marker == _APP0 and content.startswith(b"JFIF\0"):
        return _segment(_APP0, content[:12] + b"\0\0"), {PREVIEW} if len(content) > 14 else set()
    if marker == _APP2 and content.startswith(b"ICC_PROFILE\0"):
        return _segment(_APP2, content), set()
    if marker == _APP14 and content.startswith(b"Adobe") and len(content) >= 12:
        return _segment(_APP14, content[:12]), set()
    if marker == _APP1 and content.startswith(_XMP):
        return b"", xmp_words(content)
    previews = (marker == _APP0 and content.startswith(b"JFXX")) or content.startswith(b"MPF\0")
    return b"", {PREVIEW} if previews else {OTHER}


def _segment(marker: int, content: bytes) -> bytes:
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def segments(data: mmap) -> Iterator[Segment]:
    """Every segment between start and end of the picture; a scan goes with its header. Raises `Malformed`."""
    at = 2
    while (marker := _marker(data, at)) is not None:
        code, at = marker
        if code == _EOI:
            return
        if code in _ALONE:
            at += 2
            continue
        if at + 4 > len(data):
            raise Malformed("cut in a segment")
        length = struct.unpack(">H", data[at + 2 : at + 4])[0]
        end = at + 2 + length
        if length < 2 or end > len(data):
            raise Malformed("a segment reaches beyond the file")
        if code == _SOS:
            found = _AFTER_SCAN.search(data, end)
            end = found.start() if found else len(data)
        yield Segment(code, at, at + 4, end)
        at = end
    raise Malformed("the picture has no end")


def _marker(data: mmap, at: int) -> tuple[int, int] | None:
    """The marker here and where it begins, past fill bytes; None at the end of the data."""
    if at + 2 > len(data):
        return None
    if data[at] != 0xFF:
        raise Malformed("no marker where one must be")
    while at + 2 < len(data) and data[at + 1] == 0xFF:
        at += 1
    return data[at + 1], at
