"""What an element of WebM says about people, in plain words; and the comments inside the description of Vorbis sound."""

from __future__ import annotations

from collections.abc import Iterator

from storage import ebml
from storage.boxes import Malformed
from storage.ebml import Element, elements
from storage.metadata import CHAPTERS, COVER, OTHER, PROGRAM, TIME, TITLE
from storage.patches import Plan
from storage.tag_words import word_for

_SIMPLE = {
    0x7BA9: TITLE,
    0x4461: TIME,
    0x7384: TITLE,
    0x536E: TITLE,
    0x258688: PROGRAM,
    ebml.CHAPTERS: CHAPTERS,
}
_TAG, _SIMPLE_TAG, _TAG_NAME, _ATTACHED, _MEDIA_TYPE = 0x7373, 0x67C8, 0x45A3, 0x61A7, 0x4660
_COUNTED = ("DURATION", "BPS", "NUMBER_OF_", "_STATISTICS_TAGS")
"""Tags of programs that measured the recording: they say nothing about anybody."""
_MOST_TEXTS = 10_000


def words_of(plan: Plan, element: Element) -> set[str]:
    """What an element says. One that cannot be read is "other hidden details"."""
    if element.id in _SIMPLE:
        return {_SIMPLE[element.id]}
    try:
        if element.id == ebml.TAGS:
            names = list(_tag_names(plan, element, 0))
            return {word_for(name) for name in names if not name.startswith(_COUNTED)} or {OTHER}
        if element.id == ebml.ATTACHMENTS:
            return set(_attached(plan, element)) or {OTHER}
    except Malformed:
        pass
    return {OTHER}


def _tag_names(plan: Plan, around: Element, depth: int) -> Iterator[str]:
    for element in elements(plan, around.start, around.end):
        if element.id in (_TAG, _SIMPLE_TAG) and depth < 8:
            yield from _tag_names(plan, element, depth + 1)
        elif element.id == _TAG_NAME:
            yield plan.read(element.start, min(200, element.end - element.start)).decode("utf-8", "replace")


def _attached(plan: Plan, attachments: Element) -> Iterator[str]:
    for file in elements(plan, attachments.start, attachments.end):
        for one in elements(plan, file.start, file.end) if file.id == _ATTACHED else ():
            if one.id == _MEDIA_TYPE:
                yield COVER if plan.read(one.start, min(6, one.end - one.start)) == b"image/" else OTHER


def clean_vorbis(plan: Plan, start: int, end: int) -> None:
    """Empty the texts of the comment packet, the second of three (Vorbis I, section 5). Raises `Malformed`."""
    at, lengths = start + 1, [0, 0]
    for packet in range(2):
        while True:
            more = plan.read(at, 1)[0]
            lengths[packet] += more
            at += 1
            if more < 255:
                break
    at += lengths[0]
    stop = at + lengths[1]
    if plan.read(at, 7) != b"\3vorbis" or stop > end:
        raise Malformed("no comments where they must be")
    at = _blank(plan, at + 7, stop, PROGRAM)
    count, at = _length(plan, at, stop), at + 4
    if count > _MOST_TEXTS:
        raise Malformed("more comments than anybody writes")
    for _ in range(count):
        name = plan.read(at + 4, max(0, min(64, stop - at - 4)))
        at = _blank(plan, at, stop, word_for(name.partition(b"=")[0].decode("latin-1")))


def _blank(plan: Plan, at: int, stop: int, word: str) -> int:
    """Empty the text that begins with its length here; where the next begins."""
    after = at + 4 + _length(plan, at, stop)
    if after > stop:
        raise Malformed("a comment reaches beyond the others")
    if plan.zero(at + 4, after):
        plan.words.add(word)
    return after


def _length(plan: Plan, at: int, stop: int) -> int:
    if at + 4 > stop:
        raise Malformed("a comment without a length")
    return int.from_bytes(plan.read(at, 4), "little")
