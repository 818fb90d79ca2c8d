"""Documents, text, sound and video made in code, as small as they can be."""

from __future__ import annotations

import io
import struct
import wave
import zipfile

_OFFICE = "application/vnd.openxmlformats-officedocument"
_RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006"


def pdf(pages: int = 1, width: int = 595, height: int = 842, words: str = "What I did on the visit") -> bytes:
    """A PDF with a line of text on each page."""
    kids = " ".join(f"{4 + 2 * page} 0 R" for page in range(pages))
    objects = [
        "<< /Type /Catalog /Pages 2 0 R >>",
        f"<< /Type /Pages /Kids [{kids}] /Count {pages} >>",
        "<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    for page in range(pages):
        drawing = f"BT /F1 24 Tf 72 {height - 100} Td ({words}, page {page + 1}) Tj ET"
        box_and_content = f"/MediaBox [0 0 {width} {height}] /Contents {5 + 2 * page} 0 R"
        objects += [
            f"<< /Type /Page /Parent 2 0 R {box_and_content} /Resources << /Font << /F1 3 0 R >> >> >>",
            f"<< /Length {len(drawing)} >>\nstream\n{drawing}\nendstream",
        ]
    out, places = b"%PDF-1.4\n", []
    for number, content in enumerate(objects, 1):
        places.append(len(out))
        out += f"{number} 0 obj\n{content}\nendobj\n".encode()
    table = "".join(f"{place:010d} 00000 n \n" for place in places)
    size = len(objects) + 1
    out_end = f"xref\n0 {size}\n0000000000 65535 f \n{table}trailer\n<< /Size {size} /Root 1 0 R >>\n"
    return out + f"{out_end}startxref\n{len(out)}\n%%EOF\n".encode()


def zipped(parts: dict[str, bytes | str]) -> bytes:
    """A ZIP archive of these parts, the same bytes each time."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(zipfile.ZipInfo(name, (2026, 11, 18, 9, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def office(main: str, content_type: str, content: str, extra: dict[str, bytes | str] | None = None) -> bytes:
    """An Office file whose main part has this name and type."""
    types = (
        f'<?xml version="1.0" encoding="UTF-8"?><Types xmlns="{_PACKAGE}/content-types">'
        '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
        f'<Default Extension="xml" ContentType="application/xml"/>'
        f'<Override PartName="/{main}" ContentType="{content_type}"/></Types>'
    )
    relations = (
        f'<?xml version="1.0" encoding="UTF-8"?><Relationships xmlns="{_PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{_RELATIONS}" Target="{main}"/></Relationships>'
    )
    return zipped({"[Content_Types].xml": types, "_rels/.rels": relations, main: content, **(extra or {})})


def docx(
    extra: dict[str, bytes | str] | None = None, variant: str = f"{_OFFICE}.wordprocessingml.document"
) -> bytes:
    """A Word document of one sentence."""
    body = "<w:body><w:p><w:r><w:t>I listened first, then I wrote it down.</w:t></w:r></w:p></w:body>"
    space = "http://schemas.openxmlformats.org/wordprocessingml/2006/main"
    text = f'<?xml version="1.0"?><w:document xmlns:w="{space}">{body}</w:document>'
    return office("word/document.xml", f"{variant}.main+xml", text, extra)


def xlsx() -> bytes:
    """An Excel workbook."""
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return office(
        "xl/workbook.xml",
        f"{_OFFICE}.spreadsheetml.sheet.main+xml",
        f'<?xml version="1.0"?><workbook xmlns="{space}"><sheets/></workbook>',
    )


def pptx() -> bytes:
    """A PowerPoint presentation."""
    space = "http://schemas.openxmlformats.org/presentationml/2006/main"
    return office(
        "ppt/presentation.xml",
        f"{_OFFICE}.presentationml.presentation.main+xml",
        f'<?xml version="1.0"?><p:presentation xmlns:p="{space}"/>',
    )


def plain_text() -> bytes:
    """A few words with more than ASCII in them."""
    return "I rang the duty line at 9:40 – and wrote down what was said.\nNaïve? No: £0 spent, ŵ kept.\n".encode()


def wav(seconds: float = 0.1) -> bytes:
    """Silence at 8 kHz."""
    out = io.BytesIO()
    with wave.open(out, "wb") as sound:
        sound.setnchannels(1)
        sound.setsampwidth(2)
        sound.setframerate(8000)
        sound.writeframes(b"\0\0" * int(8000 * seconds))
    return out.getvalue()


def mp3(frames: int = 10, tag: bytes = b"") -> bytes:
    """Silent frames of MPEG 1 layer III, 128 kbit/s at 44.1 kHz, after an ID3 tag if one is given."""
    size = len(tag)
    syncsafe = bytes(size >> shift & 0x7F for shift in (21, 14, 7, 0))
    head = b"ID3\x04\0\0" + syncsafe + tag if tag else b""
    return head + (b"\xff\xfb\x90\x64" + b"\0" * 413) * frames


def box(kind: bytes, content: bytes) -> bytes:
    """One box of an MP4."""
    return struct.pack(">I4s", len(content) + 8, kind) + content


def _movie(brand: bytes, *handlers: bytes) -> bytes:
    tracks = b"".join(
        box(b"trak", box(b"mdia", box(b"hdlr", b"\0" * 8 + handler + b"\0" * 13))) for handler in handlers
    )
    head = box(b"ftyp", brand + b"\0\0\2\0" + brand + b"isom")
    return head + box(b"moov", box(b"mvhd", b"\0" * 100) + tracks) + box(b"mdat", b"\x11" * 256)


def m4a(brand: bytes = b"M4A ") -> bytes:
    """Sound alone in an MP4 container."""
    return _movie(brand, b"soun")


def mp4(brand: bytes = b"isom") -> bytes:
    """Picture and sound in an MP4 container."""
    return _movie(brand, b"vide", b"soun")


def mov() -> bytes:
    """Picture and sound in a QuickTime container."""
    return _movie(b"qt  ", b"vide", b"soun")


def element(number: int, content: bytes, *, open_ended: bool = False) -> bytes:
    """One element of a WebM; open-ended as browsers record it."""
    width = (number.bit_length() + 7) // 8
    size = b"\x01" + b"\xff" * 7 if open_ended else struct.pack(">Q", len(content) | 1 << 56)
    return number.to_bytes(width, "big") + size + content


def webm(*, doctype: bytes = b"webm", open_ended: bool = False, track: int = 1) -> bytes:
    """A header, a track (of pictures, or with 2 of sound) and an empty cluster."""
    head = element(0x1A45DFA3, element(0x4286, b"\x01") + element(0x4282, doctype))
    tracks = element(0x1654AE6B, element(0xAE, element(0xD7, b"\x01") + element(0x83, bytes([track]))))
    segment = (
        element(0x1549A966, element(0x2AD7B1, b"\x0f\x42\x40"))
        + tracks
        + element(0x1F43B675, b"\xe7\x81\0" * 20)
    )
    return head + element(0x18538067, segment, open_ended=open_ended)
