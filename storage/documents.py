"""Documents on arrival: what says who made them, where and with what is taken out, and nothing that they say or show.

Both functions read hostile bytes: they are meant for the limited process (`storage.arriving`)."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from storage import cleaning_sheets, cleaning_slides, cleaning_word
from storage.checks import detect
from storage.cleaning import NotCleaned
from storage.cleaning_media import clean_picture
from storage.cleaning_office import Package
from storage.cleaning_package import Trade, Writer, choose
from storage.cleaning_properties import words_of_properties
from storage.cleaning_words import SIGNATURE, Outcome, Seen, not_followed
from storage.kinds import DOCX, PDF, PPTX, XLSX, FileKind
from storage.office import kind_of_zip
from storage.recordings import clean_recording
from storage.refusals import Unacceptable

DEEPEST = 2
"""A chart holds a workbook; a workbook in a document in a document is still looked into."""
_OBJECT = "An object of another program inside it could not be looked through and stays as it is."
_LOOKS: dict[str, Callable[[Package, Seen], None]] = {
    DOCX.id: cleaning_word.look,
    XLSX.id: cleaning_sheets.look,
    PPTX.id: cleaning_slides.look,
}
_TRADES: dict[str, Trade] = {
    DOCX.id: cleaning_word.TRADE,
    XLSX.id: cleaning_sheets.TRADE,
    PPTX.id: cleaning_slides.TRADE,
}
_ZIP, _OLE = b"PK\x03\x04", b"\xd0\xcf\x11\xe0"


def look(path: Path, kind: FileKind) -> dict[str, Any]:
    """How many comments and tracked changes it holds, by whom (at most five names, the most frequent first), and
    what stays in it though it does not show. Raises `NotCleaned` or `Unacceptable`."""
    seen = Seen()
    with _plainly():
        _look(path, kind, seen, 0)
    return seen.as_dict()


def clean_document(path: Path, kind: FileKind, target: Path) -> dict[str, list[str]]:
    """Write a clean copy, without comments and with tracked changes accepted, to a new file at `target`.

    Answers with what was removed, in words, and with sentences about what could not be cleaned. Raises `NotCleaned`
    or `Unacceptable`, and leaves no file then."""
    outcome = Outcome()
    with tempfile.TemporaryDirectory(prefix="cleaning-", dir=target.parent) as folder:
        made = Path(folder) / "clean"
        with _plainly():
            _clean(path, kind, made, outcome, 0)
        made.replace(target)
    return {"removed": outcome.removed, "left": outcome.left}


@contextmanager
def _plainly() -> Iterator[None]:
    """Whatever a reader stumbles over in hostile bytes, the answer is a sentence."""
    try:
        yield
    except (NotCleaned, Unacceptable, OSError, MemoryError):
        raise
    except Exception as error:
        raise not_followed() from error


def _look(path: Path, kind: FileKind, seen: Seen, depth: int) -> None:
    if kind is PDF:
        from storage import cleaning_pdf  # two readers, and a document needs one of them

        cleaning_pdf.look(path, seen)
        return
    with Package(path) as package:
        _LOOKS[kind.id](package, seen)
        if SIGNATURE in words_of_properties(package):
            seen.besides("a digital signature, which does not hold for a cleaned copy")
        for part in choose(package, _TRADES[kind.id], Outcome()).relations:
            _look_inside(package, part, seen, depth)


def _look_inside(package: Package, part: str, seen: Seen, depth: int) -> None:
    head = next(package.pieces(part), b"")[:8]
    if head.startswith(_OLE):
        seen.besides("an object of another program")
    elif head.startswith(_ZIP):
        with tempfile.NamedTemporaryFile() as file:
            for piece in package.pieces(part):
                file.write(piece)
            file.flush()
            inner = _kind_inside(Path(file.name))
            seen.besides(f"an embedded {inner.label}" if inner else "an embedded archive")
            if inner and depth < DEEPEST:
                _look(Path(file.name), inner, seen, depth + 1)


def _clean(path: Path, kind: FileKind, target: Path, outcome: Outcome, depth: int) -> None:
    if kind is PDF:
        from storage import cleaning_pdf

        cleaning_pdf.clean_pdf(path, target, outcome)
        return

    def other(part: Path, media_type: str, outcome: Outcome) -> Path | None:
        return _clean_inside(part, media_type, outcome, depth)

    with Package(path) as package:
        words = words_of_properties(package)
        outcome.words |= words
        if SIGNATURE in words:
            outcome.remains("The digital signature does not hold for this copy.")
        trade = _TRADES[kind.id]
        Writer(package, choose(package, trade, outcome), trade, outcome, target.parent, other).write(target)


def _clean_inside(part: Path, media_type: str, outcome: Outcome, depth: int) -> Path | None:
    """A part that is no XML: a picture, a recording, a document, a font."""
    with part.open("rb") as file:
        head = file.read(8)
    if head.startswith(_ZIP):
        return _clean_embedded(part, outcome, depth)
    if head.startswith(_OLE):
        outcome.remains(_OBJECT)
        return None
    if media_type.startswith(("audio/", "video/")):
        _clean_recording(part, outcome)
        return None
    return clean_picture(part, media_type, outcome)


def _clean_recording(part: Path, outcome: Outcome) -> None:
    """In its place: the file is ours alone."""
    try:
        outcome.words.update(clean_recording(part, detect(part, "")))
    except (NotCleaned, Unacceptable, ValueError):
        outcome.remains("A recording inside it could not be looked through and stays as it is.")


def _clean_embedded(part: Path, outcome: Outcome, depth: int) -> Path | None:
    kind = _kind_inside(part)
    if kind is None or depth >= DEEPEST:
        outcome.remains(_OBJECT)
        return None
    target = part.with_name("embedded")
    _clean(part, kind, target, outcome, depth + 1)
    return target


def _kind_inside(path: Path) -> FileKind | None:
    try:
        return kind_of_zip(path, "")
    except Unacceptable:
        return None
