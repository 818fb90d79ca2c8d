"""PDFs on arrival: nothing says who, when, where or with what; each page looks and reads as it did."""

from __future__ import annotations

import io
from pathlib import Path
from typing import Any

import pypdf
import pypdfium2
import pytest

from storage.cleaning import NotCleaned
from storage.cleaning_pdf_proof import prove_same
from storage.documents import clean_document, look
from storage.kinds import PDF
from tests.storage.corpus_files import pdf
from tests.storage.corpus_marks import found, mark, marks_of, unpacked
from tests.storage.corpus_pdf import MADE, comments, programs, scanned, tagged, writer, written, written_over
from tests.storage.corpus_photos import SECRETS

SAID = {
    "p-info": {
        "names of people",
        "date and time",
        "title",
        "the program that made it",
        "subject and keywords",
    },
    "p-xmp": {"names of people", "date and time", "embedded preview", "other hidden details"},
    "p-attached": {"attached files", "names of people"},
    "p-programs": {"programs inside it"},
    "p-comments": {"comments", "names of people", "date and time"},
    "p-form": {"the digital signature"},
    "p-scanned": {"location", "camera and phone details", "date and time"},
    "p-over": {"earlier versions"},
    "p-tagged": {"comments", "names of people", "names of folders and files"},
    "p-layers": {"the program that made it"},
}


def cleaned(tmp_path: Path, data: bytes) -> tuple[bytes, dict[str, list[str]]]:
    came, target = tmp_path / "came", tmp_path / "clean"
    came.write_bytes(data)
    said = clean_document(came, PDF, target)
    assert sorted(one.name for one in tmp_path.iterdir()) == ["came", "clean"]
    return target.read_bytes(), said


def shown(data: bytes, *, notes: bool) -> list[tuple[str, bytes]]:
    """Text and pixels of each page."""
    pages = []
    with pypdfium2.PdfDocument(data) as document:
        for number in range(len(document)):
            page = document[number]
            bitmap = page.render(scale=0.5, draw_annots=notes)
            words = page.get_textpage()
            pages.append((words.get_text_bounded(), bytes(bitmap.buffer)))
            words.close()
            bitmap.close()
            page.close()
    return pages


@pytest.mark.parametrize("name", MADE)
def test_nothing_that_says_who_when_or_with_what_is_left(tmp_path: Path, name: str) -> None:
    data = MADE[name]()
    assert found(marks_of(name), data) == marks_of(name)
    assert marks_of(name)
    kept, said = cleaned(tmp_path, data)
    assert found(marks_of(name), kept) == set()
    assert SAID.get(name, set()) <= set(said["removed"])
    assert not [secret for secret in SECRETS if found({secret.decode()}, kept)]
    again, later = cleaned(tmp_path, kept)
    assert again == kept
    assert later["removed"] == []


@pytest.mark.parametrize("name", MADE)
def test_each_page_looks_and_reads_as_it_did(tmp_path: Path, name: str) -> None:
    data = MADE[name]()
    kept, _ = cleaned(tmp_path, data)
    notes = name not in ("p-comments", "p-attached", "p-tagged")
    assert shown(kept, notes=notes) == shown(data, notes=notes)
    assert pypdf.PdfReader(io.BytesIO(kept)).xmp_metadata is None


def reader(data: bytes) -> Any:
    return pypdf.PdfReader(io.BytesIO(data), strict=True)


def test_a_highlight_stays_without_its_words_and_a_note_goes(tmp_path: Path) -> None:
    kept, _ = cleaned(tmp_path, comments())
    notes = [one.get_object() for one in reader(kept).pages[0]["/Annots"]]
    assert [one["/Subtype"] for one in notes] == ["/Highlight", "/Square", "/FreeText"]
    assert [one.get("/Contents", "") for one in notes] == ["", "", "On the page"]
    assert not [
        key for one in notes for key in ("/T", "/M", "/CreationDate", "/NM", "/Subj", "/RC") if key in one
    ]
    drawn = shown(kept, notes=True)[0][1]
    assert drawn != shown(pdf(2), notes=True)[0][1]


def test_comments_are_counted_and_named_before(tmp_path: Path) -> None:
    path = tmp_path / "came"
    path.write_bytes(comments())
    jo, sam = mark("p-comments", "jo"), mark("p-comments", "sam")
    assert look(path, PDF) == {"comments": 3, "changes": 0, "by": [jo, sam], "also": []}


@pytest.mark.parametrize(
    ("name", "also"),
    [
        (
            "p-form",
            [
                "a digital signature, which does not hold for a cleaned copy",
                "form fields",
                "a form of a kind that few programs show",
            ],
        ),
        ("p-attached", ["attached files, which are taken out"]),
        ("p-layers", ["layers that can be switched on and off"]),
        ("p-info", []),
    ],
)
def test_what_stays_or_breaks_is_named_before(tmp_path: Path, name: str, also: list[str]) -> None:
    path = tmp_path / "came"
    path.write_bytes(MADE[name]())
    assert look(path, PDF)["also"] == also


def test_a_page_that_is_linked_stays_linked_and_programs_do_not(tmp_path: Path) -> None:
    kept, _ = cleaned(tmp_path, programs())
    links = [one.get_object() for one in reader(kept).pages[0]["/Annots"]]
    assert [one.get("/A", {}).get("/URI") for one in links] == [None, "https://example.org/help", None]


def test_fields_keep_what_was_filled_in(tmp_path: Path) -> None:
    kept, said = cleaned(tmp_path, MADE["p-form"]())
    fields = reader(kept).get_fields()
    assert fields["Name of field"]["/V"] == "kept words"
    assert "/V" not in fields["Signature1"]
    assert said["left"] == [
        "The digital signature does not hold for this copy; what it showed on the page stays."
    ]


def test_alternative_words_stay_but_for_a_path(tmp_path: Path) -> None:
    kept, _ = cleaned(tmp_path, tagged())
    figures = [one.get_object() for one in reader(kept).root_object["/StructTreeRoot"]["/K"]]
    assert [one.get("/Alt") for one in figures] == [None, "A child’s drawing"]


def test_an_earlier_version_does_not_come_along(tmp_path: Path) -> None:
    data = written_over()
    kept, _ = cleaned(tmp_path, data)
    assert len(reader(kept).pages) == 1
    assert kept.count(b"startxref") == 1
    assert not found({"page 2"}, kept)


def test_the_photo_of_a_scanner_keeps_its_pixels(tmp_path: Path) -> None:
    data = scanned()
    kept, _ = cleaned(tmp_path, data)
    before, after = (reader(one).pages[0].images[0].image for one in (data, kept))
    assert before.tobytes() == after.tobytes()


def test_names_of_fonts_stay_byte_for_byte(tmp_path: Path) -> None:
    """An old program may write them in any character set, and pages call them by their bytes."""
    data = pdf(1).replace(b"/F1", b"/F#dc\xfc")
    kept, _ = cleaned(tmp_path, data)
    assert shown(kept, notes=False) == shown(data, notes=False)
    assert b"/F#DC#FC" in b"\n".join(unpacked(kept))


def test_many_pages_come_along_in_order(tmp_path: Path) -> None:
    data = pdf(130)
    kept, _ = cleaned(tmp_path, data)
    assert [one.extract_text() for one in reader(kept).pages] == [
        one.extract_text() for one in reader(data).pages
    ]


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_one_that_is_protected_is_left_alone_with_a_sentence(tmp_path: Path, algorithm: str) -> None:
    made = writer()
    made.encrypt("", "owner", algorithm=algorithm)
    (tmp_path / "came").write_bytes(written(made))
    for work in (
        lambda: look(tmp_path / "came", PDF),
        lambda: clean_document(tmp_path / "came", PDF, tmp_path / "clean"),
    ):
        with pytest.raises(
            NotCleaned, match="It is protected against changes, so nothing was taken out of it"
        ):
            work()
    assert [one.name for one in tmp_path.iterdir()] == ["came"]


def test_a_copy_that_looks_different_is_not_handed_on(tmp_path: Path) -> None:
    (tmp_path / "one").write_bytes(pdf(2))
    (tmp_path / "other").write_bytes(pdf(2, words="Something else"))
    with pytest.raises(NotCleaned, match="did not look the same"):
        prove_same(tmp_path / "one", tmp_path / "other")
    (tmp_path / "shorter").write_bytes(pdf(1))
    with pytest.raises(NotCleaned, match="did not look the same"):
        prove_same(tmp_path / "one", tmp_path / "shorter")
