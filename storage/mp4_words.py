"""What a box that goes says about people, in plain words: user data, Apple's and Android's keys, XMP, makers' boxes."""

from __future__ import annotations

import struct
from collections.abc import Iterator

from storage.boxes import Box, Malformed, boxes
from storage.metadata import (
    CHAPTERS,
    COMMENTS,
    COVER,
    DEVICE,
    LOCATION,
    OTHER,
    PEOPLE,
    PREVIEW,
    PROGRAM,
    TIME,
    TITLE,
    xmp_words,
)
from storage.patches import Plan
from storage.tag_words import word_for

_MOST = 256 * 1024
"""Bytes of one box that are looked at for words; the box goes as a whole."""
_XMP_ID = bytes.fromhex("be7acfcb97a942e89c71999491e3afac")
_TYPES = {
    LOCATION: "©xyz loci gps0 gps GPS",
    DEVICE: "©mak ©mod ©swr manu modl smta smrd SMTA CNTH CNCV CNMN CNFV FIRM LENS CAME SETT MUID HMMT GPMF mvml",
    TIME: "©day yrrc date prft",
    PEOPLE: "©ART aART auth perf ©aut ©wrt ©prd ©dir ©prf cprt ©cpy ownr ©ard ©arg ©com ©pub",
    TITLE: "©nam titl ©alb albm name tnam ©TIM sonm",
    COMMENTS: "©cmt desc ldes dscp ©des ©inf ©lyr kywd gnre ©gen ©key clsf keyw catg",
    COVER: "covr",
    PREVIEW: "thmb PICT pnot",
    PROGRAM: "©too ©enc ©TOO vndr",
    CHAPTERS: "chpl",
}
_BY_TYPE = {name.ljust(4).encode("latin-1"): word for word, names in _TYPES.items() for name in names.split()}


def words_of(plan: Plan, kind: bytes, start: int, end: int) -> set[str]:
    """What a box of this type with this content says. One that cannot be read is "other hidden details"."""
    try:
        return _words(plan, kind, start, end, 0)
    except (Malformed, struct.error):
        return {OTHER}


def _words(plan: Plan, kind: bytes, start: int, end: int, depth: int) -> set[str]:
    if kind in _BY_TYPE:
        return {_BY_TYPE[kind]}
    if kind in (b"udta", b"meta", b"ilst") and depth < 4:
        return _nested(plan, kind, start, end, depth)
    if kind == b"XMP_" or (kind == b"uuid" and plan.read(start, min(16, end - start)) == _XMP_ID):
        return xmp_words(plan.read(start, min(_MOST, end - start)))
    return {OTHER}


def _nested(plan: Plan, kind: bytes, start: int, end: int, depth: int) -> set[str]:
    if kind == b"meta" and plan.read(start, min(8, end - start))[4:] != b"hdlr":
        start += 4  # MPEG's has a version before its boxes, QuickTime's has none
    words: set[str] = set()
    for box in _boxes(plan, start, end):
        if box.type in (b"hdlr", b"free", b"skip", b"----"):
            words |= {word_for(_own_name(plan, box))} if box.type == b"----" else set()
        elif box.type == b"keys":
            words |= {word_for(key) for key in _keys(plan, box)}
        elif kind != b"ilst" or box.type in _BY_TYPE or box.type[0]:  # numbers there are answers to keys
            words |= _words(plan, box.type, box.start, box.end, depth + 1)
    return words


def _boxes(plan: Plan, start: int, end: int) -> Iterator[Box]:
    """Lenient at the end, where QuickTime leaves four zeros."""
    try:
        yield from boxes(plan.file, start, end)
    except Malformed:
        if end - start < 12 or plan.holds_something(end - 4, end):
            raise


def _own_name(plan: Plan, item: Box) -> str:
    """Items of an application's own carry their name: "com.apple.iTunes" and, say, "ENCODER"."""
    names = [box for box in _boxes(plan, item.start, item.end) if box.type == b"name"]
    return _text(plan, names[0].start + 4, names[0].end) if names else ""


def _keys(plan: Plan, box: Box) -> Iterator[str]:
    """Names such as com.apple.quicktime.location.ISO6709, after a version and a count."""
    for key in _boxes(plan, box.start + 8, box.end):
        yield _text(plan, key.start, key.end)


def _text(plan: Plan, start: int, end: int) -> str:
    return plan.read(start, max(0, min(_MOST, end - start))).decode("utf-8", "replace")
