"""ID3v2 tags (versions 2.2, 2.3 and 2.4): how long one is, and what it says in plain words."""

from __future__ import annotations

from collections.abc import Iterator

from storage.metadata import OTHER
from storage.tag_words import word_for, word_for_id3

HEAD = 10


def tag_length(head: bytes) -> int:
    """Bytes of the tag that begins so, with its head and its foot; 0 if none does."""
    if len(head) < HEAD or head[:3] != b"ID3" or head[3] > 9 or any(byte & 0x80 for byte in head[6:10]):
        return 0
    return HEAD + syncsafe(head[6:10]) + (HEAD if head[5] & 0x10 else 0)


def syncsafe(four: bytes) -> int:
    """Seven bits in each byte."""
    return sum((byte & 0x7F) << shift for byte, shift in zip(four, (21, 14, 7, 0), strict=True))


def as_syncsafe(number: int) -> bytes:
    return bytes(number >> shift & 0x7F for shift in (21, 14, 7, 0))


def id3_words(tag: bytes) -> set[str]:
    """What the frames of a tag say. Only its beginning need be given."""
    words: set[str] = set()
    if len(tag) < HEAD:
        return {OTHER} if tag.strip(b"\0") else words
    for frame, content in _frames(tag):
        if frame in ("TXXX", "TXX", "WXXX", "PRIV"):
            words.add(word_for(content[1:200].replace(b"\0", b"").decode("latin-1").split("=")[0]))
        else:
            words.add(word_for_id3(frame))
    return words or ({OTHER} if tag[HEAD:].strip(b"\0") else set())


def _frames(tag: bytes) -> Iterator[tuple[str, bytes]]:
    version, at = tag[3], HEAD
    short = version == 2
    if tag[5] & 0x40 and not short:
        at += syncsafe(tag[10:14]) if version == 4 else int.from_bytes(tag[10:14], "big") + 4
    head = 6 if short else 10
    while at + head <= len(tag) and tag[at]:
        name, size = (
            (tag[at : at + 3], tag[at + 3 : at + 6]) if short else (tag[at : at + 4], tag[at + 4 : at + 8])
        )
        if not name.isalnum():
            return
        length = syncsafe(size) if version == 4 else int.from_bytes(size, "big")
        yield name.decode("latin-1"), tag[at + head : at + head + min(length, 4096)]
        at += head + length
