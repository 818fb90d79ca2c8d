"""What is due, on the page after sign-in: for the apprentice, and for the mentor of several."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.database import Database
from tests.builders import Cast, a_person, an_apprenticeship, an_assignment, commit
from tests.client import Browser
from tests.counting import queries
from tests.development.steps import a_supervision, asks
from tests.development.test_due import PA3, chosen
from tests.training.steps import LATER, an_answer, an_entry

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def test_an_apprentice_sees_what_is_due_with_its_day_and_where_to_do_it(
    browser: Open, session: Session, cast: Cast
) -> None:
    page = browser(cast.amina)
    assert "What is due" not in page.get("/").text
    chosen(session, cast.amina_at, cast.marek)
    asks(session, cast.employer, cast.priya)
    an_entry(session, cast.amina_at, day=date(2024, 1, 10), **PA3)
    a_supervision(session, cast.amina_at, day=date(2026, 9, 20))
    entry = an_entry(session, cast.amina_at)
    an_answer(session, entry, cast.marek, "returned", "Which day?")
    commit(session)
    shown = page.get("/").text
    section = shown[shown.index("What is due") :]
    assert "Due by 10 January 2027." in section
    assert "Due by 20 November 2026." in section
    assert "Was due by" in section, "the induction"
    assert "1 entry was returned to you." in section
    base = f"/apprenticeships/{cast.amina_at.id}"
    for place in ("development", "supervision", "training?show=returned"):
        assert f'href="{base}/{place}"' in section
    assert section.index("Induction") < section.index("Supervision") < section.index("Refresher training")


@pytest.mark.parametrize(("last", "there"), [(date(2026, 10, 3), True), (date(2026, 10, 4), False)])
def test_supervision_is_named_from_thirty_days_before(
    browser: Open, session: Session, cast: Cast, last: date, there: bool
) -> None:
    """Two months after 3 October is 3 December: thirty days from the day of this test."""
    asks(session, cast.employer, cast.priya, induction_days=None, supervision_months=2)
    a_supervision(session, cast.amina_at, day=last)
    commit(session)
    assert ("/supervision" in browser(cast.amina).get("/").text) == there


def test_a_mentor_sees_hours_to_look_at_and_overdue_refreshers(
    browser: Open, session: Session, cast: Cast
) -> None:
    page = browser(cast.marek)
    assert "Training of your apprentices" not in page.get("/").text
    chosen(session, cast.amina_at, cast.marek)
    an_entry(session, cast.amina_at, day=date(2020, 1, 10), **PA3)
    answered = an_entry(session, cast.amina_at)
    an_answer(session, answered, cast.marek)
    an_entry(session, cast.amina_at, what="How a strategy meeting is led.")
    an_entry(session, cast.amina_at, counts=False)
    an_entry(session, cast.amina_at, what="Fractions", english_maths=True)
    chosen(session, cast.other_at, cast.otto)
    commit(session)
    shown = page.get("/").text
    assert "1 entry of the training log to look at" in shown
    assert "Refresher training is overdue." in shown
    assert f'href="/apprenticeships/{cast.amina_at.id}/development"' in shown
    assert "Olu Otter" not in shown
    assert "Training of your apprentices" not in browser(cast.asha).get("/").text


def test_the_mentors_page_costs_the_same_queries_however_many_apprentices(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    chosen(session, cast.amina_at, cast.marek)
    an_entry(session, cast.amina_at)
    commit(session)
    page = browser(cast.marek)
    page.get("/")
    with queries(database) as few:
        page.get("/")
    for number in range(8):
        somebody = a_person(session, f"Bea Birch{number}", cast.provider, "apprentice")
        at = an_apprenticeship(session, somebody, cast.cohort, cast.employer)
        an_assignment(session, at, cast.marek, "mentor")
        chosen(session, at, cast.marek)
        an_entry(session, at)
    commit(session)
    with queries(database) as many:
        page.get("/")
    assert many.number == few.number
