"""What comes in, under whatever name, and what is refused with which words."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from storage.checks import detect, sha256_of
from storage.kinds import KINDS, accept_attribute
from storage.names import safe_name
from storage.refusals import Unacceptable
from tests.storage.corpus import BAD, GOOD, docx, jpeg, m4a, mp3, mp4, plain_text, webm, zipped


def staged(tmp_path: Path, data: bytes) -> Path:
    path = tmp_path / "staged"
    path.write_bytes(data)
    return path


def refused(tmp_path: Path, name: str, data: bytes) -> Unacceptable:
    with pytest.raises(Unacceptable) as caught:
        detect(staged(tmp_path, data), name)
    return caught.value


@pytest.mark.parametrize("kind", GOOD)
@pytest.mark.parametrize("named", ["rightly", "wrongly", "not at all", "with a path", "in capitals"])
def test_every_kind_comes_in_whatever_it_is_called(tmp_path: Path, kind: str, named: str) -> None:
    name, data = GOOD[kind]
    wrong = "Thing.jpg" if kind != "jpeg" else "Thing.pdf"
    names = {
        "rightly": name,
        "wrongly": wrong,
        "not at all": "",
        "with a path": f"C:\\fakepath\\..\\{name}",
        "in capitals": name.upper(),
    }
    assert detect(staged(tmp_path, data), names[named]) is KINDS[kind]


def test_the_corpus_has_every_kind_and_many_bad_uploads() -> None:
    assert list(GOOD) == list(KINDS)
    assert len(BAD) >= 40


@pytest.mark.parametrize("wrong", BAD)
def test_a_bad_upload_is_refused_with_a_sentence_that_names_it_and_says_what_to_do(
    tmp_path: Path, wrong: str
) -> None:
    name, data = BAD[wrong]
    refusal = refused(tmp_path, name, data)
    assert refusal.reason.startswith(f"“{safe_name(name)}” ")
    assert refusal.to_do
    assert refusal.reason.endswith(refusal.to_do)
    assert refusal.to_do.split()[0] in {"Check", "Choose", "Open", "Print", "Save", "Take"}
    assert "{" not in refusal.reason
    assert name not in refusal.code


SENTENCES = {
    "empty": "“Photo.jpg” is empty. Check that it opens on your device, then choose it again.",
    "zip": "“notes.zip” is a ZIP archive. Open it and add the files inside one by one.",
    "empty zip": "“nothing.zip” is a ZIP archive.",
    "gzip": "is an archive (GZ)",
    "html as jpg": "“Photo.jpg” is a web page.",
    "html with a comment first": "is a web page",
    "html fragment": "is a web page",
    "svg as png": "is an SVG drawing",
    "xml as text": "is an XML file",
    "php": "is a program",
    "exe as jpg": "is a program",
    "shell script": "is a program",
    "turned name": "“Photogpj.exe” is a program",
    "name with a path": "“run.sh” is a program",
    "jar": "is a program",
    "e-mail": "is an e-mail. Print or save it as a PDF",
    "e-mail as text": "is an e-mail",
    "outlook": "is an e-mail",
    "doc": "is in the old Word format (.doc). Open it, save it as a Word document (.docx)",
    "xls": "is in the old Excel format",
    "ppt": "is in the old PowerPoint format",
    "locked docx": "is an Office file that is locked with a password",
    "docm": "can hold macros",
    "macros as docx": "can hold macros",
    "macro type as docx": "can hold macros",
    "dotx": "a template or a slide show",
    "docx of many parts": "holds more parts",
    "docx that unpacks to much": "unpacks to more",
    "odt": "is an OpenDocument file",
    "pages": "is an Apple Pages",
    "csv": "is a table in plain text (CSV)",
    "rtf": "is a rich text file",
    "postscript as jpg": "is a PostScript file",
    "old text": "is text in an old character set",
    "noise": "is not a kind of file that we can take",
    "gif": "is a picture in a format that we do not take (GIF). Save it as JPEG or PNG",
    "gif as jpg": "(GIF)",
    "bmp": "(BMP)",
    "tiff": "(TIF)",
    "avif": "is a picture in a format that we do not take (AVIF)",
    "avi": "is a video in a format that we do not take (AVI). Save it as MP4",
    "mkv": "(Matroska, MKV)",
    "3gp": "(3GP)",
    "ogg": "is sound in a format that we do not take",
    "pdf locked": "is a PDF that is locked with a password. Save a copy without the password",
    "pdf without pages": "looks like a PDF document, but it is damaged",
    "jpeg cut short": "looks like a JPEG photo, but it is damaged or was cut short",
    "heic of noise": "looks like a HEIC photo, but it is damaged or was cut short",
    "png bomb": "megapixels, and we can take at most 100. Save a smaller copy",
    "png of 121 megapixels": "is a picture of 121 megapixels, and we can take at most 100",
    "jpeg of 400 megapixels": "we can take at most 200",
    "mp4 cut short": "looks like a MP4 video, but it is damaged or was cut short",
}


@pytest.mark.parametrize("wrong", SENTENCES)
def test_the_sentence_says_what_the_file_is(tmp_path: Path, wrong: str) -> None:
    assert SENTENCES[wrong] in refused(tmp_path, *BAD[wrong]).reason


@pytest.mark.parametrize("brand", [b"mp42", b"isom", b"M4A ", b"iso5"])
def test_sound_alone_is_sound_whatever_brand_a_phone_writes(tmp_path: Path, brand: bytes) -> None:
    assert detect(staged(tmp_path, m4a(brand)), "note").id == "m4a"
    assert detect(staged(tmp_path, mp4(brand)), "note").id == "mp4"


def test_a_recording_from_a_browser_has_no_length_and_comes_in(tmp_path: Path) -> None:
    assert detect(staged(tmp_path, webm(open_ended=True)), "").id == "webm"
    assert detect(staged(tmp_path, webm(open_ended=True, track=2)), "").id == "weba"


def test_an_mp3_with_a_tag_and_padding_comes_in(tmp_path: Path) -> None:
    assert detect(staged(tmp_path, mp3(tag=b"TIT2" + b"\0" * 3000)), "").id == "mp3"


def test_a_film_with_padding_after_it_comes_in(tmp_path: Path) -> None:
    assert detect(staged(tmp_path, mp4() + b"\0" * 3), "film.mp4").id == "mp4"


@pytest.mark.parametrize(
    "words",
    [
        "Our free time is short.",
        "Only <3 for the team",
        "MZ is my mentor",
        "BMW garage visit",
        "ID3 is a music tag",
        "From: me\nTo: you\nsee below",
        "x" * 300_000,
        "a\tb\r\nc\f",
    ],
)
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_what_people_write_is_plain_text(tmp_path: Path, words: str, encoding: str) -> None:
    assert detect(staged(tmp_path, words.encode(encoding)), "note.txt").id == "text"


def test_a_letter_cut_at_the_edge_of_the_first_look_is_no_fault(tmp_path: Path) -> None:
    data = b"x" * (64 * 1024 - 1) + "ŵ and on".encode()
    assert detect(staged(tmp_path, data), "note.txt").id == "text"


def test_a_picture_with_an_archive_behind_it_is_taken_as_the_picture(tmp_path: Path) -> None:
    assert detect(staged(tmp_path, jpeg() + zipped({"a": "b"})), "a.zip").id == "jpeg"


def test_the_content_decides_over_an_old_extension(tmp_path: Path) -> None:
    assert detect(staged(tmp_path, docx()), "Reflection.doc").id == "docx"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    kind=st.sampled_from(list(GOOD)),
    cut=st.integers(0, 4000),
    noise=st.binary(max_size=40),
    name=st.text(max_size=20),
)
def test_damage_of_any_kind_ends_as_a_kind_or_a_sentence(
    tmp_path: Path, kind: str, cut: int, noise: bytes, name: str
) -> None:
    data = GOOD[kind][1]
    damaged = data[: cut % len(data)] + noise + data[cut % len(data) + len(noise) :]
    try:
        assert detect(staged(tmp_path, damaged), name) in KINDS.values()
    except Unacceptable as refusal:
        assert refusal.reason  # noqa: PT017 - either way is right; anything else fails


def test_the_file_field_offers_every_kind_and_the_camera() -> None:
    offered = accept_attribute().split(",")
    assert {"image/*", ".heic", ".docx", ".webm"} <= set(offered)


def test_the_hash_is_of_the_bytes(tmp_path: Path) -> None:
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    assert sha256_of(staged(tmp_path, b"")) == empty
    assert sha256_of(staged(tmp_path, plain_text())) != empty
