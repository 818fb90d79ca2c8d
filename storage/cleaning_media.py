"""Pictures, recordings and other documents inside a document: each is cleaned by whatever cleans it when it comes alone."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from pathlib import Path

from lxml import etree

from storage.boxes import Malformed
from storage.cleaning import NotCleaned
from storage.cleaning_office import parsed
from storage.cleaning_parts import PATH, remove
from storage.cleaning_words import COMMENTS, OTHER, SOFTWARE, Outcome
from storage.kinds import JPEG, PNG, WEBP, FileKind
from storage.photos import clean_photo
from storage.refusals import Unacceptable

_PICTURE_LEFT = "A picture inside it ({what}) could not be looked through and stays as it is."
_NAMES = {b"II*\0": "TIFF", b"MM\0*": "TIFF", b"II\xbc\x01": "JPEG XR", b"BM": ""}
"""How others begin. A BMP holds nothing but the picture."""
MOST_IN_MEMORY = 64 * 1024**2


def clean_picture(path: Path, media_type: str, outcome: Outcome) -> Path | None:
    """A cleaned copy beside this picture, or None if it stays as it is; what was found is noted."""
    if "svg" in media_type:
        return _clean_whole(path, clean_svg, outcome)
    with path.open("rb") as file:
        head = file.read(64)
    if (kind := _photo(head)) is not None:
        return _clean_photo(path, kind, outcome)
    for signature, cleaner in ((b"GIF8", clean_gif), (b"\x01\0\0\0", clean_emf)):
        if head.startswith(signature):
            return _clean_whole(path, cleaner, outcome)
    name = next((name for mark, name in _NAMES.items() if head.startswith(mark)), None)
    if name or head[4:8] == b"ftyp":
        outcome.remains(_PICTURE_LEFT.format(what=name or "HEIC"))
    return None


def _photo(head: bytes) -> FileKind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WEBP if head.startswith(b"RIFF") and head[8:12] == b"WEBP" else None


def _clean_photo(path: Path, kind: FileKind, outcome: Outcome) -> Path | None:
    try:
        cleaned = clean_photo(path, kind)
    except Unacceptable:
        outcome.remains(_PICTURE_LEFT.format(what=kind.label))
        return None
    outcome.words.update(cleaned.removed)
    return cleaned.path


def _clean_whole(path: Path, cleaner: Callable[[bytes, Outcome], bytes], outcome: Outcome) -> Path | None:
    if path.stat().st_size > MOST_IN_MEMORY:
        raise NotCleaned(
            "A picture inside it is too large to be looked through. Make it smaller, or decide whether it may stay."
        )
    try:
        data = cleaner(path.read_bytes(), outcome)
    except (Malformed, struct.error, IndexError, NotCleaned, Unacceptable):
        outcome.remains(_PICTURE_LEFT.format(what="GIF, EMF or SVG"))
        return None
    target = path.with_suffix(".clean")
    target.write_bytes(data)
    return target


def clean_svg(data: bytes, outcome: Outcome) -> bytes:
    """A drawing without what its program wrote beside it."""
    root = parsed(data)
    for element in [one for one in root.iter("*") if _is_beside(one.tag)]:
        outcome.words.add(OTHER)
        remove(element)
    for element in root.iter("*"):
        for key in [key for key, value in element.attrib.items() if _is_beside(key) or PATH.match(value)]:
            outcome.words.add(OTHER)
            del element.attrib[key]
    return bytes(etree.tostring(root, xml_declaration=True, encoding="UTF-8"))


def _is_beside(name: str) -> bool:
    return name.endswith("}metadata") or any(program in name for program in ("inkscape", "sodipodi", "adobe"))


def clean_emf(data: bytes, outcome: Outcome) -> bytes:
    """A Windows drawing without the names of the program and of the drawing (MS-EMF 2.3.4.2)."""
    if data[40:44] != b" EMF":
        return data
    characters, at = struct.unpack("<II", data[60:68])
    end = at + 2 * characters
    if not characters or not 80 <= at <= end <= len(data):
        return data
    if data[at:end].strip(b"\0"):
        outcome.words.add(SOFTWARE)
    return data[:at] + bytes(end - at) + data[end:]


def clean_gif(data: bytes, outcome: Outcome) -> bytes:
    """A GIF without comments, and without what programs put beside the picture (GIF89a, 24 to 26)."""
    kept = [data[: _after_colours(data, 13, data[10])]]
    for start, end in _gif_blocks(data, len(kept[0])):
        block = data[start:end]
        if block[:2] == b"!\xfe":
            outcome.words.add(COMMENTS)
        elif block[:2] == b"!\xff" and block[3:14] not in (b"NETSCAPE2.0", b"ANIMEXTS1.0", b"ICCRGBG1012"):
            outcome.words.add(OTHER)
        else:
            kept.append(block)
    return b"".join(kept)


def _gif_blocks(data: bytes, at: int) -> Iterator[tuple[int, int]]:
    while True:
        start, kind = at, data[at]
        if kind == 0x3B:
            yield start, start + 1
            return
        if kind == 0x21:
            at += 2
        elif kind == 0x2C:
            at = _after_colours(data, at + 10, data[at + 9]) + 1
        else:
            raise Malformed("no block where one must be")
        while data[at]:
            at += data[at] + 1
        at += 1
        yield start, at


def _after_colours(data: bytes, at: int, flags: int) -> int:
    return at + (3 << (flags & 7) + 1 if flags & 0x80 else 0)
