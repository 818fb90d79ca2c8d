"""Uploads that must be refused with a sentence: wrong, damaged, active, locked, hostile."""

from __future__ import annotations

import io
import struct
import zlib

import pypdf

from tests.storage.corpus_files import docx, m4a, mov, mp3, mp4, office, pdf, wav, webm, zipped
from tests.storage.corpus_photos import heic, jpeg, picture, png, png_chunk, webp

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
HTML = b"<!DOCTYPE html><html><body><script>alert(1)</script></body></html>"
SVG = b'<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>'


def _ole(stream: str) -> bytes:
    return OLE + b"\0" * 1016 + stream.encode("utf-16-le") + b"\0" * 512


def _bomb(width: int, height: int) -> bytes:
    """A PNG of few bytes that unpacks to a wall of pixels."""
    packer = zlib.compressobj(9)
    row = b"\0" * (width // 8 + 1)
    data = b"".join(packer.compress(row) for _ in range(height)) + packer.flush()
    head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IHDR", head) + png_chunk(b"IDAT", data) + png_chunk(b"IEND", b"")
    )


def _locked_pdf() -> bytes:
    writer = pypdf.PdfWriter(clone_from=io.BytesIO(pdf()))
    writer.encrypt("open sesame", algorithm="RC4-128")
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _saved(kind: str) -> bytes:
    out = io.BytesIO()
    picture().save(out, kind)
    return out.getvalue()


def _locked_zip_parts() -> bytes:
    """An Office file whose parts are marked as encrypted."""
    data = bytearray(docx())
    at = data.find(b"PK\x01\x02")
    while at >= 0:
        data[at + 8] |= 1
        at = data.find(b"PK\x01\x02", at + 4)
    data[6] |= 1
    return bytes(data)


def _many_parts() -> bytes:
    return docx({f"word/media/{number}.txt": b"" for number in range(10_001)})


def _unpacks_to_much() -> bytes:
    """Says of itself that a part unpacks to 2 GiB."""
    data = bytearray(docx())
    at = data.rfind(b"PK\x01\x02")
    data[at + 24 : at + 28] = struct.pack("<I", 2 * 1024**3)
    return bytes(data)


def _wall_of_jpeg() -> bytes:
    data = bytearray(jpeg())
    at = data.find(b"\xff\xc0")
    data[at + 5 : at + 9] = struct.pack(">HH", 20_000, 20_000)
    return bytes(data)


_MACRO = "application/vnd.ms-word.document.macroEnabled.main+xml"
_TEMPLATE = "application/vnd.openxmlformats-officedocument.wordprocessingml.template.main+xml"

BAD: dict[str, tuple[str, bytes]] = {
    "empty": ("Photo.jpg", b""),
    "zip": ("notes.zip", zipped({"notes.txt": "hello"})),
    "empty zip": ("nothing.zip", zipped({})),
    "zip as pdf": ("notes.pdf", zipped({"notes.txt": "hello"})),
    "gzip": ("notes.tar.gz", b"\x1f\x8b\x08\0" + b"\0" * 40),
    "rar": ("notes.rar", b"Rar!\x1a\x07\0" + b"\0" * 60),
    "7z": ("notes.7z", b"7z\xbc\xaf\x27\x1c" + b"\0" * 60),
    "html as jpg": ("Photo.jpg", HTML),
    "html": ("page.html", HTML),
    "html with a comment first": ("page.txt", b"<!-- a --><!-- b -->\n<html></html>"),
    "html by name only": ("words.HTM", b"only words"),
    "html fragment": ("words.txt", b"  <img src=x onerror=alert(1)>"),
    "svg": ("drawing.svg", SVG),
    "svg as png": ("drawing.png", b'\xef\xbb\xbf<?xml version="1.0"?>\n<!-- x -->' + SVG),
    "xml": ("data.xml", b'<?xml version="1.0"?><records/>'),
    "xml as text": ("data.txt", b'<?xml version="1.0"?><records/>'),
    "endless comments": ("odd.txt", b"<!---->" * 5000),
    "javascript": ("run.js", b"alert(1)"),
    "shell script": ("tidy", b"#!/bin/sh\nrm -r /tmp/x\n"),
    "php": ("index.txt", b"<?php echo 1; ?>"),
    "exe": ("setup.exe", b"MZ\x90\0" + b"\0" * 200),
    "exe as jpg": ("Photo.jpg", b"MZ\x90\0" + b"\0" * 200),
    "elf": ("tool", b"\x7fELF\2\1\1" + b"\0" * 200),
    "shortcut": ("Photo.lnk", b"L\0\0\0\x01\x14\x02\0" + b"\0" * 100),
    "photo with a program's name": ("Photo.jpg.exe", jpeg()),
    "turned name": ("Photo\u202egpj.exe", jpeg()),
    "name with a stream": ("Photo.exe::$DATA", jpeg()),
    "name with a trailing dot": ("Photo.svg. .", png()),
    "name with a path": ("../../../etc/cron.d/run.sh", b"* * * * * root true\n"),
    "name with nul": ("Photo.jpg\0.html", jpeg()),
    "jar": ("tool.docx", zipped({"META-INF/MANIFEST.MF": "Main-Class: X", "X.class": "x"})),
    "e-mail": (
        "Re: visit.eml",
        b"Received: from a.example\r\nFrom: jo@example.org\r\nSubject: x\r\n\r\nHello",
    ),
    "e-mail as text": (
        "mail.txt",
        b"From: jo@example.org\nMIME-Version: 1.0\nContent-Type: text/html\n\n<b>hi</b>",
    ),
    "outlook": ("visit.msg", _ole("__substg1.0_0037001F")),
    "doc": ("Reflection.doc", _ole("WordDocument")),
    "xls": ("Hours.xls", _ole("Workbook")),
    "ppt": ("Talk.ppt", _ole("PowerPoint Document")),
    "unknown compound file": ("thing.bin", _ole("Contents")),
    "locked docx": ("Reflection.docx", _ole("EncryptedPackage")),
    "docm": ("Reflection.docm", office("word/document.xml", _MACRO, "<w/>")),
    "macros as docx": ("Reflection.docx", docx({"word/vbaProject.bin": b"x"})),
    "macro type as docx": ("Reflection.docx", office("word/document.xml", _MACRO, "<w/>")),
    "dotx": ("Form.dotx", office("word/document.xml", _TEMPLATE, "<w/>")),
    "docx without its text": ("Form.docx", zipped({"[Content_Types].xml": "<Types/>"})),
    "docx cut short": ("Reflection.docx", docx()[:-60]),
    "docx with locked parts": ("Reflection.docx", _locked_zip_parts()),
    "docx of many parts": ("Reflection.docx", _many_parts()),
    "docx that unpacks to much": ("Reflection.docx", _unpacks_to_much()),
    "odt": (
        "Notes.odt",
        zipped({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": "<x/>"}),
    ),
    "pages": ("Notes.pages", zipped({"Index/Document.iwa": b"x"})),
    "rtf": ("Notes.rtf", b"{\\rtf1\\ansi Hello}"),
    "csv": ("Hours.csv", b"day,hours\n18 Nov,7\n"),
    "calendar": ("Visit.ics", b"BEGIN:VCALENDAR\nEND:VCALENDAR\n"),
    "postscript as jpg": ("Photo.jpg", b"%!PS-Adobe-3.0\nshowpage\n"),
    "old text": ("Notes.txt", "Naïve words from an old computer, £5".encode("latin-1")),
    "text with nul": ("Notes.txt", b"hello\0world"),
    "utf-16 cut": ("Notes.txt", "words".encode("utf-16") + b"\0"),
    "noise": ("thing.dat", bytes(range(1, 32)) * 20),
    "gif": ("Cat.gif", _saved("GIF")),
    "bmp": ("Cat.bmp", _saved("BMP")),
    "tiff": ("Cat.tiff", _saved("TIFF")),
    "avif": ("Cat.avif", _saved("AVIF")),
    "gif as jpg": ("Cat.jpg", _saved("GIF")),
    "avi": ("Film.avi", b"RIFF\x40\0\0\0AVI LIST" + b"\0" * 60),
    "mkv": ("Film.mkv", webm(doctype=b"matroska")),
    "3gp": ("Film.3gp", mp4(b"3gp4")),
    "ogg": ("Voice.ogg", b"OggS\0\2" + b"\0" * 22 + b"\x01\x1eOpusHead" + b"\0" * 20),
    "pdf locked": ("Certificate.pdf", _locked_pdf()),
    "pdf without pages": ("Certificate.pdf", pdf(pages=0)),
    "pdf cut short": ("Certificate.pdf", pdf()[:300]),
    "pdf in name only": ("Certificate.pdf", b"%PDF-1.7\nnothing\n%%EOF"),
    "jpeg cut short": ("Photo.jpg", jpeg()[:-200]),
    "jpeg head alone": ("Photo.jpg", jpeg()[:20]),
    "jpeg of noise": ("Photo.jpg", b"\xff\xd8\xff\xe0" + b"\x42" * 500),
    "png cut short": ("Photo.png", png()[:-40]),
    "png bomb": ("Photo.png", _bomb(30_000, 30_000)),
    "png of 121 megapixels": ("Photo.png", _bomb(11_000, 11_000)),
    "jpeg of 400 megapixels": ("Photo.jpg", _wall_of_jpeg()),
    "webp cut short": ("Photo.webp", webp()[:-60]),
    "heic cut short": ("Photo.heic", heic()[:-60]),
    "heic of noise": ("Photo.heic", heic()[:200] + b"\x42" * (len(heic()) - 200)),
    # Ends the process of libheif's Python binding (pi-heif 1.4.0) with a segmentation fault.
    "heic that kills the decoder": (
        "Photo.heic",
        heic().replace(b"application/rdf+xml", b"\xff" * 4 + b"ication/rdf+xml"),
    ),
    "mp4 cut short": ("Film.mp4", mp4()[:-100]),
    "mp4 head alone": ("Film.mp4", mp4()[:24]),
    "mov without tracks": ("Film.mov", mov().replace(b"vide", b"xxxx").replace(b"soun", b"xxxx")),
    "m4a cut short": ("Voice.m4a", m4a()[:-10]),
    "wav cut short": ("Voice.wav", wav()[:-10]),
    "wav head alone": ("Voice.wav", wav()[:20]),
    "webm cut short": ("Film.webm", webm()[:-10]),
    "webm head alone": ("Film.webm", webm()[:20]),
    "mp3 tag alone": ("Voice.mp3", mp3(frames=0, tag=b"TIT2\0\0\0\0")),
}
"""By what is wrong: a name, and the bytes. None of these may come in, and none may raise anything but a sentence."""
