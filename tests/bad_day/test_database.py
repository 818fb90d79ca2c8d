"""The database is away, restarts, or is busy with somebody else: the page says so and gives back what was typed."""

from __future__ import annotations

import html
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import NullPool

from portfolio.database import Database
from tests.bad_day.conftest import TEXT, Place, Serve
from tests.bad_day.tcp_proxy import TcpProxy
from tests.bad_day.waiting import until
from tests.builders import Cast, a_submitted, commit
from tests.evidence.steps import all_pieces, complete, newest, send
from tests.feedback.steps import PASSWORD, path_to_testimony
from tests.feedback.test_testimony import signed
from tests.people.steps import give_password
from tests.postgres import TEST_DATABASE_URL

FILE = ("Notes.txt", TEXT)
SILENT = "The database does not answer just now."
BUSY = "Others are writing just now, and it took too long."
WORDS = "I listened <b>carefully</b> & wrote it down."
on_postgresql = pytest.mark.skipif(not TEST_DATABASE_URL, reason="SQLite is a file: it cannot be away")


@contextmanager
def somebody_writes(database: Database) -> Iterator[None]:
    """Another program holds the one lock that every writer needs; on PostgreSQL that of every table."""
    if database.is_sqlite:
        with closing(sqlite3.connect(str(database.engine.url.database), isolation_level=None)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield
            other.execute("ROLLBACK")
        return
    name = make_url(str(database.engine.url)).database
    admin = create_engine(make_url(TEST_DATABASE_URL).set(database=name), poolclass=NullPool)
    with admin.connect() as connection:
        connection.execute(text("LOCK TABLE evidence, pending_object IN EXCLUSIVE MODE"))
        yield
        connection.rollback()


def sent_again(place: Place, page: str) -> Any:
    """What the button "Send it again" sends: every hidden field of the page, to where it was going."""
    form = re.search(
        r'<form method="post" action="([^"]*)" enctype="multipart/form-data">(.*?)</form>', page, re.S
    )
    assert form, "the page has no form to send again"
    fields: dict[str, list[str]] = {}
    for name, value in re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form[2]):
        fields.setdefault(html.unescape(name), []).append(html.unescape(value))
    return send(place.amina, form[1], fields)


def says_what_to_do(page: str) -> None:
    assert "What you sent was not confirmed." in page
    assert "look whether it is there; if it is not, send it again: what you typed is below" in page
    assert "What was confirmed before is safe." in page
    assert html.escape(WORDS, quote=False) in page or html.escape(WORDS) in page
    assert "The files could not be kept." in page


def test_somebody_else_writes_for_too_long(serve: Serve) -> None:
    place = serve(lock_timeout_seconds=1)
    before = place.confirmed("Before the bad day", FILE)
    with somebody_writes(place.database):
        answer = place.sends("On the bad day", FILE, what_i_did=WORDS, form_key="a" * 32)
        assert answer.status_code == 503
        assert BUSY in answer.text
        says_what_to_do(answer.text)
        assert before.title in place.amina.get(before.page).text, "reading goes on"
    assert [piece.form_key for piece in all_pieces(place.database)].count("a" * 32) == 0
    again = sent_again(place, answer.text)
    assert again.status_code == 303
    (piece,) = [piece for piece in all_pieces(place.database) if piece.form_key == "a" * 32]
    assert newest(place.database, piece.id).what_i_did == WORDS
    place.still_has(before)


@on_postgresql
def test_the_database_is_away_and_comes_back(serve: Serve, database: Database) -> None:
    url = database.engine.url
    with TcpProxy(url.host or "127.0.0.1", url.port or 5432) as proxy:
        through = url.set(host="127.0.0.1", port=proxy.port).render_as_string(hide_password=False)
        place = serve(database_url=through)
        before = place.confirmed("Before the bad day", FILE)
        proxy.refuse()
        for address in ("/", before.page, before.file):
            answer = place.amina.get(address)
            assert answer.status_code == 503
            assert SILENT in answer.text
            assert "Wait a minute and load the page again. What was saved before is safe." in answer.text
        answer = place.sends("On the bad day", FILE, what_i_did=WORDS, form_key="b" * 32)
        assert answer.status_code == 503
        assert SILENT in answer.text
        says_what_to_do(answer.text)
        assert place.amina.get("/healthz").status_code == 200
        proxy.heal()
        place.still_has(before)
        for _ in range(2):  # the button pressed twice is one piece
            assert sent_again(place, answer.text).status_code == 303
        (piece,) = [piece for piece in all_pieces(place.database) if piece.form_key == "b" * 32]
        assert newest(place.database, piece.id).what_i_did == WORDS
        until(lambda: place.confirmed("After the bad day", FILE))


@on_postgresql
def test_the_database_restarts_under_open_connections(serve: Serve, database: Database) -> None:
    """Every connection of the product is ended by the server; the next request makes a new one, and no page fails."""
    place = serve()
    before = place.confirmed("Before the restart", FILE)
    admin = create_engine(TEST_DATABASE_URL, poolclass=NullPool)
    with admin.connect() as connection:
        ended = connection.execute(
            text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname = :name AND usename = :role"
            ),
            {"name": database.engine.url.database, "role": database.engine.url.username},
        ).scalar_one()
    assert ended >= 1
    place.still_has(before)
    place.confirmed("After the restart", FILE)


@on_postgresql
def test_a_connection_that_dies_in_the_middle_of_a_decision_is_said_so(
    serve: Serve, database: Database
) -> None:
    """It waits for a lock when its connection is ended: nothing is half written, and the page says what to do."""
    from concurrent.futures import ThreadPoolExecutor

    place = serve(lock_timeout_seconds=60)
    admin = create_engine(TEST_DATABASE_URL, poolclass=NullPool)
    with ThreadPoolExecutor(1) as pool, somebody_writes(database):
        waiting = pool.submit(place.sends, "On the bad day", what_i_did=WORDS, form_key="c" * 32)
        with admin.connect() as connection:
            kill = text(
                "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
                "WHERE datname = :name AND usename = :role AND wait_event_type = 'Lock'"
            )
            values = {"name": database.engine.url.database, "role": database.engine.url.username}
            until(lambda: connection.execute(kill, values).scalar_one())
        answer = waiting.result(60)
    assert answer.status_code == 503
    assert SILENT in answer.text
    assert [piece.form_key for piece in all_pieces(database)] == []
    assert sent_again(place, answer.text).status_code == 303
    assert [piece.form_key for piece in all_pieces(database)] == ["c" * 32]


def test_a_signed_form_gives_the_text_back_but_for_the_password(
    serve: Serve, session: Session, cast: Cast
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    give_password(session, cast.marek, password=PASSWORD)
    place = serve(lock_timeout_seconds=1, people=(cast.marek, cast.asha))
    marek, address = place.amina, path_to_testimony(piece)
    typed = signed(marek.get(address).text, statement=WORDS, password=PASSWORD)
    with somebody_writes(place.database):
        answer = marek.post(address, data=typed)
    assert answer.status_code == 503
    assert html.escape(WORDS) in answer.text
    assert PASSWORD not in answer.text
    assert "what you typed is below, but for the password" in answer.text
    again = sent_again(place, answer.text)
    assert again.status_code == 422
    assert "carefully" in again.text, "and the page that asks for the password has it, too"


def test_a_fragment_leaves_what_was_typed_where_it_is(serve: Serve) -> None:
    """htmx swaps the message alone: the form, and what is in it, stays on the page."""
    place = serve(lock_timeout_seconds=1)
    with somebody_writes(place.database):
        answer = place.amina.post(
            place.pages, data=complete(title="x", what_i_did=WORDS), headers={"HX-Request": "true"}
        )
    assert answer.status_code == 503
    assert answer.headers["HX-Retarget"] == "#message"
    assert "what you typed is still on this page" in answer.text
    assert WORDS.split("<")[0] not in answer.text
