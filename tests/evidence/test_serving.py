"""Bytes on their way out: who gets them, with which headers, and in which parts."""

from __future__ import annotations

from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from sqlalchemy.orm import Session

from portfolio.database import Database
from tests.builders import Cast
from tests.client import Browser
from tests.evidence.steps import all_files, complete, pages_of, piece_id, send, work_off
from tests.storage import corpus

Open = Callable[..., Browser]
CSP = "default-src 'none'; img-src 'self'; media-src 'self'; sandbox"
NO_SUCH = "01a20093-518b-7000-84e7-54c93f3fda6e"


def uploaded(
    browser: Open, cast: Cast, database: Database, kind: str, action: str = "submit"
) -> tuple[Browser, str]:
    """Amina's browser, and the address of a file of this kind that she submitted."""
    page = browser(cast.amina)
    answer = send(page, pages_of(cast.amina_at), complete(action=action), corpus.GOOD[kind])
    work_off(page)
    file = all_files(database)[-1]
    return page, f"{pages_of(cast.amina_at)}/{piece_id(answer)}/files/{file.id}"


TYPES = {
    "jpeg": "image/jpeg", "png": "image/png", "webp": "image/webp", "heic": "image/jpeg",
    "pdf": "application/pdf", "text": "text/plain; charset=utf-8", "mp3": "audio/mpeg", "m4a": "audio/mp4",
    "wav": "audio/wav", "mp4": "video/mp4", "mov": "video/quicktime", "webm": "video/webm",
    "weba": "audio/webm",
    "docx": "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "pptx": "application/vnd.openxmlformats-officedocument.presentationml.presentation",
}  # fmt: skip


def is_inert(answer: Any) -> bool:
    headers = answer.headers
    return (
        headers["content-security-policy"] == CSP
        and headers["x-content-type-options"] == "nosniff"
        and headers["cross-origin-resource-policy"] == "same-origin"
        and headers["cache-control"] == "no-store"
    )


@pytest.mark.parametrize("kind", TYPES)
def test_every_file_is_served_inert_with_the_type_we_found(
    browser: Open, cast: Cast, database: Database, kind: str
) -> None:
    page, address = uploaded(browser, cast, database, kind)
    for method in ("GET", "HEAD"):
        answer = page.request(method, address)
        assert answer.status_code == 200
        assert is_inert(answer)
        assert answer.headers["content-type"] == TYPES[kind]
        assert answer.headers["accept-ranges"] == "bytes"
        plays = kind in ("mp3", "m4a", "wav", "mp4", "mov", "webm", "weba")
        assert answer.headers["content-disposition"].startswith("inline;" if plays else "attachment;")
        assert answer.headers["content-length"] == str(all_files(database)[0].size)
        assert len(answer.content) == (all_files(database)[0].size if method == "GET" else 0)


@pytest.mark.parametrize("kind", ["jpeg", "heic", "pdf"])
def test_previews_are_pictures_of_ours_and_as_inert(
    browser: Open, cast: Cast, database: Database, kind: str
) -> None:
    page, address = uploaded(browser, cast, database, kind)
    for method, which in product(("GET", "HEAD"), ("preview", "thumbnail")):
        answer = page.request(method, f"{address}/{which}")
        assert answer.status_code == 200
        assert is_inert(answer)
        assert answer.headers["content-type"] == "image/webp"
        assert answer.headers["content-disposition"].startswith("inline;")
        assert answer.content[8:12] == (b"WEBP" if method == "GET" else b"")


def test_a_file_without_a_picture_has_no_preview(browser: Open, cast: Cast, database: Database) -> None:
    page, address = uploaded(browser, cast, database, "docx")
    assert page.get(f"{address}/preview").status_code == 404
    assert page.get(f"{address}/thumbnail").status_code == 404


RANGES = [
    # Range header, status, Content-Range with {size}, slice
    ("bytes=0-0", 206, "bytes 0-0/{size}", slice(0, 1)),
    ("bytes=0-1", 206, "bytes 0-1/{size}", slice(0, 2)),
    ("bytes=10-", 206, "bytes 10-{last}/{size}", slice(10, None)),
    ("bytes=10-999999999", 206, "bytes 10-{last}/{size}", slice(10, None)),
    ("bytes=-5", 206, "bytes {five}-{last}/{size}", slice(-5, None)),
    ("bytes=-999999999", 206, "bytes 0-{last}/{size}", slice(None)),
    ("bytes=999999999-", 416, "bytes */{size}", slice(0, 0)),
    ("bytes=-0", 416, "bytes */{size}", slice(0, 0)),
    ("bytes=5-2", 200, None, slice(None)),
    ("bytes=0-1,5-6", 200, None, slice(None)),
    ("pages=1-2", 200, None, slice(None)),
    ("bytes=x-y", 200, None, slice(None)),
]


def test_players_get_the_part_they_ask_for(browser: Open, cast: Cast, database: Database) -> None:
    page, address = uploaded(browser, cast, database, "mp4")
    whole = corpus.GOOD["mp4"][1]
    size = len(whole)
    for method, (header, status, content_range, part) in product(("GET", "HEAD"), RANGES):
        answer = page.request(method, address, headers={"Range": header})
        assert (header, answer.status_code) == (header, status)
        assert is_inert(answer)
        expected = content_range and content_range.format(size=size, last=size - 1, five=size - 5)
        assert answer.headers.get("content-range") == expected
        assert answer.content == (whole[part] if method == "GET" else b"")
        if status != 416:
            assert answer.headers["content-length"] == str(len(whole[part]))


def test_a_range_of_another_version_of_the_file_sends_all_of_it(
    browser: Open, cast: Cast, database: Database
) -> None:
    page, address = uploaded(browser, cast, database, "mp3")
    etag = page.get(address).headers["etag"]
    same = page.get(address, headers={"Range": "bytes=0-3", "If-Range": etag})
    assert (same.status_code, len(same.content)) == (206, 4)
    for other in ('"other"', "Sat, 21 Nov 2026 10:00:00 GMT", ""):
        answer = page.get(address, headers={"Range": "bytes=0-3", "If-Range": other})
        assert answer.status_code == 200


TAILS = ("", "/preview", "/thumbnail")


def test_those_around_an_apprentice_see_submitted_files_and_no_drafts(
    browser: Open, cast: Cast, database: Database
) -> None:
    _, submitted = uploaded(browser, cast, database, "jpeg")
    _, draft = uploaded(browser, cast, database, "png", action="save")
    for person in (cast.marek, cast.asha, cast.ines, cast.priya):
        page = browser(person)
        assert [page.get(submitted + tail).status_code for tail in TAILS] == [200, 200, 200]
        assert [page.get(draft + tail).status_code for tail in TAILS] == [404, 404, 404]


def test_strangers_do_not_learn_that_a_file_exists(browser: Open, cast: Cast, database: Database) -> None:
    _, address = uploaded(browser, cast, database, "jpeg")
    for person in (cast.noor, cast.otto, cast.olu, cast.admin):
        page = browser(person)
        assert [page.get(address + tail).status_code for tail in TAILS] == [404, 404, 404]
    assert [browser().get(address + tail).status_code for tail in TAILS] == [303, 303, 303]  # to sign in


def test_a_file_is_reached_through_its_own_piece_and_apprenticeship_only(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    page, address = uploaded(browser, cast, database, "pdf")
    other = send(page, pages_of(cast.amina_at), {"title": "Another"})
    file_id = address.rpartition("/")[2]
    assert page.get(f"{pages_of(cast.amina_at)}/{piece_id(other)}/files/{file_id}").status_code == 404
    own = send(browser(cast.olu), pages_of(cast.other_at), {"title": "Theirs"})
    olu = browser(cast.olu)
    assert olu.get(f"{pages_of(cast.other_at)}/{piece_id(own)}/files/{file_id}").status_code == 404
    assert page.get(f"{address[: -len(file_id)]}{NO_SUCH}").status_code == 404
    assert page.get(f"{address[: -len(file_id)]}nonsense").status_code == 404


def test_bytes_that_are_gone_from_the_store_say_to_try_again(
    browser: Open, cast: Cast, database: Database
) -> None:
    page, address = uploaded(browser, cast, database, "jpeg")
    store = page.app.state.store  # type: ignore[attr-defined]
    for key in list(store.keys()):
        store.delete(key)
    assert page.get(address).status_code == 503
    assert page.get(address + "/preview").status_code == 503


def test_nothing_of_the_database_is_open_while_bytes_are_sent(
    browser: Open, cast: Cast, database: Database
) -> None:
    page, address = uploaded(browser, cast, database, "mp4")
    store = page.app.state.store  # type: ignore[attr-defined]
    read, seen = store.read, []

    def watched(*args: Any) -> Any:
        yield from read(*args)
        seen.append(database.engine.pool.checkedout())  # type: ignore[attr-defined]

    store.read = watched
    assert page.get(address).content == corpus.GOOD["mp4"][1]
    assert seen == [0]
