"""Word documents on arrival: nothing says who, when or with what; the text is what it showed, and it opens."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from storage.documents import clean_document, look
from storage.kinds import DOCX
from tests.storage.corpus_marks import found, marks_of
from tests.storage.corpus_office_checks import whole
from tests.storage.corpus_photos import SECRETS
from tests.storage.corpus_word import W, change, p, properties, r, word
from tests.storage.corpus_word_made import MADE


def cleaned(tmp_path: Path, data: bytes) -> tuple[bytes, dict[str, list[str]]]:
    came, target = tmp_path / "came", tmp_path / "clean"
    came.write_bytes(data)
    said = clean_document(came, DOCX, target)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["came", "clean"]
    return target.read_bytes(), said


def document(data: bytes, part: str = "word/document.xml") -> Any:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read(part))


def text_of(data: bytes) -> list[str]:
    paragraphs = document(data).iter(f"{{{W}}}p")
    return ["".join(run.text or "" for run in one.iter(f"{{{W}}}t")) for one in paragraphs]


@pytest.mark.parametrize("name", MADE)
def test_nothing_that_says_who_when_or_with_what_is_left(tmp_path: Path, name: str) -> None:
    made = MADE[name]()
    assert len(found(marks_of(name), made.data)) == len(marks_of(name)) >= 7
    kept, said = cleaned(tmp_path, made.data)
    assert found(marks_of(name), kept) == set()
    assert text_of(kept) == made.text
    assert said["left"] == []
    assert {"names of people", "date and time", "company and manager", "custom properties"} <= set(
        said["removed"]
    )
    whole(kept)


@pytest.mark.parametrize("name", MADE)
def test_comments_and_changes_are_counted_and_named_before(tmp_path: Path, name: str) -> None:
    made = MADE[name]()
    path = tmp_path / "came"
    path.write_bytes(made.data)
    seen = look(path, DOCX)
    assert (seen["comments"], seen["changes"]) == (made.comments, made.changes)
    assert sorted(seen["by"]) == sorted(made.by)
    assert seen["also"] == {"hidden": ["hidden text"], "chart": ["an embedded Excel workbook"]}.get(name, [])


@pytest.mark.parametrize("name", MADE)
def test_cleaning_twice_is_cleaning_once(tmp_path: Path, name: str) -> None:
    once, _ = cleaned(tmp_path, MADE[name]().data)
    again, said = cleaned(tmp_path, once)
    assert again == once
    assert said["removed"] == []
    assert look(tmp_path / "clean", DOCX)["changes"] == 0


@pytest.mark.parametrize("name", MADE)
def test_no_tracked_change_is_left_anywhere(tmp_path: Path, name: str) -> None:
    kept, _ = cleaned(tmp_path, MADE[name]().data)
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        everything = b"".join(archive.read(entry) for entry in archive.namelist() if entry.endswith(".xml"))
    for word_ in (
        b"w:author",
        b"w:ins ",
        b"w:del ",
        b"w:moveFrom",
        b"w:moveTo",
        b"PrChange",
        b"w:comment",
        b"w:rsid",
        b"delText",
    ):
        assert word_ not in everything


def test_a_paragraph_whose_mark_was_deleted_takes_the_shape_of_the_next(tmp_path: Path) -> None:
    kept, _ = cleaned(tmp_path, MADE["marks"]().data)
    shapes = [one.get(f"{{{W}}}val") for one in document(kept).iter(f"{{{W}}}jc")]
    assert shapes == ["center"]


def test_formatting_stays_as_it_shows(tmp_path: Path) -> None:
    root = document(cleaned(tmp_path, MADE["formatting"]().data)[0])
    assert [local(one) for one in root.iter(f"{{{W}}}rPr")] == [["i"]]
    assert [one.get(f"{{{W}}}val") for one in root.iter(f"{{{W}}}jc")] == ["center"]


def local(element: Any) -> list[str]:
    return [etree.QName(child).localname for child in element]


def test_the_stories_beside_the_text_are_accepted_too(tmp_path: Path) -> None:
    kept, _ = cleaned(tmp_path, MADE["stories"]().data)
    said = {
        part: "".join(document(kept, f"word/{part}.xml").itertext())
        for part in ("header1", "footnotes", "endnotes")
    }
    assert said == {"header1": "Page head", "footnotes": "Note", "endnotes": "End"}


def test_a_photo_in_the_text_loses_its_location(tmp_path: Path) -> None:
    data = MADE["picture"]().data
    kept, said = cleaned(tmp_path, data)
    assert said["removed"][0] == "location"
    assert {secret.decode() for secret in SECRETS if found({secret.decode()}, kept)} == set()


def test_a_page_that_is_linked_stays_linked_and_a_file_does_not(tmp_path: Path) -> None:
    kept, said = cleaned(tmp_path, MADE["linked"]().data)
    assert found({"https://example.org/help"}, kept)
    assert "names of folders and files" in said["removed"]


def test_a_document_with_nothing_to_hide_keeps_every_element(tmp_path: Path) -> None:
    body = (
        p(r("Bold", "<w:b/>"), r(" and not."))
        + "<w:tbl><w:tblPr/><w:tblGrid/><w:tr><w:tc><w:tcPr/>"
        + p(r("x"))
        + "</w:tc></w:tr></w:tbl><w:sectPr/>"
    )
    data = word(body)
    kept, said = cleaned(tmp_path, data)
    assert etree.tostring(document(kept), method="c14n") == etree.tostring(document(data), method="c14n")
    assert said == {"removed": [], "left": []}


def test_the_entries_of_the_archive_say_nothing(tmp_path: Path) -> None:
    kept, _ = cleaned(tmp_path, MADE["plain"]().data)
    with zipfile.ZipFile(io.BytesIO(kept)) as archive:
        assert archive.comment == b""
        assert {(entry.date_time, entry.extra, entry.comment) for entry in archive.infolist()} == {
            ((1980, 1, 1, 0, 0, 0), b"", b"")
        }


def test_at_most_five_are_named_the_most_frequent_first(tmp_path: Path) -> None:
    body = p(*(change("ins", f"Person {who}", r("x"), who) for who in range(9) for _ in range(9 - who)))
    path = tmp_path / "came"
    path.write_bytes(word(body, outer=properties("five")))
    assert look(path, DOCX) == {
        "comments": 0,
        "changes": 45,
        "by": [f"Person {who}" for who in range(5)],
        "also": [],
    }
