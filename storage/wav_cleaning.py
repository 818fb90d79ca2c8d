"""WAV without what it says about people: format and sound stay, other chunks become JUNK or are cut off the end."""

from __future__ import annotations

import re
import struct
from typing import NamedTuple

from storage.boxes import Malformed
from storage.id3 import id3_words
from storage.metadata import COMMENTS, DEVICE, OTHER, PROGRAM, TAIL, TIME, xmp_words
from storage.patches import Plan
from storage.tag_words import word_for, word_for_riff

_NEEDED = {b"fmt ", b"fact", b"data"}
_FILLING = {b"JUNK", b"junk", b"PAD ", b"FLLR"}
_UNKNOWN = {0, 0xFFFFFFFF}
"""What recorders write that do not know how long the sound will be: it lasts to the end."""
_MOST = 256 * 1024
_LEAVES = re.compile(rb"<([A-Za-z_:]{1,64})>\s*[^<\s]")
_BEXT = (
    (0, 256, COMMENTS), (256, 320, DEVICE), (320, 338, TIME), (348, 602, OTHER), (602, _MOST, PROGRAM)
)  # fmt: skip
"""EBU Tech 3285: description, originator and its reference, date and time, marks, how it was encoded."""


class _Chunk(NamedTuple):
    type: bytes
    at: int
    end: int
    """Without the byte that fills up an odd length."""


def plan_wav(plan: Plan) -> None:
    """Plan the cleaning of one file. Raises `Malformed` where its structure cannot be followed."""
    chunks = _chunks(plan)
    last = max((index for index, chunk in enumerate(chunks) if chunk.type in _NEEDED), default=-1)
    if last < 0 or b"data" not in {chunk.type for chunk in chunks}:
        raise Malformed("no sound")
    for chunk in chunks[:last]:
        if chunk.type not in _NEEDED and plan.zero(chunk.at + 8, chunk.end):
            plan.write(chunk.at, b"JUNK")
            plan.words |= words_of(plan, chunk)
    words = {word for chunk in chunks[last + 1 :] for word in words_of(plan, chunk)}
    if plan.holds_something(_with_filling(plan, chunks[-1]), plan.size):
        words.add(TAIL)
    if words:
        plan.words |= words
        _end(plan, _with_filling(plan, chunks[last]))


def _with_filling(plan: Plan, chunk: _Chunk) -> int:
    """Where the next chunk may begin: at an even number of bytes."""
    return min(plan.size, chunk.end + (chunk.end - chunk.at) % 2)


def _end(plan: Plan, end: int) -> None:
    plan.cut(end)
    if struct.unpack("<I", plan.read(4, 4))[0] not in _UNKNOWN:
        plan.write(4, struct.pack("<I", end - 8))


def _chunks(plan: Plan) -> list[_Chunk]:
    """As far as they can be followed; before the sound, they must be."""
    chunks: list[_Chunk] = []
    at, heard = 12, False
    while at + 8 <= plan.size and len(chunks) < 10_000:
        kind, length = struct.unpack("<4sI", plan.read(at, 8))
        end = at + 8 + length
        if kind == b"data" and length in _UNKNOWN and not (length == 0 and heard):
            end = plan.size
        if end > plan.size or not (kind.isascii() and kind.decode().isprintable()):
            break
        chunks.append(_Chunk(kind, at, end))
        heard = heard or kind == b"data"
        at = end + length % 2
    return chunks


def words_of(plan: Plan, chunk: _Chunk) -> set[str]:
    """What a chunk says, in plain words."""
    if chunk.type in _FILLING and not plan.holds_something(chunk.at + 8, chunk.end):
        return set()
    content = plan.read(chunk.at + 8, min(_MOST, chunk.end - chunk.at - 8))
    if chunk.type == b"LIST":
        return _list_words(content) or {OTHER}
    if chunk.type == b"bext":
        return {word for start, end, word in _BEXT if content[start:end].strip(b"\0 ")} or {OTHER}
    if chunk.type in (b"id3 ", b"ID3 "):
        return id3_words(content) or {OTHER}
    if chunk.type in (b"iXML", b"axml"):
        return {word_for(name.decode()) for name in _LEAVES.findall(content)} or {OTHER}
    if chunk.type == b"_PMX":
        return xmp_words(content)
    return {TIME} if chunk.type == b"PEAK" else {OTHER}


def _list_words(content: bytes) -> set[str]:
    if content[:4] == b"adtl":
        return {COMMENTS}
    words: set[str] = set()
    at = 4
    while content[:4] == b"INFO" and at + 8 <= len(content):
        kind, length = struct.unpack("<4sI", content[at : at + 8])
        if content[at + 8 : at + 8 + length].strip(b"\0 "):
            words.add(word_for_riff(kind.decode("latin-1")))
        at += 8 + length + length % 2
    return words
