"""Boxes by hand, for what ffmpeg does not write: makers' boxes, tracks of measurements, fragments of odd shape."""

from __future__ import annotations

import struct
from collections.abc import Callable

from tests.storage.corpus_files import box


def full(kind: bytes, content: bytes, version: int = 0, flags: int = 0) -> bytes:
    """A box that begins with its version and flags."""
    return box(kind, struct.pack(">I", version << 24 | flags) + content)


def spans(data: bytes, start: int = 0, end: int | None = None) -> list[tuple[bytes, int, int]]:
    """Type, begin and end of the boxes between two places."""
    found, at, end = [], start, len(data) if end is None else end
    while at + 8 <= end:
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        length = struct.unpack(">Q", data[at + 8 : at + 16])[0] if length == 1 else length or end - at
        found.append((kind, at, at + length))
        at += length
    return found


def place_of(data: bytes, *path: bytes) -> tuple[int, int]:
    """Where the first box with this path lies."""
    start, end = 0, len(data)
    for index, kind in enumerate(path):
        start, end = next((a, b) for k, a, b in spans(data, start + (8 if index else 0), end) if k == kind)
    return start, end


def put_into(data: bytes, added: bytes, *path: bytes) -> bytes:
    """Add a box at the end of the one with this path; the lengths around it follow. Only where nothing that lies
    behind is told by its place: a movie at the end."""
    out = bytearray(data)
    ends = [place_of(data, *path[: depth + 1]) for depth in range(len(path))]
    for start, end in ends:
        struct.pack_into(">I", out, start, end - start + len(added))
    out[ends[-1][1] : ends[-1][1]] = added
    return bytes(out)


def change(data: bytes, path: tuple[bytes, ...], at: int, new: bytes) -> bytes:
    """Write over a part of the content of a box."""
    start, _ = place_of(data, *path)
    return data[: start + 8 + at] + new + data[start + 8 + at + len(new) :]


def movie_first(data: bytes) -> bytes:
    """The same film with its movie before its media, as for playing while it loads."""
    parts = {kind: data[a:b] for kind, a, b in spans(data)}
    shift = len(parts[b"moov"])
    moved = bytearray(parts[b"moov"])
    for kind, width in ((b"stco", 4), (b"co64", 8)):
        at = moved.find(kind)
        while at >= 0:
            count = struct.unpack(">I", moved[at + 8 : at + 12])[0]
            for place in range(at + 12, at + 12 + width * count, width):
                old = int.from_bytes(moved[place : place + width], "big")
                moved[place : place + width] = (old + shift).to_bytes(width, "big")
            at = moved.find(kind, at + 4)
    rest = b"".join(data[a:b] for kind, a, b in spans(data) if kind not in (b"moov", b"ftyp"))
    return parts[b"ftyp"] + bytes(moved) + rest


def measured(data: bytes, handler: bytes, entry: bytes, samples: list[bytes], number: int = 9) -> bytes:
    """The film with one more track, whose samples stand at the end of the media, each in a chunk of its own."""
    (media, end), (movie, _) = place_of(data, b"mdat"), place_of(data, b"moov")
    if end != movie:
        raise ValueError("the movie must come right after the media")
    length = end - media + sum(map(len, samples))
    grown = data[:media] + struct.pack(">I", length) + data[media + 4 : end] + b"".join(samples) + data[end:]
    places = [end + sum(map(len, samples[:index])) for index in range(len(samples))]
    return put_into(grown, track(handler, entry, samples, places, number), b"moov")


def track(handler: bytes, entry: bytes, samples: list[bytes], places: list[int], number: int) -> bytes:
    """A track of measurements, with a time of its making and a name."""
    count = len(samples)
    table = box(
        b"stbl",
        full(b"stsd", struct.pack(">I", 1) + entry)
        + full(b"stts", struct.pack(">III", 1, count, 1000))
        + full(b"stsc", struct.pack(">IIII", 1, 1, 1, 1))
        + full(b"stsz", struct.pack(f">II{count}I", 0, count, *map(len, samples)))
        + full(b"stco", struct.pack(f">I{count}I", count, *places)),
    )
    source = box(b"dinf", full(b"dref", struct.pack(">I", 1) + full(b"url ", b"", flags=1)))
    media = box(
        b"mdia",
        full(b"mdhd", struct.pack(">IIIIHH", 3_700_000_000, 3_700_000_000, 1000, 1000 * count, 0x55C4, 0))
        + full(b"hdlr", b"mhlr" + handler + b"appl" + b"\0" * 8 + b"\x0dCore Metadata")
        + box(b"minf", full(b"nmhd", b"") + source + table),
    )
    head = full(b"tkhd", struct.pack(">IIIII", 1, 2, number, 0, 1000 * count) + b"\0" * 60, flags=1)
    return box(b"trak", head + box(b"tref", box(b"cdsc", struct.pack(">I", 1))) + media)


def mebx(*keys: bytes) -> bytes:
    """Apple's sample entry for timed metadata, with its keys."""
    listed = b"".join(
        box(struct.pack(">I", index), box(b"keyd", b"mdta" + key) + box(b"dtyp", struct.pack(">II", 0, 1)))
        for index, key in enumerate(keys, 1)
    )
    return box(b"mebx", b"\0" * 6 + b"\0\1" + box(b"keys", listed))


def item(index: int, text: str) -> bytes:
    """The value of one of Apple's keys, as UTF-8."""
    return box(struct.pack(">I", index), box(b"data", struct.pack(">II", 1, 0) + text.encode()))


def apple_meta(values: dict[str, str]) -> bytes:
    """A `meta` as iPhones write it: handler, keys, values."""
    keys = b"".join(box(b"mdta", name.encode()) for name in values)
    return box(
        b"meta",
        full(b"hdlr", b"\0" * 4 + b"mdta" + b"\0" * 14)
        + full(b"keys", struct.pack(">I", len(values)) + keys)
        + box(b"ilst", b"".join(item(index, text) for index, text in enumerate(values.values(), 1))),
    )


def international(kind: str, text: str) -> bytes:
    """QuickTime's user data text: length, language, words."""
    said = text.encode()
    return box(kind.encode("latin-1"), struct.pack(">HH", len(said), 0x55C4) + said)


Change = Callable[[bytes], bytes]
