"""Previews: small, upright, without metadata; none at all rather than an error."""

from __future__ import annotations

import io
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat

from storage.kinds import HEIC, JPEG, PNG, WEBP, FileKind
from storage.previews import pdf_preview, photo_preview
from storage.refusals import Unacceptable
from tests.storage.corpus import (
    BAD,
    SECRETS,
    heic,
    jpeg,
    jpeg_with_location,
    pdf,
    picture,
    png,
    png_with_location,
    webp_with_location,
)


def staged(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return path


def shown(preview: bytes) -> Image.Image:
    with Image.open(io.BytesIO(preview), formats=["WEBP"]) as image:
        return image.copy()


LARGE = picture(2000, 1500)


@pytest.mark.parametrize(
    ("data", "kind"),
    [
        (jpeg_with_location(6, LARGE), JPEG),
        (png_with_location(6, LARGE), PNG),
        (webp_with_location(6, LARGE), WEBP),
        (heic(6, 800, 600), HEIC),
    ],
)
@pytest.mark.parametrize("longest", [320, 1600])
def test_a_preview_is_small_upright_and_without_metadata(
    tmp_path: Path, data: bytes, kind: FileKind, longest: int
) -> None:
    preview = photo_preview(staged(tmp_path, data), kind, longest)
    image = shown(preview)
    assert max(image.size) == min(longest, 800 if kind is HEIC else 2000)
    assert image.height > image.width  # turned by a quarter
    red = image.convert("RGB").getpixel((image.width - 5, 5))  # the corner that was top left
    assert red[0] > 200
    assert max(red[1:]) < 80
    assert dict(image.getexif()) == {}
    assert [secret for secret in SECRETS if secret in preview] == []
    assert b"EXIF" not in preview
    assert b"XMP " not in preview


@pytest.mark.parametrize("orientation", range(1, 9))
def test_all_eight_ways_of_holding_a_phone_come_out_upright(tmp_path: Path, orientation: int) -> None:
    path = staged(tmp_path, jpeg_with_location(orientation, LARGE))
    image = shown(photo_preview(path, JPEG, 320)).convert("RGB")
    turns = {2: 0, 3: 3, 4: 1, 5: 5, 6: 4, 7: 6, 8: 2}
    upright = LARGE.transpose(Image.Transpose(turns[orientation])) if orientation > 1 else LARGE
    difference = ImageStat.Stat(ImageChops.difference(image, upright.resize(image.size)))
    assert max(difference.mean) < 10


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_every_colour_model_can_be_shown(tmp_path: Path, mode: str) -> None:
    image = Image.new("I;16", (40, 30), 65_535) if mode == "I;16" else picture(mode=mode)
    data, kind = (jpeg(image), JPEG) if mode == "CMYK" else (png(image), PNG)
    preview = shown(photo_preview(staged(tmp_path, data), kind, 320))
    assert preview.size == image.size
    assert (
        preview.convert("RGB").getpixel((preview.width - 3, preview.height - 3))[0] > 200
    )  # the white corner stays white


def test_a_preview_of_noise_is_refused_with_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(Unacceptable, match="This file looks like a JPEG photo"):
        photo_preview(staged(tmp_path, BAD["jpeg of noise"][1]), JPEG)


def test_the_first_page_of_a_pdf_is_drawn(tmp_path: Path) -> None:
    preview = pdf_preview(staged(tmp_path, pdf(pages=3)))
    assert preview is not None
    image = shown(preview)
    assert image.width == 1200
    low, high = image.convert("L").getextrema()
    assert low < 80  # there are words on it
    assert high > 240


@pytest.mark.parametrize(
    ("width", "height"), [(14_400, 14_400), (10, 14_400), (14_400, 10), (200_000, 200_000), (1, 1)]
)
def test_a_page_of_any_size_stays_within_bounds(tmp_path: Path, width: int, height: int) -> None:
    preview = pdf_preview(staged(tmp_path, pdf(width=width, height=height)))
    assert preview is not None
    image = shown(preview)
    assert image.width <= 1200
    assert image.height <= 2400


@pytest.mark.parametrize("wrong", ["pdf locked", "pdf without pages", "pdf in name only", "html"])
def test_a_pdf_that_cannot_be_drawn_has_no_preview(tmp_path: Path, wrong: str) -> None:
    assert pdf_preview(staged(tmp_path, BAD[wrong][1])) is None


def test_pages_can_be_drawn_by_several_threads_at_once(tmp_path: Path) -> None:
    path = staged(tmp_path, pdf())
    with ThreadPoolExecutor(4) as pool:
        assert len(set(pool.map(pdf_preview, [path] * 12))) == 1
