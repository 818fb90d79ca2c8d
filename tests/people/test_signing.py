"""A signature asks for the password again, and it cannot be tried without end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.feedback import models
from portfolio.settings import Settings
from tests.builders import Cast, a_submitted, commit
from tests.client import Browser
from tests.feedback.steps import path_to_testimony
from tests.feedback.test_testimony import signed
from tests.people.steps import give_password, sign_in

WINDOW_START = datetime(2026, 11, 2, 9, 30, tzinfo=UTC)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return settings.model_copy(update={"sign_in_attempts": 3})


def test_after_too_many_wrong_passwords_nothing_is_signed_for_a_while(
    browser: Callable[..., Browser], session: Session, database: Database, cast: Cast
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7", title="What Marek saw")
    commit(session)
    give_password(session, cast.marek)
    with time_machine.travel(WINDOW_START, tick=False):
        page = browser(cast.marek)
        right = signed(page.get(path_to_testimony(piece)).text)
        for _ in range(3):
            answer = page.post(path_to_testimony(piece), data=right | {"password": "wrong wrong wrong"})
            assert "This is not your password." in answer.text
        answer = page.post(path_to_testimony(piece), data=right)
        assert answer.status_code == 422
        assert "too many attempts. Wait 15 minutes, then try again. Nothing has been signed." in answer.text
        assert right["statement"] in answer.text
        assert sign_in(browser(), cast.marek.email).status_code == 303, "signing in is counted apart"
    with database.reading() as fresh:
        assert fresh.scalars(select(models.Testimony)).all() == []
    with time_machine.travel(WINDOW_START + timedelta(minutes=15, seconds=1), tick=False):
        assert page.post(path_to_testimony(piece), data=right).status_code == 303


def test_the_right_password_starts_the_count_anew(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    give_password(session, cast.marek)
    pieces = [a_submitted(session, cast.amina_at, "K7", title=f"Piece {number}") for number in range(2)]
    commit(session)
    with time_machine.travel(WINDOW_START, tick=False):
        page = browser(cast.marek)
        for piece in pieces:
            right = signed(page.get(path_to_testimony(piece)).text)
            for _ in range(2):
                page.post(path_to_testimony(piece), data=right | {"password": "wrong wrong wrong"})
            assert page.post(path_to_testimony(piece), data=right).status_code == 303
