"""The tracks of an MP4, MOV or M4A: which of them stay, and where in the file their samples lie."""

from __future__ import annotations

import re
import sys
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice, pairwise

from storage.boxes import Malformed
from storage.mp4_boxes import Held, inside, need, number, only
from storage.patches import Plan

_CAPTIONS = {b"clcp", b"sbtl", b"subt"}
_STAYS = {b"vide", b"soun", *_CAPTIONS}
"""Pictures, sound and captions: captions are part of what was made, and who cannot hear needs them. Those of drones
and of cameras in cars go, since they spell out where it was at each second. No other track is needed to play. What
phones and cameras put beside them is measured, not made: places, faces found, movements (`meta`), the time of day
(`tmcd`), names of chapters (`text`), hints for servers (`hint`)."""

_COORDINATES = re.compile(rb"(?i)\bgps\b|latitude|longitude|-?\d{1,3}\.\d{4,}\W{1,4}-?\d{1,3}\.\d{4,}")
_LOOKED_AT = 32
_MOST_ENTRIES = 4_000_000
"""In one table; ten hours of film have some two million samples."""


@dataclass(frozen=True)
class Track:
    box: Held
    id: int
    handler: bytes
    table: Held | None
    """Its `stbl`: what the samples are, how long, and where."""
    places: bool = False
    """Its captions spell out places."""

    @property
    def stays(self) -> bool:
        return self.handler in _STAYS and not self.places


def tracks_of(plan: Plan, movie: Held) -> list[Track]:
    """Every track of the movie. Raises `Malformed`."""
    return [_track(plan, box) for box in inside(plan, movie, b"trak")]


def _track(plan: Plan, box: Held) -> Track:
    media = only(plan, box, b"mdia")
    handler = only(plan, media, b"hdlr")
    head = only(plan, box, b"tkhd")
    id_at = 0 if head is None else head.start + (20 if plan.read(head.start, 1) == b"\1" else 12)
    track = Track(
        box,
        number(plan, id_at) if head else 0,
        plan.read(handler.start + 8, 4) if handler else b"",
        only(plan, only(plan, media, b"minf"), b"stbl"),
    )
    return (
        replace(track, places=True) if track.handler in _CAPTIONS and _spells_places(plan, track) else track
    )


def _spells_places(plan: Plan, captions: Track) -> bool:
    """Whether the first of the captions hold coordinates."""
    first = islice(samples_of(plan, captions), _LOOKED_AT)
    return any(_COORDINATES.search(plan.read(start, min(end - start, 4096))) for start, end in first)


def samples_of(plan: Plan, track: Track) -> Iterator[tuple[int, int]]:
    """From where to where each chunk of samples lies in the file. Raises `Malformed`."""
    if track.table is None or (places := _places(plan, track.table)) is None:
        return
    sizes = _Sizes(plan, track.table)
    for place, count in zip(places, _counts(plan, track.table, len(places)), strict=True):
        yield place, place + sizes.next(count)


def joined(parts: Iterable[tuple[int, int]]) -> Iterator[tuple[int, int]]:
    """The same parts, those in one that follow one another without a gap."""
    held: tuple[int, int] | None = None
    for start, end in parts:
        if held and held[1] == start:
            held = held[0], end
            continue
        if held:
            yield held
        held = start, end
    if held:
        yield held


def _places(plan: Plan, table: Held) -> array[int] | None:
    """Where each chunk begins; None where the track has none."""
    for kind, code in ((b"stco", "I"), (b"co64", "Q")):
        if box := only(plan, table, kind):
            return _numbers(plan, box.start + 8, box.end, number(plan, box.start + 4), code)
    return None


def _counts(plan: Plan, table: Held, chunks: int) -> Iterator[int]:
    """How many samples each chunk holds."""
    if not chunks:
        return
    box = need(only(plan, table, b"stsc"), "stsc")
    runs = _numbers(plan, box.start + 8, box.end, 3 * number(plan, box.start + 4), "I")
    firsts = [*runs[::3], chunks + 1]
    if firsts[0] != 1 or any(a >= b for a, b in pairwise(firsts)):
        raise Malformed("chunks in no order")
    for run, (first, after) in enumerate(pairwise(firsts)):
        for _ in range(first, after):
            yield runs[3 * run + 1]


class _Sizes:
    """The lengths of the samples of one track, taken from the front."""

    def __init__(self, plan: Plan, table: Held) -> None:
        compact = only(plan, table, b"stz2")
        box = compact or need(only(plan, table, b"stsz"), "stsz")
        self.left = number(plan, box.start + 8)
        self.each = 0 if compact else number(plan, box.start + 4)
        self.at, self.sizes = 0, array("I")
        if not self.each:
            width = number(plan, box.start + 7, 1) if compact else 32
            code = {8: "B", 16: "H", 32: "I"}.get(width, "")
            self.sizes = _numbers(plan, box.start + 12, box.end, self.left, code)

    def next(self, count: int) -> int:
        """Bytes of the next so many samples together."""
        self.left -= count
        if self.left < 0:
            raise Malformed("more samples than sizes")
        self.at += count
        return self.each * count if self.each else sum(self.sizes[self.at - count : self.at])


def _numbers(plan: Plan, start: int, end: int, count: int, code: str) -> array[int]:
    """So many numbers of a table, from big-endian."""
    if not code or count > _MOST_ENTRIES or start + count * array(code).itemsize > end:
        raise Malformed("a table does not hold what it says")
    numbers = array(code, plan.read(start, count * array(code).itemsize))
    if sys.byteorder == "little":
        numbers.byteswap()
    return numbers


class Spans:
    """Parts of the file in order, and whether something touches one of them or lies within one."""

    def __init__(self, parts: Iterable[tuple[int, int]]) -> None:
        self.starts, self.ends = array("Q"), array("Q")
        for start, end in sorted(parts):
            if self.ends and start <= self.ends[-1]:
                self.ends[-1] = max(self.ends[-1], end)
            elif start < end:
                self.starts.append(start)
                self.ends.append(end)

    def touch(self, start: int, end: int) -> bool:
        """Whether any byte between the two places lies in one of the parts."""
        before = bisect_left(self.starts, end)
        return start < end and before > 0 and self.ends[before - 1] > start

    def hold(self, start: int, end: int) -> bool:
        """Whether one part holds all of it."""
        before = bisect_right(self.starts, start)
        return start >= end or (before > 0 and end <= self.ends[before - 1])
