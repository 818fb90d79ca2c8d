"""Parts of a document or a photo are covered for good: every page becomes a picture, and solid boxes are drawn into it.

What is written is pixels alone: no text, no attachments, no annotations, nothing about who made it. The functions that
read hostile bytes are meant for the limited process; they take and answer texts and numbers. Places on a page are in
thousandths of its width and height as it shows, counted from its upper left corner.
"""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pypdfium2
from PIL import Image, ImageDraw

from storage.decoding import opened, shrink, upright
from storage.kinds import KINDS, PDF, FileKind
from storage.previews import PDFIUM

DPI, LONGEST = 200, 3400
"""Of a page that is kept; the longer side has at most so many pixels."""
LOOK_WIDTH, LOOK_HEIGHT = 900, 1400
GRID = 16
"""Boxes reach to whole blocks of JPEG, so that nothing of what lies below bleeds into a neighbouring block and a covered
place decodes to one colour."""
BLACK = (0, 0, 0)
Thousandths = tuple[int, int, int, int]


@dataclass(frozen=True)
class Covered:
    """What becomes of one page. `boxes`: left, top, width, height. `cut`: off the left, top, right and bottom side.
    `turn`: degrees clockwise, after that. `left_out`: the page is not in the copy."""

    boxes: tuple[Thousandths, ...] = ()
    cut: Thousandths = (0, 0, 0, 0)
    turn: int = 0
    left_out: bool = False


@contextmanager
def _document(path: str) -> Iterator[pypdfium2.PdfDocument]:
    with PDFIUM, pypdfium2.PdfDocument(path) as document:
        if document.get_formtype():
            document.init_forms()  # what was filled in is drawn as well
        yield document


def count_pages(path: str, kind_id: str) -> dict[str, Any]:
    """How many pages it has; a photo has one. In the limited process."""
    if KINDS[kind_id] is not PDF:
        return {"pages": 1}
    with _document(path) as document:
        return {"pages": len(document)}


def look_at_page(path: str, kind_id: str, number: int, into: str, grid: int) -> dict[str, Any]:
    """A WebP picture of one page (from 0) to look at while choosing, with a grid of tenths over it if asked for."""
    image = _page(path, KINDS[kind_id], number, width=LOOK_WIDTH, height=LOOK_HEIGHT)
    if grid:
        _draw_grid(image)
    image.save(into, "WEBP", quality=60, method=4, exif=b"", xmp=b"")
    return {"width": image.width, "height": image.height}


def cover_pages(path: str, kind_id: str, first: int, plan: str, folder: str) -> dict[str, Any]:
    """Pictures of the pages from `first` on (one for each entry of the plan) in this folder, covered as it says."""
    made = []
    for number, page in enumerate(read_plan(plan), start=first):
        if page.left_out:
            continue
        image = covered(_page(path, KINDS[kind_id], number, width=LONGEST, height=LONGEST, dpi=DPI), page)
        name = f"{number:03}.jpg"
        image.save(Path(folder) / name, "JPEG", quality=85, optimize=True, exif=b"")
        made.append([name, image.width, image.height])
    return {"made": made}


def covered(image: Image.Image, page: Covered) -> Image.Image:
    """The page with its sides cut off, turned, and with solid boxes where they belong then."""
    width, height = image.size
    left, top, right, bottom = page.cut
    edges = (
        width * left // 1000,
        height * top // 1000,
        width - width * right // 1000,
        height - height * bottom // 1000,
    )
    boxes = [
        (width * x / 1000 - edges[0], height * y / 1000 - edges[1], width * w / 1000, height * h / 1000)
        for x, y, w, h in page.boxes
    ]
    image = image.crop(edges)
    for _ in range(page.turn // 90 % 4):
        tall = image.height
        image = image.transpose(Image.Transpose.ROTATE_270)  # clockwise
        boxes = [(tall - y - h, x, h, w) for x, y, w, h in boxes]
    pen = ImageDraw.Draw(image)
    for x, y, w, h in boxes:
        far = (-(-int(x + w + 1) // GRID) * GRID - 1, -(-int(y + h + 1) // GRID) * GRID - 1)
        near = (max(0, int(x) // GRID * GRID), max(0, int(y) // GRID * GRID))
        if far[0] >= near[0] and far[1] >= near[1]:
            pen.rectangle((near, far), fill=BLACK)
    return image


def _page(path: str, kind: FileKind, number: int, *, width: int, height: int, dpi: int = 0) -> Image.Image:
    """One page as it shows, on white, within so many pixels."""
    if kind is not PDF:
        with opened(Path(path), kind) as photo:
            shrink(photo, (width, height))
            clear = upright(photo).convert("RGBA")
            image = Image.new("RGB", clear.size, "white")
            image.paste(clear, mask=clear)
        image.thumbnail((width, height))
        return image
    with _document(path) as document:
        page = document[number]
        wide, tall = page.get_size()
        scale = min(width / max(wide, 1), height / max(tall, 1))
        bitmap = page.render(scale=min(scale, dpi / 72) if dpi else scale, rev_byteorder=True)
        shown: Image.Image = bitmap.to_pil().convert("RGB")
        bitmap.close()
        page.close()
    return shown


def _draw_grid(image: Image.Image) -> None:
    pen = ImageDraw.Draw(image)
    for tenth in range(1, 10):
        x, y = image.width * tenth // 10, image.height * tenth // 10
        pen.line((x, 0, x, image.height), fill=(0, 90, 200))
        pen.line((0, y, image.width, y), fill=(0, 90, 200))
        pen.text((x + 2, 2), str(tenth * 10), fill=(0, 60, 160))
        pen.text((2, y + 2), str(tenth * 10), fill=(0, 60, 160))


def read_plan(text: str) -> list[Covered]:
    """A JSON list with the fields of `Covered` for each page."""
    return [
        Covered(
            tuple((x, y, w, h) for x, y, w, h in page["boxes"]),
            tuple(page["cut"]),
            page["turn"],
            page["left_out"],
        )
        for page in json.loads(text)
    ]


def pdf_of(pictures: Sequence[tuple[bytes, int, int]], target: Path) -> None:
    """A PDF with a page for each JPEG (its bytes, width and height in pixels), and with nothing else in it."""
    out = io.BytesIO()
    places: list[int] = []

    def add(body: bytes) -> None:
        places.append(out.tell())
        out.write(b"%d 0 obj\n" % len(places) + body + b"\nendobj\n")

    def stream(entries: bytes, data: bytes) -> bytes:
        return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(data), data)

    out.write(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    kids = b" ".join(b"%d 0 R" % (3 + 3 * number) for number in range(len(pictures)))
    add(b"<</Type/Catalog/Pages 2 0 R>>")
    add(b"<</Type/Pages/Count %d/Kids[%s]>>" % (len(pictures), kids))
    for number, (jpeg, width, height) in enumerate(pictures):
        wide, tall = width * 72 / DPI, height * 72 / DPI
        own = 3 + 3 * number
        add(
            b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 %.2f %.2f]/Contents %d 0 R/Resources<</XObject<</I %d 0 R>>>>>>"
            % (wide, tall, own + 1, own + 2)
        )
        add(stream(b"", b"q %.2f 0 0 %.2f 0 0 cm /I Do Q" % (wide, tall)))
        kind = b"/Type/XObject/Subtype/Image/ColorSpace/DeviceRGB/BitsPerComponent 8/Filter/DCTDecode"
        add(stream(b"%s/Width %d/Height %d" % (kind, width, height), jpeg))
    start = out.tell()
    out.write(b"xref\n0 %d\n0000000000 65535 f \n" % (len(places) + 1))
    out.write(b"".join(b"%010d 00000 n \n" % place for place in places))
    out.write(b"trailer\n<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(places) + 1, start))
    target.write_bytes(out.getvalue())
