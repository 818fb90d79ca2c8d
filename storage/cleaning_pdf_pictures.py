"""Pictures inside a PDF: scanners and word processors put whole JPEGs in, with everything that a camera wrote."""

from __future__ import annotations

import struct
from typing import Any, cast

from pypdf.filters import decode_stream_data
from pypdf.generic import (
    ArrayObject,
    DictionaryObject,
    EncodedStreamObject,
    NameObject,
    NullObject,
    StreamObject,
)

from storage.boxes import Malformed
from storage.cleaning import NotCleaned
from storage.cleaning_pdf_rules import resolved
from storage.cleaning_words import OTHER, OWNER_DECIDES, Outcome
from storage.jpegs import clean_jpeg

_JPEG, _JPEG2000 = ("/DCTDecode", "/DCT"), ("/JPXDecode",)
_TELLING = (b"Exif\0", b"http://ns.adobe.com/", b"Photoshop 3.0\0", b"\xff\xfe")
_BOXES_NEEDED = {b"jP  ", b"ftyp", b"jp2h", b"jp2c", b"jpch", b"jplh", b"rreq"}


def clean_stream(stream: StreamObject, entries: dict[str, Any], outcome: Outcome) -> bytes:
    """The bytes of this stream. A JPEG in it loses its metadata; `entries` then name its filters anew."""
    filters = _list(resolved(stream, "/Filter"))
    data = stream._data
    last = str(filters[-1]) if filters else ""
    if last not in _JPEG + _JPEG2000 or not data:
        return data
    if len(filters) > 1:
        data = _unwrapped(stream, filters)
    cleaned = _jpeg(data, outcome) if last in _JPEG else _jpeg2000(data, outcome)
    parameters = _list(resolved(stream, "/DecodeParms"))
    entries["/Filter"] = NameObject(last)
    entries.pop("/DecodeParms", None)
    if len(parameters) == len(filters) and isinstance(parameters[-1], DictionaryObject):
        entries["/DecodeParms"] = parameters[-1]
    return cleaned


def _list(value: Any) -> list[Any]:
    if value is None or isinstance(value, NullObject):
        return []
    return [one.get_object() for one in value] if isinstance(value, ArrayObject) else [value]


def _unwrapped(stream: StreamObject, filters: list[Any]) -> bytes:
    """The picture without what it was packed in besides."""
    outer = EncodedStreamObject()
    outer._data = stream._data
    outer[NameObject("/Filter")] = ArrayObject(filters[:-1])
    parameters = _list(resolved(stream, "/DecodeParms"))
    if len(parameters) == len(filters):
        outer[NameObject("/DecodeParms")] = ArrayObject(parameters[:-1])
    return decode_stream_data(outer)


def _jpeg(data: bytes, outcome: Outcome) -> bytes:
    kept: list[bytes] = []
    try:
        words = clean_jpeg(cast(Any, data), kept.append)
    except (Malformed, struct.error, IndexError) as error:
        if any(mark in data for mark in _TELLING):
            raise NotCleaned(
                "A picture in it is damaged and could not be looked through, so nothing was taken out of it. "
                + OWNER_DECIDES
            ) from error
        return data
    outcome.words |= words
    return b"".join(kept)


def _jpeg2000(data: bytes, outcome: Outcome) -> bytes:
    """Without the boxes that hold words and whatever else is no picture (ISO 15444-1, annex I)."""
    if data[4:8] != b"jP  ":
        return data
    kept, at = [], 0
    while at + 8 <= len(data):
        length, kind = struct.unpack(">I4s", data[at : at + 8])
        if length == 1 and at + 16 <= len(data):
            length = struct.unpack(">Q", data[at + 8 : at + 16])[0]
        end = len(data) if length == 0 else at + length
        if end <= at or end > len(data):
            outcome.remains("A picture inside it could not be looked through and stays as it is.")
            return data
        if kind in _BOXES_NEEDED:
            kept.append(data[at:end])
        else:
            outcome.words.add(OTHER)
        at = end
    return b"".join(kept)
