"""The text in a file: read in the limited process, looked through by kind and page, never written down."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select

from portfolio.database import Base, Database
from portfolio.findings.models import FileReading
from portfolio.findings.reading import found_in
from portfolio.identities.rules import Known
from storage import reading
from storage.limited import in_child
from storage.reading import Reader, read
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, complete, pages_of, piece_id, send, work_off
from tests.findings.pictures import LINES, a_document, drawn
from tests.findings.steps import kept
from tests.postgres import plain
from tests.real import tesseract

Open = Callable[..., Browser]
NOBODY = Known()


def answer_for(folder: Path, content: bytes, kind: str) -> dict[str, Any]:
    path = folder / "file"
    path.write_bytes(content)
    return in_child(read, str(path), kind)


def kinds(answer: dict[str, Any]) -> list[tuple[str, int]]:
    return [(one["kind"], one["page"]) for one in found_in(answer, NOBODY)]


@pytest.mark.parametrize(("kind", "form"), [("png", "PNG"), ("jpeg", "JPEG"), ("webp", "WEBP")])
def test_words_in_a_picture_are_read(tmp_path: Path, kind: str, form: str) -> None:
    tesseract()
    assert kinds(answer_for(tmp_path, drawn(*LINES, kind=form), kind)) == [("adult", 0), ("phone", 0)]


def test_a_scanned_page_is_read_like_a_picture_and_told_by_its_number(tmp_path: Path) -> None:
    tesseract()
    from pypdf import PdfReader, PdfWriter

    pages = PdfWriter()
    for content in (drawn("Nothing to see", kind="PDF"), drawn(*LINES, kind="PDF")):
        pages.append(PdfReader(io.BytesIO(content)))
    out = io.BytesIO()
    pages.write(out)
    assert kinds(answer_for(tmp_path, out.getvalue(), "pdf")) == [("adult", 2), ("phone", 2)]


def test_a_word_document_is_read_across_its_runs(tmp_path: Path) -> None:
    answer = answer_for(tmp_path, a_document("Call Mrs Oyelaran", "on 07700 900123"), "docx")
    assert kinds(answer) == [("adult", 0), ("phone", 0)]


def test_a_plain_text_is_read_and_a_long_one_to_its_limit(tmp_path: Path) -> None:
    answer = answer_for(tmp_path, b"Ring 07700 900123. " + b"word " * 60_000 + b"Ring 07700 900456.", "text")
    assert found_in(answer, NOBODY) == [{"kind": "phone", "page": 0, "count": 1}]
    assert not answer["whole"]


def test_without_tesseract_a_picture_is_not_read_and_that_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "LIBRARIES", ())
    (tmp_path / "file").write_bytes(drawn(*LINES))
    answer = read(str(tmp_path / "file"), "png")
    assert (answer["pictures"], answer["pages"]) == (False, [[0, ""]])
    with Reader() as reader:
        assert not reader.is_here


def submit(page: Browser, cast: Cast, name: str, content: bytes) -> str:
    """A draft with this file, prepared and read; the address of the page that edits it."""
    answer = send(page, pages_of(cast.amina_at), complete(action="save"), (name, content))
    assert answer.status_code == 303, answer.text
    work_off(page)
    return f"{pages_of(cast.amina_at)}/{piece_id(answer)}"


def test_what_is_in_a_picture_is_told_to_its_owner_and_asked_about(
    browser: Open, cast: Cast, database: Database, app: FastAPI
) -> None:
    tesseract()
    amina = browser(cast.amina)
    piece = submit(amina, cast, "whiteboard.png", drawn(*LINES))
    shown = amina.get(f"{piece}/edit").text
    assert (
        "in this picture there is something that looks like 1 name with a title and 1 phone number" in shown
    )
    refused = send(amina, f"{piece}/edit", complete(action="submit"))
    assert refused.status_code == 422
    assert 'href="#files"' in refused.text
    (file,) = all_files(database)
    with plain(database) as connection:
        everything = str(
            [tuple(row) for t in Base.metadata.sorted_tables for row in connection.execute(select(t))]
        )
    assert "900123" not in everything
    assert "Oyelaran" not in everything
    words = "1 name with a title and 1 phone number"
    reason = kept(f"inside-{file.id}", words, "Invented for a training.")
    assert send(amina, f"{piece}/edit", complete(action="submit") | reason).status_code == 303
    assert "Kept because: Invented for a training." in browser(cast.asha).get(f"{piece}/review").text


def test_a_text_file_is_read_with_the_names_of_those_around(
    browser: Open, cast: Cast, database: Database
) -> None:
    amina = browser(cast.amina)
    piece = submit(amina, cast, "notes.txt", b"Amina Archer told Marek Mason. Ring 07700 900123.")
    with database.reading() as session:
        (row,) = session.scalars(select(FileReading))
    assert (row.state, row.found) == ("read", [{"kind": "phone", "page": 0, "count": 1}])
    page = amina.get(f"{piece}/edit").text
    assert "in this document there is something that looks like 1 phone number" in page


def test_removing_the_file_removes_what_was_found_in_it(
    browser: Open, cast: Cast, database: Database
) -> None:
    amina = browser(cast.amina)
    piece = submit(amina, cast, "notes.txt", b"Ring 07700 900123.")
    (file,) = all_files(database)
    assert send(amina, f"{piece}/edit", complete(remove_file=str(file.id))).status_code == 303
    with database.reading() as session:
        assert list(session.scalars(select(FileReading))) == []
    assert send(amina, f"{piece}/edit", complete(action="submit")).status_code == 303


def test_nobody_else_is_told_what_is_in_a_file(browser: Open, cast: Cast) -> None:
    amina = browser(cast.amina)
    piece = submit(amina, cast, "notes.txt", b"Nobody is named here. Ring 07700 900123 today.")
    for person in (cast.marek, cast.asha, cast.priya):
        answer = browser(person).get(f"{piece}/edit")
        assert answer.status_code in (403, 404)
