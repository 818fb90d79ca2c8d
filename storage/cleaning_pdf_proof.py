"""The proof that a cleaned PDF is the same to the eye: as many pages, and each drawn small gives equal pixels."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pypdfium2
import pypdfium2.raw as pdfium

from storage.cleaning import NotCleaned
from storage.cleaning_words import OWNER_DECIDES
from storage.previews import PDFIUM

_ALL_OF, _SAMPLE = 50, 10
_LONGEST = 300
_GONE = {
    pdfium.FPDF_ANNOT_TEXT,
    pdfium.FPDF_ANNOT_POPUP,
    pdfium.FPDF_ANNOT_FILEATTACHMENT,
    pdfium.FPDF_ANNOT_TRAPNET,
}
"""Notes, which were taken out: the original is drawn without them."""
_PLAYED = {
    pdfium.FPDF_ANNOT_SOUND,
    pdfium.FPDF_ANNOT_MOVIE,
    pdfium.FPDF_ANNOT_SCREEN,
    pdfium.FPDF_ANNOT_RICHMEDIA,
}


def prove_same(before: Path, after: Path) -> None:
    """Raises `NotCleaned` if the copy does not show what the original shows."""
    try:
        with PDFIUM, pypdfium2.PdfDocument(before) as old, pypdfium2.PdfDocument(after) as new:
            count = len(old)
            same = count == len(new) and all(_same(old, new, page) for page in _looked_at(count))
    except pypdfium2.PdfiumError as error:
        raise _differs() from error
    if not same:
        raise _differs()


def _differs() -> NotCleaned:
    return NotCleaned(
        "Its cleaned copy did not look the same, so nothing was taken out of it. " + OWNER_DECIDES
    )


def _looked_at(count: int) -> list[int]:
    """The first fifty, and ten spread over the rest with the last."""
    rest = range(_ALL_OF, count)
    step = max(1, len(rest) // _SAMPLE)
    return sorted({*range(min(count, _ALL_OF)), *rest[::step], *rest[-1:]})


def _same(old: Any, new: Any, number: int) -> bool:
    one, other = old[number], new[number]
    try:
        _without_notes(one)
        return one.get_size() == other.get_size() and _drawn(one) == _drawn(other)
    finally:
        one.close()
        other.close()


def _without_notes(page: Any) -> None:
    for index in reversed(range(pdfium.FPDFPage_GetAnnotCount(page))):
        note = pdfium.FPDFPage_GetAnnot(page, index)
        if not note:
            continue
        subtype = pdfium.FPDFAnnot_GetSubtype(note)
        drawn = pdfium.FPDFAnnot_HasKey(note, b"AP")
        pdfium.FPDFPage_CloseAnnot(note)
        if subtype in _GONE or (subtype in _PLAYED and not drawn):
            pdfium.FPDFPage_RemoveAnnot(page, index)


def _drawn(page: Any) -> bytes:
    width, height = page.get_size()
    bitmap = page.render(scale=_LONGEST / max(width, height, 1))
    try:
        return bytes(bitmap.buffer)
    finally:
        bitmap.close()
