"""The home page says to each role what waits for them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people.models import Member
from tests.builders import NOW, Cast, a_draft, a_submitted, commit
from tests.client import Browser
from tests.counting import queries


def test_an_apprentice_sees_drafts_and_what_nothing_shows_yet(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    draft = a_draft(session, cast.amina_at, "K1", title="Half a thought")
    commit(session)
    page = browser(cast.amina).get("/").text
    assert "Half a thought" in page
    assert f"/evidence/{draft.id}/edit" in page
    assert "Evidence for K1, K2 and K3" in page
    assert "Add evidence" in page
    assert "English: needed before the gateway" in page


def test_an_assessor_sees_how_much_waits_and_since_when(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    a_submitted(session, cast.amina_at, "K6")
    a_submitted(session, cast.amina_at, "K7")
    commit(session)
    page = browser(cast.asha).get("/").text
    assert "2 pieces" in page
    assert "Amina Archer" in page


def test_a_mentor_sees_new_pieces_until_they_said_something(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    a_submitted(session, cast.amina_at, "K6", title="Led a short briefing")
    a_draft(session, cast.amina_at, "K7", title="Nobody else may see this")
    commit(session)
    page = browser(cast.marek).get("/").text
    assert "Led a short briefing" in page
    assert "Nobody else may see this" not in page


def test_nothing_of_another_provider_appears(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    a_submitted(session, cast.amina_at, "K6", title="Canary of Amina")
    commit(session)
    for stranger in (cast.noor, cast.otto, cast.olu, cast.admin):
        page = browser(stranger).get("/").text
        assert "Canary of Amina" not in page
        assert "Amina Archer" not in page


def test_an_assessor_whose_role_ended_sees_nothing_at_the_next_request(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    a_submitted(session, cast.amina_at, "K6")
    commit(session)
    page = browser(cast.asha)
    assert "Amina Archer" in page.get("/").text
    session.query(Member).filter_by(person_id=cast.asha.id).update({"ended_at": NOW})
    commit(session)
    assert "Amina Archer" not in page.get("/").text


@pytest.mark.parametrize("who", ["amina", "marek", "asha", "ines", "priya", "noor", "admin"])
def test_everybody_has_a_home_page(browser: Callable[..., Browser], cast: Cast, who: str) -> None:
    assert browser(getattr(cast, who)).get("/").status_code == 200


def test_nobody_is_sent_to_sign_in(browser: Callable[..., Browser]) -> None:
    answer = browser().get("/")
    assert answer.status_code == 303
    assert answer.headers["location"] == "/sign-in?next=%2F"


@pytest.mark.parametrize("who", ["amina", "marek", "asha", "priya"])
def test_the_home_page_costs_the_same_queries_however_much_waits(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database, who: str
) -> None:
    a_submitted(session, cast.amina_at, "K6")
    commit(session)
    page = browser(getattr(cast, who))
    page.get("/")
    with queries(database) as few:
        page.get("/")
    for number in range(10):
        a_submitted(session, cast.amina_at, "K6", title=f"Piece {number}")
        a_draft(session, cast.amina_at, "K7", title=f"Draft {number}")
    commit(session)
    with queries(database) as many:
        page.get("/")
    assert many.number == few.number
