"""The list of pieces: what it shows to whom, its filters and pages, and how many queries it takes."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Assignment
from portfolio.database import Database
from portfolio.evidence.drafting import draft_of
from tests.builders import NOW, Cast, a_draft, a_person, a_submitted, an_apprenticeship, commit
from tests.client import Browser
from tests.counting import queries
from tests.evidence.steps import pages_of

Open = Callable[..., Browser]
HTMX = pytest.mark.parametrize("htmx", [False, True])


def titles(text: str) -> list[str]:
    return re.findall(r'/evidence/[0-9a-f-]{36}"><b>([^<]+)</b>', text)


@pytest.fixture
def at(session: Session, cast: Cast) -> str:
    """One piece in every state; the returned one has a new version begun."""
    a_draft(session, cast.amina_at, "K10", title="A draft")
    a_submitted(session, cast.amina_at, "K7", "D8", title="With assessor", type="case_study")
    for state in ("returned", "decided", "withdrawn"):
        piece = a_submitted(session, cast.amina_at, "S7", title=state.capitalize())
        piece.state = state
        if state == "returned":
            session.flush()
            draft_of(session, piece, now=NOW).title = "Returned, second try"
    commit(session)
    return pages_of(cast.amina_at)


@HTMX
def test_the_author_sees_all_but_withdrawn_newest_first(
    browser: Open, cast: Cast, at: str, htmx: bool
) -> None:
    text = browser(cast.amina, htmx=htmx).get(at).text
    assert titles(text) == ["Decided", "Returned, second try", "With assessor", "A draft"]
    assert "Only you can see this draft" in text
    assert "With Asha Abbott, to assess since 29 October 2026" in text
    assert "A new version is begun" in text
    assert "K7, Duty 8" in text
    assert ("<html" in text) is not htmx


@pytest.mark.parametrize("person", ["marek", "asha", "ines", "priya"])
def test_others_see_what_was_submitted_and_never_a_draft(
    browser: Open, cast: Cast, at: str, person: str
) -> None:
    text = browser(getattr(cast, person)).get(at).text
    assert titles(text) == ["Decided", "Returned", "With assessor"]
    assert "draft" not in text.lower().replace("drafts are seen by their author only", "")


@HTMX
@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("state=draft", ["A draft"]),
        ("state=submitted", ["With assessor"]),
        ("state=withdrawn", ["Withdrawn"]),
        ("item=D8", ["With assessor"]),
        ("item=S7", ["Decided", "Returned, second try"]),
        ("type=case_study", ["With assessor"]),
        ("item=K7&type=work_product", []),
        ("state=nonsense&item=K999&type=x", ["Decided", "Returned, second try", "With assessor", "A draft"]),
    ],
)
def test_filters_narrow_the_list(
    browser: Open, cast: Cast, at: str, query: str, expected: list[str], htmx: bool
) -> None:
    text = browser(cast.amina, htmx=htmx).get(f"{at}?{query}").text
    assert titles(text) == expected
    assert ("No piece is like this" in text) is (expected == [])


def test_an_empty_list_says_what_to_do_first(browser: Open, cast: Cast) -> None:
    at = pages_of(cast.amina_at)
    assert "a title is enough to save a draft" in browser(cast.amina).get(at).text
    assert "has not submitted anything yet" in browser(cast.asha).get(at).text
    assert "Add evidence</a>" not in browser(cast.asha).get(at).text


def test_long_lists_are_paged_without_gaps(browser: Open, session: Session, cast: Cast) -> None:
    for number in range(30):
        a_submitted(session, cast.amina_at, "K7", title=f"Piece {number}")
    commit(session)
    page, at = browser(cast.asha), pages_of(cast.amina_at)
    first, second = page.get(at).text, page.get(f"{at}?page=2").text
    assert "Next page" in first
    assert titles(first) + titles(second) == [f"Piece {number}" for number in reversed(range(30))]
    assert titles(page.get(f"{at}?page=3").text) == []


def test_the_list_and_a_piece_take_the_same_queries_however_much_there_is(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7", title="First")
    commit(session)
    counts: dict[str, list[int]] = {}
    addresses = [pages_of(cast.amina_at), f"{pages_of(cast.amina_at)}/{piece.id}"]

    def measure() -> None:
        for person in (cast.amina, cast.asha):
            page = browser(person)
            for address in addresses:
                page.get(address)
                with queries(database) as count:
                    page.get(address)
                counts.setdefault(f"{person.name} {address[-4:]}", []).append(count.number)

    measure()
    for number in range(12):
        a_submitted(session, cast.amina_at, "K7", "K8", "S1", "D8", title=f"More {number}")
    commit(session)
    measure()
    assert all(before == after for before, after in counts.values()), counts
    walls = 0 if database.is_sqlite else 1  # PostgreSQL is told whose rows the request may see
    most = {
        cast.amina.name: 15 + walls,
        cast.asha.name: 14 + walls,
    }  # the owner is told who opened files, everybody who saw an original
    assert all(after <= most[who[:-5]] for who, (_, after) in counts.items()), counts


@pytest.mark.parametrize("person", ["noor", "otto", "olu", "admin"])
def test_strangers_find_nothing(browser: Open, cast: Cast, at: str, person: str) -> None:
    page = browser(getattr(cast, person))
    assert page.get(at).status_code == 404
    assert page.get(at + "/new").status_code == 404


def test_insiders_without_the_right_are_told_so(browser: Open, session: Session, cast: Cast) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    at = f"{pages_of(cast.amina_at)}/{piece.id}"
    for person in (cast.marek, cast.asha, cast.ines, cast.priya):
        page = browser(person)
        assert page.get(at).status_code == 200
        assert page.get(pages_of(cast.amina_at) + "/new").status_code == 403
        assert page.get(f"{at}/edit").status_code == 403
        assert page.post(f"{at}/edit", data={"title": "x"}).status_code == 403
        assert page.post(f"{at}/submit").status_code == 403
        assert page.post(f"{at}/take-back").status_code == 403
    for person in (cast.marek, cast.asha, cast.ines):
        assert browser(person).get(f"{at}/withdraw").status_code == 403
        assert browser(person).post(f"{at}/withdraw", data={"reason": "x"}).status_code == 403


def test_two_apprentices_of_one_provider_are_strangers_to_each_other(
    browser: Open, session: Session, cast: Cast
) -> None:
    bea = a_person(session, "Bea Barker", cast.provider, "apprentice")
    hers = an_apprenticeship(session, bea, cast.cohort, cast.employer)
    piece = a_submitted(session, hers, "K7", title="Bea's")
    commit(session)
    page = browser(cast.amina)
    assert page.get(pages_of(hers)).status_code == 404
    assert page.get(f"{pages_of(hers)}/{piece.id}").status_code == 404
    assert page.get(f"{pages_of(cast.amina_at)}/{piece.id}").status_code == 404
    assert browser(cast.marek).get(pages_of(hers)).status_code == 404  # her mentor is somebody else


@pytest.mark.parametrize("tail", ["", "/edit", "/withdraw"])
@pytest.mark.parametrize("number", ["0", "99", "x"])
def test_pieces_and_versions_that_do_not_exist_are_not_found(
    browser: Open, session: Session, cast: Cast, tail: str, number: str
) -> None:
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    page, at = browser(cast.amina), pages_of(cast.amina_at)
    assert page.get(f"{at}/01a20093-518b-7000-84e7-54c93f3fda6e{tail}").status_code == 404
    assert page.get(f"{at}/nonsense{tail}").status_code == 404
    assert page.get(f"{at}/{piece.id}?version={number}").status_code == 404


def test_a_piece_without_an_assessor_says_who_puts_that_right(
    browser: Open, session: Session, cast: Cast
) -> None:
    piece = a_submitted(session, cast.other_at, "K7", happened_on=date(2026, 10, 1))
    commit(session)
    assert "With Otto Owens" in browser(cast.olu).get(f"{pages_of(cast.other_at)}/{piece.id}").text
    for row in session.scalars(select(Assignment).where(Assignment.apprenticeship_id == cast.other_at.id)):
        row.until_at, row.ended_by_id = NOW + timedelta(days=1), cast.noor.id
    commit(session)
    text = browser(cast.olu).get(f"{pages_of(cast.other_at)}/{piece.id}").text
    assert "Waiting for an assessor since" in text
    assert "The training provider assigns one" in text
