"""The demonstration's files open with ordinary readers, are small, and never change between two calls."""

import io
import wave
import zipfile
from datetime import UTC, datetime
from xml.etree import ElementTree

import openpyxl
import pypdf
import pypdfium2
import pytest
import time_machine
from PIL import ExifTags, Image, ImageOps

from portfolio.demo import files
from portfolio.demo.documents import WRITTEN_AT

SMALL = 120_000
TITLE = "Café – figures (first) & more \\ “quoted”"


@pytest.mark.parametrize("kind", files.KINDS)
def test_each_kind_is_the_same_bytes_whatever_the_day(kind: str) -> None:
    with time_machine.travel(datetime(2026, 2, 3, 4, 5, 6, tzinfo=UTC), tick=False):
        first = files.demo_file(kind, 7, TITLE)
    with time_machine.travel(datetime(2031, 12, 31, 23, 59, 58, tzinfo=UTC), tick=False):
        second = files.demo_file(kind, 7, TITLE)
    assert first == second
    assert len(first.data) < SMALL


@pytest.mark.parametrize("kind", files.KINDS)
def test_another_person_gets_other_bytes(kind: str) -> None:
    assert files.demo_file(kind, 1, TITLE).data != files.demo_file(kind, 2, TITLE).data


def test_an_unknown_kind_is_refused() -> None:
    with pytest.raises(KeyError):
        files.demo_file("hologram", 1, TITLE)


@pytest.mark.parametrize("seed", range(12))
def test_a_photo_shows_1200_by_900_the_right_way_up(seed: int) -> None:
    data = files.photo(seed)
    with Image.open(io.BytesIO(data)) as picture:
        assert picture.format == "JPEG"
        stored_sideways = picture.size == (900, 1200)
        assert stored_sideways == (seed % 4 == 3)
        upright = ImageOps.exif_transpose(picture)
    assert upright.size == (1200, 900)
    assert len(data) < SMALL


def test_a_photo_carries_a_place_a_camera_and_an_owner_to_be_removed() -> None:
    with Image.open(io.BytesIO(files.photo(4))) as picture:
        exif = picture.getexif()
    place = exif.get_ifd(ExifTags.IFD.GPSInfo)
    assert [float(part) for part in place[ExifTags.GPS.GPSLatitude]] == [55.0, 30.0, 0.0]
    assert place[ExifTags.GPS.GPSLatitudeRef] == "N"
    assert [float(part) for part in place[ExifTags.GPS.GPSLongitude]] == [2.0, 0.0, 0.0]
    assert place[ExifTags.GPS.GPSLongitudeRef] == "E"
    assert exif[ExifTags.Base.Make] == "Examplephone"
    assert exif[ExifTags.Base.Model].startswith("Demo ")
    assert exif[ExifTags.Base.Artist]
    camera = exif.get_ifd(ExifTags.IFD.Exif)
    assert camera[ExifTags.Base.DateTimeOriginal].startswith("2026:01:05")
    assert camera[ExifTags.Base.BodySerialNumber].startswith("DEMO")


def test_a_pdf_opens_in_two_readers_with_its_words() -> None:
    data = files.pdf(TITLE, ["First line", "", "Second (with brackets) and a \\ slash", "£5"])
    reader = pypdf.PdfReader(io.BytesIO(data), strict=True)
    assert len(reader.pages) == 1
    assert reader.metadata is not None
    assert reader.metadata.title == TITLE
    assert reader.metadata.creation_date is None
    text = reader.pages[0].extract_text()
    for words in (TITLE, "First line", "Second (with brackets) and a \\ slash", "£5"):
        assert words in text
    document = pypdfium2.PdfDocument(data)
    try:
        assert document[0].render(scale=0.5).to_pil().size == (298, 421)
    finally:
        document.close()


def test_a_long_pdf_runs_on_to_a_second_page_and_a_longer_one_is_refused() -> None:
    reader = pypdf.PdfReader(io.BytesIO(files.pdf("Long", [f"Line {n}" for n in range(60)])), strict=True)
    assert len(reader.pages) == 2
    assert "Line 59" in reader.pages[1].extract_text()
    with pytest.raises(ValueError, match="3 pages"):
        files.pdf("Too long", ["Line"] * 100)


def test_a_pdf_with_nothing_in_it_still_has_a_page() -> None:
    assert len(pypdf.PdfReader(io.BytesIO(files.pdf("Only a title", [])), strict=True).pages) == 1


def test_a_word_document_holds_its_paragraphs_and_one_fixed_date() -> None:
    data = files.docx(TITLE, ["One", "Two < three & four"])
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert {entry.date_time for entry in archive.infolist()} == {(2026, 1, 5, 9, 0, 0)}
        parts = {
            name: ElementTree.fromstring(archive.read(name))  # noqa: S314  (written by us a line ago)
            for name in archive.namelist()
        }
    texts = [node.text for node in parts["word/document.xml"].iter() if node.tag.endswith("}t")]
    assert texts == [TITLE, "One", "Two < three & four"]
    assert [node.text for node in parts["docProps/core.xml"].iter() if node.tag.endswith("}created")] == [
        "2026-01-05T09:00:00Z"
    ]


def test_a_workbook_opens_and_a_text_that_looks_like_a_formula_stays_a_text() -> None:
    data = files.xlsx([["Reference", "Days"], ["REF-1", 3], ["=1+1", 2.5]])
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = book.active
    assert sheet is not None
    assert list(sheet.iter_rows(values_only=True)) == [("Reference", "Days"), ("REF-1", 3), ("=1+1", 2.5)]
    assert sheet["A3"].data_type == "s"
    assert book.properties.created == WRITTEN_AT.replace(tzinfo=None)
    assert book.properties.modified == WRITTEN_AT.replace(tzinfo=None)


def test_an_empty_workbook_opens() -> None:
    assert openpyxl.load_workbook(io.BytesIO(files.xlsx([]))).sheetnames == ["Sheet 1"]


def test_a_recording_lasts_as_long_as_asked_and_is_soft() -> None:
    data = files.audio(14, 3)
    assert len(data) < SMALL
    with wave.open(io.BytesIO(data)) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 1, 8000)
        assert sound.getnframes() == 14 * 8000
        samples = sound.readframes(sound.getnframes())
    assert max(samples) <= 128 + 24
    assert min(samples) >= 128 - 24
    assert len(set(samples)) > 20  # there is something to hear


@pytest.mark.parametrize("seconds", [0, 15])
def test_a_recording_that_would_be_empty_or_too_large_is_refused(seconds: int) -> None:
    with pytest.raises(ValueError, match="1 to 14"):
        files.audio(seconds, 1)


def test_files_come_with_the_name_and_type_that_their_bytes_have() -> None:
    starts = {
        ".jpg": b"\xff\xd8\xff",
        ".pdf": b"%PDF-",
        ".docx": b"PK\x03\x04",
        ".xlsx": b"PK\x03\x04",
        ".wav": b"RIFF",
    }
    types = set()
    for kind in files.KINDS:
        made = files.demo_file(kind, 0, TITLE)
        ending = made.name[made.name.rindex(".") :]
        assert made.data.startswith(starts[ending]), kind
        types.add((ending, made.media_type))
    assert len(types) == len(starts)
