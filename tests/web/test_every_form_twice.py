"""Every form of the product, sent a second time as it is, does nothing a second time.

A tap on a button that seems not to answer, a reload, a proxy that repeats: whatever the reason, afterwards every row
of every table is as it was after the first sending. Where a form has a key, the same key with other content is refused
with a sentence, and what was sent first stands. `tests/durability/test_twice.py` sends some of them at the same moment.
"""

from __future__ import annotations

import importlib
import pkgutil
import re
from collections.abc import Callable, Collection
from typing import Any

import pytest
import time_machine
from fastapi import FastAPI
from sqlalchemy import func, select
from sqlalchemy.orm import Session

import portfolio
from kbs.catalogue import Catalogue
from portfolio.database import Base, Database
from portfolio.people.models import SingleUseLink
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from tests.builders import Cast, commit
from tests.client import Browser
from tests.gateway.conftest import clock as clock
from tests.gateway.world import a_world
from tests.postgres import plain
from tests.test_architecture import routes
from tests.web.sends import ALL_OTHERS, LEFT_OUT, NOBODY, OF_AN_APPRENTICESHIP, PREPARED, a_small_world

Open = Callable[..., Browser]
Make = Callable[[str], "Form"]
Rows = dict[str, set[str]]
SENDS = OF_AN_APPRENTICESHIP | ALL_OTHERS
READING = {"GET", "HEAD", "OPTIONS"}
DONE = (200, 201, 204, 303)
LATER = 3.0
"""Seconds until the second sending: what is written anew then can be seen by its time."""

TAKEN_AWAY = {"audit_event": "each time somebody takes data away is on record"}
NEW_LINK = {
    "audit_event": "another link is another event",
    "single_use_link": "the older link ends, a newer one takes its place",
}
COUNTED = {"sign_in_count": "counts attempts, so that nothing can be guessed"}
MORE: dict[str, dict[str, str]] = {
    "evidence.create": {"job": "the bytes that came a second time are taken away again"},
    "evidence.save": {
        "draft_revision": "a save that was pressed is counted",
        "audit_event": "another save of a draft is another event",
        "evidence_version": "says when it was last saved",
    },
    "gateway.dbs_show": {"audit_event": "each time somebody looks is on record"},
    "cohorts.training_csv": TAKEN_AWAY,
    "cohorts.training_xlsx": TAKEN_AWAY,
    "cohorts.export_csv": TAKEN_AWAY,
    "cohorts.export_xlsx": TAKEN_AWAY,
    "cohorts.all_export_csv": TAKEN_AWAY,
    "cohorts.all_export_xlsx": TAKEN_AWAY,
    "ledger.export": TAKEN_AWAY,
    "slips.piece": {"audit_event": "each time a lead reads what is closed is on record"},
    "uploads.chunk": {
        "upload": "says when a piece came last",
        "job": "the bytes that came a second time are taken away again",
    },
    "reminders.save": {"reminder_choice": "says when it was last chosen"},
    "people.make_link": NEW_LINK,
    "people.forgotten_now": NEW_LINK | COUNTED,
    "people.change_password_now": COUNTED,
    "people.change_address_now": COUNTED,
}
"""Tables that may differ after the second sending, by route, each with the reason. None holds what people did for an
apprenticeship but the draft that is saved again."""
READS_ONLY = {"apprenticeships.import_bad_rows"}
"""Sent with POST for its size; writes nothing at all."""

REFUSED_AGAIN: dict[str, tuple[int, str]] = {
    "apprenticeships.record_break": (422, "This overlaps the break from 4 May 2026"),
    "apprenticeships.remove_break": (404, "There is no such page"),
    "development.remove_review": (404, "There is no such page"),
    "development.remove_supervision": (404, "There is no such page"),
    "frameworks.unlink": (404, "There is no such page"),
    "courses.remove_material": (404, "There is no such page"),
    "staff.remove_training": (404, "There is no such page"),
    "training.remove": (404, "There is no such page"),
    "apprenticeships.withdraw": (409, "The withdrawal on 2 November 2026 stands already"),
    "apprenticeships.undo_withdrawal": (409, "somebody has done it already"),
    "apprenticeships.add_employer": (422, "There is already an employer called Southside School"),
    "apprenticeships.add_cohort": (422, "There is already a cohort called January 2027"),
    "apprenticeships.create": (422, "is already on this standard with a start"),
    "gateway.correct_step": (409, "This entry was corrected already"),
    "people.set_password_now": (410, "This link does not work any more"),
    "people.discard_kept_form": (404, "There is no such page"),
    "people.end_session": (404, "There is no such page"),
    "people.change_password_now": (422, "This is not the password that you have now"),
    "people.create_provider": (422, "There is a provider of this name already"),
}
"""Where the second sending is answered with a refusal: its status, and a part of what the page says. Every other is
answered as the first was."""

SENT_BEFORE = re.compile("This page was sent before,? with something else in it")
WITH_A_KEY: dict[str, dict[str, str]] = {
    "courses.add": {"title": "Something else"},
    "courses.add_material": {"title": "Something else"},
    "courses.evaluate": {"useful": "1"},
    "courses.add_session": {"venue": "Somewhere else"},
    "courses.book": {"needs": "Large print"},
    "evidence.create": {"title": "Something else"},
    "feedback.comment": {"text": "Seen, but not understood."},
    "development.enter_review": {"found": "Something else."},
    "development.enter_supervision": {"taken": "Something else."},
    "frameworks.choose_now": {"reason": "For another reason."},
    "staff.add": {"title": "Head of year"},
    "staff.choose_now": {"reason": "For another reason."},
    "staff.record_training": {"what": "Something else"},
    "frameworks.rate": {"rating": "competent"},
    "frameworks.rate_several": {"rating-1": "not yet"},
    "training.enter": {"what": "Something else that I learnt."},
    "assessment.decide": {"outcome-K3": "not_yet", "missing-K3": "Say what you did yourself."},
    "assessment.supersede_now": {"reason": "For another reason."},
    "assessment.sign_off_now": {"reason": "For another reason."},
    "assessment.withdraw_sign_off_now": {"reason": "For another reason."},
}
"""What is said otherwise under the same key. A piece that is still a draft is the exception: going back and saving again
is working on one draft (`tests/evidence/test_drafts.py`), so here it is sent to be submitted."""
ONCE: dict[str, tuple[dict[str, str], int, str]] = {
    "feedback.testify_now": (
        {"statement": "I was not there at all."},
        422,
        "You have already signed a testimony",
    ),
    "sightings.confirm_now": (
        {"seen_where": "Somewhere else"},
        422,
        "You have already confirmed the original",
    ),
    "training.answer": ({"reason": "For another reason."}, 422, "This entry was returned already"),
    "gateway.ask_to_unlock": ({"reason": "For another reason."}, 409, "You have asked already"),
    "evidence.withdraw_now": ({"reason": "For another reason."}, 409, "withdrawn already"),
    "apprenticeships.withdraw": ({"reason": "For another reason."}, 409, "stands already"),
}
"""Signed without a key, since there can be only one at a time: said otherwise it is refused as well."""


class Form:
    """One form filled in, everything there that has to be before it, and the browser it is sent from."""

    def __init__(self, name: str, session: Session, cast: Cast, catalogue: Catalogue, browser: Open) -> None:
        within = name in OF_AN_APPRENTICESHIP
        world = a_world(session, cast, catalogue) if within else a_small_world(session, cast)
        self.send = SENDS[name]
        self.send.prepare(world)
        if prepare := PREPARED.get(name):
            prepare(world)
        path = self.send.path(world)
        fields = self.send.data(world)
        commit(session)
        who = self.send.who
        self.client = browser() if who == NOBODY else browser(getattr(cast, who))
        self.fields: dict[str, Any] = fields | self.send.hidden(self.client, world)
        self.address = f"/apprenticeships/{world.at.id}{path}" if within else path
        session.rollback()  # reading alone would hold the one writer's place on SQLite

    def post(self, **otherwise: str) -> Any:
        return self.send.post(self.client, self.address, self.fields | otherwise)


@pytest.fixture
def make(session: Session, cast: Cast, catalogue: Catalogue, settings: Settings, browser: Open) -> Make:
    session.info["settings"] = settings
    return lambda name: Form(name, session, cast, catalogue, browser)


def rows(database: Database) -> Rows:
    """Every row of every table, as text."""
    with plain(database) as connection:
        return {
            table.name: {repr(tuple(row)) for row in connection.execute(select(table))}
            for table in Base.metadata.sorted_tables
        }


def changed(before: Rows, after: Rows, but: Collection[str] = ()) -> dict[str, list[str]]:
    """The rows that differ, by table."""
    return {
        name: sorted(found ^ before[name])
        for name, found in after.items()
        if found != before[name] and name not in but
    }


def test_every_writing_route_is_sent_twice_or_left_out_for_a_reason(app: FastAPI) -> None:
    """A new route fails here until somebody has said how its form looks."""
    writing = {route.name for route in routes(app) if route.methods - READING}
    assert writing == set(SENDS) | set(LEFT_OUT)
    assert not set(SENDS) & set(LEFT_OUT)


SAID_ONCE = {"portfolio.slips.forms.Report"}
"""A piece is closed once: whoever reports it again is told that it is closed, whatever they say of it."""


def test_every_form_with_a_key_is_sent_with_other_content() -> None:
    """The models of forms that have one, counted: each is the form of one route."""
    found = set()
    for package in pkgutil.iter_modules(portfolio.__path__):
        if package.ispkg and importlib.util.find_spec(f"portfolio.{package.name}.forms"):
            module = importlib.import_module(f"portfolio.{package.name}.forms")
            found |= {
                f"{module.__name__}.{name}"
                for name, kind in vars(module).items()
                if "form_key" in getattr(kind, "__annotations__", {}) and kind.__module__ == module.__name__
            }
    assert len(found - SAID_ONCE) == len(WITH_A_KEY), sorted(found)


@pytest.mark.parametrize("name", SENDS)
def test_sending_it_twice_is_sending_it_once(
    make: Make, database: Database, clock: time_machine.Traveller, name: str
) -> None:
    form = make(name)
    before = rows(database)
    first = form.post()
    assert first.status_code in DONE, first.text
    once = rows(database)
    assert (before == once) == (name in READS_ONLY), "the first does something, or the second proves nothing"
    clock.shift(LATER)
    again = form.post()
    assert changed(once, rows(database), but=MORE.get(name, ())) == {}
    status, words = REFUSED_AGAIN.get(name, (first.status_code, ""))
    assert again.status_code == status, again.text
    assert words in again.text
    if status == 303:
        assert leads_to(again) == leads_to(first)


def leads_to(answer: Any) -> str:
    return str(answer.headers["location"]).partition("?")[0]


@pytest.mark.parametrize("name", WITH_A_KEY)
def test_the_same_key_with_other_content_is_refused_and_the_first_stands(
    make: Make, database: Database, name: str
) -> None:
    form = make(name)
    assert "form_key" in form.fields
    assert form.post().status_code in DONE
    once = rows(database)
    other = form.post(**WITH_A_KEY[name])
    assert changed(once, rows(database), but=MORE.get(name, ())) == {}
    assert other.status_code in (409, 422)
    assert SENT_BEFORE.search(other.text), other.text


@pytest.mark.parametrize("name", ONCE)
def test_what_can_stand_once_is_refused_when_it_is_said_otherwise(
    make: Make, database: Database, name: str
) -> None:
    form, (otherwise, status, words) = make(name), ONCE[name]
    assert form.post().status_code in DONE
    once = rows(database)
    other = form.post(**otherwise)
    assert changed(once, rows(database)) == {}
    assert (other.status_code, words in other.text) == (status, True), other.text


@pytest.mark.parametrize("name", ["people.make_link", "people.forgotten_now"])
def test_of_links_that_are_asked_for_twice_one_works(make: Make, database: Database, name: str) -> None:
    form = make(name)
    form.post()
    form.post()
    with database.reading() as session:
        now = utc_now()
        works = SingleUseLink.used_at.is_(None) & (SingleUseLink.expires_at > now)
        assert session.scalar(select(func.count(SingleUseLink.id)).where(works)) == 1
