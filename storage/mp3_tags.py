"""The tags that stand before and behind the sound of an MP3: where each lies, and what it says."""

from __future__ import annotations

import struct
from typing import NamedTuple

from storage.id3 import HEAD, id3_words, tag_length
from storage.metadata import COMMENTS, OTHER, PEOPLE, TIME, TITLE
from storage.patches import Plan
from storage.tag_words import word_for

_MOST = 256 * 1024
_ID3V1, _ENHANCED = 128, 227
_APE, _APE_IS_HEAD, _APE_HAS_HEAD = b"APETAGEX", 1 << 29, 1 << 31
_V1_FIELDS = ((3, 33, TITLE), (33, 63, PEOPLE), (63, 93, TITLE), (93, 97, TIME), (97, 127, COMMENTS))


class Tag(NamedTuple):
    """From where to where a tag lies, and its words."""

    start: int
    end: int
    words: set[str]


def tag_at(plan: Plan, at: int) -> Tag | None:
    """The tag that begins here, if one does."""
    head = plan.read(at, min(32, plan.size - at))
    if length := tag_length(head[:HEAD]):
        end = min(plan.size, at + length)
        return Tag(at, end, id3_words(plan.read(at, min(_MOST, end - at))))
    if head[:3] == b"TAG" and head[3:4] != b"+" and at + _ID3V1 <= plan.size:
        return Tag(at, at + _ID3V1, _v1_words(plan.read(at, _ID3V1)))
    if head[:4] == b"TAG+" and at + _ENHANCED <= plan.size:
        return Tag(at, at + _ENHANCED, {TITLE, PEOPLE})
    if head[:8] == _APE and len(head) == 32:
        length, flags = struct.unpack("<I4xI", head[12:24])
        if flags & _APE_IS_HEAD and at + 32 + length <= plan.size:
            return Tag(at, at + 32 + length, _ape_words(plan, at + 32, at + length))
    return None


def tag_before(plan: Plan, end: int) -> Tag | None:
    """The tag that ends here, if one does: tags at the end are found from behind."""
    if _starts(plan, end - _ID3V1, b"TAG"):
        return Tag(end - _ID3V1, end, _v1_words(plan.read(end - _ID3V1, _ID3V1)))
    if _starts(plan, end - _ENHANCED, b"TAG+"):
        return Tag(end - _ENHANCED, end, {TITLE, PEOPLE})
    if _starts(plan, end - 32, _APE):
        return _ape_before(plan, end)
    if _starts(plan, end - HEAD, b"3DI"):
        length = tag_length(b"ID3" + plan.read(end - HEAD + 3, HEAD - 3))
        start = end - length
        found = length and start >= 0
        return Tag(start, end, id3_words(plan.read(start, min(_MOST, length)))) if found else None
    return _lyrics_before(plan, end)


def _starts(plan: Plan, at: int, mark: bytes) -> bool:
    return at >= 0 and plan.read(at, len(mark)) == mark


def _ape_before(plan: Plan, end: int) -> Tag | None:
    length, flags = struct.unpack("<I4xI", plan.read(end - 20, 12))
    first = end - length
    start = first - 32 if flags & _APE_HAS_HEAD else first
    return Tag(start, end, _ape_words(plan, first, end - 32)) if 0 <= start <= end - 32 else None


def _ape_words(plan: Plan, start: int, end: int) -> set[str]:
    """By the names of its items (APEv2: length, flags, name, zero, value)."""
    words: set[str] = set()
    while start + 9 < end:
        name, zero, _ = plan.read(start + 8, min(256, end - start - 8)).partition(b"\0")
        if not zero:
            break
        words.add(word_for(name.decode("latin-1")))
        start += 8 + len(name) + 1 + int.from_bytes(plan.read(start, 4), "little")
    return words or {OTHER}


def _lyrics_before(plan: Plan, end: int) -> Tag | None:
    """Lyrics3: version 1 is at most 5100 bytes long, version 2 says its length in six digits."""
    if _starts(plan, end - 9, b"LYRICS200"):
        digits = plan.read(max(0, end - 15), min(6, end - 9))
        start = end - 15 - int(digits) if digits.isdigit() else -1
        return Tag(start, end, {COMMENTS}) if _starts(plan, start, b"LYRICSBEGIN") else None
    if _starts(plan, end - 9, b"LYRICSEND"):
        start = max(0, end - 5200)
        found = plan.read(start, end - start).rfind(b"LYRICSBEGIN")
        return Tag(start + found, end, {COMMENTS}) if found >= 0 else None
    return None


def _v1_words(tag: bytes) -> set[str]:
    return {word for start, end, word in _V1_FIELDS if tag[start:end].strip(b"\0 ")} or {OTHER}
