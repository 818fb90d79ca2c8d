"""The elements of WebM and Matroska (RFC 8794 and 9559): reading them, and turning one into a Void of equal length."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from storage.boxes import Malformed
from storage.patches import Plan

HEAD, SEGMENT = 0x1A45DFA3, 0x18538067
SEEK_HEAD, SEEK, SEEK_ID = 0x114D9B74, 0x4DBB, 0x53AB
INFO, MUXING_APP, WRITING_APP = 0x1549A966, 0x4D80, 0x5741
TRACKS, TRACK, TRACK_NUMBER, TRACK_TYPE = 0x1654AE6B, 0xAE, 0xD7, 0x83
CODEC_ID, CODEC_PRIVATE, VIDEO, AUDIO = 0x86, 0x63A2, 0xE0, 0xE1
CLUSTER, SIMPLE_BLOCK, BLOCK_GROUP, BLOCK, ENCRYPTED = 0x1F43B675, 0xA3, 0xA0, 0xA1, 0xAF
CUES, TAGS, ATTACHMENTS, CHAPTERS = 0x1C53BB6B, 0x1254C367, 0x1941A469, 0x1043A770
VOID, CRC = 0xEC, 0xBF
TOP = {SEEK_HEAD, INFO, TRACKS, CLUSTER, CUES, TAGS, ATTACHMENTS, CHAPTERS}
"""What stands directly in a segment: one of these ends a cluster whose length was left open."""


class Element(NamedTuple):
    """Its id, and where it, its content and its end lie. `open`: a recorder did not know how long it would be."""

    id: int
    at: int
    start: int
    end: int
    open: bool = False


def elements(plan: Plan, start: int, end: int, *, cut: frozenset[int] = frozenset()) -> Iterator[Element]:
    """The elements between two places. One of the ids in `cut` may reach beyond: recording stopped within it.

    Raises `Malformed`."""
    while start < end:
        element = element_at(plan, start, end)
        if element.end > end:
            if element.id not in cut:
                raise Malformed("an element is longer than what holds it")
            element = element._replace(end=end)
        yield element
        start = element.end


def element_at(plan: Plan, at: int, end: int) -> Element:
    """The element that begins here; an open one lasts to the end. Its own end may lie beyond. Raises `Malformed`."""
    head = plan.read(at, min(12, end - at))
    width = _width(head, 0, most=4)
    more = _width(head, width, most=8)
    value = int.from_bytes(head[width : width + more], "big") & ((1 << 7 * more) - 1)
    start = at + width + more
    unknown = value == (1 << 7 * more) - 1
    return Element(int.from_bytes(head[:width], "big"), at, start, end if unknown else start + value, unknown)


def _width(head: bytes, at: int, *, most: int) -> int:
    if (
        at >= len(head)
        or not head[at]
        or (width := 9 - head[at].bit_length()) > most
        or at + width > len(head)
    ):
        raise Malformed("no element where one must be")
    return width


def number(plan: Plan, element: Element) -> int:
    """The unsigned number in an element."""
    if element.end - element.start > 8:
        raise Malformed("too long for a number")
    return int.from_bytes(plan.read(element.start, element.end - element.start), "big")


def as_void(plan: Plan, element: Element) -> bool:
    """Plan to empty an element in its place; whether there was anything in it."""
    length = element.end - element.at
    short = length - 2 < 127
    head = bytes([VOID, 0x80 | length - 2]) if short else bytes([VOID, 1]) + (length - 9).to_bytes(7, "big")
    if not plan.holds_something(element.start, element.end):
        return False
    plan.zero(min(element.start, element.at + len(head)), element.end)
    plan.write(element.at, head)
    return True
