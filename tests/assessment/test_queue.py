"""What waits for an assessor: the oldest first, over all their apprenticeships, and nothing of anybody else's."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.assessment.filters import Filters
from portfolio.assessment.queries_queue import place_of, queue_summary
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from tests.assessment.steps import a_testimony, holds, review_path, typed
from tests.builders import (
    NOW,
    Cast,
    a_draft,
    a_person,
    a_submitted,
    an_apprenticeship,
    an_assignment,
    commit,
    latest_version,
)
from tests.client import Browser
from tests.counting import queries
from tests.feedback.steps import seen_by

Open = Callable[..., Browser]


@dataclass
class Waiting:
    """Three pieces of two apprentices, made in another order than they were submitted."""

    ben_at: Apprenticeship
    young: Evidence
    old: Evidence
    middle: Evidence


@pytest.fixture
def waiting(session: Session, cast: Cast) -> Waiting:
    ben = a_person(session, "Ben Brook", cast.provider, "apprentice")
    ben_at = an_apprenticeship(session, ben, cast.cohort, cast.employer)
    an_assignment(session, ben_at, cast.asha, "assessor")
    found = Waiting(
        ben_at,
        young=a_submitted(session, cast.amina_at, "K7", "D8", days_ago=1, title="Young"),
        old=a_submitted(session, cast.amina_at, "S7", days_ago=9, title="Old", type="case_study"),
        middle=a_submitted(session, ben_at, "K7", days_ago=5, title="Middle"),
    )
    a_draft(session, cast.amina_at, "K7", title="A draft")
    returned = a_submitted(session, cast.amina_at, "K7", title="Returned")
    returned.state = "returned"
    a_submitted(session, cast.other_at, "K7", title="Of the other provider")
    stranger = a_person(session, "Zed Zeal", cast.provider, "apprentice")
    elsewhere = an_apprenticeship(session, stranger, cast.cohort, cast.employer)
    a_submitted(session, elsewhere, "K7", title="Of somebody else’s apprentice")
    commit(session)
    return found


def titles(html: str) -> list[str]:
    return re.findall(r'/review[^"]*">([^<]+)</a>(?:</th>| <span)', html)


@pytest.mark.parametrize("htmx", [False, True])
def test_the_queue_is_in_order_of_waiting_and_only_mine(
    browser: Open, cast: Cast, waiting: Waiting, htmx: bool
) -> None:
    shown = browser(cast.asha, htmx=htmx).get("/queue").text
    assert shown.lstrip().startswith('<div id="queue">') is htmx
    assert titles(shown) == ["Old", "Middle", "Young"]
    for words in ("K7, Duty 8", "Ben Brook", "Amina Archer", "Anonymised case account", "3 pieces wait"):
        assert words in shown


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("item=K7", ["Middle", "Young"]),
        ("item=D8", ["Young"]),
        ("type=case_study", ["Old"]),
        ("type=work_product&item=S7", []),
        ("apprentice=nonsense", []),
        ("item=K999", []),
    ],
)
def test_the_queue_narrows_by_item_and_type(
    browser: Open, cast: Cast, waiting: Waiting, query: str, expected: list[str]
) -> None:
    shown = browser(cast.asha).get(f"/queue?{query}").text
    assert titles(shown) == expected
    assert ("Nothing waits that fits these choices." in shown) is not bool(expected)


def test_the_queue_narrows_by_apprentice_and_keeps_that_on_the_way_through(
    browser: Open, cast: Cast, waiting: Waiting
) -> None:
    page = browser(cast.asha)
    query = f"?apprentice={cast.amina_at.id}"
    assert titles(page.get(f"/queue{query}").text) == ["Old", "Young"]
    shown = page.get(review_path(waiting.old) + query).text
    assert "1 of 2" in shown
    assert f'rel="next" href="{review_path(waiting.young)}{query}"' in shown
    assert 'rel="prev"' not in shown
    assert f'action="{review_path(waiting.old)}{query}"' in shown


def test_deciding_leads_to_the_next_of_the_narrowed_queue_with_a_word_about_what_was_done(
    browser: Open, session: Session, cast: Cast, waiting: Waiting
) -> None:
    page = browser(cast.asha)
    version = latest_version(session, waiting.old.id)
    commit(session)
    query = f"?apprentice={cast.amina_at.id}"
    answer = page.post(review_path(waiting.old) + query, data=typed(version, {"S7": "covered"}))
    assert answer.headers["location"] == f"{review_path(waiting.young)}{query}&done={waiting.old.id}"
    shown = page.get(answer.headers["location"]).text
    assert "Recorded for <b>Amina Archer</b>: S7 covered." in shown
    assert f'href="/apprenticeships/{cast.amina_at.id}/evidence/{waiting.old.id}/decisions"' in shown
    assert "1 of 1" in shown


def test_after_the_last_of_the_queue_comes_the_oldest_again(
    browser: Open, session: Session, cast: Cast, waiting: Waiting
) -> None:
    version = latest_version(session, waiting.young.id)
    commit(session)
    answer = browser(cast.asha).post(
        review_path(waiting.young), data=typed(version, {"K7": "covered", "D8": "covered"})
    )
    assert answer.headers["location"].startswith(review_path(waiting.old))


def test_what_somebody_else_did_is_not_told_as_mine(
    browser: Open, session: Session, database: Database, catalogue: Catalogue, cast: Cast, waiting: Waiting
) -> None:
    version = latest_version(session, waiting.old.id)
    commit(session)
    browser(cast.asha).post(review_path(waiting.old), data=typed(version, {"S7": "covered"}))
    other = browser(cast.otto)
    for done in (str(waiting.old.id), "nonsense", ""):
        assert "Recorded for" not in other.get(f"/queue?done={done}").text
    holds(database, catalogue)


def test_a_place_in_the_queue_knows_both_neighbours(session: Session, cast: Cast, waiting: Waiting) -> None:
    place = place_of(session, seen_by(session, cast.asha), Filters(), waiting.middle.id)
    assert place is not None
    assert (place.number, place.total) == (2, 3)
    assert place.previous == (cast.amina_at.id, waiting.old.id)
    assert place.next == (cast.amina_at.id, waiting.young.id)
    assert place_of(session, seen_by(session, cast.otto), Filters(), waiting.middle.id) is None


def test_pieces_of_the_same_moment_keep_one_order(session: Session, cast: Cast, waiting: Waiting) -> None:
    first, second = (a_submitted(session, cast.amina_at, "K7", days_ago=30, title=name) for name in "AB")
    viewer = seen_by(session, cast.asha)
    places = [place_of(session, viewer, Filters(), piece.id) for piece in (first, second)]
    assert [place.number for place in places if place] == [1, 2]


@pytest.mark.parametrize("who", ["amina", "marek", "ines", "priya", "noor", "admin"])
def test_only_assessors_have_a_queue(browser: Open, cast: Cast, waiting: Waiting, who: str) -> None:
    answer = browser(getattr(cast, who)).get("/queue")
    assert answer.status_code == 403
    assert "Only an assessor has a queue" in answer.text


def test_nobody_signed_in_is_sent_to_sign_in(browser: Open, cast: Cast) -> None:
    assert browser().get("/queue").headers["location"].startswith("/sign-in")


def test_an_empty_queue_says_what_will_come(browser: Open, cast: Cast) -> None:
    assert "Nothing waits for you. When an apprentice submits" in browser(cast.otto).get("/queue").text


def test_pieces_i_witnessed_wait_for_somebody_else(
    browser: Open, session: Session, cast: Cast, waiting: Waiting
) -> None:
    a_testimony(session, waiting.old, cast.asha)
    commit(session)
    shown = browser(cast.asha).get("/queue").text
    assert titles(shown) == ["Middle", "Young"]
    assert "1 piece that you bore witness to waits too" in shown


def test_an_ended_assignment_empties_the_queue_at_once(
    browser: Open, session: Session, cast: Cast, waiting: Waiting
) -> None:
    page = browser(cast.asha)
    row = session.scalars(select(Assignment).where(Assignment.apprenticeship_id == waiting.ben_at.id)).one()
    row.until_at, row.ended_by_id = NOW, cast.priya.id
    commit(session)
    assert titles(page.get("/queue").text) == ["Old", "Young"]


def test_the_summary_for_the_home_page(session: Session, cast: Cast, waiting: Waiting) -> None:
    summary = queue_summary(session, seen_by(session, cast.asha))
    assert (summary.waiting, summary.oldest_since) == (3, waiting.old.state_since)
    nothing = queue_summary(session, seen_by(session, cast.otto))
    assert (nothing.waiting, nothing.oldest_since) == (1, nothing.oldest_since)
    assert queue_summary(session, seen_by(session, cast.priya)).waiting == 0


def test_more_rows_send_no_more_queries_and_come_in_pages(
    browser: Open, session: Session, database: Database, cast: Cast, waiting: Waiting
) -> None:
    page = browser(cast.asha)

    def measured() -> tuple[int, int]:
        with queries(database) as queue:
            assert page.get("/queue").status_code == 200
        with queries(database) as review:
            assert page.get(review_path(waiting.middle)).status_code == 200
        return queue.number, review.number

    measured()
    before = measured()
    for number in range(30):
        a_submitted(session, waiting.ben_at, "K1", "K2", "S1", title=f"Piece {number:02}", days_ago=2)
    commit(session)
    assert measured() == before
    first = page.get("/queue").text
    assert len(titles(first)) == 25
    assert "33 pieces wait" in first
    assert len(titles(page.get("/queue?page=2").text)) == 8
    assert page.get("/queue?page=9").status_code == 200
    assert page.get("/queue?page=0").status_code == 404


def test_sqlite_goes_through_what_waits_for_her_not_through_all_that_the_provider_has(
    database: Database, cast: Cast, waiting: Waiting, browser: Open
) -> None:
    """The wall between providers adds a condition to every table; SQLite must not choose its way by it."""
    asha = browser(cast.asha)
    with queries(database) as sent:
        asha.get("/queue")
    asked = [one for one in sent.statements if "claim.item_code" in one]
    assert asked
    if database.is_sqlite:  # PostgreSQL knows how much a provider has, and plans by that
        with database.engine.connect() as connection:
            for one in asked:
                steps = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {one}", ("x",) * one.count("?"))
                assert "ix_claim_provider_id" not in " ".join(step[3] for step in steps)
