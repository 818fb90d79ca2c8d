"""A file that cannot be cleaned: its owner is told why, and nothing is handed in before they have decided."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence.models import EvidenceFile
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import (
    all_files,
    all_pieces,
    complete,
    leads_to,
    newest,
    pages_of,
    piece_id,
    send,
    state_of,
)
from tests.storage import corpus, corpus_pdf
from tests.storage.corpus_pdf import writer, written
from tests.storage.media_corpus import iphone
from tests.uploads.steps import upload_all

Open = Callable[..., Browser]
WHY = "It is protected against changes"
TOLD = "Its hidden details could not be taken out."
KEPT_BY_OWNER = "Hidden details could not be removed; its owner kept it as it is"


def protected() -> tuple[str, bytes]:
    """A PDF that opens for everybody and may be changed by nobody."""
    made = writer()
    made.encrypt("", "owner", algorithm="AES-256")
    return "Plan.pdf", written(made)


def endless() -> tuple[str, bytes]:
    """A film with a part that says it is longer than what it is in."""
    return "Talk.mov", iphone().replace(b"\x00\x00\x00\x38stco", b"\x00\x00\xf3\x38stco", 1)


def the_file(database: Database) -> EvidenceFile:
    [file] = all_files(database)
    return file


def with_a_draft(page: Browser, cast: Cast, *files: tuple[str, bytes]) -> str:
    """The edit page of a draft that holds these."""
    return leads_to(send(page, pages_of(cast.amina_at), complete(), *files)).partition("?")[0] + "/edit"


@pytest.mark.parametrize("made", [protected, endless], ids=["document", "recording"])
def test_it_is_kept_as_it_came_and_its_owner_is_asked(
    browser: Open, cast: Cast, database: Database, made: Callable[[], tuple[str, bytes]]
) -> None:
    name, content = made()
    page = browser(cast.amina)
    edit = with_a_draft(page, cast, (name, content))
    file = the_file(database)
    assert file.sha256_stored == file.sha256_received
    assert file.not_cleaned
    shown = page.get(edit).text
    assert TOLD in shown
    assert file.not_cleaned[:40].replace("'", "&#39;") in shown
    assert re.search(rf'<button[^>]*name="keep_file" value="{file.id}"', shown)
    assert re.search(rf'<button[^>]*name="remove_file" value="{file.id}"', shown)
    assert "No hidden details were in it" not in shown
    assert page.get(f"{edit.removesuffix('/edit')}/files/{file.id}").content == content


@pytest.mark.parametrize("htmx", [False, True])
def test_nothing_is_handed_in_before_its_owner_decides(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    page = browser(cast.amina, htmx=htmx)
    refused = send(page, pages_of(cast.amina_at), complete(action="submit"), protected())
    assert refused.status_code == 422
    assert "Decide about “Plan.pdf”: its hidden details could not be taken out." in refused.text
    piece = piece_id(refused)
    assert state_of(database, piece) == "draft"
    assert newest(database, piece).why == complete()["why"], "what was typed is saved"
    button = browser(cast.amina).post(f"{pages_of(cast.amina_at)}/{piece}/submit")
    assert button.status_code == 409
    assert "Decide about" in button.text
    assert state_of(database, piece) == "draft"


def test_kept_it_is_handed_in_and_everybody_who_reads_it_is_told(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    edit = with_a_draft(page, cast, protected())
    file = the_file(database)
    for _ in range(2):  # a double tap decides once
        answer = send(page, edit, complete(keep_file=str(file.id), why="Typed just now."))
        assert answer.status_code == 303
        assert leads_to(answer).startswith(edit)
    assert "The file stays as it is" in page.get(leads_to(answer)).text
    assert newest(database, all_pieces(database)[0].id).why == "Typed just now."
    kept = the_file(database)
    assert kept.kept_uncleaned_at is not None
    with database.reading() as fresh:
        action = AuditEvent.action == "evidence.file_kept_uncleaned"
        assert len(fresh.scalars(select(AuditEvent).where(action)).all()) == 1
    sent = send(page, edit, complete(action="submit"))
    assert sent.status_code == 303
    piece = f"{pages_of(cast.amina_at)}/{piece_id(sent)}"
    for reader, address in (
        (cast.asha, f"{piece}/review"),
        (cast.asha, piece),
        (cast.marek, piece),
        (cast.priya, piece),
    ):
        shown = browser(reader).get(address).text
        assert KEPT_BY_OWNER in shown
        assert WHY not in shown
    assert "Hidden details could not be removed; you kept it as it is" in page.get(piece).text
    receipt = page.get("/receipts", params={"code": file.receipt_code}).text
    assert KEPT_BY_OWNER in receipt


def test_removed_it_is_gone_and_the_piece_can_be_handed_in(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    edit = with_a_draft(page, cast, protected())
    send(page, edit, complete(remove_file=str(the_file(database).id)))
    assert all_files(database) == []
    assert send(page, edit, complete(action="submit")).status_code == 303


def test_nobody_decides_about_a_file_that_was_cleaned_or_is_not_theirs(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    edit = with_a_draft(page, cast, corpus.GOOD["pdf"])
    clean = the_file(database)
    assert send(page, edit, complete(keep_file=str(clean.id))).status_code == 404
    assert send(page, edit, complete(keep_file="nonsense")).status_code == 404
    assert send(browser(cast.asha), edit, complete(keep_file=str(clean.id))).status_code in (403, 404)
    assert the_file(database).kept_uncleaned_at is None


def test_a_file_that_came_in_pieces_is_asked_about_as_well(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    name, content = protected()
    draft, _, told = upload_all(page, cast.amina_at, name, content)
    assert told["state"] == "safe"
    assert WHY in the_file(database).not_cleaned
    edit = draft["uploads"].removesuffix("/uploads") + "/edit"
    assert TOLD in page.get(edit).text
    refused = send(page, edit, complete(action="submit"))
    assert refused.status_code == 422


def test_what_a_cleaned_document_still_holds_is_told_to_its_owner_alone(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    sent = send(
        page,
        pages_of(cast.amina_at),
        complete(action="submit", remove_comments="yes"),
        ("Form.pdf", corpus_pdf.form_and_signature()),
    )
    assert sent.status_code == 303, sent.text
    file = the_file(database)
    assert not file.not_cleaned
    assert "form fields" in file.still_holds
    piece = f"{pages_of(cast.amina_at)}/{piece_id(sent)}"
    assert "form fields" in page.get(piece).text
    assert "form fields" not in browser(cast.asha).get(piece).text
