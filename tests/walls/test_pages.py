"""Every reading page, asked for with another provider's ids, while the application's own filter is switched off."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from starlette.responses import PlainTextResponse, Response

from kbs.catalogue import Catalogue
from portfolio.app import create_app
from portfolio.database import Base, Database, ReadSession
from portfolio.people.sessions import SignedIn
from portfolio.settings import Settings
from tests.client import Browser
from tests.conftest import ADDRESS
from tests.postgres import TwoRoles
from tests.rows import Rows
from tests.test_architecture import Route, routes
from tests.walls.conftest import Worlds

IDS = {
    "apprenticeship_id": "apprenticeship",
    "break_id": "break_in_learning",
    "booking_id": "booking",
    "cohort_id": "cohort",
    "course_id": "course",
    "decision_id": "decision",
    "employer_id": "employer",
    "entry_id": "training_entry",
    "event_id": "assessment_event",
    "evidence_id": "evidence",
    "file_id": "evidence_file",
    "kept_id": "kept_form",
    "learning_id": "staff_learning",
    "link_id": "competency_link",
    "lock_id": "gateway_lock",
    "material_id": "course_material",
    "person_id": "person",
    "provider_id": "provider",
    "review_id": "review_learnt",
    "session_id": "course_session",
    "slip_id": "slip",
    "staff_id": "staff_member",
    "supervision_id": "supervision",
    "upload_id": "upload",
}
"""Which table's row stands in a gap of an address."""
WORDS = {
    "code": "K7",
    "form_name": "day",
    "framework": "mk-together-2020",
    "kind": "organisation",
    "name": "app.css",
    "number": "1",
    "party": "employer",
    "reference": "ST1030",
    "subject": "english",
    "token": "none",
    "version": "1.0",
}
OTHER = "Harbour Training"
"""Stands in every text of the other provider's rows; a name never stands in an address."""


@pytest.fixture
def somebody(app: FastAPI, worlds: Worlds, unfiltered: Database) -> Iterator[Browser]:
    """The first provider's manager, who is also its apprentice, signed in, without the first wall."""
    app.state.database = unfiltered
    with Browser(app, base_url=ADDRESS, follow_redirects=False) as page:
        page.sign_in_as(type("Somebody", (), {"id": worlds.own["person"]["id"]}))
        yield page


def addresses(route: Route, own: Rows, other: Rows) -> Iterator[str]:
    """With all ids of the other provider; and with one id of one's own, which opens the door, and the rest theirs."""
    gaps = re.findall(r"{([^}]+)}", route.path)
    for kept in (None, "apprenticeship_id", "provider_id"):
        values = {gap: WORDS.get(gap) or str((own if gap == kept else other)[IDS[gap]]["id"]) for gap in gaps}
        if kept is None or kept in gaps:
            yield route.path.format_map(values)


def test_no_page_has_a_text_of_another_provider_with_the_filter_switched_off(
    somebody: Browser, app: FastAPI, worlds: Worlds
) -> None:
    shown = 0
    for route in routes(app):
        for address in addresses(route, worlds.own, worlds.other) if "GET" in route.methods else ():
            answer = somebody.get(address)
            assert answer.status_code in (200, 303, 403, 404, 410), f"{address}: {answer.status_code}"
            assert OTHER not in answer.text, route.name
            shown += answer.status_code == 200
    assert shown >= 20, "so few pages were shown that little is proved"


def everything(viewer: SignedIn, session: ReadSession) -> Response:
    """A page as nobody should write it: every row of every provider's table, with no condition at all."""
    models: list[Any] = [
        one.class_ for one in Base.registry.mappers if "provider_id" in one.local_table.columns
    ]
    rows = [row for model in models for row in session.scalars(select(model))]
    return PlainTextResponse("\n".join(str(vars(row)) for row in rows))


def test_a_page_that_forgets_every_condition_shows_ones_own_rows_only(
    settings: Settings, catalogue: Catalogue, roles: TwoRoles, unfiltered: Database, worlds: Worlds
) -> None:
    """The control beside it: without the second wall as well, the same page shows everything."""
    superuser = Database(roles.superuser, pool=1, overflow=0, first_wall=False)
    found = {}
    for database in (unfiltered, superuser):
        app = create_app(settings, catalogue=catalogue, database=database)
        app.get("/everything")(everything)
        with Browser(app, base_url=ADDRESS) as page:
            assert page.get("/everything", follow_redirects=False).status_code == 303  # nobody is signed in
            page.sign_in_as(type("Somebody", (), {"id": worlds.own["person"]["id"]}))
            found[database] = page.get("/everything").text
    superuser.engine.dispose()
    assert "Northern Skills" in found[unfiltered]
    assert OTHER not in found[unfiltered]
    assert OTHER in found[superuser]
