"""How often a password may be tried, counted so that it holds whatever happens to the request."""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.app import create_app
from portfolio.database import Database
from portfolio.people import attempts
from portfolio.people.models import Person, SignInCount
from portfolio.settings import Settings
from tests.builders import NOW, Cast, commit
from tests.client import Browser
from tests.people.steps import PASSWORD, give_password, running, sign_in

WINDOW_START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    """Three tries for an address, twelve for a network, in a quarter of an hour."""
    return settings.model_copy(update={"sign_in_attempts": 3})


def counts(database: Database) -> list[int]:
    with database.reading() as session:
        return sorted(session.scalars(select(SignInCount.count)))


def request_from(app: FastAPI, host: str | None) -> Any:
    return SimpleNamespace(app=app, client=SimpleNamespace(host=host) if host else None)


def test_after_too_many_wrong_passwords_even_the_right_one_waits(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    page = browser()
    with time_machine.travel(WINDOW_START + timedelta(minutes=4), tick=False):
        for _ in range(3):
            assert sign_in(page, cast.amina.email, "wrong password").status_code == 422
        refused = sign_in(page, "Amina.Archer@EXAMPLE.org")
        assert refused.status_code == 429
        assert "too many attempts. Wait 11 minutes, then try again" in refused.text
        assert 'value="Amina.Archer@EXAMPLE.org"' in refused.text
        assert "set-cookie" not in refused.headers
        assert running(page.app.state.database, cast.amina) == 0
    with time_machine.travel(WINDOW_START + timedelta(minutes=15, seconds=1), tick=False):
        assert sign_in(page, cast.amina.email).status_code == 303


def test_an_account_that_does_not_exist_is_limited_alike(browser: Callable[..., Browser], cast: Cast) -> None:
    page = browser()
    with time_machine.travel(WINDOW_START, tick=False):
        answers = [sign_in(page, "nobody@example.org", "wrong password").status_code for _ in range(4)]
    assert answers == [422, 422, 422, 429]


def test_the_right_password_clears_the_count_of_the_address(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    give_password(session, cast.amina)
    with time_machine.travel(WINDOW_START, tick=False):
        for _ in range(3):
            page = browser()
            sign_in(page, cast.amina.email, "wrong password")
            sign_in(page, cast.amina.email, "wrong password")
            assert sign_in(page, cast.amina.email).status_code == 303
    assert counts(database) == [6]  # the network: only the wrong ones


def test_one_network_may_try_four_times_as_often(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    page = browser()
    with time_machine.travel(WINDOW_START, tick=False):
        for number in range(12):
            assert sign_in(page, f"person{number}@example.org", "wrong").status_code == 422
        assert sign_in(page, cast.amina.email).status_code == 429


def test_a_mistyped_address_is_no_try(
    browser: Callable[..., Browser], database: Database, cast: Cast
) -> None:
    page = browser()
    assert [sign_in(page, "amina", "wrong").status_code for _ in range(5)] == [422] * 5
    assert counts(database) == []


def test_a_hundred_at_the_same_time_cannot_slip_through(app: FastAPI, database: Database) -> None:
    """Counted before the password is looked at, in one statement: exactly three may go on."""
    went_on: list[int] = []
    lock = threading.Lock()

    def try_once() -> None:
        minutes = attempts.take(request_from(app, "192.0.2.7"), "amina@example.org", NOW)
        with lock:
            went_on.append(minutes)

    threads = [threading.Thread(target=try_once) for _ in range(12)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(went_on)[:4] == [0, 0, 0, 15]
    assert counts(database) == [12, 12]


def test_the_table_tells_nobody_which_addresses_were_tried(app: FastAPI, database: Database) -> None:
    attempts.take(request_from(app, "192.0.2.7"), "amina@example.org", NOW)
    with database.reading() as session:
        keys = set(session.scalars(select(SignInCount.key)))
    other = create_app(
        app.state.settings.model_copy(update={"secret": Settings(secret="x" * 40).secret}),
        database=database,
        store=app.state.store,
    )
    attempts.take(request_from(other, "192.0.2.7"), "amina@example.org", NOW)
    with database.reading() as session:
        assert len(set(session.scalars(select(SignInCount.key))) - keys) == 2  # another secret, other keys
    assert all(len(key) == 64 and "amina" not in key and "192" not in key for key in keys)


def test_old_windows_are_forgotten(app: FastAPI, database: Database) -> None:
    for day in range(3):
        attempts.take(request_from(app, "192.0.2.7"), "amina@example.org", NOW + timedelta(days=day))
    assert counts(database) == [1, 1]


@pytest.mark.parametrize(
    ("host", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("testclient", "testclient"),
        (None, ""),
    ],
)
def test_what_counts_as_one_network(app: FastAPI, host: str | None, network: str) -> None:
    assert attempts.network_of(request_from(app, host)) == network


def test_a_suspended_account_answers_like_one_that_does_not_exist(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    session.get_one(Person, cast.amina.id).suspended_at = NOW
    commit(session)
    page = browser()
    suspended = sign_in(page, "amina.archer@example.org", PASSWORD)
    unknown = sign_in(page, "amina.archet@example.org", PASSWORD)
    unset = sign_in(page, "marek.mason@example.org", "")
    assert suspended.status_code == unknown.status_code == 422
    assert suspended.text.replace("archer", "") == unknown.text.replace("archet", "")
    assert "Enter your password" in unset.text
    assert sign_in(page, "marek.mason@example.org", "anything at all").status_code == 422


def test_asking_for_links_is_limited_apart_from_signing_in(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.amina)
    page = browser()
    with time_machine.travel(WINDOW_START, tick=False):
        asked = [page.post("/forgotten-password", data={"email": cast.amina.email}) for _ in range(4)]
        assert [answer.status_code for answer in asked] == [200, 200, 200, 429]
        assert "Wait 15 minutes" in asked[-1].text
        assert f'value="{cast.amina.email}"' in asked[-1].text
        assert sign_in(page, cast.amina.email).status_code == 303
