"""Links to choose a password: once, for a time, the newest only, and no word about who has an account."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people import links
from portfolio.people.models import Person, SingleUseLink
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from tests.builders import Cast, commit
from tests.client import Browser
from tests.people.smtp import smtp_server
from tests.people.steps import events, give_password, link_in, mails, person_of, running, sign_in
from tests.postgres import plain

NEW = {"password_new": "three unrelated words", "password_again": "three unrelated words"}


def a_link(session: Session, person: Person, purpose: str = links.INVITATION, minutes: int = 60) -> str:
    person = session.get_one(Person, person.id)
    lasts = timedelta(minutes=minutes)
    token = links.make_link(session, person, purpose, by=None, now=utc_now(), valid_for=lasts)
    commit(session)
    return f"/set-password/{token}"


@pytest.mark.parametrize("htmx", [False, True])
def test_a_link_sets_the_password_once_and_signs_in(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database, htmx: bool
) -> None:
    link = a_link(session, cast.marek)
    page = browser(htmx=htmx)
    for _ in range(2):  # looking at it uses nothing up
        form = page.get(link)
        assert form.status_code == 200
        assert "Marek Mason" in form.text
    answer = page.post(link, data=NEW)
    assert answer.headers["hx-redirect" if htmx else "location"] == "/"
    page.htmx = False
    assert "Marek Mason" in page.get("/account").text
    assert sign_in(browser(), cast.marek.email, NEW["password_new"]).status_code == 303
    for again in (browser().get(link), browser().post(link, data=NEW)):
        assert again.status_code == 410
        assert "ask for a new link" in again.text
    assert [event.about_person_id for event in events(database, "password.set")] == [cast.marek.id]


def test_setting_it_ends_every_other_session(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    give_password(session, cast.marek)
    thief, page = browser(cast.marek), browser()
    page.post(a_link(session, cast.marek, links.RESET), data=NEW)
    assert thief.get("/account").status_code == 303
    assert running(database, cast.marek) == 1
    assert sign_in(browser(), cast.marek.email).status_code == 422  # the old one is gone


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({}, "at least 12"),
        ({"password_new": "short", "password_again": "short"}, "at least 12"),
        ({"password_new": "three unrelated words", "password_again": "three unrelated word"}, "do not match"),
        ({"password_new": "marek mason is here", "password_again": "marek mason is here"}, "Leave your name"),
    ],
)
def test_a_password_that_will_not_do_leaves_the_link_as_it_is(
    browser: Callable[..., Browser],
    session: Session,
    cast: Cast,
    typed: dict[str, str],
    sentence: str,
    htmx: bool,
) -> None:
    link = a_link(session, cast.marek)
    page = browser(htmx=htmx)
    answer = page.post(link, data=typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "three unrelated" not in answer.text
    assert page.post(link, data=NEW).status_code == (204 if htmx else 303)


def test_a_link_that_expired_says_what_to_do(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    link = a_link(session, cast.marek, minutes=60)
    with time_machine.travel(utc_now() + timedelta(minutes=61), tick=False):
        assert browser().get(link).status_code == 410
        assert browser().post(link, data=NEW).status_code == 410


def test_a_newer_link_makes_older_ones_of_its_purpose_void(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    first, invitation = a_link(session, cast.marek, links.RESET), a_link(session, cast.marek)
    second, other = a_link(session, cast.marek, links.RESET), a_link(session, cast.asha, links.RESET)
    found = [browser().get(link).status_code for link in (first, invitation, second, other)]
    assert found == [410, 200, 200, 200]
    browser().post(second, data=NEW)
    assert browser().get(invitation).status_code == 410  # a password is set: no link is left lying about


def test_of_two_that_use_it_at_once_one_wins(session: Session, cast: Cast, database: Database) -> None:
    token = a_link(session, cast.marek).rsplit("/", 1)[1]
    won: list[bool] = []

    def use() -> None:
        with database.writing() as own:
            won.append(links.use_link(own, token, utc_now()))

    threads = [threading.Thread(target=use) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(won) == [False] * 5 + [True]


@pytest.mark.parametrize("token", ["x", "a" * 43, "a" * 5000, "%00", "%F0%9F%98%80", "..%2F..%2Fetc"])
def test_a_made_up_link_is_a_dead_one(browser: Callable[..., Browser], cast: Cast, token: str) -> None:
    for answer in (
        browser().get(f"/set-password/{token}"),
        browser().post(f"/set-password/{token}", data=NEW),
    ):
        assert answer.status_code in (404, 410)


def test_the_link_of_somebody_suspended_is_dead(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    link = a_link(session, cast.marek)
    session.get_one(Person, cast.marek.id).suspended_at = utc_now()
    commit(session)
    assert browser().get(link).status_code == 410


def test_only_the_hash_of_a_token_is_stored(session: Session, cast: Cast, database: Database) -> None:
    token = a_link(session, cast.marek).rsplit("/", 1)[1]
    assert len(token) == 43
    with database.reading() as look:
        assert token not in look.scalars(select(SingleUseLink)).one().token_hash
    with plain(database) as connection:
        assert token not in str(connection.exec_driver_sql("SELECT * FROM single_use_link").all())
        assert token not in str(connection.exec_driver_sql("SELECT * FROM audit_event").all())


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("by_mail", [False, True])
def test_the_answer_is_the_same_whether_there_is_an_account_or_not(
    app: FastAPI, browser: Callable[..., Browser], session: Session, cast: Cast, by_mail: bool, htmx: bool
) -> None:
    session.get_one(Person, cast.asha.id).suspended_at = utc_now()
    commit(session)
    with smtp_server() as server:
        if by_mail:
            more = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_starttls": False}
            app.state.settings = app.state.settings.model_copy(update=more)
        page = browser(htmx=htmx)
        answers = {
            page.post("/forgotten-password", data={"email": email}).text.replace(email, "–")
            for email in (cast.amina.email, cast.asha.email, "nobody@example.org")
        }
    assert len(answers) == 1
    assert ("Look into your mail" in answers.pop()) is by_mail
    assert [message["To"] for message in server.messages] == (
        ["Amina Archer <amina.archer@example.org>"] if by_mail else []
    )


def test_a_server_that_fails_does_not_tell_who_has_an_account(
    app: FastAPI, browser: Callable[..., Browser], cast: Cast
) -> None:
    with smtp_server(refuse="MAIL") as server:
        more = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_starttls": False}
        app.state.settings = app.state.settings.model_copy(update=more)
        answers = [
            browser().post("/forgotten-password", data={"email": email})
            for email in (cast.amina.email, "nobody@example.org")
        ]
    assert [answer.status_code for answer in answers] == [200, 200]


@pytest.mark.parametrize("htmx", [False, True])
def test_an_address_that_is_none_is_a_mistake_on_the_form(
    browser: Callable[..., Browser], cast: Cast, htmx: bool
) -> None:
    answer = browser(htmx=htmx).post("/forgotten-password", data={"email": "amina"})
    assert answer.status_code == 422
    assert 'value="amina"' in answer.text


def test_the_whole_way_from_forgotten_to_signed_in(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database, settings: Settings
) -> None:
    give_password(session, cast.amina)
    page, folder = browser(), settings.mail_folder or Path()
    page.post("/forgotten-password", data={"email": " AMINA.archer@example.org "})
    (letter,) = mails(folder)
    assert letter["To"] == "Amina Archer <amina.archer@example.org>"
    assert sign_in(browser(), cast.amina.email).status_code == 303  # asking alone changes nothing
    assert page.post(link_in(letter.get_content()), data=NEW).status_code == 303
    assert person_of(database, cast.amina.id).password_hash.startswith("$argon2id$")
    assert "Your password was changed" in {message["Subject"] for message in mails(folder)}
    (event,) = events(database, "reset.started")
    assert (event.by_id, event.about_person_id) == (None, cast.amina.id)


def test_a_new_password_opens_an_account_that_was_tried_too_often(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    page = browser()
    for _ in range(10):
        sign_in(page, cast.amina.email, "wrong")
    assert sign_in(page, cast.amina.email).status_code == 429
    page.post(a_link(session, cast.amina, links.RESET), data=NEW)
    assert sign_in(browser(), cast.amina.email, NEW["password_new"]).status_code == 303
