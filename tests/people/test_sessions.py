"""When a session ends: idle, at the latest, by sign-out, password, suspension; always by the next request."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people import membership
from portfolio.people.models import Member, Person, SignedInSession
from portfolio.web.formats import utc_now
from tests.builders import Cast, commit
from tests.client import Browser
from tests.people.steps import give_password, running, sessions_of, set_times, sign_in


def test_a_session_ends_an_hour_after_it_was_last_used(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    set_times(database, cast.amina, seen_at=utc_now() - timedelta(minutes=59))
    assert page.get("/account").status_code == 200
    set_times(database, cast.amina, seen_at=utc_now() - timedelta(minutes=61))
    assert page.get("/account").status_code == 303


def test_using_it_keeps_it_going_reading_or_writing(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    for method, path in (("GET", "/account"), ("POST", "/account/sessions/end-others")):
        set_times(database, cast.amina, seen_at=utc_now() - timedelta(minutes=30))
        page.request(method, path)
        assert utc_now() - sessions_of(database, cast.amina)[0].seen_at < timedelta(minutes=1)


def test_being_seen_is_written_once_a_minute_at_most(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    with time_machine.travel(utc_now() + timedelta(seconds=30), tick=False):
        before = sessions_of(database, cast.amina)[0].seen_at
        page.get("/account")
        assert sessions_of(database, cast.amina)[0].seen_at == before


def test_twelve_hours_are_the_most_however_busy_it_is(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    page = browser(cast.amina)
    set_times(database, cast.amina, created_at=utc_now() - timedelta(hours=11, minutes=59))
    assert page.get("/account").status_code == 200
    set_times(database, cast.amina, created_at=utc_now() - timedelta(hours=12, minutes=1))
    assert page.get("/account").status_code == 303


def test_a_suspended_account_is_out_with_the_next_request(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    page = browser(cast.amina)
    session.get_one(Person, cast.amina.id).suspended_at = utc_now()
    commit(session)
    assert page.get("/account").status_code == 303


def test_a_role_that_ended_is_gone_with_the_next_request(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    page = browser(cast.priya)
    people = f"/providers/{cast.provider.id}/people"
    assert page.get(people).status_code == 200
    for member in session.scalars(select(Member).where(Member.person_id == cast.priya.id)):
        member.ended_at = utc_now()
    commit(session)
    assert page.get(people).status_code == 404
    assert page.get("/account").status_code == 200  # the account is the person's own


def test_bringing_somebody_back_counts_with_the_next_request_too(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    people = f"/providers/{cast.provider.id}/people"
    page = browser(cast.priya)
    person = session.get_one(Person, cast.priya.id)
    membership.suspend(session, cast.provider.id, person, by=None, now=utc_now())
    commit(session)
    assert page.get(people).status_code == 404
    membership.bring_back(session, cast.provider.id, person, by=None, now=utc_now())
    commit(session)
    assert page.get(people).status_code == 200


@pytest.mark.parametrize("token", ["", "x", "a" * 5000, "é", "' OR 1=1 --"])
def test_a_made_up_token_is_nobody(browser: Callable[..., Browser], cast: Cast, token: str) -> None:
    page = browser()
    answer = page.get("/account", headers={"Cookie": f"portfolio={token}".encode()})
    assert answer.status_code == 303


def test_sessions_that_no_cookie_can_name_any_more_are_removed(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    give_password(session, cast.amina)
    browser(cast.amina)
    browser(cast.marek)
    for person in (cast.amina, cast.marek):
        set_times(database, person, created_at=utc_now() - timedelta(days=31))
    sign_in(browser(), cast.amina.email)
    assert len(sessions_of(database, cast.amina)) == 1
    assert len(sessions_of(database, cast.marek)) == 1  # others are left alone


def test_two_devices_have_two_sessions(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    phone, desk = browser(cast.amina), browser(cast.amina)
    phone.post("/sign-out")
    assert desk.get("/account").status_code == 200
    assert running(database, cast.amina) == 1
    with database.reading() as session:
        assert len({row.token_hash for row in session.scalars(select(SignedInSession))}) == 2
