"""Files with words in them, drawn or written for the tests; the people in them are invented."""

from __future__ import annotations

import io
import zipfile

from PIL import Image, ImageDraw, ImageFont

LINES = ("Call Mrs Oyelaran on", "07700 900123 today")


def drawn(*lines: str, kind: str = "PNG") -> bytes:
    """A picture of these lines, as a photo of a whiteboard would show them; as "PDF": a scanned page."""
    picture = Image.new("RGB", (1100, 120 + 120 * len(lines)), "white")
    pen, font = ImageDraw.Draw(picture), ImageFont.load_default(size=64)
    for place, line in enumerate(lines):
        pen.text((60, 60 + 120 * place), line, fill="black", font=font)
    out = io.BytesIO()
    picture.save(out, kind)
    return out.getvalue()


def a_document(*paragraphs: str) -> bytes:
    """A Word document of these paragraphs, each word in a run of its own as Word writes them."""
    w = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    runs = [
        "".join(f"<w:r><w:t xml:space='preserve'>{word} </w:t></w:r>" for word in p.split())
        for p in paragraphs
    ]
    body = "".join(f"<w:p>{run}</w:p>" for run in runs)
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as package:
        package.writestr(
            "word/document.xml", f"<w:document xmlns:w='{w}'><w:body>{body}</w:body></w:document>"
        )
    return out.getvalue()
