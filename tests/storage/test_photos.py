"""Photos on arrival: nothing about the person stays, nothing is lost to the eye, and up is up."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageOps, ImageStat

from storage.checks import detect
from storage.kinds import HEIC, JPEG, PDF, PNG, WEBP, FileKind
from storage.limited import Limits
from storage.photos import CleanedPhoto, clean_photo
from storage.refusals import Unacceptable
from tests.storage.corpus import (
    BAD,
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
from tests.storage.corpus_photos import exif, jpeg_segment, profile

MAKERS: dict[str, tuple[FileKind, Callable[..., bytes]]] = {
    "jpeg": (JPEG, jpeg_with_location),
    "png": (PNG, png_with_location),
    "webp": (WEBP, webp_with_location),
}


def cleaned(tmp_path: Path, data: bytes, kind: FileKind) -> CleanedPhoto:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return clean_photo(path, kind, "Photo")


def seen(data: bytes, kind: str) -> Image.Image:
    """The picture as a viewer shows it."""
    with Image.open(io.BytesIO(data), formats=[kind.upper()]) as image:
        return ImageOps.exif_transpose(image).copy()


def alike(one: Image.Image, other: Image.Image) -> bool:
    """Whether two pictures differ by no more than what a lossy copy changes."""
    if one.size != other.size:
        return False
    difference = ImageStat.Stat(ImageChops.difference(one.convert("RGB"), other.convert("RGB")))
    return max(difference.mean) < 8


@pytest.mark.parametrize("kind", MAKERS)
def test_nothing_that_says_who_where_or_with_what_is_left(tmp_path: Path, kind: str) -> None:
    of_kind, make = MAKERS[kind]
    data = make(orientation=6)
    assert sum(secret in data for secret in SECRETS) >= 7
    kept = cleaned(tmp_path, data, of_kind).path.read_bytes()
    assert [secret for secret in SECRETS if secret in kept] == []


def test_heic_keeps_no_secret_either_and_becomes_a_jpeg(tmp_path: Path) -> None:
    data = heic()
    assert sum(secret in data for secret in SECRETS) >= 7
    photo = cleaned(tmp_path, data, HEIC)
    kept = photo.path.read_bytes()
    assert [secret for secret in SECRETS if secret in kept] == []
    assert (photo.kind, photo.converted_from) == (JPEG, HEIC)
    assert {"location", "camera and phone details", "date and time"} <= set(photo.removed)
    assert detect(photo.path, "Photo.jpg") is JPEG
    assert alike(seen(kept, "jpeg"), picture())


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("orientation", range(1, 9))
def test_every_pixel_stays_and_up_is_up(tmp_path: Path, kind: str, orientation: int) -> None:
    of_kind, make = MAKERS[kind]
    data = make(orientation=orientation)
    photo = cleaned(tmp_path, data, of_kind)
    before, after = seen(data, kind), seen(photo.path.read_bytes(), kind)
    assert after.tobytes() == before.tobytes()
    assert after.mode == before.mode
    assert (photo.width, photo.height) == after.size == ((48, 64) if orientation >= 5 else (64, 48))


@pytest.mark.parametrize("kind", MAKERS)
@pytest.mark.parametrize("orientation", [1, 6])
def test_the_only_exif_left_says_which_way_is_up(tmp_path: Path, kind: str, orientation: int) -> None:
    of_kind, make = MAKERS[kind]
    photo = cleaned(tmp_path, make(orientation=orientation), of_kind)
    with Image.open(photo.path, formats=[kind.upper()]) as image:
        assert dict(image.getexif()) == ({} if orientation == 1 else {0x0112: orientation})


@pytest.mark.parametrize("orientation", range(1, 9))
def test_heic_comes_out_the_right_way_up(tmp_path: Path, orientation: int) -> None:
    photo = cleaned(tmp_path, heic(orientation), HEIC)
    upright = seen(jpeg_with_location(orientation), "jpeg")
    result = seen(photo.path.read_bytes(), "jpeg")
    assert alike(result, upright)
    assert (photo.width, photo.height) == upright.size


@pytest.mark.parametrize("kind", MAKERS)
def test_what_was_removed_is_said_in_plain_words(tmp_path: Path, kind: str) -> None:
    of_kind, make = MAKERS[kind]
    removed = cleaned(tmp_path, make(), of_kind).removed
    assert removed[:3] == ("location", "camera and phone details", "date and time")
    assert {"names of people", "comments"} <= set(removed)


def test_a_jpeg_of_a_phone_loses_its_preview_and_its_film(tmp_path: Path) -> None:
    removed = cleaned(tmp_path, jpeg_with_location(), JPEG).removed
    assert {"embedded preview", "a short film behind the picture"} <= set(removed)


@pytest.mark.parametrize(("data", "kind"), [(jpeg(), JPEG), (png(), PNG), (webp(), WEBP)])
def test_a_photo_without_secrets_stays_byte_for_byte(tmp_path: Path, data: bytes, kind: FileKind) -> None:
    photo = cleaned(tmp_path, data, kind)
    assert photo.path.read_bytes() == data
    assert photo.removed == ()


@pytest.mark.parametrize("kind", MAKERS)
def test_colours_are_kept(tmp_path: Path, kind: str) -> None:
    of_kind, make = MAKERS[kind]
    photo = cleaned(tmp_path, make(), of_kind)
    with Image.open(photo.path, formats=[kind.upper()]) as image:
        assert image.info["icc_profile"] == profile()


@pytest.mark.parametrize(
    "options", [{"progressive": True}, {"optimize": True}, {"subsampling": 0}, {"quality": 20}]
)
def test_every_way_of_writing_a_jpeg_keeps_its_pixels(tmp_path: Path, options: dict[str, object]) -> None:
    plain = io.BytesIO()
    picture(200, 150).save(plain, "JPEG", exif=b"Exif\0\0" + exif(), comment=b"hello", **options)
    photo = cleaned(tmp_path, plain.getvalue(), JPEG)
    assert seen(photo.path.read_bytes(), "jpeg").tobytes() == seen(plain.getvalue(), "jpeg").tobytes()


@pytest.mark.parametrize("mode", ["L", "CMYK", "RGB"])
def test_every_colour_model_of_a_jpeg_keeps_its_pixels(tmp_path: Path, mode: str) -> None:
    data = jpeg(picture(mode=mode))
    photo = cleaned(tmp_path, data, JPEG)
    assert seen(photo.path.read_bytes(), "jpeg").tobytes() == seen(data, "jpeg").tobytes()


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGB", "RGBA", "I;16"])
def test_every_colour_model_of_a_png_keeps_its_pixels(tmp_path: Path, mode: str) -> None:
    image = Image.new("I;16", (8, 8), 40_000) if mode == "I;16" else picture(mode=mode)
    data = png_with_location(image=image) if mode in ("RGB", "RGBA") else png(image)
    photo = cleaned(tmp_path, data, PNG)
    assert seen(photo.path.read_bytes(), "png").tobytes() == seen(data, "png").tobytes()


@pytest.mark.parametrize("lossless", [True, False])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_every_way_of_writing_a_webp_keeps_its_pixels(tmp_path: Path, mode: str, lossless: bool) -> None:
    data = webp_with_location(image=picture(mode=mode), lossless=lossless)
    photo = cleaned(tmp_path, data, WEBP)
    assert seen(photo.path.read_bytes(), "webp").tobytes() == seen(data, "webp").tobytes()


def test_fill_bytes_between_segments_are_no_fault(tmp_path: Path) -> None:
    data = jpeg()
    photo = cleaned(tmp_path, data[:2] + b"\xff\xff" + jpeg_segment(0xFE, b"note") + data[2:], JPEG)
    assert photo.path.read_bytes() == data
    assert photo.removed == ("comments",)


def test_broken_exif_is_thrown_away_and_the_photo_kept(tmp_path: Path) -> None:
    data = jpeg()
    broken = data[:2] + jpeg_segment(0xE1, b"Exif\0\0XX\0*\0\0\0\x08\xff") + data[2:]
    photo = cleaned(tmp_path, broken, JPEG)
    assert photo.path.read_bytes() == data
    assert photo.removed == ("other hidden details",)


def test_the_copy_lies_beside_the_upload_which_stays(tmp_path: Path) -> None:
    photo = cleaned(tmp_path, jpeg(), JPEG)
    assert photo.path.parent == tmp_path
    assert sorted(tmp_path.iterdir()) == sorted([photo.path, tmp_path / "staged"])


@pytest.mark.parametrize(
    "wrong", ["jpeg of noise", "jpeg head alone", "png cut short", "webp cut short", "html as jpg"]
)
def test_a_photo_that_cannot_be_read_leaves_no_file_behind(tmp_path: Path, wrong: str) -> None:
    kind = {"png cut short": PNG, "webp cut short": WEBP}.get(wrong, JPEG)
    with pytest.raises(Unacceptable, match="“Photo” looks like a"):
        cleaned(tmp_path, BAD[wrong][1], kind)
    assert [path.name for path in tmp_path.iterdir()] == ["staged"]


def test_only_photos_can_be_cleaned(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="PDF document is not a photo"):
        cleaned(tmp_path, b"%PDF-", PDF)


def test_a_heic_that_takes_for_ever_is_given_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("storage.heic._LIMITS", Limits(seconds=0.001))
    with pytest.raises(Unacceptable, match="“Photo” needs more memory or time to be opened"):
        cleaned(tmp_path, heic(), HEIC)
    assert [path.name for path in tmp_path.iterdir()] == ["staged"]


def test_a_heic_that_is_too_large_is_refused_before_it_is_decoded(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("storage.heic.MOST_PIXELS", 64 * 48 - 1)
    with pytest.raises(Unacceptable, match="“Photo” is a picture of 0 megapixels, and we can take at most 0"):
        cleaned(tmp_path, heic(), HEIC)
