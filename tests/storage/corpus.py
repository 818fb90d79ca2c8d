"""Small files of every kind, made in code, for any test that uploads something: good ones, and `BAD` ones."""

from __future__ import annotations

from tests.storage.corpus_bad import BAD
from tests.storage.corpus_files import (
    docx,
    m4a,
    mov,
    mp3,
    mp4,
    office,
    pdf,
    plain_text,
    pptx,
    wav,
    webm,
    xlsx,
    zipped,
)
from tests.storage.corpus_photos import (
    SECRETS,
    heic,
    jpeg,
    jpeg_with_location,
    picture,
    png,
    png_with_location,
    webp,
    webp_with_location,
)

GOOD: dict[str, tuple[str, bytes]] = {
    "jpeg": ("Visit.jpg", jpeg_with_location()),
    "png": ("Screenshot.png", png()),
    "webp": ("Poster.webp", webp()),
    "heic": ("IMG_0042.HEIC", heic()),
    "pdf": ("Certificate.pdf", pdf()),
    "docx": ("Reflection.docx", docx()),
    "xlsx": ("Hours.xlsx", xlsx()),
    "pptx": ("Talk.pptx", pptx()),
    "text": ("Notes.txt", plain_text()),
    "mp3": ("Discussion.mp3", mp3()),
    "m4a": ("Voice note.m4a", m4a()),
    "wav": ("Interview.wav", wav()),
    "mp4": ("Role play.mp4", mp4()),
    "mov": ("IMG_0043.MOV", mov()),
    "webm": ("Recording.webm", webm()),
    "weba": ("Voice memo.webm", webm(open_ended=True, track=2)),
}
"""By the id of the kind: a name, and the bytes."""

__all__ = [
    "BAD",
    "GOOD",
    "SECRETS",
    "docx",
    "heic",
    "jpeg",
    "jpeg_with_location",
    "m4a",
    "mov",
    "mp3",
    "mp4",
    "office",
    "pdf",
    "picture",
    "plain_text",
    "png",
    "png_with_location",
    "pptx",
    "wav",
    "webm",
    "webp",
    "webp_with_location",
    "xlsx",
    "zipped",
]
