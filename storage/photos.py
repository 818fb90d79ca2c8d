"""Photos on arrival: location and personal metadata are removed, and nothing is lost to the eye.

JPEG, PNG and WebP keep every pixel, their colours and which way is up. HEIC, which few programs can show, becomes
a JPEG of high quality.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from mmap import ACCESS_READ, mmap
from pathlib import Path

from PIL import Image

from storage.chunks import clean_png, clean_webp
from storage.decoding import DECODING, opened
from storage.heic import convert_heic
from storage.jpegs import clean_jpeg
from storage.kinds import HEIC, JPEG, PNG, WEBP, FileKind
from storage.metadata import Copy, exif_words, in_order, xmp_words
from storage.refusals import DAMAGED

_CLEANERS: dict[str, Callable[[mmap, Copy], set[str]]] = {
    JPEG.id: clean_jpeg,
    PNG.id: clean_png,
    WEBP.id: clean_webp,
}


@dataclass(frozen=True)
class CleanedPhoto:
    """The photo to keep, in a new file beside the one that came. Width and height are as seen, in pixels.

    `removed` says in plain words what was taken out; `converted_from` names the kind it came as, if another."""

    path: Path
    kind: FileKind
    removed: tuple[str, ...]
    width: int
    height: int
    converted_from: FileKind | None = None


def clean_photo(path: Path, kind: FileKind, name: str = "") -> CleanedPhoto:
    """Write a copy without location and personal metadata beside the file; the file itself stays as it is.

    Raises `Unacceptable` for a photo that cannot be decoded, and `ValueError` for a kind that is no photo."""
    if kind.family != "photo":
        raise ValueError(f"{kind.label} is not a photo")
    with _beside(path) as target:
        words = _convert(path, target, name) if kind is HEIC else _rewrite(path, target, kind, name)
        stored = JPEG if kind is HEIC else kind
        with opened(target, stored, name) as image:  # what we keep must open, whatever was left out
            width, height = _seen_size(image)
    return CleanedPhoto(target, stored, in_order(words), width, height, HEIC if kind is HEIC else None)


def _rewrite(path: Path, target: Path, kind: FileKind, name: str) -> set[str]:
    try:
        with (
            path.open("rb") as file,
            mmap(file.fileno(), 0, access=ACCESS_READ) as data,
            target.open("wb") as out,
        ):
            return _CLEANERS[kind.id](data, out.write)
    except Exception as error:  # whatever hostile bytes bring about, the answer is a sentence
        raise DAMAGED.about(name, label=kind.label) from error


def _convert(path: Path, target: Path, name: str) -> set[str]:
    with DECODING:
        hidden = convert_heic(path, target, name)
    return (exif_words(hidden.exif) if hidden.exif else set()) | (
        xmp_words(hidden.xmp) if hidden.xmp else set()
    )


def _seen_size(image: Image.Image) -> tuple[int, int]:
    width, height = image.size
    return (height, width) if image.getexif().get(0x0112, 1) >= 5 else (width, height)


@contextmanager
def _beside(path: Path) -> Iterator[Path]:
    """A new file in the same folder, so that it can be adopted by renaming; removed again if something fails."""
    handle, created = tempfile.mkstemp(prefix="clean-", dir=path.parent)
    os.close(handle)
    target = Path(created)
    try:
        yield target
    except BaseException:
        target.unlink(missing_ok=True)
        raise
