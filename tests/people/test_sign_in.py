"""Signing in and out: the cookie, a new session each time, and no way to be sent elsewhere."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI
from sqlalchemy.orm import Session

from portfolio.app import create_app
from portfolio.database import Database
from portfolio.settings import Settings
from tests.builders import Cast
from tests.client import Browser
from tests.people.steps import events, give_password, running, sessions_of, sign_in
from tests.postgres import plain

SECURE = "https://portfolio.example"


@pytest.mark.parametrize("htmx", [False, True])
def test_the_right_password_signs_in(
    browser: Callable[..., Browser], session: Session, cast: Cast, htmx: bool
) -> None:
    give_password(session, cast.amina)
    page = browser(htmx=htmx)
    answer = sign_in(page, "AMINA.ARCHER@example.org", next="/account")
    assert answer.status_code == (204 if htmx else 303)
    assert answer.headers["hx-redirect" if htmx else "location"] == "/account"
    page.htmx = False
    assert page.get("/account").status_code == 200
    assert page.get("/sign-in").status_code == 303  # nothing to sign in to any more


@pytest.mark.parametrize("htmx", [False, True])
def test_a_wrong_password_keeps_the_address_and_says_what_to_do(
    browser: Callable[..., Browser], cast: Cast, htmx: bool
) -> None:
    answer = sign_in(browser(htmx=htmx), "amina.archer@example.org", "nope")
    assert answer.status_code == 422
    assert 'value="amina.archer@example.org"' in answer.text
    assert "do not belong together" in answer.text
    assert "nope" not in answer.text
    assert ("<!doctype" in answer.text) is not htmx


def test_the_cookie_over_http(browser: Callable[..., Browser], session: Session, cast: Cast) -> None:
    give_password(session, cast.amina)
    cookie = sign_in(browser(), cast.amina.email).headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("portfolio=")
    assert {"httponly", "samesite=lax", "path=/", "max-age=2592000"} <= parts
    assert "secure" not in parts
    assert "domain" not in cookie.lower()


@pytest.fixture
def secure(app: FastAPI, settings: Settings) -> Iterator[Browser]:
    over_https = create_app(
        settings.model_copy(update={"public_url": SECURE}), database=app.state.database, store=app.state.store
    )
    with Browser(over_https, base_url=SECURE, follow_redirects=False) as client:
        yield client


def test_the_cookie_over_https_belongs_to_this_host_alone(
    secure: Browser, session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    cookie = sign_in(secure, cast.amina.email).headers["set-cookie"]
    parts = {part.strip().lower() for part in cookie.split(";")[1:]}
    assert cookie.startswith("__Host-portfolio=")
    assert {"secure", "httponly", "samesite=lax", "path=/"} <= parts
    assert not any(part.startswith("domain") for part in parts)
    assert secure.get("/account").status_code == 200
    gone = secure.post("/sign-out").headers["set-cookie"]
    assert gone.startswith('__Host-portfolio="";')
    assert "secure" in gone.lower()


def test_the_database_holds_only_the_hash_of_the_token(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    give_password(session, cast.amina)
    page = browser()
    sign_in(page, cast.amina.email)
    token = page.cookies["portfolio"]
    row = sessions_of(database, cast.amina)[0]
    assert len(token) >= 43
    assert row.token_hash == hashlib.sha256(token.encode()).hexdigest()
    with plain(database) as connection:
        everything = str(connection.exec_driver_sql("SELECT * FROM signed_in_session").all())
        everything += str(connection.exec_driver_sql("SELECT * FROM audit_event").all())
    assert token not in everything


def test_a_token_that_was_planted_is_never_taken_over(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    give_password(session, cast.amina)
    page = browser()
    page.cookies.set("portfolio", "planted-by-somebody-else")
    sign_in(page, cast.amina.email)
    tokens = [cookie.value for cookie in page.cookies.jar]
    assert "planted-by-somebody-else" not in sessions_of(database, cast.amina)[0].token_hash
    assert any(token and len(token) >= 43 for token in tokens)
    thief = browser()
    thief.cookies.set("portfolio", "planted-by-somebody-else")
    assert thief.get("/account").status_code == 303


def test_signing_in_ends_the_session_this_browser_had(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    give_password(session, cast.amina, cast.marek)
    page, elsewhere = browser(), browser(cast.amina)
    sign_in(page, cast.amina.email)
    first = page.cookies["portfolio"]
    sign_in(page, cast.amina.email)
    assert page.cookies["portfolio"] != first
    thief = browser()
    thief.cookies.set("portfolio", first)
    assert thief.get("/account").status_code == 303
    sign_in(page, cast.marek.email)
    assert (running(database, cast.amina), running(database, cast.marek)) == (1, 1)
    assert elsewhere.get("/account").status_code == 200


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    "next_address",
    ["https://evil.example/", "//evil.example", "/\\evil.example", "/\t/evil.example", "/x\r\ny: z"],
)
def test_nobody_is_sent_to_another_site(
    browser: Callable[..., Browser], session: Session, cast: Cast, next_address: str, htmx: bool
) -> None:
    give_password(session, cast.amina)
    page = browser(htmx=htmx)
    where = "hx-redirect" if htmx else "location"
    assert f'value="{next_address}"' not in page.get("/sign-in", params={"next": next_address}).text
    assert sign_in(page, cast.amina.email, next=next_address).headers[where] == "/"
    assert page.get("/sign-in", params={"next": next_address}).headers[where] == "/"


def test_an_address_with_any_letters_survives_signing_in(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    page = browser(htmx=True)
    answer = sign_in(page, cast.amina.email, next="/queue?search=Zoë☃")
    assert answer.headers["hx-redirect"] == "/queue?search=Zo%C3%AB%E2%98%83"


def test_signing_out_ends_the_session_and_takes_the_cookie_away(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page, other = browser(cast.amina), browser(cast.amina)
    token = page.cookies["portfolio"]
    answer = page.post("/sign-out")
    assert (answer.status_code, answer.headers["location"]) == (303, "/sign-in")
    assert 'portfolio="";' in answer.headers["set-cookie"]
    assert "Max-Age=0" in answer.headers["set-cookie"]
    page.cookies.clear()
    page.cookies.set("portfolio", token)
    assert page.get("/account").status_code == 303
    assert other.get("/account").status_code == 200
    assert [event.about_person_id for event in events(database, "session.ended")] == [cast.amina.id]


def test_pages_that_are_not_open_lead_to_sign_in_and_back(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.priya)
    page = browser()
    wanted = f"/providers/{cast.provider.id}/people?search=amina&standing=apprentice"
    answer = page.get(wanted)
    assert answer.status_code == 303
    form = page.get(answer.headers["location"])
    assert wanted.replace("&", "&amp;") in form.text
    assert sign_in(page, cast.priya.email, next=wanted).headers["location"] == wanted


def test_a_sign_in_is_in_the_trail_with_the_device_in_words(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    give_password(session, cast.amina)
    page = browser()
    agent = "Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) Version/17.5 Safari/604.1"
    page.post(
        "/sign-in",
        data={"email": cast.amina.email, "password": "correct horse battery"},
        headers={"User-Agent": agent},
    )
    (event,) = events(database, "session.started")
    assert (event.by_id, event.about_person_id) == (cast.amina.id, cast.amina.id)
    assert event.detail == {"device": "Safari on an iPhone"}
    assert sessions_of(database, cast.amina)[0].device == "Safari on an iPhone"
