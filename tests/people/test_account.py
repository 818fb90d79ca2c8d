"""One's own account: nothing of anybody else's, and a password that only its owner changes."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people import links
from portfolio.people.models import Person
from portfolio.people.sessions import start_session
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.people.steps import PASSWORD, events, give_password, mails, running, sessions_of, sign_in

NEW = "three unrelated words"
CHANGE = {"password_old": PASSWORD, "password_new": NEW, "password_again": NEW}


def test_it_says_who_one_is_and_where(browser: Callable[..., Browser], cast: Cast) -> None:
    text = browser(cast.priya).get("/account").text
    for words in ("Priya Parker", "priya.parker@example.org", "Northern Skills", "Provider manager"):
        assert words in text
    assert "DBS records in detail and Education, health and care plan status" in text
    assert "Harbour" not in text
    assert "Installation admin" in browser(cast.admin).get("/account").text


def test_nobody_signed_in_is_asked_to_sign_in(browser: Callable[..., Browser], cast: Cast) -> None:
    page = browser()
    for path in ("/account", "/account/password"):
        assert page.get(path).headers["location"].startswith("/sign-in?next=")


def test_own_devices_are_listed_and_this_one_marked(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    for person, device in ((cast.amina, "Safari on an iPhone"), (cast.marek, "Firefox on Linux")):
        start_session(session, session.get_one(Person, person.id), device=device, now=utc_now())
    old = utc_now() - timedelta(hours=3)
    start_session(session, session.get_one(Person, cast.amina.id), device="Edge on Windows", now=old)
    commit(session)
    text = browser(cast.amina).get("/account").text
    assert "Safari on an iPhone" in text
    assert "Firefox on Linux" not in text  # Marek's
    assert "Edge on Windows" not in text  # ended by itself
    assert text.count("This device") == 1
    assert text.count("Sign it out") == 1


@pytest.mark.parametrize("htmx", [False, True])
def test_one_device_is_signed_out_and_the_others_stay(
    browser: Callable[..., Browser], cast: Cast, database: Database, htmx: bool
) -> None:
    lost, phone, desk = browser(cast.amina), browser(cast.amina), browser(cast.amina, htmx=htmx)
    row = sessions_of(database, cast.amina)[0]
    answer = desk.post(f"/account/sessions/{row.id}/end")
    assert answer.headers["hx-redirect" if htmx else "location"] == "/account?done=ended"
    assert lost.get("/account").status_code == 303
    assert phone.get("/account").status_code == 200
    (event,) = events(database, "session.ended")
    assert (event.by_id, event.record_id) == (cast.amina.id, row.id)
    assert desk.post(f"/account/sessions/{row.id}/end").status_code == 404  # ended already


def test_ending_this_device_is_signing_out(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    answer = page.post(f"/account/sessions/{sessions_of(database, cast.amina)[0].id}/end")
    assert answer.headers["location"] == "/sign-in"
    assert running(database, cast.amina) == 0


def test_every_other_device_is_signed_out(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    others, page, marek = [browser(cast.amina) for _ in range(3)], browser(cast.amina), browser(cast.marek)
    answer = page.post("/account/sessions/end-others")
    assert "Every other device is signed out" in page.get(answer.headers["location"]).text
    assert [other.get("/account").status_code for other in others] == [303] * 3
    assert marek.get("/account").status_code == 200
    assert [event.detail for event in events(database, "sessions.ended")] == [{"count": 3}]


def test_nobody_ends_somebody_else_s_session(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    browser(cast.amina)
    row = sessions_of(database, cast.amina)[0]
    for person in (cast.marek, cast.priya, cast.noor, cast.admin):
        assert browser(person).post(f"/account/sessions/{row.id}/end").status_code == 404
    assert running(database, cast.amina) == 1


def test_own_sign_ins_of_ninety_days_and_nobody_else_s(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina, cast.marek)
    now = utc_now()
    for days, person in ((91, cast.amina), (89, cast.amina), (1, cast.amina), (1, cast.marek)):
        with time_machine.travel(now - timedelta(days=days), tick=False):
            sign_in(browser(), person.email)
    assert "2 sign-ins" in browser(cast.amina).get("/account").text


@pytest.mark.parametrize("htmx", [False, True])
def test_the_password_is_changed_and_every_other_device_signed_out(
    browser: Callable[..., Browser],
    session: Session,
    cast: Cast,
    database: Database,
    settings: Settings,
    htmx: bool,
) -> None:
    give_password(session, cast.amina)
    person = session.get_one(Person, cast.amina.id)
    token = links.make_link(
        session, person, links.RESET, by=None, now=utc_now(), valid_for=timedelta(hours=1)
    )
    commit(session)
    other, page = browser(cast.amina), browser(cast.amina, htmx=htmx)
    answer = page.post("/account/password", data=CHANGE)
    assert answer.headers["hx-redirect" if htmx else "location"] == "/account?done=password"
    page.htmx = False
    assert "Your password is changed" in page.get("/account?done=password").text
    assert other.get("/account").status_code == 303
    assert browser().get(f"/set-password/{token}").status_code == 410
    assert sign_in(browser(), cast.amina.email).status_code == 422
    assert sign_in(browser(), cast.amina.email, NEW).status_code == 303
    (letter,) = mails(settings.mail_folder or Path())
    assert "All other devices were signed out" in letter.get_content()
    assert len(events(database, "password.changed")) == 1


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password_old": ""}, "Enter the password that you have now."),
        ({"password_old": "not it at all"}, "not the password that you have now"),
        ({"password_new": "short", "password_again": "short"}, "at least 12"),
        ({"password_again": "three unrelated"}, "do not match"),
        ({"password_new": PASSWORD, "password_again": PASSWORD}, "Choose another one"),
    ],
)
def test_what_is_wrong_with_the_change_is_said_and_nothing_changes(
    browser: Callable[..., Browser],
    session: Session,
    cast: Cast,
    change: dict[str, str],
    sentence: str,
    htmx: bool,
) -> None:
    give_password(session, cast.amina)
    other, page = browser(cast.amina), browser(cast.amina, htmx=htmx)
    answer = page.post("/account/password", data=CHANGE | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert PASSWORD not in answer.text
    assert ("<!doctype" in answer.text) is not htmx
    assert other.get("/account").status_code == 200
    assert sign_in(browser(), cast.amina.email).status_code == 303


def test_guessing_the_old_password_on_a_borrowed_phone_is_limited(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    page = browser(cast.amina)
    with time_machine.travel(utc_now(), tick=False):
        for _ in range(10):
            assert (
                page.post("/account/password", data=CHANGE | {"password_old": "a guess"}).status_code == 422
            )
        answer = page.post("/account/password", data=CHANGE)
        assert answer.status_code == 429
        assert "too many attempts" in answer.text


def test_the_page_asks_the_database_as_often_for_one_device_as_for_many(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    with queries(database) as few:
        page.get("/account")
    for _ in range(12):
        browser(cast.amina)
    with queries(database) as many:
        page.get("/account")
    assert many.number == few.number


def test_a_name_cannot_become_markup(browser: Callable[..., Browser], session: Session, cast: Cast) -> None:
    session.get_one(Person, cast.amina.id).name = "<script>alert(1)</script>"
    commit(session)
    assert "<script>alert" not in browser(cast.amina).get("/account").text
