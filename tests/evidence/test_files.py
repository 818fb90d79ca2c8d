"""Files through the page: every kind that is taken, what is kept of it, what is taken out, and what is refused."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.app import create_app
from portfolio.database import Database
from portfolio.settings import Settings
from storage.kinds import KINDS
from storage.store import EvidenceStore, StoreUnavailable
from tests.builders import Cast, a_draft, commit
from tests.client import Browser
from tests.evidence.steps import all_files, complete, leads_to, newest, pages_of, piece_id, send, work_off
from tests.storage import corpus, media_corpus
from tests.storage.media_marks import found_in

Open = Callable[..., Browser]


def store_of(page: Browser) -> EvidenceStore:
    return page.app.state.store  # type: ignore[attr-defined,no-any-return]


def everything_in(store: EvidenceStore) -> bytes:
    return b"".join(b"".join(store.read(key)) for key in store.keys())  # noqa: SIM118  # no dictionary


@pytest.mark.parametrize("kind", corpus.GOOD)
def test_every_kind_that_is_accepted_arrives_whole(
    browser: Open, cast: Cast, database: Database, kind: str
) -> None:
    name, content = corpus.GOOD[kind]
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action="submit"), (name, content))
    assert leads_to(answer).endswith("?done=submitted")
    [file] = all_files(database)
    stored = b"".join(store_of(page).read(file.storage_key))
    assert file.kind == ("jpeg" if kind == "heic" else kind)
    assert file.sha256_received == hashlib.sha256(content).hexdigest()
    assert file.sha256_stored == hashlib.sha256(stored).hexdigest()
    assert file.size == len(stored)
    assert file.storage_key.startswith(f"{cast.provider.id}/")
    assert name.rpartition(".")[0] not in file.storage_key
    if KINDS[file.kind].family not in ("photo", "document"):
        assert stored == content
    work_off(page)
    drawn = KINDS[file.kind].family == "photo" or kind == "pdf"
    shown = page.get(leads_to(answer)).text
    assert ("/thumbnail" in shown) is drawn
    assert file.sha256_stored[:8] in shown
    assert KINDS[file.kind].label.casefold() in shown.casefold()


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("Visit.jpg", corpus.jpeg_with_location()),
        ("Turned.jpg", corpus.jpeg_with_location(orientation=6)),
        ("Visit.png", corpus.png_with_location()),
        ("Visit.webp", corpus.webp_with_location()),
        corpus.GOOD["heic"],
    ],
    ids=["jpeg", "turned jpeg", "png", "webp", "heic"],
)
def test_nothing_in_the_store_says_where_or_with_what_a_photo_was_taken(
    browser: Open, cast: Cast, name: str, content: bytes
) -> None:
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action="save"), (name, content))
    work_off(page)
    kept = everything_in(store_of(page))
    assert kept
    assert [secret for secret in corpus.SECRETS if secret in kept] == []
    assert "GPS" not in kept.decode("latin-1")
    if name != "IMG_0042.HEIC":
        assert "Taken out on arrival: location" in page.get(leads_to(answer)).text


@pytest.mark.parametrize("what", ["mov of an iPhone, movie first", "m4a with a cover"])
def test_a_recording_comes_back_without_saying_where_by_whom_or_with_what(
    browser: Open, cast: Cast, database: Database, what: str
) -> None:
    case = media_corpus.TAGGED[what]
    content = case.make()
    assert found_in(content)
    page = browser(cast.amina)
    sent = (f"Role play.{case.kind.extensions[0]}", content)
    answer = send(page, pages_of(cast.amina_at), complete(action="save"), sent)
    [file] = all_files(database)
    back = page.get(f"{pages_of(cast.amina_at)}/{piece_id(answer)}/files/{file.id}").content
    assert found_in(back) == found_in(everything_in(store_of(page))) == []
    assert file.size == len(back)
    assert case.says <= set(file.removed.split(", "))
    assert file.sha256_received == hashlib.sha256(content).hexdigest()
    assert file.sha256_stored == hashlib.sha256(back).hexdigest()
    assert file.sha256_stored != file.sha256_received
    shown = page.get(leads_to(answer)).text
    assert "Taken out on arrival: location" in shown
    assert file.sha256_stored in shown


def test_a_recording_that_cannot_be_followed_comes_in_as_it_is(
    browser: Open, cast: Cast, database: Database
) -> None:
    """Sample tables that contradict themselves, beside measurements whose samples would have to be emptied."""
    content = media_corpus.with_movement().replace(b"stsz", b"stsZ")
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action="save"), ("Film.mp4", content))
    [file] = all_files(database)
    assert (file.sha256_stored, file.removed) == (hashlib.sha256(content).hexdigest(), "")
    assert "Its hidden details could not be taken out." in page.get(leads_to(answer)).text


def test_a_file_that_nothing_was_taken_out_of_says_so(browser: Open, cast: Cast) -> None:
    page = browser(cast.amina)
    files = [corpus.GOOD[kind] for kind in ("docx", "m4a", "text")]
    shown = page.get(leads_to(send(page, pages_of(cast.amina_at), {"title": "Three"}, *files))).text
    assert shown.count("Nothing was taken out of this document on arrival.") == 1
    assert shown.count("Nothing was taken out of this recording on arrival.") == 1


def test_several_files_come_in_their_order(browser: Open, cast: Cast, database: Database) -> None:
    files = [corpus.GOOD[kind] for kind in ("pdf", "jpeg", "mp3", "docx")]
    answer = send(browser(cast.amina), pages_of(cast.amina_at), {"title": "Four"}, *files)
    version = newest(database, piece_id(answer))
    assert [one.file.name for one in version.attachments] == [name for name, _ in files]


def test_a_file_sent_twice_is_kept_once_with_a_word(browser: Open, cast: Cast, database: Database) -> None:
    page = browser(cast.amina)
    answer = send(
        page,
        pages_of(cast.amina_at),
        {"title": "Twice"},
        corpus.GOOD["pdf"],
        ("Copy.pdf", corpus.GOOD["pdf"][1]),
    )
    assert "is kept once" in page.get(leads_to(answer)).text
    edit = f"{pages_of(cast.amina_at)}/{piece_id(answer)}/edit"
    send(page, edit, {"title": "Twice", "action": "save", "why": "x"}, corpus.GOOD["pdf"])
    assert len(all_files(database)) == 1
    work_off(page)
    assert len(list(store_of(page).keys())) == 3  # the file, its preview, its thumbnail: copies are gone


@pytest.mark.parametrize(
    "name",
    ["ŵyna – nôtes.pdf", "a" * 300 + ".pdf", "..\\..\\x.pdf", "Visit\u202efdp.pdf", "no extension", '"q"; x=y.pdf', " .pdf"],
)  # fmt: skip
def test_odd_names_are_made_safe_and_the_file_is_taken(
    browser: Open, cast: Cast, database: Database, name: str
) -> None:
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), {"title": "Odd"}, (name, corpus.GOOD["pdf"][1]))
    assert answer.status_code == 303
    [file] = all_files(database)
    assert file.name.endswith(".pdf")
    assert len(file.name) <= 120
    assert not re.search(r"[/\\\u202e\n]", file.name)
    address = f"{pages_of(cast.amina_at)}/{piece_id(answer)}/files/{file.id}"
    assert page.get(address).headers["content-disposition"].startswith("attachment;")


def refuse(page: Browser, cast: Cast, database: Database, what: str) -> None:
    before = set(store_of(page).keys())
    words = complete(action="submit", why="These words must stay.")
    notes = ("Notes.txt", f"good beside {what}".encode())
    answer = send(page, pages_of(cast.amina_at), words, notes, corpus.BAD[what])
    assert answer.status_code == 422
    assert "Saved as a draft" in answer.text
    assert "These words must stay." in answer.text
    assert re.search(r'<li><a href="#files">“.+</a></li>', answer.text)  # names the file
    version = newest(database, piece_id(answer))
    assert [one.file.name for one in version.attachments] == ["Notes.txt"]
    assert version.submitted_at is None
    assert len(set(store_of(page).keys()) - before) == 1
    assert list(store_of(page).staging().iterdir()) == []


def test_each_bad_file_is_refused_with_a_sentence_and_loses_nothing(
    browser: Open, cast: Cast, database: Database
) -> None:
    """One application for all of them: each is a piece of its own, and a failure names the file."""
    page = browser(cast.amina)
    assert len(corpus.BAD) > 60
    for what in corpus.BAD:
        try:
            refuse(page, cast, database, what)
        except AssertionError as error:
            raise AssertionError(f"{what}: {error}") from error


@pytest.mark.parametrize("what", ["exe", "zip", "empty"])
def test_a_bad_file_is_refused_in_the_fragment_too(
    browser: Open, cast: Cast, database: Database, what: str
) -> None:
    refuse(browser(cast.amina, htmx=True), cast, database, what)


@pytest.fixture
def narrow(
    settings: Settings, database: Database, catalogue: Catalogue, tmp_path: Path
) -> Iterator[Callable[..., Browser]]:
    """Browsers of an application with a limit of 1 MB per file and three files in a piece."""
    limits = {"file_limit_mb": 1, "files_per_piece": 3, "storage_url": f"folder:{tmp_path / 'narrow'}"}
    app: FastAPI = create_app(settings.model_copy(update=limits), catalogue=catalogue, database=database)
    with Browser(app, base_url="http://testserver", follow_redirects=False) as page:

        def open_browser(person: object) -> Browser:
            page.sign_in_as(person)
            return page

        yield open_browser


def test_a_file_over_the_limit_is_refused_with_the_limit_and_the_rest_is_kept(
    narrow: Open, cast: Cast, database: Database
) -> None:
    page = narrow(cast.amina)
    too_large = ("Film \u202eevil.mp4", corpus.mp4() + b"\0" * 1_000_001)
    answer = send(
        page,
        pages_of(cast.amina_at),
        complete(action="submit"),
        corpus.GOOD["jpeg"],
        too_large,
        corpus.GOOD["pdf"],
    )
    assert answer.status_code == 422
    assert "“Film evil.mp4” is larger than 1 MB, the most that one file may be." in answer.text
    version = newest(database, piece_id(answer))
    assert [one.file.name for one in version.attachments] == ["Visit.jpg", "Certificate.pdf"]
    assert list(store_of(page).staging().iterdir()) == []
    assert "Each at most 1 MB, and 3 in one piece" in page.get(pages_of(cast.amina_at) + "/new").text


def test_a_file_of_exactly_the_limit_is_taken(narrow: Open, cast: Cast, database: Database) -> None:
    text = ("Long.txt", b"a" * 1_000_000)
    assert send(narrow(cast.amina), pages_of(cast.amina_at), {"title": "Long"}, text).status_code == 303
    assert all_files(database)[0].size == 1_000_000


def test_more_files_than_a_piece_may_hold_are_refused_at_once_and_later(
    narrow: Open, cast: Cast, database: Database
) -> None:
    page = narrow(cast.amina)
    four = [(f"{number}.txt", f"number {number}".encode()) for number in range(4)]
    answer = send(page, pages_of(cast.amina_at), {"title": "Many"}, *four)
    assert answer.status_code == 422
    assert "“3.txt” was not taken: a piece holds at most 3 files." in answer.text
    edit = f"{pages_of(cast.amina_at)}/{piece_id(answer)}/edit"
    again = send(page, edit, {"title": "Many", "action": "save"}, ("5.txt", b"one more"))
    assert again.status_code == 422
    assert "Remove one first" in again.text
    work_off(page)
    assert len(all_files(database)) == len(list(store_of(page).keys())) == 3


@pytest.mark.parametrize("htmx", [False, True])
def test_a_file_is_removed_from_a_draft_with_its_bytes_and_the_words_are_saved(
    browser: Open, cast: Cast, database: Database, htmx: bool
) -> None:
    page = browser(cast.amina, htmx=htmx)
    answer = send(page, pages_of(cast.amina_at), {"title": "Two"}, corpus.GOOD["jpeg"], corpus.GOOD["text"])
    photo, text = (one.file for one in newest(database, piece_id(answer)).attachments)
    edit = f"{pages_of(cast.amina_at)}/{piece_id(answer)}/edit"
    gone = send(page, edit, {"title": "Two", "why": "new words", "remove_file": str(photo.id)})
    assert leads_to(gone).endswith("/edit?done=removed#files")
    version = newest(database, piece_id(answer))
    assert [one.file.id for one in version.attachments] == [text.id]
    assert version.why == "new words"
    work_off(page)
    assert list(store_of(page).keys()) == [text.storage_key]
    assert page.get(f"{edit[:-5]}/files/{photo.id}").status_code == 404


@pytest.mark.parametrize("file_id", ["nonsense", "01a20093-518b-7000-84e7-54c93f3fda6e"])
def test_removing_what_is_not_there_is_not_found(
    browser: Open, session: Session, cast: Cast, file_id: str
) -> None:
    piece = a_draft(session, cast.amina_at)
    commit(session)
    edit = f"{pages_of(cast.amina_at)}/{piece.id}/edit"
    assert send(browser(cast.amina), edit, {"title": "x", "remove_file": file_id}).status_code == 404


def test_a_store_that_cannot_answer_keeps_the_words_and_says_so(
    browser: Open, cast: Cast, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    page = browser(cast.amina)

    def full(key: str, path: Path, sha256: str = "") -> None:
        raise StoreUnavailable("disk full")

    monkeypatch.setattr(store_of(page), "adopt", full)
    answer = send(page, pages_of(cast.amina_at), complete(action="save"), corpus.GOOD["jpeg"])
    assert answer.status_code == 422
    assert "“Visit.jpg” could not be stored just now." in answer.text
    assert newest(database, piece_id(answer)).why == complete()["why"]
    assert list(store_of(page).staging().iterdir()) == []


def test_files_of_somebody_without_the_right_are_not_even_read(browser: Open, cast: Cast) -> None:
    for person in (cast.marek, cast.asha, cast.priya, cast.ines):
        page = browser(person)
        answer = send(page, pages_of(cast.amina_at), complete(), corpus.GOOD["jpeg"])
        assert answer.status_code == 403
        assert list(store_of(page).keys()) == []
        assert list(store_of(page).staging().iterdir()) == []


def test_a_body_that_ends_in_the_middle_leaves_nothing_behind(browser: Open, cast: Cast) -> None:
    page = browser(cast.amina)
    body = (
        b'--b\r\nContent-Disposition: form-data; name="files"; filename="a.txt"\r\n\r\n' + b"words " * 300_000
    )
    answer = page.post(
        pages_of(cast.amina_at), content=body, headers={"Content-Type": "multipart/form-data; boundary=b"}
    )
    assert answer.status_code == 400
    assert list(store_of(page).staging().iterdir()) == []
