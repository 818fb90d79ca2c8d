"""PDF: it must begin as one, end as one, open without a password and have a page."""

from __future__ import annotations

from mmap import ACCESS_READ, mmap
from pathlib import Path

import pypdfium2
import pypdfium2.raw

from storage.kinds import PDF, FileKind
from storage.previews import PDFIUM
from storage.refusals import DAMAGED, PDF_LOCKED, PDF_NO_PAGES

_TAIL = 8192


def kind_of_pdf(path: Path, name: str) -> FileKind:
    """PDF if PDFium opens it and finds its first page. Raises `Unacceptable`."""
    with path.open("rb") as file:
        file.seek(max(0, path.stat().st_size - _TAIL))
        if b"%%EOF" not in file.read():
            raise DAMAGED.about(name, label=PDF.label)
    try:
        if _pages(path) == 0:
            raise PDF_NO_PAGES.about(name)
    except pypdfium2.PdfiumError as error:
        if error.err_code == pypdfium2.raw.FPDF_ERR_PASSWORD and _is_encrypted(path):
            raise PDF_LOCKED.about(name) from error
        raise DAMAGED.about(name, label=PDF.label) from error
    return PDF


def _is_encrypted(path: Path) -> bool:
    """PDFium's error may be that of an earlier file: it sets none for some faults. So look for ourselves."""
    with path.open("rb") as file, mmap(file.fileno(), 0, access=ACCESS_READ) as data:
        return data.find(b"/Encrypt") >= 0


def _pages(path: Path) -> int:
    with PDFIUM, pypdfium2.PdfDocument(path) as document:
        count = len(document)
        if count:
            document[0].close()
        return count
