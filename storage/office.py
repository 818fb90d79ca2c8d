"""Word, Excel and PowerPoint files, old and new, and what else comes as a ZIP.

The new ones are ZIP archives: number of parts and unpacked size are capped from the directory alone, before
anything is unpacked, and only the list of content types ever is.
"""

from __future__ import annotations

import re
import struct
import zipfile
from pathlib import Path

from storage.kinds import DOCX, PPTX, XLSX, FileKind
from storage.names import extension_of
from storage.refusals import (
    EMAIL,
    IWORK,
    MACROS,
    OFFICE_LOCKED,
    OFFICE_TOO_BIG,
    OFFICE_VARIANT,
    OLD_EXCEL,
    OLD_OFFICE,
    OLD_POWERPOINT,
    OLD_WORD,
    OPEN_DOCUMENT,
    PROGRAM,
    UNREADABLE,
    ZIP,
    Refusal,
)

MOST_PARTS = 10_000
MOST_UNPACKED = 1024**3
_MOST_DIRECTORY = 4 * 1024**2
_MOST_TYPES = 1024**2
_CONTENT_TYPES = "[Content_Types].xml"

_MAIN_PARTS = {
    b"application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml": DOCX,
    b"application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml": XLSX,
    b"application/vnd.openxmlformats-officedocument.presentationml.presentation.main+xml": PPTX,
}
_OVERRIDE = re.compile(rb"<(?:\w+:)?Override\b([^>]*)>")
_PART = re.compile(rb"""PartName\s*=\s*["']/?([^"']+)["']""")
_TYPE = re.compile(rb"""ContentType\s*=\s*["']([^"']+)["']""")


def kind_of_zip(path: Path, name: str) -> FileKind:
    """DOCX, XLSX or PPTX by its content types. Raises `Unacceptable` for every other archive."""
    _check_directory(path, name)
    try:
        with zipfile.ZipFile(path) as archive:
            parts = archive.infolist()
            if _too_much(parts, path.stat().st_size):
                raise OFFICE_TOO_BIG.about(name)
            names = {part.filename for part in parts}
            if _CONTENT_TYPES not in names:
                raise _other_archive(names).about(name)
            with archive.open(_CONTENT_TYPES) as file:
                types = file.read(_MOST_TYPES)
    except (zipfile.BadZipFile, zipfile.LargeZipFile, NotImplementedError, RuntimeError, EOFError) as error:
        raise UNREADABLE.about(name) from error
    return _by_content_types(types, names, name)


def _check_directory(path: Path, name: str) -> None:
    """Refuse by what the end of the archive says of itself, since opening reads its whole directory."""
    with path.open("rb") as file:
        size = file.seek(0, 2)
        file.seek(max(0, size - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise UNREADABLE.about(name)
    entries, length = struct.unpack("<HI", tail[at + 10 : at + 16])
    if entries > MOST_PARTS or length > _MOST_DIRECTORY:
        raise (OFFICE_TOO_BIG if _claims_office(path) else ZIP).about(name)


def _claims_office(path: Path) -> bool:
    with path.open("rb") as file:
        return _CONTENT_TYPES.encode() in file.read(4096)


def _too_much(parts: list[zipfile.ZipInfo], size: int) -> bool:
    unpacked = sum(part.file_size for part in parts)
    packed = sum(part.compress_size for part in parts)  # more than the file: parts overlap
    return len(parts) > MOST_PARTS or unpacked > MOST_UNPACKED or packed > size


def _other_archive(names: set[str]) -> Refusal:
    if "META-INF/MANIFEST.MF" in names or "AndroidManifest.xml" in names:
        return PROGRAM
    if "mimetype" in names and "content.xml" in names:
        return OPEN_DOCUMENT
    if any(part.endswith(".iwa") for part in names) or "Index.zip" in names:
        return IWORK
    return ZIP


def _by_content_types(types: bytes, names: set[str], name: str) -> FileKind:
    if b"macroenabled" in types.lower() or any("vbaproject" in part.lower() for part in names):
        raise MACROS.about(name)
    for attributes in _OVERRIDE.findall(types):
        part, kind = _PART.search(attributes), _TYPE.search(attributes)
        if part and kind and kind[1] in _MAIN_PARTS and part[1].decode("utf-8", "replace") in names:
            return _MAIN_PARTS[kind[1]]
    raise (OFFICE_VARIANT if b"officedocument" in types else ZIP).about(name)


_STREAMS = (  # names of streams in the old format, as UTF-16; what is locked or mail may hold the others too
    ("EncryptedPackage", OFFICE_LOCKED),
    ("__substg1.0_", EMAIL),
    ("WordDocument", OLD_WORD),
    ("Workbook", OLD_EXCEL),
    ("PowerPoint Document", OLD_POWERPOINT),
)
_BY_EXTENSION = {"doc": OLD_WORD, "xls": OLD_EXCEL, "ppt": OLD_POWERPOINT, "msg": EMAIL, "msi": PROGRAM}


def refusal_of_ole(path: Path, name: str) -> Refusal:
    """Which of the old compound files this is: Word, Excel, PowerPoint, Outlook, or a locked new one."""
    with path.open("rb") as file:
        looked_at = file.read(1024**2)
        file.seek(max(len(looked_at), path.stat().st_size - 1024**2))
        looked_at += file.read()
    for stream, refusal in _STREAMS:
        if stream.encode("utf-16-le") in looked_at:
            return refusal
    return _BY_EXTENSION.get(extension_of(name), OLD_OFFICE)
