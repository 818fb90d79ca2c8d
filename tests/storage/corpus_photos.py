"""Photos made in code: with a location, a phone's name, comments, previews and trailers that must not survive."""

from __future__ import annotations

import io
import struct
import zlib
from functools import cache

import pillow_heif
from PIL import Image, ImageCms, ImageDraw

MAKER = b"Nimbus Phones"
MODEL = b"Nimbus NP-12 Pro"
TAKEN = b"2026:11:18 09:41:07"
ARTIST = b"Robin Example"
SAID = b"behind the blue door"
XMP_PLACE = b"Tidewater Lane"
THUMBNAIL_MARK = b"thumbnail-inside"
TRAILER_MARK = b"MotionPhoto_Data-film"
MAKER_NOTE = b"maker-note-serial-0815"

SECRETS = (
    MAKER,
    MODEL,
    TAKEN,
    ARTIST,
    SAID,
    XMP_PLACE,
    THUMBNAIL_MARK,
    TRAILER_MARK,
    MAKER_NOTE,
    b"GPSLatitude",
)
"""What `jpeg_with_location` and its siblings hold and what nobody may find afterwards."""

XMP = (
    b'<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF><rdf:Description exif:GPSLatitude="53,24.5N" '
    b'photoshop:City="' + XMP_PLACE + b'" xmp:CreateDate="2026-11-18"/></rdf:RDF></x:xmpmeta>'
)


def picture(width: int = 64, height: int = 48, mode: str = "RGB") -> Image.Image:
    """A picture whose four corners differ, so that a wrong turn shows."""
    image = Image.linear_gradient("L").resize((width, height)).convert("RGB")
    draw = ImageDraw.Draw(image)
    w, h = width // 3, height // 3
    draw.rectangle((0, 0, w, h), fill="red")
    draw.rectangle((width - w, 0, width, h), fill="lime")
    draw.rectangle((0, height - h, w, height), fill="blue")
    draw.rectangle((width - w, height - h, width, height), fill="white")
    return image.convert(mode)


def exif(orientation: int = 1, *, thumbnail: bytes = b"") -> bytes:
    """A TIFF block as phones write it: device, time, artist, location, maker note and a small preview."""
    gps = [(1, 2, b"N\0"), (2, 5, _degrees(53)), (3, 2, b"W\0"), (4, 5, _degrees(2))]
    details = [(0x9003, 2, TAKEN + b"\0"), (0x927C, 7, MAKER_NOTE), (0x9286, 7, b"ASCII\0\0\0" + SAID)]
    main: list[tuple[int, int, bytes]] = [
        (0x010E, 2, SAID + b"\0"),
        (0x010F, 2, MAKER + b"\0"),
        (0x0110, 2, MODEL + b"\0"),
        (0x0112, 3, struct.pack(">HH", orientation, 0)),
        (0x0132, 2, TAKEN + b"\0"),
        (0x013B, 2, ARTIST + b"\0"),
        (0x8769, 4, b"\0" * 4),
        (0x8825, 4, b"\0" * 4),
    ]
    size = len(_ifd(main, 0))
    details_at = 8 + size
    gps_at = details_at + len(_ifd(details, 0))
    preview_at = gps_at + len(_ifd(gps, 0))
    main[6] = (0x8769, 4, struct.pack(">I", details_at))
    main[7] = (0x8825, 4, struct.pack(">I", gps_at))
    preview = [(0x0201, 4, b"\0" * 4), (0x0202, 4, struct.pack(">I", len(thumbnail)))]
    preview[0] = (0x0201, 4, struct.pack(">I", preview_at + len(_ifd(preview, 0))))
    tiff = struct.pack(">2sHI", b"MM", 42, 8) + _ifd(main, 8, following=preview_at if thumbnail else 0)
    tiff += _ifd(details, details_at) + _ifd(gps, gps_at)
    return tiff + _ifd(preview, preview_at) + thumbnail if thumbnail else tiff


def _degrees(value: int) -> bytes:
    return struct.pack(">6I", value, 1, 24, 1, 30, 1)


_ITEM_SIZES = {2: 1, 3: 2, 4: 4, 5: 8, 7: 1}


def _ifd(entries: list[tuple[int, int, bytes]], start: int, following: int = 0) -> bytes:
    directory, data = struct.pack(">H", len(entries)), b""
    data_at = start + 2 + 12 * len(entries) + 4
    for tag, kind, value in entries:
        count = 1 if kind == 3 else len(value) // _ITEM_SIZES[kind]
        directory += struct.pack(">HHI", tag, kind, count)
        if len(value) <= 4:
            directory += value.ljust(4, b"\0")
        else:
            directory += struct.pack(">I", data_at + len(data))
            data += value + b"\0" * (len(value) % 2)
    return directory + struct.pack(">I", following) + data


@cache
def profile() -> bytes:
    """A colour profile, as phones attach one."""
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def jpeg(image: Image.Image | None = None, **options: object) -> bytes:
    """A plain JPEG with nothing to hide."""
    return _saved(image or picture(), "JPEG", quality=90, **options)


def jpeg_segment(marker: int, content: bytes) -> bytes:
    """One segment of a JPEG."""
    return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content


def jpeg_with_location(orientation: int = 1, image: Image.Image | None = None, **options: object) -> bytes:
    """A JPEG as a phone takes it, with everything in it that says who took it, where and with what."""
    plain = jpeg(image, icc_profile=profile(), **options)
    thumbnail = jpeg(picture(16, 12))
    thumbnail = thumbnail[:2] + jpeg_segment(0xFE, THUMBNAIL_MARK) + thumbnail[2:]
    hidden = (
        jpeg_segment(0xE1, b"Exif\0\0" + exif(orientation, thumbnail=thumbnail))
        + jpeg_segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0" + XMP)
        + jpeg_segment(0xE2, b"MPF\0" + _two_pictures(len(plain), len(thumbnail)))
        + jpeg_segment(0xED, b"Photoshop 3.0\x008BIM" + ARTIST)
        + jpeg_segment(0xFE, SAID)
    )
    head_end = 4 + struct.unpack(">H", plain[4:6])[0]  # after JFIF
    trailer = thumbnail + b"\0\0\0\x18ftypmp42" + TRAILER_MARK
    return plain[:head_end] + hidden + plain[head_end:] + trailer


def _two_pictures(first: int, second: int) -> bytes:
    """The index of a file that holds a second picture behind the first (CIPA DC-007)."""
    pictures = struct.pack(">IIIHHIIIHH", 0x030000, first, 0, 0, 0, 0x010001, second, first, 0, 0)
    entries = [(0xB000, 7, b"0100"), (0xB001, 4, struct.pack(">I", 2)), (0xB002, 7, pictures)]
    return struct.pack(">2sHI", b"MM", 42, 8) + _ifd(entries, 8)


def png(image: Image.Image | None = None, **options: object) -> bytes:
    """A plain PNG."""
    return _saved(image or picture(), "PNG", **options)


def png_chunk(kind: bytes, content: bytes) -> bytes:
    """One chunk of a PNG."""
    return struct.pack(">I4s", len(content), kind) + content + struct.pack(">I", zlib.crc32(kind + content))


def png_with_location(orientation: int = 1, image: Image.Image | None = None) -> bytes:
    """A PNG with location, words, time and a trailer."""
    plain = png(image, icc_profile=profile())
    hidden = (
        png_chunk(b"eXIf", exif(orientation))
        + png_chunk(b"tEXt", b"Comment\0" + SAID)
        + png_chunk(b"zTXt", b"Author\0\0" + zlib.compress(ARTIST))
        + png_chunk(b"iTXt", b"XML:com.adobe.xmp\0\0\0\0\0" + XMP)
        + png_chunk(b"tIME", b"\x07\xea\x0b\x12\x09\x29\x07")
        + png_chunk(b"prVt", MAKER)
    )
    return plain[:33] + hidden + plain[33:] + TRAILER_MARK


def webp(image: Image.Image | None = None, **options: object) -> bytes:
    """A plain WebP."""
    return _saved(image or picture(), "WEBP", **options)


def webp_with_location(
    orientation: int = 1, image: Image.Image | None = None, *, lossless: bool = True
) -> bytes:
    """A WebP with location, XMP, an unknown chunk and a trailer."""
    plain = webp(image, lossless=lossless, icc_profile=profile(), exif=exif(orientation), xmp=XMP)
    extra = struct.pack("<4sI", b"prVt", len(MODEL)) + MODEL
    riff = struct.pack("<4sI", b"RIFF", len(plain) - 8 + len(extra))
    return riff + plain[8:] + extra + TRAILER_MARK


@cache
def heic(orientation: int = 1, width: int = 64, height: int = 48) -> bytes:
    """A tiny HEIC as iPhones take it, with location and device; the container holds the turn."""
    out = io.BytesIO()
    file = pillow_heif.from_pillow(picture(width, height))
    file.save(out, quality=90, exif=b"Exif\0\0" + exif(orientation), xmp=XMP)
    return out.getvalue()


def _saved(image: Image.Image, kind: str, **options: object) -> bytes:
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()
