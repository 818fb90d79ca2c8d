"""Documents through the page: they come back clean, and nobody's comments go without being asked about."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from kbs.catalogue import Catalogue
from portfolio.app import create_app
from portfolio.database import Database
from portfolio.settings import Settings
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, complete, leads_to, newest, pages_of, piece_id, send
from tests.storage import corpus, corpus_pdf, corpus_word_made
from tests.storage.corpus_marks import found, mark, marks_of
from tests.uploads.steps import begin, send_pieces, upload_all

Open = Callable[..., Browser]
COMMENTED = ("Reflection.docx", corpus_word_made.comments().data)
CHANGED = ("Plan.docx", corpus_word_made.inserted_and_deleted().data)
SCANNED = ("Scan.pdf", corpus_pdf.scanned())
TICK = "Remove comments and tracked changes from documents"


def back(page: Browser, cast: Cast, database: Database, answer: object) -> bytes:
    [file] = all_files(database)
    content = page.get(f"{pages_of(cast.amina_at)}/{piece_id(answer)}/files/{file.id}").content
    assert file.sha256_stored == hashlib.sha256(content).hexdigest()
    assert file.size == len(content)
    return content


@pytest.mark.parametrize("htmx", [False, True])
def test_a_document_with_comments_asks_and_comes_back_clean_with_the_tick(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    page = browser(cast.amina, htmx=htmx)
    asked = send(page, pages_of(cast.amina_at), complete(action="save"), COMMENTED)
    assert asked.status_code == 422
    jo, sam = mark("comments", "jo"), mark("comments", "sam")
    assert f"“Reflection.docx” holds 3 comments by {jo} and {sam}, so it was not taken yet." in asked.text
    assert f"tick “{TICK}” below and choose it again" in asked.text
    assert all_files(database) == []
    assert newest(database, piece_id(asked)).why == complete()["why"]

    edit = f"{pages_of(cast.amina_at)}/{piece_id(asked)}/edit"
    answer = send(page, edit, complete(action="save", remove_comments="yes"), COMMENTED)
    kept = back(page, cast, database, answer)
    assert found(marks_of("comments"), kept) == set()
    assert found({"Said aloud."}, kept)
    [file] = all_files(database)
    assert {"comments", "names of people", "company and manager"} <= set(file.removed.split(", "))
    assert file.sha256_received == hashlib.sha256(COMMENTED[1]).hexdigest()
    assert "Taken out on arrival: date and time, names of people" in page.get(leads_to(answer)).text


def test_tracked_changes_are_named_with_their_authors(browser: Open, cast: Cast) -> None:
    asked = send(browser(cast.amina), pages_of(cast.amina_at), complete(action="save"), CHANGED)
    jo, sam = mark("ins", "jo"), mark("ins", "sam")
    assert f"“Plan.docx” holds 4 tracked changes by {jo} and {sam}, so it was not taken yet." in asked.text


def test_the_tick_is_still_there_when_the_form_comes_back(browser: Open, cast: Cast) -> None:
    page = browser(cast.amina)
    assert f">{TICK}" in page.get(f"{pages_of(cast.amina_at)}/new").text
    form = complete(action="submit", remove_comments="yes", own_work=None)
    again = send(page, pages_of(cast.amina_at), form, corpus.BAD["empty"])
    assert again.status_code == 422
    assert 'id="remove_comments" name="remove_comments" value="yes" checked' in again.text


def test_a_scan_loses_what_the_camera_wrote_into_its_picture(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action="submit"), SCANNED)
    kept = back(page, cast, database, answer)
    assert found(marks_of("p-scanned"), SCANNED[1])
    assert found(marks_of("p-scanned"), kept) == set()
    assert not [secret for secret in corpus.SECRETS if found({secret.decode()}, kept)]
    assert "Taken out on arrival: location, camera and phone details" in page.get(leads_to(answer)).text


def test_a_document_that_cannot_be_cleaned_comes_in_as_it_is(
    browser: Open, cast: Cast, database: Database
) -> None:
    protected = corpus_pdf.writer()
    protected.encrypt("", "owner", algorithm="RC4-128")
    content = corpus_pdf.written(protected)
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action="save"), ("Certificate.pdf", content))
    assert back(page, cast, database, answer) == content
    assert "Its hidden details could not be taken out." in page.get(leads_to(answer)).text


def test_a_document_with_a_document_type_is_refused(browser: Open, cast: Cast, database: Database) -> None:
    content = corpus.zipped(
        {
            name: data if name != "word/document.xml" else "<!DOCTYPE d><d/>"
            for name, data in corpus_parts(corpus.docx()).items()
        }
    )
    answer = send(browser(cast.amina), pages_of(cast.amina_at), complete(action="save"), ("A.docx", content))
    assert answer.status_code == 422
    assert "“A.docx” is an Office file with a document type inside it" in answer.text
    assert all_files(database) == []


def corpus_parts(data: bytes) -> dict[str, bytes | str]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def test_a_document_that_comes_in_pieces_asks_too_and_heeds_the_tick(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    draft, _, refused = upload_all(page, cast.amina_at, *COMMENTED)
    assert refused["state"] == "refused"
    assert "“Reflection.docx” holds 3 comments" in str(refused)
    begun = begin(page, draft["uploads"], *COMMENTED, key="again").json()
    upload = f"{draft['uploads']}/{begun['id']}"
    send_pieces(page, upload, COMMENTED[1])
    taken = page.post(f"{upload}/finish?remove_comments=yes")
    assert taken.status_code == 200
    [file] = all_files(database)
    kept = b"".join(page.app.state.store.read(file.storage_key))  # type: ignore[attr-defined]
    assert found(marks_of("comments"), kept) == set()


@pytest.fixture
def all_large(
    settings: Settings, database: Database, catalogue: Catalogue, tmp_path: Path
) -> Iterator[Callable[..., Browser]]:
    """Browsers of an application for which every file is a large one, proved only later."""
    changed = {"large_file_mb": 0, "storage_url": f"folder:{tmp_path / 'large'}"}
    app = create_app(settings.model_copy(update=changed), catalogue=catalogue, database=database)
    with Browser(app, base_url="http://testserver", follow_redirects=False) as page:

        def open_browser(person: object) -> Browser:
            page.sign_in_as(person)
            return page

        yield open_browser


@pytest.mark.parametrize(
    "sent", [SCANNED, ("Notes.docx", corpus_word_made.plain().data)], ids=["pdf", "docx"]
)
def test_a_large_document_is_cleaned_on_arrival_too(
    all_large: Open, cast: Cast, database: Database, sent: tuple[str, bytes]
) -> None:
    page = all_large(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action="save"), sent)
    kept = back(page, cast, database, answer)
    assert found(marks_of("p-scanned") | marks_of("plain"), kept) == set()
    [file] = all_files(database)
    assert file.removed
