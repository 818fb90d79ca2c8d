"""The description of a FLAC stream, which MP4 and Matroska carry: comments and pictures in it become padding."""

from __future__ import annotations

from storage.boxes import Malformed
from storage.metadata import COVER, OTHER, PROGRAM
from storage.patches import Plan

_STREAM, _PADDING, _SEEKS, _COMMENT, _PICTURE = 0, 1, 3, 4, 6
_LAST = 0x80


def clean_blocks(plan: Plan, start: int, end: int) -> None:
    """The metadata blocks between two places (RFC 9639, section 8). Raises `Malformed`."""
    while start + 4 <= end:
        head = plan.read(start, 4)
        kind, after = head[0] & 0x7F, start + 4 + int.from_bytes(head[1:], "big")
        if after > end:
            raise Malformed("a block of FLAC reaches beyond what holds it")
        if kind not in (_STREAM, _SEEKS) and plan.zero(start + 4, after):
            plan.write(start, bytes([head[0] & _LAST | _PADDING]) + head[1:])
            plan.words.add({_PICTURE: COVER, _COMMENT: PROGRAM}.get(kind, OTHER))
        start = after
