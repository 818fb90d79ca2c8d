"""A PDF written anew from what its catalog leads to: what nothing leads to any more, such as an earlier version that
was only written over, does not come along.

Objects are packed as PDF 1.5 packs them. Streams are copied as they are, one at a time (ISO 32000-1, 7.5)."""

from __future__ import annotations

import hashlib
import struct
import zlib
from collections import deque
from collections.abc import Callable
from typing import Any, BinaryIO

from pypdf.generic import (
    ArrayObject,
    BooleanObject,
    ByteStringObject,
    DictionaryObject,
    FloatObject,
    IndirectObject,
    NameObject,
    NullObject,
    NumberObject,
    StreamObject,
    TextStringObject,
)

from storage.cleaning_pdf_rules import needed, refused
from storage.cleaning_words import Outcome, not_followed

# A name is bytes: read so, each comes out as it was, and fits what pages call it.
NameObject.CHARSETS = ("latin1",)  # type: ignore[assignment]
_PLAIN_IN_NAMES = frozenset(range(33, 127)) - frozenset(b"#()<>[]{}/%")
_AT_ONCE = 100
_MOST_OBJECTS = 2_000_000
_Key = tuple[int, int]


class Copier:
    """Writes the objects that are needed. `stays`: whether this object may come along, besides what the rules say;
    `data_of`: the bytes of a stream, cleaned, with its entries changed to match."""

    def __init__(
        self,
        out: BinaryIO,
        outcome: Outcome,
        stays: Callable[[_Key, Any], bool],
        data_of: Callable[[StreamObject, dict[str, Any]], bytes],
    ) -> None:
        self.out, self.outcome, self.stays, self.data_of = out, outcome, stays, data_of
        self.hash = hashlib.sha256()
        self.at = 0
        self.numbers: dict[_Key, int | None] = {}
        self.waiting: deque[tuple[int, IndirectObject]] = deque()
        self.places: dict[int, tuple[int, int, int]] = {0: (0, 0, 65535)}
        self.packed: list[tuple[int, bytes]] = []
        self.count = 1

    def write(self, root: IndirectObject) -> None:
        self._put(b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n")
        top = self._number(root)
        if top is None:
            raise not_followed()
        while self.waiting:
            number, reference = self.waiting.popleft()
            self._write_object(number, reference.get_object())
        self._flush()
        self._write_end(top)

    def _write_object(self, number: int, value: Any) -> None:
        if not isinstance(value, StreamObject):
            self.packed.append((number, self._said(value)))
            if len(self.packed) >= _AT_ONCE:
                self._flush()
            return
        entries = needed(value, self.outcome)
        data = self.data_of(value, entries)
        entries["/Length"] = NumberObject(len(data))
        self._write_stream(number, self._dictionary(entries), data)

    def _write_stream(self, number: int, entries: bytes, data: bytes) -> None:
        self.places[number] = (1, self.at, 0)
        self._put(b"%d 0 obj\n%s\nstream\n" % (number, entries))
        self._put(data)
        self._put(b"\nendstream\nendobj\n")

    def _flush(self) -> None:
        """What was collected, as one stream of objects."""
        if not self.packed:
            return
        number, self.count = self.count, self.count + 1
        index, body = [], []
        at = 0
        for place, (packed, said) in enumerate(self.packed):
            self.places[packed] = (2, number, place)
            index.append(b"%d %d" % (packed, at))
            body.append(said)
            at += len(said) + 1
        head = b" ".join(index) + b"\n"
        data = zlib.compress(head + b"\n".join(body), 9)
        entries = b"<</Type/ObjStm/N %d/First %d/Filter/FlateDecode/Length %d>>"
        self._write_stream(number, entries % (len(self.packed), len(head), len(data)), data)
        self.packed = []

    def _write_end(self, top: int) -> None:
        number, start = self.count, self.at
        self.places[number] = (1, start, 0)
        table = b"".join(
            struct.pack(">BQH", *self.places.get(one, (0, 0, 65535))) for one in range(number + 1)
        )
        data = zlib.compress(table, 9)
        mark = self.hash.hexdigest()[:32].encode()  # tells this file from others, and nothing else
        entries = b"<</Type/XRef/Size %d/W[1 8 2]/Root %d 0 R/ID[<%s><%s>]/Filter/FlateDecode/Length %d>>"
        self._put(b"%d 0 obj\n" % number + entries % (number + 1, top, mark, mark, len(data)))
        self._put(b"\nstream\n" + data + b"\nendstream\nendobj\nstartxref\n%d\n%%%%EOF\n" % start)

    def _put(self, data: bytes) -> None:
        self.out.write(data)
        self.hash.update(data)
        self.at += len(data)

    def _number(self, reference: IndirectObject) -> int | None:
        """The number that this object has from now on; None if it does not come along."""
        key = (reference.generation, reference.idnum)
        if key not in self.numbers:
            value = reference.get_object()
            if (
                value is None
                or isinstance(value, NullObject)
                or refused(value, self.outcome)
                or not self.stays(key, value)
            ):
                self.numbers[key] = None
            else:
                if self.count > _MOST_OBJECTS:
                    raise not_followed()
                self.numbers[key], self.count = self.count, self.count + 1
                self.waiting.append((self.count - 1, reference))
        return self.numbers[key]

    def _said(self, value: Any) -> bytes:
        """The object as it is written. Text, names and numbers come out as they were read."""
        if isinstance(value, IndirectObject):
            number = self._number(value)
            return b"null" if number is None else b"%d 0 R" % number
        if isinstance(value, StreamObject):
            raise not_followed()
        if isinstance(value, DictionaryObject):
            return b"null" if refused(value, self.outcome) else self._dictionary(needed(value, self.outcome))
        if isinstance(value, ArrayObject):
            return b"[" + b" ".join(self._said(one) for one in value if not self._is_gone_note(one)) + b"]"
        return _plain(value)

    def _is_gone_note(self, value: Any) -> bool:
        """Annotations that do not come along leave no hole in their list; a place to go to may have one."""
        if isinstance(value, IndirectObject) and self._number(value) is not None:
            return False
        found = value.get_object() if isinstance(value, IndirectObject) else value
        return isinstance(found, DictionaryObject) and "/Rect" in found and refused(found, self.outcome)

    def _dictionary(self, entries: dict[str, Any]) -> bytes:
        said = []
        for key, value in entries.items():
            if (written := self._said(value)) != b"null":
                said.append(_plain(NameObject(key)) + b" " + written)
        return b"<<" + b" ".join(said) + b">>"


def _in_name(byte: int) -> bytes:
    return bytes([byte]) if byte in _PLAIN_IN_NAMES else b"#%02X" % byte


def _plain(value: Any) -> bytes:
    if isinstance(value, NameObject):
        return b"/" + b"".join(_in_name(byte) for byte in value[1:].encode("latin1"))
    if isinstance(value, BooleanObject):
        return b"true" if value.value else b"false"
    if isinstance(value, FloatObject):
        return value.myrepr().encode()
    if isinstance(value, NumberObject):
        return str(int(value)).encode()
    if isinstance(value, (TextStringObject, ByteStringObject)):
        return b"<" + value.original_bytes.hex().encode() + b">"
    if value is None or isinstance(value, NullObject):
        return b"null"
    raise not_followed()
