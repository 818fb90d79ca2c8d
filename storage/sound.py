"""WAV, MP3 and WebM: does the file begin as one, and is its structure whole?"""

from __future__ import annotations

import struct
from pathlib import Path
from typing import BinaryIO

from storage.boxes import Malformed
from storage.kinds import MP3, WAV, WEBA, WEBM, FileKind
from storage.refusals import DAMAGED, VIDEO_FORMAT

_UNKNOWN_LENGTHS = {0, 0xFFFFFFFF}
"""What recorders write that do not know beforehand how long the sound will be."""


def kind_of_wav(path: Path, name: str) -> FileKind:
    """WAV with a format and its sound, to the last byte it announces. Raises `Unacceptable`."""
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            _check_wav(file, size)
        except (Malformed, struct.error) as error:
            raise DAMAGED.about(name, label=WAV.label) from error
    return WAV


def _check_wav(file: BinaryIO, size: int) -> None:
    at, has_format = 12, False
    while at + 8 <= size:
        file.seek(at)
        chunk, length = struct.unpack("<4sI", file.read(8))
        if chunk == b"data":
            if not has_format or (length not in _UNKNOWN_LENGTHS and at + 8 + length > size):
                raise Malformed("sound without a format, or less of it than announced")
            return
        has_format = has_format or (chunk == b"fmt " and length >= 14)
        at += 8 + length + length % 2
    raise Malformed("no sound")


_BITRATES = {  # kbit/s by index, for layer III (ISO/IEC 11172-3 and 13818-3)
    "1": (0, 32, 40, 48, 56, 64, 80, 96, 112, 128, 160, 192, 224, 256, 320),
    "2": (0, 8, 16, 24, 32, 40, 48, 56, 64, 80, 96, 112, 128, 144, 160),
}
_RATES = {3: (44100, 48000, 32000), 2: (22050, 24000, 16000), 0: (11025, 12000, 8000)}
_SEARCHED = 64 * 1024


def mp3_kind(path: Path, head: bytes, name: str) -> FileKind | None:
    """MP3 if, after its tag, frames follow one another; None if it never claimed to be one."""
    tagged = head.startswith(b"ID3")
    if not tagged and not frame_length(head[:4]):
        return None
    with path.open("rb") as file:
        file.seek(_tag_length(head) if tagged else 0)
        sound = file.read(_SEARCHED)
    if _frames_follow(sound, most_padding=4096 if tagged else 0):
        return MP3
    if tagged:
        raise DAMAGED.about(name, label=MP3.label)
    return None


def _tag_length(head: bytes) -> int:
    a, b, c, d = (byte & 0x7F for byte in head[6:10])
    return 10 + (a << 21 | b << 14 | c << 7 | d) + (10 if head[5] & 0x10 else 0)


def _frames_follow(sound: bytes, most_padding: int) -> bool:
    """Two frames in a row, or one that ends with the file."""
    for at in range(min(most_padding, max(0, len(sound) - 4)) + 1):
        length = frame_length(sound[at : at + 4])
        if length and (frame_length(sound[at + length : at + length + 4]) or at + length == len(sound)):
            return True
    return False


def frame_length(header: bytes) -> int:
    """Length in bytes of the MPEG layer III frame that begins so; 0 if none does."""
    if len(header) < 4 or header[0] != 0xFF or header[1] & 0xE0 != 0xE0:
        return 0
    version, layer = header[1] >> 3 & 3, header[1] >> 1 & 3
    bitrate, rate = header[2] >> 4, header[2] >> 2 & 3
    if version == 1 or layer != 1 or bitrate in (0, 15) or rate == 3:
        return 0
    first = version == 3
    kilobits = _BITRATES["1" if first else "2"][bitrate]
    return (144 if first else 72) * kilobits * 1000 // _RATES[version][rate] + (header[2] >> 1 & 1)


_EBML, _DOCTYPE, _SEGMENT, _TRACKS, _CLUSTER = 0x1A45DFA3, 0x4282, 0x18538067, 0x1654AE6B, 0x1F43B675
_TRACK, _TRACK_TYPE, _PICTURES, _SOUND = 0xAE, 0x83, 1, 2
_MOST_ELEMENTS = 10_000


def kind_of_webm(path: Path, name: str) -> FileKind:
    """WebM with its tracks, as long as it says; without pictures it is a recording of sound, as browsers make it.

    Matroska of other kinds is named and refused."""
    size = path.stat().st_size
    with path.open("rb") as file:
        try:
            doctype, segment = _ebml_head(file)
            if doctype != b"webm":
                raise VIDEO_FORMAT.about(name, format="Matroska, MKV")
            types = _track_types(file, _check_segment(file, segment, size))
        except Malformed as error:
            raise DAMAGED.about(name, label=WEBM.label) from error
    return WEBA if _SOUND in types and _PICTURES not in types else WEBM


def _ebml_head(file: BinaryIO) -> tuple[bytes, int]:
    """The document type, and where the segment begins."""
    _, length = _element(file)
    if length is None or length > 4096:
        raise Malformed("the header has no end")
    end, doctype = file.tell() + length, b""
    while file.tell() < end:
        element, length = _element(file)
        content = file.read(min(length or 0, 4096))
        doctype = content.rstrip(b"\0") if element == _DOCTYPE else doctype
    return doctype, end


def _check_segment(file: BinaryIO, start: int, size: int) -> int:
    """How long its tracks are; the file stands where they begin."""
    file.seek(start)
    element, length = _element(file)
    if element != _SEGMENT or (length is not None and file.tell() + length > size):
        raise Malformed("less of it than announced")
    for _ in range(_MOST_ELEMENTS):
        element, length = _element(file)
        if element == _TRACKS:
            return length or 0
        if element == _CLUSTER or length is None:
            break
        file.seek(length, 1)
    raise Malformed("no tracks before the pictures")


def _track_types(file: BinaryIO, length: int) -> set[int]:
    """What the tracks that begin here are: pictures, sound, or something else."""
    end, types = file.tell() + length, set()
    for _ in range(_MOST_ELEMENTS):
        if file.tell() >= end:
            break
        element, inside = _element(file)
        if element == _TRACK_TYPE:
            types.add(int.from_bytes(file.read(min(inside or 0, 8)), "big"))
        elif element != _TRACK:  # of a track, what is in it comes next
            file.seek(inside or 0, 1)
    return types


def _element(file: BinaryIO) -> tuple[int, int | None]:
    """Id and length of the next element; length None where a recorder left it open."""
    element = _number(file, keep_marker=True)
    length = _number(file, keep_marker=False)
    return element, None if length < 0 else length


def _number(file: BinaryIO, *, keep_marker: bool) -> int:
    first = file.read(1)
    if not first or not first[0]:
        raise Malformed("cut in an element")
    width = 9 - first[0].bit_length()
    rest = file.read(width - 1)
    if len(rest) < width - 1:
        raise Malformed("cut in an element")
    value = int.from_bytes(first + rest, "big")
    if keep_marker:
        return value
    bare = value & ((1 << 7 * width) - 1)
    return -1 if bare == (1 << 7 * width) - 1 else bare
