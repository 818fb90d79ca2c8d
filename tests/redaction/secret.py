"""A PDF with something to hide in every place where a PDF can hold it."""

from __future__ import annotations

from pypdf.generic import ArrayObject, FloatObject, NameObject, StreamObject

from tests.storage.corpus_pdf import entries, stream, text, writer, written

WORDS, PICTURE, ABOUT, ATTACHED, NOTE = (
    "ROWANPLUMWORDS", "ROWANPLUMPICTURE", "ROWANPLUMABOUT", "ROWANPLUMATTACHED", "ROWANPLUMNOTE",
)  # fmt: skip
MARKS = (WORDS, PICTURE, ABOUT, ATTACHED, NOTE)
SIDE = 40
COLOURS = (255, 40, 40)


def document(pages: int = 2) -> bytes:
    """Two pages of A4. Words and a red picture whose bytes begin with a name stand in the upper half of the first."""
    made = writer(pages)
    page = made.pages[0]
    pixels = PICTURE.encode() + bytes(COLOURS) * (SIDE * SIDE)
    drawn = stream(
        pixels[: SIDE * SIDE * 3],
        Type="/XObject",
        Subtype="/Image",
        Width=SIDE,
        Height=SIDE,
        BitsPerComponent=8,
        ColorSpace="/DeviceRGB",
    )
    resources = page["/Resources"]
    resources[NameObject("/XObject")] = entries()  # type: ignore[index]
    resources["/XObject"][NameObject("/Im1")] = made._add_object(drawn)  # type: ignore[index]
    box = page.mediabox
    top = float(box.height)
    content = (
        f"q BT /F1 24 Tf 60 {top * 0.8:.1f} Td ({WORDS}) Tj ET Q "
        f"q 120 0 0 120 60 {top * 0.6:.1f} cm /Im1 Do Q"
    )
    page[NameObject("/Contents")] = ArrayObject(
        [page.raw_get("/Contents"), made._add_object(_plain(content.encode()))]
    )
    page[NameObject("/Annots")] = ArrayObject(
        [
            made._add_object(
                entries(
                    Type="/Annot",
                    Subtype="/FreeText",
                    Contents=text(NOTE),
                    Rect=[FloatObject(60), FloatObject(top * 0.9), FloatObject(300), FloatObject(top * 0.95)],
                    DA=text("/Helv 12 Tf 0 g"),
                )
            )
        ]
    )
    made.add_metadata({"/Author": ABOUT, "/Title": ABOUT})
    made.add_attachment(f"{ATTACHED}.txt", ATTACHED.encode() * 3)
    return written(made)


def _plain(data: bytes) -> StreamObject:
    return stream(data)
