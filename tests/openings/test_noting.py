"""Whoever opens a file stands in a row before the first byte leaves: once in half an hour, then counted on."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from threading import Barrier, Thread
from typing import Any
from uuid import UUID

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import text
from sqlalchemy.orm import Session

from portfolio.database import Database, new_id
from portfolio.engines import Patience
from portfolio.openings.rules import PAGES
from portfolio.web.page import paths_by_name
from storage.store import StoreUnavailable
from tests.builders import Cast
from tests.client import Browser
from tests.conftest import ADDRESS
from tests.openings.steps import Open, a_lead, a_piece, files_of, told, written
from tests.storage import corpus
from tests.test_architecture import routes

NINE = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)
SERVES_FILES = {"evidence.file", "evidence.preview", "evidence.thumbnail"}


@contextmanager
def watched(app: FastAPI) -> Iterator[list[str]]:
    """The keys of what is read from the store meanwhile."""
    store: Any = app.state.store
    read, keys = store.read, []

    def noted(key: str, *more: Any) -> Any:
        keys.append(key)
        return read(key, *more)

    store.read = noted
    try:
        yield keys
    finally:
        store.read = read


def test_every_route_that_reads_from_the_store_writes_down_who_did(
    app: FastAPI, browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    """Every address of the product, for everybody: whichever one gives out stored bytes, also one made later."""
    piece = a_piece(browser, cast, "jpeg")
    (file,) = files_of(database, piece)
    ids = {
        "apprenticeship_id": cast.amina_at.id,
        "evidence_id": piece.rpartition("/")[2],
        "file_id": file.rpartition("/")[2],
        "provider_id": cast.provider.id,
        "cohort_id": cast.cohort.id,
        "employer_id": cast.employer.id,
        "person_id": cast.amina.id,
        "code": "K7",
        "reference": "ST1030",
        "version": "1.0",
        "name": "app.css",
        "party": "employer",
        "subject": "english",
        "kind": "organisation",
    }
    people = (cast.amina, cast.marek, cast.asha, cast.ines, cast.priya, a_lead(session, cast), cast.admin)
    serving: set[str] = set()
    with watched(app) as keys:
        for person in people:
            page = browser(person)
            for route in routes(app):
                if "GET" not in route.methods:
                    continue
                gaps = re.findall(r"{([^}]+)}", route.path)
                keys.clear()
                before = sum(row.times for row in written(database))
                page.get(route.path.format_map({gap: ids.get(gap, new_id()) for gap in gaps}))
                if keys:
                    serving.add(route.name)
                    rows = [row for row in written(database) if row.person_id == person.id]
                    assert sum(row.times for row in written(database)) == before + 1, route.name
                    assert rows[-1].file_id == UUID(str(ids["file_id"])), route.name
    assert serving == SERVES_FILES


def test_each_way_to_open_a_file_is_told_apart(browser: Open, cast: Cast, database: Database) -> None:
    piece = a_piece(browser, cast, "jpeg", "mp4")
    photo, film = files_of(database, piece)
    page = browser(cast.asha)
    for address, headers in (
        (photo, {}),
        (photo + "/preview", {}),
        (photo + "/thumbnail", {}),
        (film, {"Range": "bytes=0-"}),
        (film, {"Range": "lines=1-2"}),
    ):
        assert page.get(address, headers=headers).status_code in (200, 206)
    assert [row.what for row in written(database)] == ["file", "preview", "thumbnail", "range", "file"]
    row = written(database)[0]
    assert (row.provider_id, row.apprenticeship_id) == (cast.provider.id, cast.amina_at.id)
    assert (row.person_id, row.role) == (cast.asha.id, "assessor")
    assert row.evidence_id == UUID(piece.rpartition("/")[2])


def test_repeats_count_on_for_half_an_hour(browser: Open, cast: Cast, database: Database) -> None:
    """A player asks for dozens of parts; that is one opening, with its first and its last moment."""
    with time_machine.travel(NINE, tick=False) as clock:
        (film,) = files_of(database, a_piece(browser, cast, "mp4"))
        page = browser(cast.marek)
        for number in range(24):
            assert page.get(film, headers={"Range": f"bytes={number}-{number + 9}"}).status_code == 206
            clock.shift(60)
        (row,) = written(database)
        assert (row.times, row.at, row.last_at) == (24, NINE, NINE + timedelta(minutes=23))
        clock.shift(timedelta(minutes=6))
        page.get(film, headers={"Range": "bytes=0-"})
    assert told(database) == [("range", "directly", 24), ("range", "directly", 1)]


def test_a_clock_that_is_set_back_takes_no_moment_back(browser: Open, cast: Cast, database: Database) -> None:
    with time_machine.travel(NINE + timedelta(minutes=20), tick=False) as clock:
        (photo,) = files_of(database, a_piece(browser, cast, "jpeg"))
        page = browser(cast.marek)
        page.get(photo)
        clock.shift(timedelta(minutes=-5))
        page.get(photo)
    (row,) = written(database)
    assert (row.times, row.last_at) == (2, NINE + timedelta(minutes=20))


@pytest.mark.parametrize(
    ("referer", "word"),
    [
        ("{piece}", "piece"),
        ("{piece}?version=1", "piece"),
        ("{piece}/review", "review page"),
        ("{piece}/comments", "comments"),
        ("{piece}/edit", "edit page"),
        ("{list}/new", "page for a new piece"),
        ("{list}", "evidence list"),
        ("/somewhere/else", "another page"),
    ],
)
def test_the_page_that_led_there_has_a_short_name(
    browser: Open, cast: Cast, database: Database, referer: str, word: str
) -> None:
    piece = a_piece(browser, cast, "jpeg")
    (photo,) = files_of(database, piece)
    address = ADDRESS + referer.format(piece=piece, list=piece.rpartition("/")[0])
    browser(cast.asha).get(photo, headers={"Referer": address})
    assert told(database) == [("file", word, 1)]


@pytest.mark.parametrize("referer", ["", "https://elsewhere.example{piece}", "http://[", "{piece}"])
def test_no_page_of_ours_is_directly(browser: Open, cast: Cast, database: Database, referer: str) -> None:
    piece = a_piece(browser, cast, "jpeg")
    (photo,) = files_of(database, piece)
    browser(cast.asha).get(photo, headers={"Referer": referer.format(piece=piece)})
    assert told(database) == [("file", "directly", 1)]


def test_every_page_that_is_named_exists(app: FastAPI) -> None:
    assert PAGES.keys() <= paths_by_name(app).keys()


def test_what_gives_out_nothing_of_a_file_is_not_written_down(
    browser: Open, cast: Cast, database: Database
) -> None:
    photo, recording = files_of(database, a_piece(browser, cast, "jpeg", "mp3"))
    page = browser(cast.asha)
    for tail in ("", "/preview", "/thumbnail"):
        assert page.head(photo + tail).status_code == 200
    assert page.head(recording, headers={"Range": "bytes=0-4"}).status_code == 206
    assert page.get(recording, headers={"Range": "bytes=99999999-"}).status_code == 416
    assert page.get(recording + "/preview").status_code == 404
    assert browser(cast.noor).get(photo).status_code == 404
    assert browser().get(photo).status_code == 303
    assert written(database) == []


def test_a_store_that_is_away_shows_nobody_anything(
    app: FastAPI, browser: Open, cast: Cast, database: Database
) -> None:
    (photo,) = files_of(database, a_piece(browser, cast, "jpeg"))
    store: Any = app.state.store

    def away(*_: Any) -> Any:
        raise StoreUnavailable("away")

    store.read = away
    assert browser(cast.asha).get(photo).status_code == 503
    assert written(database) == []


@contextmanager
def nobody_else_writes(database: Database, owner: Database | None) -> Iterator[None]:
    """Reading goes on, and no row of ours can be written: on SQLite not any row."""
    with (owner or database).engine.connect() as connection:
        held = "SELECT 1" if owner is None else "LOCK TABLE file_opening IN EXCLUSIVE MODE"
        connection.execute(text(held))  # SQLite: whoever begins to write is alone
        yield
        connection.rollback()


@pytest.mark.parametrize("tail", ["", "/preview", "/thumbnail"])
@pytest.mark.parametrize("headers", [{}, {"Range": "bytes=0-9"}])
def test_what_cannot_be_written_down_is_not_served(
    app: FastAPI,
    browser: Open,
    cast: Cast,
    database: Database,
    owner: Database | None,
    tail: str,
    headers: dict[str, str],
) -> None:
    (photo,) = files_of(database, a_piece(browser, cast, "jpeg"))
    page = browser(cast.asha)
    impatient = Database(
        str(database.engine.url.render_as_string(hide_password=False)), patience=Patience(lock=1)
    )
    app.state.database = impatient
    try:
        with nobody_else_writes(database, owner):
            answer = page.get(photo + tail, headers=headers)
            assert answer.status_code == 503
            assert "Others are writing just now" in answer.text
            assert corpus.GOOD["jpeg"][1][:40] not in answer.content
            assert page.head(photo + tail).status_code == 200, "what is not written down goes on"
        assert page.get(photo + tail, headers=headers).status_code in (200, 206)
    finally:
        impatient.engine.dispose()
    assert len(written(database)) == 1


def test_many_at_once_make_one_row_and_no_error(
    app: FastAPI, browser: Open, cast: Cast, database: Database
) -> None:
    """A page asks for all its pictures at once, and a tab that is open twice for each of them twice."""
    photos = files_of(database, a_piece(browser, cast, "jpeg", "png", "pdf"))
    pages, rounds = 8, 4
    start, answers = Barrier(pages), []

    def look(page: Browser) -> None:
        for _ in range(rounds):
            start.wait()
            answers.extend(page.get(photo + "/thumbnail").status_code for photo in photos)

    with time_machine.travel(NINE, tick=False):
        browsers = [browser(cast.asha) for _ in range(pages)]
        threads = [Thread(target=look, args=(page,)) for page in browsers]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert answers == [200] * pages * rounds * len(photos)
    assert sorted(told(database)) == [("thumbnail", "directly", pages * rounds)] * len(photos)
