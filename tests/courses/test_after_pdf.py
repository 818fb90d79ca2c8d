"""The certificate as a file: tagged, in words, and safe from what anybody typed."""

from __future__ import annotations

import base64
import io
import json
from typing import Any

import pypdf
import pytest

from portfolio.courses import certificate_pdf
from storage.limited import in_child

AT = 1_793_600_000
DATA: dict[str, Any] = {
    "title": "Certificate of attendance: Thresholds",
    "provider": "Northern Skills",
    "heading": "Certificate of attendance",
    "says": "This certifies that",
    "name": "Amina Archer",
    "attended": "attended the whole session of",
    "course": "Thresholds",
    "facts": [["Day", "2 November 2026"], ["Certificate number", "2026-ABCD-EFGH"]],
    "no_heading": "What this certificate is not",
    "no_qualification": "It is no qualification.",
    "check_heading": "How to check it",
    "check": "Ask Northern Skills.",
}


def text_of(data: bytes) -> str:
    return " ".join(" ".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(data)).pages).split())


def drawn(**changes: str) -> bytes:
    return certificate_pdf.pdf(DATA | changes, AT, own_fonts_only=True)


def test_it_is_tagged_and_says_its_language_and_title() -> None:
    reader = pypdf.PdfReader(io.BytesIO(drawn()))
    root: Any = reader.trailer["/Root"]
    assert root["/MarkInfo"]["/Marked"] == True  # noqa: E712  # a PDF boolean, which is no Python one
    assert root["/StructTreeRoot"]["/K"]
    assert root["/Lang"] == "en-GB"
    assert reader.metadata is not None
    assert reader.metadata.title == DATA["title"]
    assert b"pdfuaid:part" in root["/Metadata"].get_data()
    assert len(reader.pages) == 1


def test_everything_that_is_given_stands_in_it() -> None:
    text = text_of(drawn())
    for said in (
        "Amina Archer",
        "Thresholds",
        "2 November 2026",
        "2026-ABCD-EFGH",
        "It is no qualification.",
    ):
        assert said in text


def test_the_same_data_are_the_same_bytes() -> None:
    assert drawn() == drawn()


@pytest.mark.parametrize(
    "typed",
    [
        '#panic("x")',
        '#read("/etc/passwd")',
        "*bold* _it_ $x^2$ @ref <label>",
        '"}]) #let d = 1',
        "// = heading",
    ],
)
def test_what_is_typed_is_text_and_never_markup(typed: str) -> None:
    text = text_of(drawn(name=typed, course=typed))
    assert text.count(typed) == 2


@pytest.mark.parametrize("name", ["Łucja Żółć", "Zoë Ní Bhriain", "Іван Ярослав", "Nguyễn Thị Hạnh"])
def test_names_of_many_languages_stand_as_they_are_written(name: str) -> None:
    assert name in text_of(drawn(name=name))


@pytest.mark.parametrize(
    ("name", "stands"),
    [
        ("Amina 😀", "Amina [grinning face]"),
        ("李 Wei", "[CJK UNIFIED IDEOGRAPH-674E] Wei"),
        ("\U000f1234 Archer", "[character U+F1234] Archer"),
    ],
)
def test_a_character_that_no_font_has_is_described(name: str, stands: str) -> None:
    assert stands in text_of(drawn(name=name))


def test_arabic_beside_what_cannot_be_shown_fails_no_certificate() -> None:
    assert "[grinning face]" in text_of(drawn(name="محمد 😀 李"))


def test_a_name_in_arabic_is_drawn_and_its_letters_are_in_the_file() -> None:
    text = text_of(drawn(name="محمد"))
    assert set("محمد") <= set(text)


def test_many_that_cannot_be_shown_are_described_too() -> None:
    every = "".join(chr(0x4E00 + number) for number in range(60))
    assert "IDEOGRAPH-4E3B" in text_of(drawn(name=every))


def test_it_is_drawn_in_the_limited_process() -> None:
    answer = in_child(certificate_pdf.draw, json.dumps(DATA), AT)
    assert "Amina Archer" in text_of(base64.b64decode(answer["pdf"]))
