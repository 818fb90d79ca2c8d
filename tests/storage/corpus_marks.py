"""Words that can be found again: whatever in a document says something about a person is made of these."""

from __future__ import annotations

import contextlib
import hashlib
import io
import zipfile
import zlib

import pypdf
from pypdf.generic import StreamObject

_MARKS: dict[str, set[str]] = {}


def mark(document: str, place: str) -> str:
    """A name as people have them, with a core that stands nowhere else: the same for the same place."""
    core = "m" + hashlib.sha256(f"{document}/{place}".encode()).hexdigest()[:12]
    _MARKS.setdefault(document, set()).add(core)
    return f"Ŵen {core}"


def marks_of(document: str) -> set[str]:
    return _MARKS.get(document, set())


def found(cores: set[str], data: bytes) -> set[str]:
    """Which of the marks are in a file, in whatever is packed inside it, or in the names of what is packed."""
    everything = b"\n".join(unpacked(data))
    return {
        core
        for core in cores
        if any(core.encode(code) in everything for code in ("ascii", "utf-16-le", "utf-16-be"))
    }


def unpacked(data: bytes) -> list[bytes]:
    """The file as it is, and everything in it: parts of archives, streams of PDFs, however deep."""
    pieces = [data]
    if data.startswith(b"PK"):
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                pieces += [
                    entry.filename.encode(),
                    entry.extra,
                    entry.comment,
                    *unpacked(archive.read(entry)),
                ]
            pieces.append(archive.comment)
    elif data.startswith(b"%PDF"):
        pieces += _streams(data)
    return pieces


def _streams(data: bytes) -> list[bytes]:
    """Every deflated stream by its bytes alone, and every object that a reader finds."""
    pieces, at = [], data.find(b"stream")
    while at >= 0:
        start = at + (8 if data[at + 6 : at + 8] == b"\r\n" else 7)
        unpacker = zlib.decompressobj()
        with contextlib.suppress(zlib.error):
            pieces.append(unpacker.decompress(data[start:]))
        at = data.find(b"stream", at + 6)
    reader = pypdf.PdfReader(io.BytesIO(data))
    for number in {*reader.xref.get(0, {}), *reader.xref_objStm}:
        value = reader.get_object(number)
        pieces.append(repr(value).encode())
        if isinstance(value, StreamObject):
            pieces.append(value._data)
    return pieces
