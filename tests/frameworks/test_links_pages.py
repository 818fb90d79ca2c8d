"""Links from competencies to statements: suggested until an assessor confirms them, for the whole provider."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.frameworks.links import LinkState, links_for
from portfolio.library.queries import frameworks_for
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.frameworks.own_steps import LINKED, MK, a_link, an_own, links, under
from tests.postgres import plain

Open = Callable[..., Browser]
SUGGESTED = ("K1", "K7", "K8", "K9", "K13", "K16", "S8", "S9", "S10", "S14")


def page_of(cast: Cast, level: str = "2", framework: str = MK) -> str:
    return under(cast, f"/{framework}/links?standard=ST1030+1.0&level={level}")


def say(page: Browser, cast: Cast, do: str, competency: str = LINKED, **fields: Any) -> Any:
    return page.post(page_of(cast), data={"competency": competency, "do": do} | fields)


def card(shown: str, competency: str = LINKED) -> str:
    """The part of the page about one competency."""
    found = re.search(rf'<details class="card" id="c-{competency}".*?</details>', shown, re.DOTALL)
    assert found, competency
    return found[0]


def stands(
    database: Database, cast: Cast, catalogue: Catalogue, provider: Any = None
) -> dict[str, LinkState]:
    """The links of the competency as they stand for a provider."""
    provider = provider or cast.provider
    with database.reading() as fresh:
        framework = frameworks_for(fresh, provider.id).get(MK)
        found = links_for(fresh, provider.id, catalogue.get("ST1030", "1.0"), framework)
    return {one.code: one.state for one in found.get(LINKED, ())}


def test_what_we_suggest_is_labelled_so(browser: Open, cast: Cast) -> None:
    shown = browser(cast.asha).get(page_of(cast)).text
    assert re.findall(r'value="([KS]\d+)"', card(shown)) == list(SUGGESTED)
    assert card(shown).count("Suggested by us, unconfirmed") == len(SUGGESTED)
    assert "No statement is linked yet." in card(shown, "2-child-1")


def test_confirmed_refused_and_taken_back_with_who_and_when(
    browser: Open, database: Database, cast: Cast, catalogue: Catalogue
) -> None:
    page = browser(cast.asha)
    answer = say(page, cast, "confirmed", ticked=["K7", "S9"])
    assert (answer.status_code, answer.headers["location"].partition("#")[2]) == (303, f"c-{LINKED}")
    assert say(page, cast, "refused", ticked=["K13"]).status_code == 303
    shown = card(page.get(page_of(cast)).text)
    assert (shown.count(">Confirmed<"), shown.count(">Refused<"), shown.count("By Asha Abbott on")) == (
        2,
        1,
        3,
    )
    now = stands(database, cast, catalogue)
    assert {code for code, state in now.items() if state is LinkState.CONFIRMED} == {"K7", "S9"}
    assert now["K13"] is LinkState.REFUSED
    say(page, cast, "withdrawn", ticked=["K7", "K13"])
    now = stands(database, cast, catalogue)
    assert (now["K7"], now["K13"], now["S9"]) == (
        LinkState.SUGGESTED,
        LinkState.SUGGESTED,
        LinkState.CONFIRMED,
    )
    assert [(one.code, one.outcome) for one in links(database)] == [
        ("K7", "confirmed"), ("S9", "confirmed"), ("K13", "refused"), ("K7", "withdrawn"), ("K13", "withdrawn"),
    ]  # fmt: skip
    with database.reading() as fresh:
        noted = fresh.query(AuditEvent).filter(AuditEvent.action.like("link.%")).all()
        assert {(one.action, one.by_id) for one in noted} == {
            (f"link.{outcome}", cast.asha.id) for outcome in ("confirmed", "refused", "withdrawn")
        }


def test_all_suggested_at_once(browser: Open, database: Database, cast: Cast, catalogue: Catalogue) -> None:
    page = browser(cast.asha)
    found = re.search(r'name="do" value="(confirmed [^"]+)"', card(page.get(page_of(cast)).text))
    assert found
    assert say(page, cast, found[1]).status_code == 303
    assert set(stands(database, cast, catalogue).values()) == {LinkState.CONFIRMED}
    assert "Confirm all" not in card(page.get(page_of(cast)).text)


def test_other_statements_are_linked_by_their_codes(
    browser: Open, database: Database, cast: Cast, catalogue: Catalogue
) -> None:
    page = browser(cast.asha)
    assert say(page, cast, "confirmed", codes="k2, S1").status_code == 303
    assert {"K2", "S1"} <= set(stands(database, cast, catalogue))
    say(page, cast, "withdrawn", ticked=["K2"])
    assert "K2" not in stands(database, cast, catalogue)  # nobody suggested it, so nothing of it is left


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"codes": "K7 K999"}, "K999: not a statement of ST1030 version 1.0."),
        ({"codes": " "}, "Write the codes of the statements, for example K7 S2."),
        ({}, "Tick the statements that you mean first."),
        ({"ticked": ["X1"]}, "X1: not a statement"),
        ({"codes": "K" * 301}, "Use at most 300 characters."),
    ],
    ids=["no such", "none typed", "none ticked", "ticked no such", "too long"],
)
def test_a_mistake_is_named_and_nothing_is_linked(
    browser: Open, database: Database, cast: Cast, fields: dict[str, Any], sentence: str
) -> None:
    answer = say(browser(cast.asha), cast, "confirmed", **fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert links(database) == []
    if fields.get("codes", " ").strip():
        assert f'value="{fields["codes"]}"' in answer.text


def test_the_same_answer_again_is_written_once(browser: Open, database: Database, cast: Cast) -> None:
    page = browser(cast.asha)
    for _ in range(2):
        assert say(page, cast, "confirmed", ticked=["K7"]).status_code == 303
        assert (
            say(page, cast, "withdrawn", ticked=["K8"]).status_code == 303
        )  # of a suggestion: nothing was said yet
    assert len(links(database)) == 1


def test_another_version_of_the_standard_has_its_own_answers(
    session: Session, database: Database, cast: Cast, catalogue: Catalogue
) -> None:
    a_link(session, cast, "K8", standard_version="9.9")
    commit(session)
    assert stands(database, cast, catalogue)["K8"] is LinkState.SUGGESTED


def test_another_provider_keeps_our_suggestion(
    session: Session, browser: Open, database: Database, cast: Cast, catalogue: Catalogue
) -> None:
    a_link(session, cast)
    commit(session)
    assert stands(database, cast, catalogue)["K7"] is LinkState.CONFIRMED
    assert stands(database, cast, catalogue, cast.other_provider)["K7"] is LinkState.SUGGESTED
    theirs = browser(cast.otto).get(f"/providers/{cast.other_provider.id}/frameworks/{MK}/links?level=2").text
    assert "By Asha Abbott" not in theirs
    assert card(theirs).count("Suggested by us, unconfirmed") == len(SUGGESTED)


def test_a_competency_or_an_answer_that_is_not_there_is_no_page(
    browser: Open, database: Database, cast: Cast
) -> None:
    page = browser(cast.asha)
    assert say(page, cast, "confirmed", "9-none-1", ticked=["K7"]).status_code == 404
    assert say(page, cast, "erased", ticked=["K7"]).status_code == 404
    assert page.get(under(cast, "/none-2020/links")).status_code == 404
    assert page.get(under(cast, f"/{MK}/links?standard=ST9999+1.0")).status_code == 404
    assert links(database) == []


@pytest.mark.parametrize(
    ("name", "status"),
    [("asha", 200), ("priya", 403), ("ines", 403), ("marek", 403), ("amina", 403), ("otto", 404), ("noor", 404), ("admin", 404)],
)  # fmt: skip
def test_assessors_of_the_provider_and_nobody_else(
    browser: Open, database: Database, cast: Cast, name: str, status: int
) -> None:
    page = browser(getattr(cast, name))
    assert page.get(page_of(cast)).status_code == status
    assert say(page, cast, "confirmed", ticked=["K7"]).status_code == (303 if status == 200 else status)
    assert len(links(database)) == (status == 200)


def test_an_assessor_finds_the_way_from_any_page(browser: Open, cast: Cast) -> None:
    page = browser(cast.asha)
    assert f'href="{under(cast)}"' in page.get("/").text
    assert f'href="{under(cast, f"/{MK}/links")}"' in page.get(under(cast)).text
    assert under(cast) not in browser(cast.marek).get("/").text


def test_a_provider_s_own_framework_can_be_linked_too(
    session: Session, browser: Open, database: Database, cast: Cast
) -> None:
    own = an_own(session, cast.provider, cast.priya)
    commit(session)
    page, address = browser(cast.asha), page_of(cast, "everyone", own.framework_id)
    assert "Suggested by us, unconfirmed" not in card(page.get(address).text, "everyone-signs")
    assert "Suggested in the file, unconfirmed" in card(page.get(address).text, "everyone-signs")
    answer = page.post(address, data={"competency": "everyone-signs", "do": "confirmed", "ticked": ["K7"]})
    assert answer.status_code == 303
    assert [(one.framework_id, one.code) for one in links(database)] == [("our-own-framework--1", "K7")]


def test_more_answers_cost_no_more_queries(
    session: Session, browser: Open, database: Database, cast: Cast
) -> None:
    page, counts = browser(cast.asha), []
    for codes in (("K7",), SUGGESTED):
        for code in codes:
            a_link(session, cast, code)
            a_link(session, cast, code, competency_id="2-child-6")
        commit(session)
        page.get(page_of(cast))
        with queries(database) as count:
            page.get(page_of(cast))
        counts.append(count.number)
    assert counts[0] == counts[1]


@pytest.mark.parametrize("statement", ["UPDATE confirmed_link SET code = 'K8'", "DELETE FROM confirmed_link"])
def test_the_database_keeps_every_answer(
    session: Session, database: Database, cast: Cast, statement: str
) -> None:
    a_link(session, cast)
    commit(session)
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"), plain(database) as connection:
        connection.execute(text(statement))
    assert [one.code for one in links(database)] == ["K7"]
