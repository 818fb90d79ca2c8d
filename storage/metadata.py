"""What a photo says about the person who took it, in plain words; and the little that must stay: which way is up.

The words for what recordings say are here too, so that receipts speak one language."""

from __future__ import annotations

import struct
from collections.abc import Callable

from PIL import ExifTags, Image

LOCATION = "location"
DEVICE = "camera and phone details"
TIME = "date and time"
PREVIEW = "embedded preview"
COMMENTS = "comments"
PEOPLE = "names of people"
TRAILER = "data after the end of the picture"
CLIP = "a short film behind the picture"
TITLE = "title"
COVER = "cover picture"
SENSORS = "measurements taken while filming"
CHAPTERS = "names of chapters"
PROGRAM = "the program that made it"
TAIL = "data after the end of the recording"
OTHER = "other hidden details"

IN_ORDER = (
    LOCATION, DEVICE, TIME, PEOPLE, TITLE, COMMENTS, COVER, PREVIEW, CLIP, SENSORS, CHAPTERS, PROGRAM, TRAILER, TAIL,
    OTHER,
)  # fmt: skip

_ORIENTATION = 0x0112
_WORDS = {
    DEVICE: {0x010F, 0x0110, 0x0131, 0x013C, 0x927C, 0xA420, 0xA431, 0xA433, 0xA434, 0xA435, 0xC62F},
    TIME: {0x0132, 0x9003, 0x9004, 0x9010, 0x9011, 0x9012, 0x9290, 0x9291, 0x9292},
    PEOPLE: {0x013B, 0x8298, 0xA430, 0x9C9D},
    COMMENTS: {0x010D, 0x010E, 0x9286, 0x9C9B, 0x9C9C, 0x9C9E, 0x9C9F},
}
_XMP_WORDS = {
    LOCATION: (b"GPS", b"Location", b":City", b"photoshop:City"),
    DEVICE: (b"tiff:Make", b"tiff:Model", b"CreatorTool", b"aux:"),
    TIME: (b"CreateDate", b"ModifyDate", b"DateCreated", b"DateTimeOriginal"),
    PEOPLE: (b"dc:creator", b"dc:rights", b"PersonInImage", b"mwg-rs:"),
    COMMENTS: (b"dc:description", b"dc:title", b"dc:subject"),
}


def exif_words(tiff: bytes) -> set[str]:
    """What this EXIF block holds, in plain words. One that cannot be read is "other hidden details"."""
    words: set[str] = set()
    try:
        exif = _exif(tiff)
        if ExifTags.IFD.GPSInfo in exif:
            words.add(LOCATION)
        tags = set(exif) | set(exif.get_ifd(ExifTags.IFD.Exif))
        words |= {word for word, numbers in _WORDS.items() if tags & numbers}
        if exif.get_ifd(ExifTags.IFD.IFD1):
            words.add(PREVIEW)
    except Exception:  # broken EXIF is common and is thrown away with the rest
        return {OTHER}
    return words or ({OTHER} if tags - {_ORIENTATION} else set())


def exif_orientation(tiff: bytes) -> int:
    """1 to 8 (EXIF 2.32, tag 274); 1 where nothing sensible is said."""
    try:
        value = _exif(tiff).get(_ORIENTATION, 1)
    except Exception:  # broken EXIF says nothing
        return 1
    return value if isinstance(value, int) and 1 <= value <= 8 else 1


def xmp_words(packet: bytes) -> set[str]:
    """What this XMP packet holds, in plain words."""
    found = {word for word, marks in _XMP_WORDS.items() if any(mark in packet for mark in marks)}
    return found or {OTHER}


def orientation_only(orientation: int) -> bytes:
    """An EXIF block that says which way is up, and nothing else."""
    return struct.pack(">2sHIHHHIHHI", b"MM", 42, 8, 1, _ORIENTATION, 3, 1, orientation, 0, 0)


def in_order(words: set[str]) -> tuple[str, ...]:
    """For a sentence: what matters most first."""
    return tuple(word for word in IN_ORDER if word in words)


def trailer_words(trailer: bytes) -> set[str]:
    """What stood after the end of the picture: phones hide a film or a second picture there."""
    if not trailer.strip(b"\0"):
        return set()
    if b"ftyp" in trailer:
        return {CLIP}
    return {PREVIEW} if b"\xff\xd8\xff" in trailer else {TRAILER}


def _exif(tiff: bytes) -> Image.Exif:
    exif = Image.Exif()
    exif.load(tiff)
    return exif


Copy = Callable[[bytes], object]
"""Where the cleaned picture is written to, piece by piece."""
