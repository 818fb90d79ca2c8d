"""The door: which kind of file this is, told from its content, or a sentence that says why it cannot come in.

Names lie and so do browsers. Every kind is proved by whatever will have to read it: photos are decoded to the
last byte, PDFs opened, Office files looked into, recordings followed box by box.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path

import filetype

from storage.boxes import is_box_file, kind_of_boxes
from storage.decoding import prove
from storage.kinds import HEIC, JPEG, KINDS, PDF, PNG, TEXT, WEBP, FileKind
from storage.names import content_disposition, extension_of, fitting_name, safe_name
from storage.office import kind_of_zip, refusal_of_ole
from storage.pdfs import kind_of_pdf
from storage.photos import CleanedPhoto, clean_photo
from storage.previews import pdf_preview, photo_preview
from storage.ranges import ByteRange, Unsatisfiable, parse_range
from storage.refusals import (
    ARCHIVE,
    EMPTY,
    MACROS,
    PICTURE_FORMAT,
    PROGRAM,
    SOUND_FORMAT,
    SVG,
    UNKNOWN,
    UNREADABLE,
    VIDEO_FORMAT,
    WEB_PAGE,
    Refusal,
    Unacceptable,
)
from storage.sound import kind_of_wav, kind_of_webm, mp3_kind
from storage.texts import is_written, kind_of_text, refuse_machine_text

_HEAD = 64 * 1024

_ACTIVE_NAMES = {
    PROGRAM: "exe dll com bat cmd ps1 psm1 vbs vbe js mjs cjs jse wsf wsh scr msi msix msp jar apk aab ipa app sh "
    "bash zsh php phtml phar py pyw pl rb jsp jspx asp aspx cgi hta lnk url desktop dmg pkg deb rpm iso img reg cpl "
    "inf swf class chm gadget scf command workflow wasm application",
    WEB_PAGE: "html htm xhtml xht shtml mht mhtml webarchive",
    SVG: "svg svgz",
    MACROS: "docm dotm xlsm xltm xlam xlsb pptm potm ppsm ppam sldm",
}
_REFUSED_BY_NAME = {
    extension: refusal for refusal, extensions in _ACTIVE_NAMES.items() for extension in extensions.split()
}
_PROGRAMS = (b"MZ", b"\x7fELF", b"\xfe\xed\xfa", b"\xcf\xfa\xed\xfe", b"\xce\xfa\xed\xfe", b"\xca\xfe\xba\xbe", b"dex\n",
             b"L\0\0\0\x01\x14\x02\0", b"\0asm")  # fmt: skip
_OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"


def detect(path: Path, name: str) -> FileKind:
    """The kind of this file, by content. The name decides nothing, save that a program's name is refused.

    Raises `Unacceptable`, and nothing else, whatever the bytes are."""
    return _found(path, name, _by_content)


def glance(path: Path, name: str) -> FileKind:
    """What a large file says it is: by its beginning and its structure, without decoding it. What cannot come
    in under any circumstances is refused now; whether the rest is whole, `detect` has to prove later.

    Raises `Unacceptable`, and nothing else."""
    return _found(path, name, _by_beginning)


def needs_proof(kind: FileKind) -> bool:
    """Whether `glance` leaves something of this kind to prove. A HEIC was decoded, and is a JPEG by then."""
    return kind in (JPEG, PNG, WEBP, PDF, TEXT)


def _found(path: Path, name: str, look: Callable[[Path, bytes, str], FileKind]) -> FileKind:
    if path.stat().st_size == 0:
        raise EMPTY.about(name)
    with path.open("rb") as file:
        head = file.read(_HEAD)
    try:
        if (refusal := _REFUSED_BY_NAME.get(extension_of(name))) is not None:
            raise refusal.about(name)
        return look(path, head, name)
    except Unacceptable:
        raise
    except Exception as error:  # a parser that stumbles over hostile bytes is no reason for an error page
        raise UNREADABLE.about(name) from error


def _by_content(path: Path, head: bytes, name: str) -> FileKind:
    if (photo := _photo(head)) is not None:
        prove(path, photo, name)
        return photo
    if (document := _document(path, head, name)) is not None:
        return document
    if is_written(head):
        return kind_of_text(path, head, name)
    return _recording(path, head, name) or _last_resort(path, head, name)


def _by_beginning(path: Path, head: bytes, name: str) -> FileKind:
    """As above, save for what takes memory and time: decoding a photo, opening a PDF, reading a text to its end."""
    if (photo := _photo(head)) is not None:
        return photo
    if head.startswith(b"%PDF-"):
        return PDF
    if is_written(head):
        refuse_machine_text(head, name)
        return TEXT
    return _by_content(path, head, name)


def _photo(head: bytes) -> FileKind | None:
    if head.startswith(b"\xff\xd8\xff"):
        return JPEG
    if head.startswith(b"\x89PNG\r\n\x1a\n"):
        return PNG
    return WEBP if head.startswith(b"RIFF") and head[8:12] == b"WEBP" else None


def _document(path: Path, head: bytes, name: str) -> FileKind | None:
    if head.startswith(b"%PDF-"):
        return kind_of_pdf(path, name)
    if head.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        return kind_of_zip(path, name)
    if head.startswith(_OLE):
        raise refusal_of_ole(path, name).about(name)
    return None


def _recording(path: Path, head: bytes, name: str) -> FileKind | None:
    if is_box_file(head):
        kind = kind_of_boxes(path, name)
        if kind is HEIC:
            prove(path, HEIC, name)
        return kind
    if head.startswith(b"RIFF") and head[8:12] == b"WAVE":
        return kind_of_wav(path, name)
    if head.startswith(b"\x1a\x45\xdf\xa3"):
        return kind_of_webm(path, name)
    return mp3_kind(path, head, name)


def _last_resort(path: Path, head: bytes, name: str) -> FileKind:
    """Name what it is if we can; otherwise it may still be plain text."""
    if head.startswith(_PROGRAMS):
        raise PROGRAM.about(name)
    found = filetype.guess(head)
    if found is not None:
        raise _refusal_of(str(found.mime)).about(name, format=str(found.extension).upper())
    return kind_of_text(path, head, name)


_ARCHIVES = (
    "zip",
    "tar",
    "rar",
    "gzip",
    "bzip2",
    "7z",
    "xz",
    "zstd",
    "lz4",
    "lzip",
    "compress",
    "x-ar",
    "cab",
)


def _refusal_of(media_type: str) -> Refusal:
    family, _, subtype = media_type.partition("/")
    if any(archive in subtype for archive in _ARCHIVES):
        return ARCHIVE
    return {"image": PICTURE_FORMAT, "audio": SOUND_FORMAT, "video": VIDEO_FORMAT}.get(family, UNKNOWN)


def sha256_of(path: Path) -> str:
    """SHA-256 of the file in hexadecimal, read in pieces."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


__all__ = [
    "KINDS",
    "ByteRange",
    "CleanedPhoto",
    "FileKind",
    "Unacceptable",
    "Unsatisfiable",
    "clean_photo",
    "content_disposition",
    "detect",
    "fitting_name",
    "glance",
    "needs_proof",
    "parse_range",
    "pdf_preview",
    "photo_preview",
    "safe_name",
    "sha256_of",
]
