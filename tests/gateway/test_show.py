"""The gateway page: what it says to whom."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from fastapi import FastAPI
from fastapi.routing import iter_route_contexts
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Permission
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Database
from portfolio.gateway.put_right import ways
from portfolio.gateway.requirements import REQUIREMENT_IDS
from tests.builders import Cast, a_submitted, commit
from tests.client import Browser
from tests.counting import queries
from tests.gateway.steps import a_dbs_record, a_support_record, everything_but_declarations

Open = Callable[..., Browser]


def address(cast: Cast, rest: str = "") -> str:
    return f"/apprenticeships/{cast.amina_at.id}/gateway{rest}"


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("who", ["amina", "marek", "asha", "ines", "priya"])
def test_everybody_around_the_apprenticeship_can_read_the_check(
    browser: Open, cast: Cast, who: str, htmx: bool
) -> None:
    answer = browser(getattr(cast, who), htmx=htmx).get(address(cast))
    assert answer.status_code == 200
    assert "As of " in answer.text


def test_the_headline_counts_what_is_open_and_names_the_earliest_date(browser: Open, cast: Cast) -> None:
    text = browser(cast.priya).get(address(cast)).text
    assert "Amina Archer is not ready: 9 of 11 requirements are open. Earliest date 6 June 2026." in text
    assert "You are not ready: 9 of 11" in browser(cast.amina).get(address(cast)).text


def test_strangers_find_no_page(browser: Open, cast: Cast) -> None:
    for stranger in (cast.noor, cast.otto, cast.olu, cast.admin):
        for rest in ("", "/dbs", "/support", "/lock", "/unlock", "/assessment", "/declarations/provider"):
            assert browser(stranger).get(address(cast, rest)).status_code == 404
    assert browser().get(address(cast)).status_code == 303  # to the sign-in page


def test_every_line_has_its_state_its_reason_and_its_rule_with_source_and_rulebook(
    browser: Open, cast: Cast
) -> None:
    text = browser(cast.priya).get(address(cast)).text
    for line in REQUIREMENT_IDS:
        part = text.split(f'id="{line}"')[1].split("</section>")[0]
        assert any(
            f">{state}<" in part
            for state in ("In place", "Missing", "Needs action", "Not needed", "Not known")
        )
        assert "<dt>Source</dt>" in part
        assert "2025-26, by the start date" in part
    assert "The standard&#39;s own sentence decided: that is this cohort&#39;s policy." in text
    assert "The funding rules would say “Not needed”. Aged 25 on the first day and not opted in" in text


def test_each_open_line_leads_to_where_it_is_put_right_for_those_who_may(browser: Open, cast: Cast) -> None:
    expected = {
        "priya": {"/dbs", "/dbs/record", "/qualifications/english", "/support", "/declarations/provider"},
        "amina": {"/dbs", "/support", "/declarations/apprentice"},
        "marek": {"/declarations/employer"},
        "asha": {"/declarations/provider"},
        "ines": set(),
    }
    for who, links in expected.items():
        text = browser(getattr(cast, who)).get(address(cast)).text
        found = {rest for rest in set().union(*expected.values()) if f'href="{address(cast, rest)}"' in text}
        assert (who, found) == (who, links)
        assert f'href="/apprenticeships/{cast.amina_at.id}/statements"' in text


def test_every_way_leads_to_a_route(app: FastAPI) -> None:
    names = {context.name for context in iter_route_contexts(app.routes)}
    for requirement in REQUIREMENT_IDS:
        offered = ways(requirement, set(Permission), is_open=True)
        assert offered, f"{requirement} leads nowhere"
        assert {way.route for way in offered} <= names


def test_a_start_before_the_oldest_rulebook_is_said(browser: Open, session: Session, cast: Cast) -> None:
    session.get_one(Apprenticeship, cast.amina_at.id).start_on = date(2024, 7, 31)
    commit(session)
    text = browser(cast.amina).get(address(cast)).text
    assert "The nearest, Funding rules 2024 to 2025, is used" in text


def test_the_page_sends_no_more_queries_as_rows_grow(
    browser: Open, session: Session, database: Database, cast: Cast, catalogue: Catalogue
) -> None:
    everything_but_declarations(session, cast, catalogue)
    a_submitted(session, cast.amina_at, "K2")
    commit(session)
    client = browser(cast.priya)
    client.get(address(cast))
    with queries(database) as few:
        client.get(address(cast))
    for number in range(8):
        a_submitted(session, cast.amina_at, "K3", "S3", title=f"Piece {number}")
        a_dbs_record(session, cast.amina_at, cast.priya)
        a_support_record(session, cast.amina_at, cast.priya)
    commit(session)
    with queries(database) as many:
        client.get(address(cast))
    assert many.number == few.number <= 26
