"""Small pictures of photos and of first PDF pages, made by us: nothing of the original but what it looks like."""

from __future__ import annotations

import io
from pathlib import Path
from threading import Lock

import pypdfium2
from PIL import Image

from storage.decoding import opened, shrink, upright
from storage.kinds import PDF, FileKind
from storage.refusals import Unacceptable

MEDIA_TYPE = "image/webp"
LARGE, SMALL = 1600, 320
"""Longest side in pixels: to look at, and for lists."""

PDFIUM = Lock()
"""PDFium must never be used by two threads at once."""

_PAGE_WIDTH, _PAGE_HEIGHT = 1200, 2400
_QUALITY = 80
_MOST_PROFILE = 64 * 1024


def photo_preview(path: Path, kind: FileKind, longest: int = LARGE) -> bytes:
    """A WebP picture with no metadata, the right way up, whose longer side has at most `longest` pixels.

    Raises `Unacceptable` if the photo cannot be decoded."""
    with opened(path, kind) as image:
        profile = image.info.get("icc_profile") or b""
        shrink(image, (longest, longest))
        shown = upright(image)
        keeps_colours = shown.mode in ("RGB", "RGBA") and len(profile) <= _MOST_PROFILE
        shown = _for_screen(shown)
        shown.thumbnail((longest, longest))
        return _webp(shown, profile if keeps_colours else b"")


def pdf_preview(path: Path) -> bytes | None:
    """The first page as a WebP picture, at most 1200 pixels wide; None if it cannot be drawn."""
    try:
        with PDFIUM, pypdfium2.PdfDocument(path) as document:
            page = document[0]
            width, height = page.get_size()
            scale = min(_PAGE_WIDTH / max(width, 1), _PAGE_HEIGHT / max(height, 1))
            bitmap = page.render(scale=scale, rev_byteorder=True)
            image = bitmap.to_pil().convert("RGB")
            bitmap.close()
            page.close()
        return _webp(image)
    except Exception:  # a page that cannot be drawn is shown as a plain tile instead
        return None


def pictures(path: Path, kind: FileKind) -> tuple[bytes, bytes] | None:
    """A large and a small picture of a photo or of a PDF's first page; None for what has none or cannot be drawn."""
    try:
        if kind.family == "photo":
            return photo_preview(path, kind, LARGE), photo_preview(path, kind, SMALL)
        large = pdf_preview(path) if kind is PDF else None
    except Unacceptable:
        return None
    return None if large is None else (large, _smaller(large))


def has_pictures(kind: FileKind) -> bool:
    """Whether pictures are made of this kind at all; everything else is shown as a plain tile."""
    return kind.family == "photo" or kind is PDF


def _smaller(picture: bytes) -> bytes:
    """The thumbnail of a picture that we drew ourselves."""
    held = io.BytesIO(picture)
    with Image.open(held, formats=["WEBP"]) as image:
        image.thumbnail((SMALL, SMALL))
        return _webp(image)


def _for_screen(image: Image.Image) -> Image.Image:
    if image.mode in ("I;16", "I;16B", "I;16L", "I"):
        return image.point(lambda value: value * (1 / 256)).convert("L")
    if image.mode in ("P", "PA", "LA", "RGBa", "La") or "transparency" in image.info:
        return image.convert("RGBA")
    return image if image.mode in ("RGB", "RGBA", "L") else image.convert("RGB")


def _webp(image: Image.Image, profile: bytes = b"") -> bytes:
    image.info.clear()
    out = io.BytesIO()
    image.save(out, "WEBP", quality=_QUALITY, method=4, icc_profile=profile, exif=b"", xmp=b"")
    return out.getvalue()
