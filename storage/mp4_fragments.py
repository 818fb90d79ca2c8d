"""MP4 in fragments, as browsers and streaming servers write it: where the samples of each fragment lie."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from storage.boxes import Malformed
from storage.mp4_boxes import Held, inside, need, number, only
from storage.patches import Plan

_BASE, _DESCRIPTION, _DURATION, _SIZE, _BASE_IS_FRAGMENT = 1, 2, 8, 16, 0x20000
_OFFSET, _FIRST_FLAGS, _EACH_DURATION, _EACH_SIZE, _EACH_FLAGS, _EACH_SHIFT = 1, 4, 0x100, 0x200, 0x400, 0x800
_MOST_SAMPLES = 1_000_000


@dataclass(frozen=True)
class Piece:
    """What one fragment holds of one track: its box, and where the samples lie."""

    box: Held
    track: int
    runs: list[tuple[int, int]]
    leans: bool
    """Its place is told from where the piece before it ended."""


def default_sizes(plan: Plan, movie: Held) -> dict[int, int]:
    """By track, the length of a sample of which nothing else is said (`trex`)."""
    extends = only(plan, movie, b"mvex")
    boxes = inside(plan, extends, b"trex") if extends else []
    return {number(plan, box.start + 4): number(plan, box.start + 16) for box in boxes}


def pieces_of(plan: Plan, fragment: Held, sizes: dict[int, int]) -> Iterator[Piece]:
    """The pieces of one `moof`. Raises `Malformed`."""
    end = fragment.at
    for index, box in enumerate(inside(plan, fragment, b"traf")):
        head = need(only(plan, box, b"tfhd"), "tfhd")
        flags, track = number(plan, head.start) & 0xFFFFFF, number(plan, head.start + 4)
        at, base, size = head.start + 8, end, sizes.get(track, 0)
        if flags & _BASE:
            base, at = number(plan, at, 8), at + 8
        elif flags & _BASE_IS_FRAGMENT:
            base = fragment.at
        at += 4 * (bool(flags & _DESCRIPTION) + bool(flags & _DURATION))
        if flags & _SIZE:
            size = number(plan, at)
        runs, end = _runs(plan, box, base, size)
        yield Piece(box, track, runs, index > 0 and not flags & (_BASE | _BASE_IS_FRAGMENT))


def _runs(plan: Plan, piece: Held, base: int, size: int) -> tuple[list[tuple[int, int]], int]:
    """From where to where each run of samples lies, and where the last ends."""
    runs: list[tuple[int, int]] = []
    end = base
    for box in inside(plan, piece, b"trun"):
        flags, count = number(plan, box.start) & 0xFFFFFF, number(plan, box.start + 4)
        at, start = box.start + 8, end
        if flags & _OFFSET:
            start, at = base + int.from_bytes(plan.read(at, 4), "big", signed=True), at + 4
        at += 4 * bool(flags & _FIRST_FLAGS)
        end = start + _length(plan, box, at, count, flags, size)
        if start < 0:
            raise Malformed("samples before the file")
        runs.append((start, end))
    return runs, end


def _length(plan: Plan, run: Held, at: int, count: int, flags: int, size: int) -> int:
    """Bytes of all samples of a run."""
    if not flags & _EACH_SIZE:
        return count * size
    width = 4 * sum(bool(flags & bit) for bit in (_EACH_DURATION, _EACH_SIZE, _EACH_FLAGS, _EACH_SHIFT))
    if count > _MOST_SAMPLES or at + count * width > run.end:
        raise Malformed("a run does not hold what it says")
    table = plan.read(at, count * width)
    first = 4 * bool(flags & _EACH_DURATION)
    return sum(int.from_bytes(table[i : i + 4], "big") for i in range(first, len(table), width))
