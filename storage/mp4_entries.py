"""Sample entries (`stsd`): what a decoder is told stays; names of programs and makers in it are emptied."""

from __future__ import annotations

from storage.boxes import Malformed
from storage.flac import clean_blocks
from storage.metadata import OTHER, PROGRAM
from storage.mp4_boxes import FILLING, Held, children, empty_filling, number, remove
from storage.patches import Plan

_VIDEO = {
    b"avcC", b"hvcC", b"lhvC", b"vvcC", b"av1C", b"vpcC", b"dvcC", b"dvvC", b"dvwC", b"esds", b"d263", b"jp2h",
    b"glbl", b"colr", b"pasp", b"clap", b"fiel", b"gama", b"chrm", b"btrt", b"mdcv", b"clli", b"SmDm", b"CoLL",
    b"cclv", b"amve", b"ccst", b"vexu", b"hfov", b"st3d", b"sv3d", b"sinf",
}  # fmt: skip
_SOUND = {
    b"esds", b"wave", b"frma", b"mp4a", b"enda", b"chan", b"chnl", b"srat", b"dac3", b"dec3", b"dac4", b"dOps",
    b"dfLa", b"alac", b"dmlp", b"ddts", b"damr", b"pcmC", b"mhaC", b"SA3D", b"iacb", b"btrt", b"glbl", b"sinf",
    b"in24", b"in32", b"fl32", b"fl64", b"lpcm", b"samr", b"sawb", b"ac-3",
}  # fmt: skip


def clean_entries(plan: Plan, table: Held, handler: bytes) -> None:
    """The sample entries of one track. Raises `Malformed`."""
    least = {b"vide": 78, b"soun": 28}.get(handler, 0)
    for entry in children(plan, table.start + 8, table.end):
        if entry.end - entry.start < least:
            raise Malformed("an entry without its fields")
        if handler == b"vide":
            _video(plan, entry)
        elif handler == b"soun":
            _sound(plan, entry, newer=plan.read(table.start, 1) != b"\0")


def _video(plan: Plan, entry: Held) -> None:
    """Vendor at 12, name of the compressor at 42 (QuickTime File Format, video sample description)."""
    _blank(plan, entry.start + 12, entry.start + 16)
    _blank(plan, entry.start + 42, entry.start + 74)
    depth, palette = number(plan, entry.start + 74, 2), number(plan, entry.start + 76, 2)
    at = entry.start + 78
    if palette == 0 and depth & 0x1F in (1, 2, 4, 8):  # the colours themselves follow
        at += 8 + 8 * (number(plan, at + 6, 2) + 1)
    _extensions(plan, at, entry.end, _VIDEO)


def _sound(plan: Plan, entry: Held, *, newer: bool) -> None:
    """Vendor at 12; QuickTime's versions 1 and 2 have more fields before the boxes."""
    _blank(plan, entry.start + 12, entry.start + 16)
    version = number(plan, entry.start + 8, 2)
    more = {1: 16, 2: 36}.get(version, 0) if not newer else 0
    _extensions(plan, entry.start + 28 + more, entry.end, _SOUND)


def _extensions(plan: Plan, start: int, end: int, kept: set[bytes]) -> None:
    for box in children(plan, start, end):
        if box.type == b"wave":
            _extensions(plan, box.start, box.end, kept)
        elif box.type == b"dfLa":
            clean_blocks(plan, box.start + 4, box.end)
        elif box.type == b"damr":
            _blank(plan, box.start, min(box.end, box.start + 4))  # who made the encoder, often the phone
        elif box.type in FILLING:
            empty_filling(plan, box)
        elif box.type not in kept:
            remove(plan, box, {OTHER})


def _blank(plan: Plan, start: int, end: int) -> None:
    if plan.zero(start, end):
        plan.words.add(PROGRAM)
