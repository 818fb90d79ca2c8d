"""Decoding pictures within limits: only by the decoder that we named, few at a time, never a bomb.

Pillow given a free choice starts Ghostscript for a PostScript file called .jpg, so the format is always named.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import BoundedSemaphore

from PIL import Image, ImageOps
from PIL.JpegImagePlugin import JpegImageFile

from storage.heic import convert_heic
from storage.kinds import HEIC, JPEG, PNG, WEBP, FileKind
from storage.refusals import DAMAGED, TOO_HEAVY, TOO_MANY_PIXELS, Unacceptable

MOST_PIXELS = {JPEG.id: 200_000_000, PNG.id: 100_000_000, WEBP.id: 100_000_000}
"""The largest picture we decode. JPEG is read at a smaller scale, so more is possible. HEIC: see `storage.heic`."""

DECODING = BoundedSemaphore(2)
"""How many pictures may be decoded at once: each may need several hundred megabytes."""

_FORMATS = {PNG.id: "PNG", WEBP.id: "WEBP"}
_PROOF_SIZE = (1024, 1024)

# Pillow warns at its limit and refuses at twice as much; ours are checked below, before anything is decoded.
Image.MAX_IMAGE_PIXELS = max(MOST_PIXELS.values())


@contextmanager
def opened(path: Path, kind: FileKind, name: str = "") -> Iterator[Image.Image]:
    """The picture, opened but not decoded, while a place for decoding is held. A HEIC is seen as a JPEG.

    Raises `Unacceptable` for one that is damaged or too large, whenever that shows inside the `with`."""
    with DECODING, tempfile.TemporaryDirectory(prefix="heic-", dir=path.parent) as folder:
        try:
            if kind is HEIC:
                converted = Path(folder) / "photo.jpg"
                convert_heic(path, converted, name)
                path, kind = converted, JPEG
            with _open(path, kind, name) as image:
                yield image
        except Unacceptable:
            raise
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            most = MOST_PIXELS[kind.id] // 1_000_000
            raise TOO_MANY_PIXELS.about(name, found=f"more than {most}", most=most) from error
        except MemoryError as error:
            raise TOO_HEAVY.about(name) from error
        except Exception as error:  # whatever a decoder raises on hostile bytes, the answer is a sentence
            raise DAMAGED.about(name, label=kind.label) from error


def _open(path: Path, kind: FileKind, name: str) -> Image.Image:
    # Not Image.open for JPEG: that looks at the second picture some phones hide inside, and fails with it.
    image = JpegImageFile(path) if kind is JPEG else Image.open(path, formats=[_FORMATS[kind.id]])
    try:
        progressive = "progressive" in image.info  # a JPEG that is held in memory whole while decoding
        _check_size(image.size, PNG if progressive else kind, name)
    except Unacceptable:
        image.close()
        raise
    return image


def _check_size(size: tuple[int, int], kind: FileKind, name: str) -> None:
    if (pixels := size[0] * size[1]) > MOST_PIXELS[kind.id]:
        most = MOST_PIXELS[kind.id] // 1_000_000
        raise TOO_MANY_PIXELS.about(name, found=pixels // 1_000_000, most=most)


def prove(path: Path, kind: FileKind, name: str) -> None:
    """Decode the picture to its last byte, or raise `Unacceptable`. Large JPEGs are decoded at a smaller scale."""
    if kind is PNG:
        with opened(path, kind, name) as image:
            image.verify()
    with opened(path, kind, name) as image:
        shrink(image, _PROOF_SIZE)
        image.load()


def shrink(image: Image.Image, size: tuple[int, int]) -> None:
    """Let the JPEG decoder leave out detail that a picture of this size does not show."""
    if isinstance(image, JpegImageFile):
        image.draft(None, size)


def upright(image: Image.Image) -> Image.Image:
    """The picture the right way up, as its EXIF says."""
    return ImageOps.exif_transpose(image)
