"""The kinds of file that evidence may hold, as data. What is not here is refused.

The type that is served comes from this table, never from the person who uploaded it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Family = Literal["photo", "document", "text", "audio", "video"]


@dataclass(frozen=True)
class FileKind:
    """One kind of file: how it is called on screen, served, and treated on arrival.

    `cleaned_on_arrival`: location and personal metadata are removed before it is stored.
    `streams`: played in the page, with range requests; everything else downloads."""

    id: str
    label: str
    media_type: str
    extensions: tuple[str, ...]
    family: Family
    cleaned_on_arrival: bool = False
    streams: bool = False


_OFFICE = "application/vnd.openxmlformats-officedocument"

JPEG = FileKind("jpeg", "JPEG photo", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"), "photo", True)
PNG = FileKind("png", "PNG picture", "image/png", ("png",), "photo", True)
WEBP = FileKind("webp", "WebP picture", "image/webp", ("webp",), "photo", True)
HEIC = FileKind("heic", "HEIC photo", "image/heic", ("heic", "heif", "hif"), "photo", True)
PDF = FileKind("pdf", "PDF document", "application/pdf", ("pdf",), "document")
DOCX = FileKind("docx", "Word document", f"{_OFFICE}.wordprocessingml.document", ("docx",), "document")
XLSX = FileKind("xlsx", "Excel workbook", f"{_OFFICE}.spreadsheetml.sheet", ("xlsx",), "document")
PPTX = FileKind(
    "pptx", "PowerPoint presentation", f"{_OFFICE}.presentationml.presentation", ("pptx",), "document"
)
TEXT = FileKind("text", "plain text", "text/plain", ("txt", "text", "md", "log"), "text")
MP3 = FileKind("mp3", "MP3 recording", "audio/mpeg", ("mp3",), "audio", streams=True)
M4A = FileKind("m4a", "M4A recording", "audio/mp4", ("m4a", "m4b"), "audio", streams=True)
WAV = FileKind("wav", "WAV recording", "audio/wav", ("wav", "wave"), "audio", streams=True)
MP4 = FileKind("mp4", "MP4 video", "video/mp4", ("mp4", "m4v"), "video", streams=True)
MOV = FileKind("mov", "MOV video", "video/quicktime", ("mov", "qt"), "video", streams=True)
WEBA = FileKind("weba", "WebM recording", "audio/webm", ("webm", "weba"), "audio", streams=True)
WEBM = FileKind("webm", "WebM video", "video/webm", ("webm",), "video", streams=True)

KINDS: dict[str, FileKind] = {
    kind.id: kind
    for kind in (
        JPEG,
        PNG,
        WEBP,
        HEIC,
        PDF,
        DOCX,
        XLSX,
        PPTX,
        TEXT,
        MP3,
        M4A,
        WAV,
        MP4,
        MOV,
        WEBM,
        WEBA,
    )
}
"""By id, in the order in which they are listed on screen."""

ACCEPTED = (
    "a photo (JPEG, PNG, WebP or HEIC), a PDF, a Word, Excel or PowerPoint file (.docx, .xlsx, .pptx), "
    "plain text, a sound recording (MP3, M4A, WAV or WebM) or a video (MP4, MOV or WebM)"
)
"""What is accepted, in words, for hints and refusals."""

KNOWN_EXTENSIONS = frozenset(extension for kind in KINDS.values() for extension in kind.extensions)


def accept_attribute() -> str:
    """The `accept` of a file field: extensions and media types, since phones differ in which they heed."""
    extensions = [f".{extension}" for kind in KINDS.values() for extension in kind.extensions]
    return ",".join(["image/*", "audio/*", "video/*", *dict.fromkeys(extensions)])
