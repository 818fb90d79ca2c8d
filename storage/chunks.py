"""PNG and WebP without their metadata: both are lists of chunks, and only those that a decoder needs are copied."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Iterator
from mmap import mmap
from typing import NamedTuple

from storage.boxes import Malformed
from storage.metadata import (
    COMMENTS,
    OTHER,
    TIME,
    Copy,
    exif_orientation,
    exif_words,
    orientation_only,
    trailer_words,
    xmp_words,
)

_PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
_PNG_NEEDED = {
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"sBIT", b"bKGD", b"hIST",
    b"pHYs", b"cICP", b"mDCV", b"cLLI", b"acTL", b"fcTL", b"fdAT",
}  # fmt: skip
_PNG_TEXT = {b"tEXt", b"zTXt", b"iTXt"}
_WEBP_NEEDED = {b"VP8 ", b"VP8L", b"VP8X", b"ALPH", b"ANIM", b"ANMF", b"ICCP"}
_WEBP_EXIF_FLAG, _WEBP_XMP_FLAG = 0x08, 0x04


class Chunk(NamedTuple):
    """One chunk: its type, and where the whole of it and its content lie."""

    type: bytes
    start: int
    content: int
    content_end: int
    end: int


def clean_png(data: mmap, write: Copy) -> set[str]:
    """Copy what is needed to show the picture; say in plain words what was left out. Raises `Malformed`."""
    words: set[str] = set()
    orientation, end = 1, len(data)
    kept: list[Chunk] = []
    for chunk in _png_chunks(data):
        content = data[chunk.content : chunk.content_end] if chunk.type not in _PNG_NEEDED else b""
        if chunk.type in _PNG_NEEDED:
            kept.append(chunk)
        elif chunk.type == b"eXIf":
            orientation = exif_orientation(content)
            words |= exif_words(content)
        else:
            words |= _png_words(chunk.type, content)
        end = chunk.end
    write(_PNG_SIGNATURE)
    for chunk in kept:
        write(data[chunk.start : chunk.end])
        if chunk.type == b"IHDR" and orientation != 1:
            write(_png_chunk(b"eXIf", orientation_only(orientation)))
    return words | trailer_words(data[end:])


def _png_words(kind: bytes, content: bytes) -> set[str]:
    if content.startswith(b"XML:com.adobe.xmp"):
        return xmp_words(content)
    if kind in _PNG_TEXT:
        return {COMMENTS}
    return {TIME} if kind == b"tIME" else {OTHER}


def _png_chunk(kind: bytes, content: bytes) -> bytes:
    check = zlib.crc32(kind + content)
    return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", check)


def _png_chunks(data: mmap) -> Iterator[Chunk]:
    at = len(_PNG_SIGNATURE)
    while at + 12 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        end = at + 12 + length
        if end > len(data):
            break
        yield Chunk(kind, at, at + 8, end - 4, end)
        if kind == b"IEND":
            return
        at = end
    raise Malformed("the picture has no end")


def clean_webp(data: mmap, write: Copy) -> set[str]:
    """Copy what is needed to show the picture; say in plain words what was left out. Raises `Malformed`."""
    words: set[str] = set()
    orientation = 1
    kept: list[Chunk] = []
    end = 8 + struct.unpack("<I", data[4:8])[0]
    for chunk in _webp_chunks(data, end):
        if chunk.type in _WEBP_NEEDED:
            kept.append(chunk)
            continue
        content = data[chunk.content : chunk.content_end]
        if chunk.type == b"EXIF":
            tiff = content.removeprefix(b"Exif\0\0")
            orientation = exif_orientation(tiff)
            words |= exif_words(tiff)
        else:
            words |= xmp_words(content) if chunk.type == b"XMP " else {OTHER}
    pieces = [_webp_piece(data, chunk, orientation) for chunk in kept]
    if orientation != 1:
        pieces.append(struct.pack("<4sI", b"EXIF", 26) + orientation_only(orientation))
    write(struct.pack("<4sI4s", b"RIFF", 4 + sum(map(len, pieces)), b"WEBP"))
    for piece in pieces:
        write(piece)
    return words | trailer_words(data[end + end % 2 :])


def _webp_piece(data: mmap, chunk: Chunk, orientation: int) -> bytes:
    piece = data[chunk.start : chunk.end]
    if len(piece) % 2:  # the last chunk of some writers lacks its padding
        piece += b"\0"
    if chunk.type != b"VP8X":
        return piece
    flags = piece[8] & ~(_WEBP_EXIF_FLAG | _WEBP_XMP_FLAG) | (_WEBP_EXIF_FLAG if orientation != 1 else 0)
    return piece[:8] + bytes([flags]) + piece[9:]


def _webp_chunks(data: mmap, end: int) -> Iterator[Chunk]:
    if end > len(data):
        raise Malformed("less of it than announced")
    at = 12
    while at + 8 <= end:
        kind, length = struct.unpack("<4sI", data[at : at + 8])
        content_end = at + 8 + length
        if content_end > end:
            raise Malformed("a chunk reaches beyond the file")
        yield Chunk(kind, at, at + 8, content_end, min(end, content_end + length % 2))
        at = content_end + length % 2
