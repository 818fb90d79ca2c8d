"""Documents for the demonstration, written in code and the same, byte for byte, on each call."""

import io
import textwrap
import zipfile
from collections.abc import Sequence
from datetime import UTC, datetime
from xml.sax.saxutils import escape

import xlsxwriter

WRITTEN_AT = datetime(2026, 1, 5, 9, 0, 0, tzinfo=UTC)
"""The one date that any demonstration file carries inside."""

LINES_ON_A_PAGE = 44
LETTERS_ON_A_LINE = 84


def pdf(title: str, lines: Sequence[str]) -> bytes:
    """A PDF of one or two A4 pages, written by hand, with no date inside.

    Long lines are wrapped; letters outside Western European (cp1252) become question marks. Raises ValueError
    when the text needs a third page.
    """
    wrapped = [part for line in lines for part in (textwrap.wrap(line, LETTERS_ON_A_LINE) or [""])]
    pages = [
        wrapped[start : start + LINES_ON_A_PAGE] for start in range(0, len(wrapped), LINES_ON_A_PAGE)
    ] or [[]]
    if len(pages) > 2:
        raise ValueError(f"{title!r} needs {len(pages)} pages; a demonstration PDF has one or two")
    kids = " ".join(f"{5 + 2 * number} 0 R" for number in range(len(pages)))
    title_in_hex = "feff" + title.encode("utf-16-be").hex()  # document information is not in cp1252
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {len(pages)} >>".encode(),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>",
        f"<< /Title <{title_in_hex}> /Author (An invented person) /Producer (Demonstration) >>".encode(),
    ]
    for number, page in enumerate(pages):
        content = _page_content(title if number == 0 else "", page)
        objects.append(
            b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Resources << /Font << /F1 3 0 R >> >> "
            + f"/Contents {6 + 2 * number} 0 R >>".encode()
        )
        objects.append(f"<< /Length {len(content)} >>\nstream\n".encode() + content + b"\nendstream")
    return _pdf_file(objects)


def _pdf_text(text: str) -> bytes:
    escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
    return escaped.encode("cp1252", errors="replace")


def _page_content(title: str, lines: Sequence[str]) -> bytes:
    shown = [b"BT /F1 18 Tf 56 780 Td (" + _pdf_text(title) + b") Tj ET", b"BT /F1 11 Tf 16 TL 56 748 Td"]
    shown += [b"(" + _pdf_text(line) + b") Tj T*" for line in lines]
    return b"\n".join([*shown, b"ET"])


def _pdf_file(objects: Sequence[bytes]) -> bytes:
    """The objects numbered from 1 with their table of places: 1 is the catalogue, 4 the document information."""
    out = bytearray(b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n")
    places = []
    for number, content in enumerate(objects, start=1):
        places.append(len(out))
        out += f"{number} 0 obj\n".encode() + content + b"\nendobj\n"
    table = len(out)
    out += f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n".encode()
    for place in places:
        out += f"{place:010} 00000 n \n".encode()
    out += f"trailer\n<< /Size {len(objects) + 1} /Root 1 0 R /Info 4 0 R >>\n".encode()
    out += f"startxref\n{table}\n%%EOF\n".encode()
    return bytes(out)


_XML = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n'
_OOXML = "http://schemas.openxmlformats.org"
_DOCX_PARTS = {
    "[Content_Types].xml": (
        f'{_XML}<Types xmlns="{_OOXML}/package/2006/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        '<Default Extension="xml" ContentType="application/xml"/>'
        '<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument'
        '.wordprocessingml.document.main+xml"/>'
        '<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package'
        '.core-properties+xml"/></Types>'
    ),
    "_rels/.rels": (
        f'{_XML}<Relationships xmlns="{_OOXML}/package/2006/relationships">'
        f'<Relationship Id="rId1" Type="{_OOXML}/officeDocument/2006/relationships/officeDocument" '
        'Target="word/document.xml"/>'
        f'<Relationship Id="rId2" Type="{_OOXML}/package/2006/relationships/metadata/core-properties" '
        'Target="docProps/core.xml"/></Relationships>'
    ),
}


def docx(title: str, paragraphs: Sequence[str]) -> bytes:
    """A Word document: the title in bold, then the paragraphs. Every time stamp inside is `WRITTEN_AT`."""
    heading = f'<w:p><w:r><w:rPr><w:b/><w:sz w:val="32"/></w:rPr><w:t>{escape(title)}</w:t></w:r></w:p>'
    body = "".join(
        f'<w:p><w:r><w:t xml:space="preserve">{escape(paragraph)}</w:t></w:r></w:p>'
        for paragraph in paragraphs
    )
    stamp = f"{WRITTEN_AT:%Y-%m-%dT%H:%M:%SZ}"
    parts = _DOCX_PARTS | {
        "word/document.xml": f'{_XML}<w:document xmlns:w="{_OOXML}/wordprocessingml/2006/main">'
        f"<w:body>{heading}{body}<w:sectPr/></w:body></w:document>",
        "docProps/core.xml": f'{_XML}<cp:coreProperties xmlns:cp="{_OOXML}/package/2006/metadata/core-properties" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" '
        'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f"<dc:title>{escape(title)}</dc:title><dc:creator>An invented person</dc:creator>"
        f'<dcterms:created xsi:type="dcterms:W3CDTF">{stamp}</dcterms:created></cp:coreProperties>',
    }
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in parts.items():
            entry = zipfile.ZipInfo(name, date_time=WRITTEN_AT.timetuple()[:6])
            entry.compress_type = zipfile.ZIP_DEFLATED
            entry.create_system = 3  # otherwise it differs between operating systems
            archive.writestr(entry, content)
    return out.getvalue()


def xlsx(rows: Sequence[Sequence[str | int | float]]) -> bytes:
    """A workbook of one sheet whose first row is the heading. Text stays text: nothing becomes a formula."""
    out = io.BytesIO()
    book = xlsxwriter.Workbook(
        out,
        {
            "in_memory": True,
            "strings_to_formulas": False,
            "strings_to_urls": False,
            "strings_to_numbers": False,
        },
    )
    book.set_properties({"created": WRITTEN_AT.replace(tzinfo=None), "author": "An invented person"})
    sheet = book.add_worksheet("Sheet 1")
    bold = book.add_format({"bold": True})
    for number, row in enumerate(rows):
        sheet.write_row(number, 0, row, bold if number == 0 else None)
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max((len(row) for row in rows), default=1) - 1, 22)
    book.close()
    return out.getvalue()
