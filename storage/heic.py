"""HEIC, which iPhones take and few programs show: turned into a JPEG by a process of its own."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from storage.kinds import HEIC
from storage.limited import MIB, Limits, Stopped, in_child
from storage.refusals import DAMAGED, TOO_HEAVY, TOO_MANY_PIXELS

MOST_PIXELS = 64_000_000
"""Decoding needs some nine bytes a pixel; phones take at most 50 million."""

_LIMITS = Limits(memory=3 * 1024 * MIB, cpu=60, seconds=90)
"""More memory than for others: the decoder reserves a great deal of address space for its threads."""
_MOST_METADATA = MIB
_QUALITY = 95


@dataclass(frozen=True)
class Hidden:
    """The metadata that the HEIC held and the JPEG does not."""

    exif: bytes
    xmp: bytes


def convert_heic(path: Path, target: Path, name: str) -> Hidden:
    """Write the picture to `target` as a JPEG, upright, without metadata. Raises `Unacceptable`.

    It takes the time of a program start, some 0.2 seconds, beside that of decoding."""
    try:
        answer = in_child(convert, str(path.absolute()), str(target.absolute()), MOST_PIXELS, limits=_LIMITS)
    except Stopped as error:
        refusal = DAMAGED if error.cause == "failed" else TOO_HEAVY
        raise refusal.about(name, label=HEIC.label) from error
    if pixels := answer.get("too_many_pixels"):
        raise TOO_MANY_PIXELS.about(name, found=pixels // 1_000_000, most=MOST_PIXELS // 1_000_000)
    hidden = answer["hidden"]
    return Hidden(base64.b64decode(hidden["exif"]), base64.b64decode(hidden["xmp"]))


def convert(source: str, target: str, most_pixels: int) -> dict[str, Any]:
    """In the limited process: write the picture upright as a JPEG with its colours and nothing else; say what
    else it held. The decoder ends its whole process over some damaged files."""
    import pi_heif  # only the limited process loads the decoder
    from PIL import Image

    # turns the picture itself: the container knows how
    heic = pi_heif.open_heif(source, convert_hdr_to_8bit=True)
    pixels = heic.size[0] * heic.size[1]
    if pixels > most_pixels:
        return {"too_many_pixels": pixels}
    hidden = {name: _text(heic.info.get(name)) for name in ("exif", "xmp")}
    profile = heic.info.get("icc_profile") or b""
    image = heic.to_pillow()
    if image.mode == "RGBA":
        flat = Image.new("RGB", image.size, "white")
        flat.paste(image, mask=image.getchannel("A"))
    else:
        flat = image.convert("RGB")
    flat.info.clear()
    flat.save(target, "JPEG", quality=_QUALITY, icc_profile=profile, optimize=True)
    return {"hidden": hidden}


def _text(value: object) -> str:
    return base64.b64encode(value[:_MOST_METADATA]).decode() if isinstance(value, bytes) else ""
