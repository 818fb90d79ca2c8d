"""PDF: who made it, when and with what, comments, attached files, programs and earlier versions go; pages stay.

The copy is proved before it is handed on: as many pages, and each looks the same (`storage.cleaning_pdf_proof`)."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from mmap import ACCESS_READ, mmap
from pathlib import Path
from typing import Any

from pypdf import PdfReader
from pypdf.generic import ArrayObject, DictionaryObject, IndirectObject, NullObject, PdfObject, StreamObject

from storage.cleaning import NotCleaned
from storage.cleaning_pdf_pictures import clean_stream
from storage.cleaning_pdf_proof import prove_same
from storage.cleaning_pdf_rules import DRAWN, name_of, resolved, text_of
from storage.cleaning_pdf_writing import Copier
from storage.cleaning_words import (
    EARLIER,
    KEYWORDS,
    OTHER,
    PEOPLE,
    SIGNATURE,
    SOFTWARE,
    TIME,
    TITLE,
    Outcome,
    Seen,
    not_followed,
)
from storage.metadata import DEVICE, xmp_words

_INFO = {
    "/Author": PEOPLE,
    "/Creator": SOFTWARE,
    "/Producer": SOFTWARE,
    "/CreationDate": TIME,
    "/ModDate": TIME,
    "/Title": TITLE,
    "/Subject": KEYWORDS,
    "/Keywords": KEYWORDS,
}
_MOST_NODES = 100_000
_SPOKEN = DRAWN - {"/Link", "/FreeText", "/Widget", "/PrinterMark", "/Watermark"} | {"/Text"}
_MOST_XMP = 1024**2


class Reader(PdfReader):
    """Reads objects when they are asked for and keeps no stream in memory. What is not there is nothing: nobody
    searches the whole file for it."""

    def get_object(self, indirect_reference: int | IndirectObject) -> PdfObject | None:
        reference = indirect_reference
        if isinstance(reference, int):
            reference = IndirectObject(reference, 0, self)
        number, generation = reference.idnum, reference.generation
        known = number in self.xref.get(generation, {}) or (generation == 0 and number in self.xref_objStm)
        if not known and (generation, number) not in self.resolved_objects:
            return NullObject()
        found = super().get_object(reference)
        if isinstance(found, StreamObject):
            self.resolved_objects.pop((generation, number), None)
        return found


@contextmanager
def _opened(path: Path) -> Iterator[Reader]:
    """Raises `NotCleaned` for one that is protected: its owner has said that it must not be changed."""
    with path.open("rb") as file:
        reader = Reader(file)
        if reader.is_encrypted:
            raise NotCleaned(
                "It is protected against changes, so nothing was taken out of it. Save a copy without the "
                "protection and add that, or decide whether it may stay as it is."
            )
        yield reader


def _pages(reader: Reader) -> dict[tuple[int, int], DictionaryObject]:
    """Every page that the document shows, by the number of its object, and every node above them."""
    found: dict[tuple[int, int], DictionaryObject] = {}
    waiting: list[Any] = [dict.get(reader.root_object, "/Pages")]
    while waiting:
        reference = waiting.pop()
        if not isinstance(reference, IndirectObject) or len(found) > _MOST_NODES:
            raise not_followed()
        key, node = (reference.generation, reference.idnum), reference.get_object()
        if isinstance(node, NullObject):
            continue
        if key in found or not isinstance(node, DictionaryObject):
            raise not_followed(
                "The order of its pages could not be followed, so nothing was taken out of it. "
            )
        found[key] = node
        kids = resolved(node, "/Kids")
        if isinstance(kids, ArrayObject):
            waiting += list(kids)
    return found


def look(path: Path, seen: Seen) -> None:
    """Count the comments with their authors, and name what does not show on the pages."""
    with _opened(path) as reader:
        for node in _pages(reader).values():
            notes = resolved(node, "/Annots")
            for note in notes if isinstance(notes, ArrayObject) else []:
                _look_at(note.get_object(), seen)
        root = reader.root_object
        form = resolved(root, "/AcroForm")
        if isinstance(form, DictionaryObject) and resolved(form, "/Fields"):
            seen.besides("form fields")
            if "/XFA" in form:
                seen.besides("a form of a kind that few programs show")
        if resolved(root, "/OCProperties"):
            seen.besides("layers that can be switched on and off")
        names = resolved(root, "/Names")
        if isinstance(names, DictionaryObject) and "/EmbeddedFiles" in names:
            seen.besides("attached files, which are taken out")


def _look_at(note: Any, seen: Seen) -> None:
    if not isinstance(note, DictionaryObject):
        return
    subtype = name_of(note, "/Subtype")
    if subtype == "/Text" or (subtype in _SPOKEN and text_of(note.get("/Contents")).strip()):
        seen.comments += 1
        seen.by(text_of(note.get("/T")))
    elif subtype == "/FileAttachment":
        seen.besides("attached files, which are taken out")
    elif name_of(note, "/FT") == "/Sig" and resolved(note, "/V"):
        seen.besides("a digital signature, which does not hold for a cleaned copy")
    if subtype == "/Redact":
        seen.besides("marks for blacking out, which were not carried out: the words below them can be read")


def clean_pdf(path: Path, target: Path, outcome: Outcome) -> None:
    """Write a clean copy to `target`. Raises `NotCleaned`."""
    with _opened(path) as reader:
        pages = _pages(reader)
        _note_about_document(reader, outcome)
        if _was_written_over(path):
            outcome.words.add(EARLIER)

        def stays(key: tuple[int, int], value: Any) -> bool:
            if key in pages or not isinstance(value, DictionaryObject):
                return True
            return name_of(value, "/Type") not in ("/Page", "/Pages", "/ObjStm", "/XRef")

        def data_of(stream: StreamObject, entries: dict[str, Any]) -> bytes:
            return clean_stream(stream, entries, outcome)

        root = reader.trailer.raw_get("/Root")
        if not isinstance(root, IndirectObject):
            raise not_followed()
        with target.open("wb") as out:
            Copier(out, outcome, stays, data_of).write(root)
    if SIGNATURE in outcome.words:
        outcome.remains(
            "The digital signature does not hold for this copy; what it showed on the page stays."
        )
    prove_same(path, target)


def _note_about_document(reader: Reader, outcome: Outcome) -> None:
    info = resolved(reader.trailer, "/Info")
    if isinstance(info, DictionaryObject):
        outcome.words.update(_INFO.get(str(key), OTHER) for key in info if text_of(info.get(key)).strip())
    packet = resolved(reader.root_object, "/Metadata")
    if isinstance(packet, StreamObject):
        try:
            words = xmp_words(packet.get_data()[:_MOST_XMP])
        except Exception:  # it is thrown away unread
            words = {OTHER}
        outcome.words |= {SOFTWARE if word == DEVICE else word for word in words}


def _was_written_over(path: Path) -> bool:
    """Whether it was saved on top of an earlier version, which is still in it. A file made for the web ends twice."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        ends, at = 0, data.find(b"startxref")
        while at >= 0 and ends < 3:
            ends, at = ends + 1, data.find(b"startxref", at + 9)
        return ends > (2 if data.find(b"/Linearized", 0, 2048) >= 0 else 1)
