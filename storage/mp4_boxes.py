"""Walking the boxes of an MP4, MOV or M4A for cleaning: what must stay is listed, and the rest is emptied.

The allow-list is what ISO/IEC 14496-12, 14496-14 and QuickTime need to play sound, picture and captions.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from storage.boxes import Malformed, boxes
from storage.metadata import LOCATION, OTHER
from storage.mp4_words import words_of
from storage.patches import Plan

FILLING = {b"free", b"skip", b"wide"}
"""Boxes of no meaning. What stands in them is a remainder, or hidden there."""

KEPT: dict[bytes, set[bytes]] = {
    b"": {b"ftyp", b"styp", b"pdin", b"moov", b"moof", b"mdat", b"mfra", b"sidx", b"ssix"},
    b"moov": {b"mvhd", b"iods", b"trak", b"mvex"},
    b"mvex": {b"mehd", b"trex", b"leva"},
    b"trak": {b"tkhd", b"edts", b"tref", b"mdia", b"tapt", b"load"},
    b"edts": {b"elst"},
    b"tapt": {b"clef", b"prof", b"enof"},
    b"mdia": {b"mdhd", b"hdlr", b"minf", b"elng"},
    b"minf": {b"vmhd", b"smhd", b"hmhd", b"sthd", b"nmhd", b"gmhd", b"dinf", b"stbl", b"hdlr"},
    b"gmhd": {b"gmin", b"text"},
    b"dinf": {b"dref"},
    b"stbl": {b"stsd", b"stts", b"ctts", b"cslg", b"stss", b"stps", b"stsc", b"stsz", b"stz2", b"stco", b"co64",
              b"sgpd", b"sbgp", b"sdtp", b"stdp", b"stsh", b"padb", b"subs", b"saiz", b"saio"},
    b"moof": {b"mfhd", b"traf"},
    b"traf": {b"tfhd", b"tfdt", b"trun", b"sdtp", b"sbgp", b"sgpd", b"subs", b"saiz", b"saio", b"senc"},
    b"mfra": {b"tfra", b"mfro"},
}  # fmt: skip
"""By the box around them (none: the file itself), the boxes that stay."""


class Held(NamedTuple):
    """A box: its type, and where it, its content and its end lie, in bytes from the start of the file."""

    type: bytes
    at: int
    start: int
    end: int


def children(plan: Plan, start: int, end: int) -> Iterator[Held]:
    """The boxes between two places; zeros too few for a box may end them, as QuickTime does. Raises `Malformed`."""
    found = boxes(plan.file, start, end)
    while start < end:
        if end - start < 8 and not plan.holds_something(start, end):
            return
        box = next(found)
        yield Held(box.type, start, box.start, box.end)
        start = box.end


def inside(plan: Plan, around: Held, kind: bytes) -> list[Held]:
    """The boxes of one type directly in another."""
    return [held for held in children(plan, around.start, around.end) if held.type == kind]


def only(plan: Plan, around: Held | None, kind: bytes) -> Held | None:
    """The first box of this type directly in another, if there is one."""
    return next(iter(inside(plan, around, kind)), None) if around else None


def kept_children(plan: Plan, around: bytes, start: int, end: int) -> Iterator[Held]:
    """The boxes that stay; planned on the way: what need not be there is emptied."""
    for held in children(plan, start, end):
        if held.type in KEPT[around]:
            yield held
        elif held.type in FILLING:
            empty_filling(plan, held)
        else:
            remove(plan, held)


def remove(plan: Plan, held: Held, words: set[str] | None = None) -> None:
    """Turn a box into an empty one of the same length, so that nothing behind it moves.

    One that holds nothing says nothing, and stays. Its words are found in it, unless they are given."""
    if not plan.zero(held.start, held.end):
        return
    plan.write(held.at + 4, b"free")
    plan.words |= words_of(plan, held.type, held.start, held.end) if words is None else words


def empty_filling(plan: Plan, held: Held) -> None:
    """Cameras in cars hide places in boxes that are called free."""
    if plan.zero(held.start, held.end):
        beginning = plan.read(held.start, min(64, held.end - held.start))
        plan.words.add(LOCATION if b"GPS" in beginning else OTHER)


def number(plan: Plan, at: int, size: int = 4) -> int:
    return int.from_bytes(plan.read(at, size), "big")


def need(held: Held | None, what: str) -> Held:
    if held is None:
        raise Malformed(f"no {what}")
    return held
