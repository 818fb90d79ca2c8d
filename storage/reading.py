"""The text in a file, to look for names and numbers in it: of documents, and of pictures where Tesseract is installed.

Called in the limited process (storage.limited) with a path and the id of a kind. Tesseract is asked as a library, since
that process may start no other program. Nothing of the text is written anywhere; it goes back to who asked.
"""

from __future__ import annotations

import ctypes
import os
import zipfile
from contextlib import suppress
from pathlib import Path
from typing import Any

from lxml import etree

from storage.decoding import opened, shrink, upright
from storage.kinds import KINDS, FileKind

LIBRARIES = ("libtesseract.so.5", "libtesseract.so.4", "libtesseract.dylib")
LANGUAGE = b"eng"
MOST_TEXT = 200_000
"""Characters of one file: about eighty pages."""
MOST_PAGES, DRAWN_PAGES = 40, 5
"""Of a PDF: how many are read for their text, and how many of those without any are drawn and read as pictures."""
DRAWN_SCALE = 2.0
"""144 dots to the inch: what a scanned page needs at least."""
WIDEST = 2600
"""Pixels of the longer side of a picture that is read."""
PARTS = {
    "docx": ("word/document.xml", "word/header", "word/footer", "word/footnotes.xml", "word/comments.xml"),
    "xlsx": ("xl/sharedStrings.xml", "xl/worksheets/"),
    "pptx": ("ppt/slides/slide", "ppt/notesSlides/"),
}
"""Where the words of a document stand: beginnings of the names of its parts."""
PARAGRAPHS = ("}p", "}si", "}row", "}c")
PICTURES = ("jpeg", "png", "webp", "heic")


def readable(kind_id: str) -> bool:
    """Whether there may be text in a file of this kind that can be read here."""
    return kind_id in (*PICTURES, *PARTS, "pdf", "text")


def read(path: str, kind_id: str) -> dict[str, Any]:
    """The text by page: {"pages": [[2, "…"], …], "whole": true, "pictures": true}. Page 0: it has none. `whole` is false
    where only the beginning was read; `pictures` is false where there are pictures that nothing here can read."""
    if kind_id in PICTURES:
        with Reader() as reader:
            return {
                "pages": [[0, reader.read(_picture(Path(path), KINDS[kind_id]))]],
                "whole": True,
                "pictures": reader.is_here,
            }
    if kind_id == "pdf":
        return _pdf(path)
    if kind_id in PARTS:
        text = _office(Path(path), PARTS[kind_id])
    else:
        text = Path(path).read_bytes()[: 4 * MOST_TEXT].decode("utf-8", errors="replace")
    return {"pages": [[0, text[:MOST_TEXT]]], "whole": len(text) <= MOST_TEXT, "pictures": True}


def _picture(path: Path, kind: FileKind) -> Any:
    with opened(path, kind) as image:
        shrink(image, (WIDEST, WIDEST))
        grey = upright(image).convert("L")
        grey.thumbnail((WIDEST, WIDEST))
        return grey


def _pdf(path: str) -> dict[str, Any]:
    import pypdfium2

    document = pypdfium2.PdfDocument(path)
    pages: list[list[Any]] = []
    room, drawn, unread = MOST_TEXT, 0, False
    with Reader() as reader:
        for number in range(min(len(document), MOST_PAGES)):
            page = document[number]
            text = page.get_textpage().get_text_range()[:room]
            if not text.strip() and drawn < DRAWN_PAGES:
                drawn += 1
                if reader.is_here:
                    text = reader.read(_drawn(page))[:room]
                else:
                    unread = True
            pages.append([number + 1, text])
            room -= len(text)
    whole = len(document) <= MOST_PAGES and room > 0 and drawn < DRAWN_PAGES
    return {"pages": pages, "whole": whole, "pictures": not unread}


def _drawn(page: Any) -> Any:
    """A grey picture of a page, no larger than a picture that is read may be."""
    scale = min(DRAWN_SCALE, WIDEST / max(*page.get_size(), 1))
    return page.render(scale=scale, grayscale=True).to_pil().convert("L")


def _office(path: Path, parts: tuple[str, ...]) -> str:
    found: list[str] = []
    with zipfile.ZipFile(path) as package:
        for name in sorted(package.namelist()):
            if not name.startswith(parts) or not name.endswith(".xml") or sum(map(len, found)) > MOST_TEXT:
                continue
            with package.open(name) as part:
                found.append(_words(part.read(16 * MOST_TEXT)))
    return "\n".join(found)


def _words(xml: bytes) -> str:
    """The text of one part; paragraphs and cells on lines of their own."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, recover=True, huge_tree=False)
    root = etree.fromstring(xml, parser)
    if root is None:
        return ""
    words: list[str] = []
    for _, element in etree.iterwalk(root, events=("end",)):
        tag = element.tag if isinstance(element.tag, str) else ""
        if tag.endswith(("}t", "}v")) and element.text:
            words.append(element.text)
        elif tag.endswith(PARAGRAPHS):
            words.append("\n")
    return "".join(words)


def library() -> ctypes.CDLL | None:
    """Tesseract, if it is installed on this machine."""
    for name in LIBRARIES:
        with suppress(OSError):
            return ctypes.CDLL(name)
    return None


class Reader:
    """The library, opened once for a file; without it nothing is read. `is_here`: with its English words."""

    def __init__(self) -> None:
        os.environ["OMP_THREAD_LIMIT"] = "1"  # its threads would each take memory of their own
        self.library = library()
        self.handle: ctypes.c_void_p | None = None
        self.is_here = self.library is not None and self._begin(self.library)

    def _begin(self, library: ctypes.CDLL) -> bool:
        library.TessBaseAPICreate.restype = ctypes.c_void_p
        library.TessBaseAPIGetUTF8Text.restype = ctypes.c_void_p
        self.handle = ctypes.c_void_p(library.TessBaseAPICreate())
        return int(library.TessBaseAPIInit3(self.handle, None, LANGUAGE)) == 0

    def __enter__(self) -> Reader:
        return self

    def __exit__(self, *_: object) -> None:
        if self.library is not None and self.handle is not None:
            self.library.TessBaseAPIDelete(self.handle)

    def read(self, image: Any) -> str:
        """The text in a grey picture; empty if there is no Tesseract."""
        if self.library is None or not self.is_here:
            return ""
        width, height = image.size
        self.library.TessBaseAPISetImage(self.handle, image.tobytes(), width, height, 1, width)
        text = self.library.TessBaseAPIGetUTF8Text(self.handle)
        if not text:
            return ""
        try:
            return ctypes.string_at(text).decode("utf-8", errors="replace")[:MOST_TEXT]
        finally:
            self.library.TessDeleteText(ctypes.c_void_p(text))
