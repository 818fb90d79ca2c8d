"""What was linked under a framework that was chosen before: seen, and removed by whoever linked it."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Progress
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.library.queries import shipped
from tests.builders import Cast, a_submitted, commit
from tests.client import Browser
from tests.counting import queries
from tests.frameworks.own_steps import an_own
from tests.frameworks.steps import FIRST, LATER, MK, PA3, a_choice, a_link, competencies_path, links
from tests.training.steps import WHAT, an_entry

Open = Callable[..., Browser]
TITLE = shipped().get(MK).level("1").competencies[0].title
NAME = "Linked under earlier frameworks"


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def chosen_again(session: Session, cast: Cast) -> Cast:
    """The Milton Keynes framework first, PA3 now."""
    a_choice(session, cast.amina_at, cast.marek)
    a_choice(session, cast.amina_at, cast.marek, framework_id=PA3, level_id="3", strand="child")
    commit(session)
    return cast


def earlier(cast: Cast, rest: str = "") -> str:
    return competencies_path(cast, f"/earlier{rest}")


def lines(answer: Any) -> list[str]:
    """The links that the page shows, each as its words."""
    assert answer.status_code == 200
    part = answer.text.split(f"<h1>{NAME}</h1>")[1].split('<ul class="plain">')[1].split("</ul>")[0]
    return [" ".join(re.sub(r"<[^>]+>", " ", one).split()) for one in part.split("<li>")[1:]]


def test_a_link_is_shown_with_its_framework_competency_and_who_linked_it(
    browser: Open, session: Session, chosen_again: Cast
) -> None:
    cast = chosen_again
    piece = a_submitted(session, cast.amina_at, "K7", title="A referral")
    entry = an_entry(session, cast.amina_at)
    a_link(session, cast.amina_at, cast.amina, piece)
    a_link(session, cast.amina_at, cast.marek, entry)
    now = shipped().get(PA3).asked_at("3")[0].id
    a_link(session, cast.amina_at, cast.amina, entry, now, PA3)
    commit(session)
    page = browser(cast.amina)
    assert f'href="{earlier(cast)}"' in page.get(competencies_path(cast)).text
    answer = page.get(earlier(cast))
    of_entry, of_piece = lines(answer)
    assert TITLE in of_entry
    assert WHAT[:60] in of_entry
    assert f"Linked by {cast.marek.name}, " in of_entry
    assert f"{shipped().get(MK).title} (2020)" in of_piece
    assert "A referral" in of_piece
    assert f"Linked by {cast.amina.name}, " in of_piece
    assert f'href="/apprenticeships/{cast.amina_at.id}/evidence/{piece.id}"' in answer.text
    assert f'href="/apprenticeships/{cast.amina_at.id}/training/{entry.id}"' in answer.text


def test_what_is_linked_to_the_framework_that_stands_is_not_there(
    browser: Open, session: Session, cast: Cast
) -> None:
    a_choice(session, cast.amina_at, cast.marek)
    a_link(session, cast.amina_at, cast.amina, an_entry(session, cast.amina_at))
    commit(session)
    page = browser(cast.amina)
    assert NAME not in page.get(competencies_path(cast)).text
    assert lines(page.get(earlier(cast))) == ["Nothing is linked under an earlier framework."]


def test_a_framework_or_competency_that_is_not_at_hand_is_named_by_its_id(
    browser: Open, session: Session, cast: Cast
) -> None:
    """Also where it is the framework that stands: its competencies have no pages then."""
    entry = an_entry(session, cast.amina_at)
    a_link(session, cast.amina_at, cast.amina, entry, "leads-1", "gone--1")
    a_link(session, cast.amina_at, cast.amina, entry, "9-child-9")
    a_choice(session, cast.amina_at, cast.marek)
    commit(session)
    page = browser(cast.amina)
    of_mk, gone = lines(page.get(earlier(cast)))
    assert f"Competency 9-child-9, which is not at hand any more {shipped().get(MK).title} (2020)" in of_mk
    assert "Competency leads-1, which is not at hand any more The framework gone--1, which is not" in gone
    a_choice(session, cast.amina_at, cast.marek, framework_id="gone--1", level_id="everyone")
    commit(session)
    assert "what was linked under “Linked under earlier" in page.get(competencies_path(cast)).text
    assert len(lines(page.get(earlier(cast)))) == 2
    for link in links_of(page, cast):
        assert page.post(competencies_path(cast, f"/links/{link}/remove")).status_code == 303
    assert lines(page.get(earlier(cast))) == ["Nothing is linked under an earlier framework."]


def links_of(page: Browser, cast: Cast) -> list[str]:
    return re.findall(r"/links/([0-9a-f-]{36})/remove", page.get(earlier(cast)).text)


def test_an_own_framework_keeps_its_words_in_the_edition_that_was_chosen(
    browser: Open, session: Session, chosen_again: Cast
) -> None:
    cast = chosen_again
    own = an_own(session, cast.provider, cast.priya)
    a_link(
        session,
        cast.amina_at,
        cast.amina,
        an_entry(session, cast.amina_at),
        "everyone-signs",
        own.framework_id,
    )
    commit(session)
    (line,) = lines(browser(cast.amina).get(earlier(cast)))
    assert "not at hand" not in line
    assert own.title in line


def test_only_who_linked_it_removes_it_and_comes_back_to_the_list(
    browser: Open, session: Session, database: Database, chosen_again: Cast
) -> None:
    cast = chosen_again
    link = a_link(session, cast.amina_at, cast.marek, an_entry(session, cast.amina_at))
    commit(session)
    where = competencies_path(cast, f"/links/{link.id}/remove")
    amina, marek = browser(cast.amina), browser(cast.marek)
    assert "Remove this link" not in amina.get(earlier(cast)).text
    refused = amina.post(where)
    assert (refused.status_code, "Only who linked it may remove it." in refused.text) == (403, True)
    assert len(links(database)) == 1
    assert marek.get(earlier(cast)).text.count("Remove this link") == 1
    answer = marek.post(where)
    assert (answer.status_code, answer.headers["location"]) == (303, earlier(cast, "?done=unlinked"))
    shown = marek.get(answer.headers["location"])
    assert "The link was removed." in shown.text
    assert lines(shown) == ["Nothing is linked under an earlier framework."]
    assert links(database) == []
    with database.reading() as fresh:
        noted = fresh.scalars(select(AuditEvent).where(AuditEvent.action == "frameworks.unlinked")).all()
        assert [one.by_id for one in noted] == [cast.marek.id]


def test_the_same_competency_in_both_frameworks_is_two_competencies(
    browser: Open, session: Session, cast: Cast
) -> None:
    """Two editions of a provider's own framework have the same ids."""
    first = an_own(session, cast.provider, cast.priya)
    second = an_own(session, cast.provider, cast.priya, number=2)
    entry = an_entry(session, cast.amina_at)
    for own in (first, second):
        a_choice(session, cast.amina_at, cast.marek, framework_id=own.framework_id, level_id="everyone")
    old, new = (
        a_link(session, cast.amina_at, cast.amina, entry, "everyone-signs", own.framework_id)
        for own in (first, second)
    )
    commit(session)
    page = browser(cast.amina)
    assert links_of(page, cast) == [str(old.id)]
    for link, leads_to in (
        (old, "/earlier?done=unlinked"),
        (new, "/one?id=everyone-signs&done=unlinked#linked"),
    ):
        answer = page.post(competencies_path(cast, f"/links/{link.id}/remove"))
        assert answer.headers["location"] == competencies_path(cast, leads_to)


def test_nothing_is_removed_after_the_end(browser: Open, session: Session, chosen_again: Cast) -> None:
    cast = chosen_again
    link = a_link(session, cast.amina_at, cast.amina, an_entry(session, cast.amina_at))
    commit(session)
    progress = session.scalars(select(Progress).where(Progress.apprenticeship_id == cast.amina_at.id)).one()
    progress.stage = "withdrawn"
    commit(session)
    page = browser(cast.amina)
    assert "Remove this link" not in page.get(earlier(cast)).text
    assert page.post(competencies_path(cast, f"/links/{link.id}/remove")).status_code == 409
    assert len(lines(page.get(earlier(cast)))) == 1


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("amina", 200),
        ("marek", 200),
        ("priya", 403),
        ("asha", 403),
        ("ines", 403),
        ("noor", 404),
        ("olu", 404),
    ],
)
def test_who_sees_links_sees_these_and_nobody_else(
    browser: Open, session: Session, database: Database, chosen_again: Cast, name: str, status: int
) -> None:
    cast = chosen_again
    link = a_link(session, cast.amina_at, cast.amina, an_entry(session, cast.amina_at))
    commit(session)
    page = browser(getattr(cast, name))
    assert page.get(earlier(cast)).status_code == status
    removed = page.post(competencies_path(cast, f"/links/{link.id}/remove"))
    assert removed.status_code == {"amina": 303, "marek": 403}.get(name, status)
    assert len(links(database)) == (0 if name == "amina" else 1)


def test_links_of_another_provider_are_not_seen(browser: Open, session: Session, chosen_again: Cast) -> None:
    cast = chosen_again
    foreign = a_link(
        session, cast.other_at, cast.olu, an_entry(session, cast.other_at, what="Harbour words.")
    )
    commit(session)
    page = browser(cast.amina)
    assert "Harbour words." not in page.get(earlier(cast)).text
    assert page.post(competencies_path(cast, f"/links/{foreign.id}/remove")).status_code == 404
    where = f"/apprenticeships/{cast.other_at.id}/competencies/earlier"
    assert "Harbour words." in browser(cast.olu).get(where).text


def test_many_links_are_paged_and_cost_no_more_queries(
    browser: Open, session: Session, database: Database, chosen_again: Cast
) -> None:
    cast, page, numbers = chosen_again, browser(chosen_again.amina), []
    for count in (1, 30):
        for number in range(count):
            framework = MK if number % 2 else f"gone--{number}"
            a_link(session, cast.amina_at, cast.amina, an_entry(session, cast.amina_at), FIRST, framework)
        commit(session)
        for rest in ("", "/earlier"):
            page.get(competencies_path(cast, rest))
        with queries(database) as found:
            for rest in ("", "/earlier"):
                page.get(competencies_path(cast, rest))
        numbers.append(found.number)
    assert numbers[0] == numbers[1]
    first, second = page.get(earlier(cast)), page.get(earlier(cast, "?page=2"))
    assert (len(lines(first)), len(lines(second))) == (25, 6)
    assert 'rel="next"' in first.text
    where = re.findall(r'action="([^"]+/remove[^"]*)"', second.text)[0]
    answer = page.post(where)
    assert answer.headers["location"] == earlier(cast, "?done=unlinked&page=2")
    shown = page.get(answer.headers["location"])
    assert len(lines(shown)) == 5
    assert 'rel="prev" href="' in shown.text
    assert "done=" not in shown.text.split('rel="prev" href="')[1].split('"')[0]
