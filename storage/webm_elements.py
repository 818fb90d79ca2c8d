"""The elements of WebM that stay, as data; and cleaning one of them with all that is in it."""

from __future__ import annotations

from storage import ebml
from storage.boxes import Malformed
from storage.ebml import Element, as_void, elements, number
from storage.flac import clean_blocks
from storage.metadata import OTHER, PROGRAM
from storage.patches import Plan
from storage.webm_words import clean_vorbis, words_of

_STAYS = {1, 2, 0x11}
"""Pictures, sound and captions; other tracks (buttons, control, metadata) go with their blocks."""
_BLANK = {ebml.MUXING_APP, ebml.WRITING_APP}
KEPT: dict[int, set[int]] = {
    ebml.HEAD: {0x4286, 0x42F7, 0x42F2, 0x42F3, 0x4282, 0x4287, 0x4285},
    ebml.SEEK_HEAD: {ebml.SEEK},
    ebml.INFO: {0x2AD7B1, 0x4489, *_BLANK},
    ebml.TRACKS: {ebml.TRACK},
    ebml.TRACK: {
        ebml.TRACK_NUMBER, ebml.TRACK_TYPE, 0x73C5, 0xB9, 0x88, 0x55AA, 0x55AB, 0x55AC, 0x55AD, 0x55AE, 0x55AF, 0x9C,
        0x6DE7, 0x6DF8, 0x23E383, 0x234E7A, 0x23314F, 0x55EE, 0x41E4, 0x22B59C, 0x22B59D, ebml.CODEC_ID,
        ebml.CODEC_PRIVATE, 0xAA, 0x56AA, 0x56BB, ebml.VIDEO, ebml.AUDIO, 0xE2, 0x6D80,
    },
    ebml.VIDEO: {
        0xB0, 0xBA, 0x9A, 0x9D, 0x53B8, 0x53C0, 0x53B9, 0x54AA, 0x54BB, 0x54CC, 0x54DD, 0x54B0, 0x54BA, 0x54B2,
        0x54B3, 0x2EB524, 0x2FB523, 0x2383E3, 0x55B0, 0x7670,
    },
    ebml.AUDIO: {0xB5, 0x78B5, 0x9F, 0x6264, 0x52F1},
    ebml.CUES: {0xBB},
    ebml.CLUSTER: {0xE7, 0xA7, 0xAB, 0x5854, ebml.SIMPLE_BLOCK, ebml.BLOCK_GROUP, ebml.ENCRYPTED},
}  # fmt: skip
"""By the element around them, the elements that stay (RFC 9559, section 5.1; times, sizes, codecs, colours)."""


def clean_element(plan: Plan, around: Element) -> None:
    """Clean what is in an element whose content is listed. A check sum over something changed goes too."""
    before = plan.changes
    checks: list[Element] = []
    for element in elements(plan, around.start, around.end):
        if element.open:
            raise Malformed("an element has no end")
        if element.id == ebml.CRC:
            checks.append(element)
        elif element.id == ebml.TRACK and around.id == ebml.TRACKS:
            _clean_track(plan, element)
        else:
            leave_or_remove(plan, element, around.id)
    if around.id == ebml.TRACK:
        _clean_codec(plan, around)
    if plan.changes > before:
        void_all(plan, checks)


def leave_or_remove(plan: Plan, element: Element, around: int) -> None:
    """Clean one element, by what it is within."""
    if element.id == ebml.VOID:
        if plan.zero(element.start, element.end):
            plan.words.add(OTHER)
    elif element.id in _BLANK and around == ebml.INFO:
        if plan.zero(element.start, element.end):
            plan.words.add(PROGRAM)
    elif element.id not in KEPT[around]:
        remove(plan, element)
    elif element.id in KEPT:
        clean_element(plan, element)


def remove(plan: Plan, element: Element) -> None:
    """Turn it into a Void; its words are found in it."""
    words = words_of(plan, element)
    if as_void(plan, element):
        plan.words |= words


def void_all(plan: Plan, checks: list[Element]) -> None:
    """Check sums that are no longer true."""
    for check in checks:
        as_void(plan, check)


def goes(plan: Plan, track: Element) -> bool:
    """Whether this track is none that is seen, heard or read."""
    kinds = [one for one in elements(plan, track.start, track.end) if one.id == ebml.TRACK_TYPE]
    return bool(kinds) and number(plan, kinds[0]) not in _STAYS


def _clean_track(plan: Plan, track: Element) -> None:
    if goes(plan, track):
        remove(plan, track)
    else:
        clean_element(plan, track)


def _clean_codec(plan: Plan, track: Element) -> None:
    """Texts in what the decoder is told."""
    found = {one.id: one for one in elements(plan, track.start, track.end)}
    private, codec = found.get(ebml.CODEC_PRIVATE), found.get(ebml.CODEC_ID)
    if private is None or codec is None:
        return
    name = plan.read(codec.start, min(64, codec.end - codec.start)).rstrip(b"\0")
    if name == b"A_VORBIS":
        clean_vorbis(plan, private.start, private.end)
    elif name == b"A_FLAC":
        clean_blocks(plan, private.start + 4, private.end)


def forget(plan: Plan, seek_head: Element) -> None:
    """Empty the places of parts that are no more."""
    before = plan.changes
    checks: list[Element] = []
    for seek in elements(plan, seek_head.start, seek_head.end):
        checks += [seek] if seek.id == ebml.CRC else []
        for one in elements(plan, seek.start, seek.end) if seek.id == ebml.SEEK else ():
            if one.id == ebml.SEEK_ID and number(plan, one) not in KEPT:
                as_void(plan, seek)
    if plan.changes > before:
        void_all(plan, checks)
