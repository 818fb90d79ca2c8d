"""The page of a statement or a duty shows what was learnt for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy.orm import Session

from portfolio.coverage.queries import MOST_LEARNING, learning_for
from portfolio.database import Database
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.training.steps import an_answer, an_entry

Open = Callable[..., Browser]


def page_of(cast: Cast, code: str) -> str:
    return f"/apprenticeships/{cast.amina_at.id}/items/{code}"


def learning(text: str) -> str:
    return re.split(r"<h2>", text.split("<h2>Learning linked to")[1])[0]


@pytest.mark.parametrize(
    ("statements", "codes", "found"),
    [
        ("K2 S7", ["K2"], True),
        ("K27 S27", ["K2"], False),
        ("K12", ["K2"], False),
        ("S7", ["K7"], False),
        ("", ["K2"], False),
        ("K27", ["K23", "K27", "K28", "S24", "S27"], True),
        ("K27", [], False),
    ],
)
def test_only_entries_that_name_the_statement(
    session: Session, cast: Cast, statements: str, codes: list[str], found: bool
) -> None:
    an_entry(session, cast.amina_at, statements=statements)
    an_entry(session, cast.other_at, statements="K2 K7 K23")
    assert (learning_for(session, cast.amina_at.id, codes).total == 1) is found


def test_the_page_shows_the_newest_with_how_they_stand_and_leads_to_the_others(
    browser: Open, session: Session, cast: Cast
) -> None:
    for number in range(7):
        entry = an_entry(session, cast.amina_at, what=f"Learnt {number}.", day=date(2026, 10, 1 + number))
        if number == 6:
            an_answer(session, entry, cast.marek)
            an_answer(session, entry, cast.asha, "returned", "Which day?", "assessor")
        if number == 5:
            an_answer(session, entry, cast.marek)
    an_entry(session, cast.amina_at, what="Something else.", statements="K1")
    commit(session)
    for who in (cast.amina, cast.marek, cast.asha, cast.priya):
        text = learning(browser(who).get(page_of(cast, "K7")).text)
        assert re.findall(r"Learnt (\d)\.", text) == ["6", "5", "4", "3", "2"]
        assert re.findall(r">(Confirmed|Returned)<", text) == ["Returned", "Confirmed"]
        assert "All 7 entries" in text
    log = browser(cast.asha).get(f"/apprenticeships/{cast.amina_at.id}/training?item=K7").text
    assert len(re.findall(r"Learnt \d\.", log)) == 7
    assert "Something else." not in log
    assert "Only entries that name K7." in log
    for at in ("item=K99", "item="):
        every = browser(cast.asha).get(f"/apprenticeships/{cast.amina_at.id}/training?{at}").text
        assert "Something else." in every


def test_duty_15_shows_the_learning_for_its_statements(browser: Open, session: Session, cast: Cast) -> None:
    an_entry(session, cast.amina_at, what="A conference on my own development.", statements="K27")
    an_entry(session, cast.amina_at, what="Thresholds.", statements="K4")
    commit(session)
    text = learning(browser(cast.amina).get(page_of(cast, "D15")).text)
    assert "A conference on my own development." in text
    assert "Thresholds." not in text
    log = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/training?item=D15").text
    assert "Only entries that name a statement of Duty 15." in log
    assert "Thresholds." not in log


def test_nothing_yet_says_what_to_do(browser: Open, cast: Cast) -> None:
    assert "/training/new" in learning(browser(cast.amina).get(page_of(cast, "K7")).text)
    text = learning(browser(cast.asha).get(page_of(cast, "K7")).text)
    assert "No entry of the training log names it." in text
    assert "/training/new" not in text


def test_one_query_however_long_the_log(session: Session, cast: Cast, database: Database) -> None:
    for number in range(MOST_LEARNING * 4):
        entry = an_entry(session, cast.amina_at, what=f"Learnt {number}.")
        an_answer(session, entry, cast.marek)
    commit(session)
    with database.reading() as fresh:
        with queries(database) as count:
            found = learning_for(fresh, cast.amina_at.id, ["K7", "S7"])
        assert (len(found.entries), found.total) == (MOST_LEARNING, 20)
    assert count.number <= 2  # PostgreSQL is told whose rows the request may see
