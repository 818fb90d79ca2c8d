"""MP3 without its tags: the sound stays frame by frame, a tag at the beginning becomes padding, those behind are cut.

The frame that tells players how long the sound is (Xing, LAME) is one of the sound, and stays: it names the encoder,
and nobody else.
"""

from __future__ import annotations

from storage.boxes import Malformed
from storage.id3 import HEAD, as_syncsafe
from storage.metadata import OTHER, TAIL
from storage.mp3_tags import Tag, tag_at, tag_before
from storage.patches import Plan
from storage.sound import frame_length

_MARKS = (b"ID3", b"TAG", b"APETAGEX", b"LYRICSBEGIN")
_LONGEST_TAG = 1 << 28
_MOST_LOST = 64 * 1024
"""Bytes between two frames that are neither sound nor a tag; more than that is not followed."""


def plan_mp3(plan: Plan) -> None:
    """Plan the cleaning of one file. Raises `Malformed` where its structure cannot be followed."""
    start = _before_the_sound(plan)
    end = _behind_the_sound(plan, start)
    after = _follow(plan, start, end)
    if after < end and plan.holds_something(after, end):
        plan.words.add(TAIL)
        end = after
    if plan.holds_something(end, plan.size):
        plan.cut(end)


def _before_the_sound(plan: Plan) -> int:
    """Where the tags at the beginning end. Of each, its head stays, and says that all of it is padding."""
    at = 0
    while at < plan.size and (tag := tag_at(plan, at)) is not None:
        if plan.read(at, 3) != b"ID3":
            _empty(plan, tag)
        else:
            length = tag.end - at - HEAD
            if plan.zero(at + HEAD, tag.end):
                plan.words |= tag.words or {OTHER}
                plan.write(at + 4, b"\0\0" + as_syncsafe(min(length, _LONGEST_TAG - 1)))
        at = tag.end
    return at


def _behind_the_sound(plan: Plan, start: int) -> int:
    end = plan.size
    while end > start and (tag := tag_before(plan, end)) is not None and tag.start >= start:
        plan.words |= tag.words
        end = tag.start
    return end


def _follow(plan: Plan, start: int, end: int) -> int:
    """Follow the sound from frame to frame and say where it ends. What stands between and is none is emptied."""
    frames, at = _Frames(plan, end), start
    heard, before = False, start
    while at < end:
        if length := frames.length(at):
            heard, before, at = True, at, at + length
        elif tag := tag_at(plan, at):
            _empty(plan, tag)
            before = at = tag.end
        elif any(mark in plan.read(before, at - before) for mark in _MARKS):
            raise Malformed("a tag in the middle of a frame")
        elif (found := frames.next(at)) is not None:
            if plan.zero(at, found):
                plan.words.add(OTHER)
            before = at = found
        elif heard and end - at < _MOST_LOST:
            return at
        else:
            raise Malformed("no sound, or too much between")
    return end


def _empty(plan: Plan, tag: Tag) -> None:
    if plan.zero(tag.start, tag.end):
        plan.words |= tag.words


class _Frames:
    """The heads of frames, read through a window that moves on."""

    WINDOW, BEHIND = 1024 * 1024, 4096

    def __init__(self, plan: Plan, end: int) -> None:
        self.plan, self.end = plan, end
        self.at, self.window = 0, b""

    def head(self, at: int) -> bytes:
        if not self.at <= at <= self.at + len(self.window) - 4:
            self.at = max(0, at - self.BEHIND)
            self.window = self.plan.read(self.at, max(0, min(self.WINDOW, self.end - self.at)))
        return self.window[at - self.at : at - self.at + 4]

    def length(self, at: int) -> int:
        return frame_length(self.head(at))

    def next(self, at: int) -> int | None:
        """Where two frames follow one another again, or the last one ends the sound."""
        for place in range(at + 1, min(self.end - 3, at + _MOST_LOST)):
            if length := self.length(place):
                after = place + length
                if after == self.end or (after < self.end and self.length(after)):
                    return place
        return None
