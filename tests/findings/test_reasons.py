"""Reasons that are written around a portfolio: of sign-offs, of withdrawals, of unlocking, of steps after the gateway;
and where an original was seen. Each is asked about before it is kept, and its reader sees why something stayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.gateway.models import GatewayLock
from portfolio.people.models import Person
from tests.assessment.steps import item_path
from tests.builders import NOW, Cast, a_submitted, commit, latest_version
from tests.client import Browser
from tests.feedback.steps import LATER
from tests.findings.steps import NAME, PHONE, WHY, all_kept, kept
from tests.gateway.steps import PASSWORD, give_passwords
from tests.sightings.steps import filled_in, original_path, piece_path

Open = Callable[..., Browser]
Build = Callable[[Session, Cast, Open], "Form"]
SAID = f"As {NAME} told us on {PHONE}."


@dataclass
class Form:
    """One form with a reason in it: who sends it where, which field, and on which page everybody reads it."""

    who: Person
    address: str
    name: str
    about: str
    read_at: str
    more: dict[str, Any] = field(default_factory=dict)


def signing_off(session: Session, cast: Cast, browser: Open) -> Form:
    piece = a_submitted(session, cast.amina_at, "K7")
    version = latest_version(session, piece.id)
    more = {"pieces": [str(version.id)], "form_key": "5" * 32}
    commit(session)
    at = cast.amina_at.id
    return Form(
        cast.asha, item_path(at, "K7", "sign-off"), "reason", "sign_off", item_path(at, "K7", "history"), more
    )


def withdrawing_a_sign_off(session: Session, cast: Cast, browser: Open) -> Form:
    form = signing_off(session, cast, browser)
    signed = browser(form.who).post(form.address, data=form.more | {"reason": "Both show it."})
    assert signed.status_code == 303
    form.address, form.more = item_path(cast.amina_at.id, "K7", "withdraw"), {"form_key": "6" * 32}
    return form


def withdrawing_a_piece(session: Session, cast: Cast, browser: Open) -> Form:
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    address = piece_path(piece)
    return Form(cast.amina, f"{address}/withdraw", "reason", "evidence", address)


def confirming_an_original(session: Session, cast: Cast, browser: Open) -> Form:
    give_passwords(session, cast.marek)
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    more = filled_in(browser(cast.marek).get(original_path(piece)).text, password=PASSWORD)
    return Form(cast.marek, original_path(piece), "seen_where", "sighting", piece_path(piece), more)


def asking_to_unlock(session: Session, cast: Cast, browser: Open) -> Form:
    give_passwords(session, cast.priya)
    _lock(session, cast)
    at = f"/apprenticeships/{cast.amina_at.id}/gateway"
    return Form(cast.priya, f"{at}/unlock/ask", "reason", "unlock_request", at, {"password": PASSWORD})


def recording_a_step(session: Session, cast: Cast, browser: Open) -> Form:
    _lock(session, cast)
    at = f"/apprenticeships/{cast.amina_at.id}/gateway/assessment"
    more = {"organisation": "Quay Assessments"}
    return Form(cast.priya, f"{at}/record/organisation", "note", "assessment_event", at, more)


def correcting_a_step(session: Session, cast: Cast, browser: Open) -> Form:
    form = recording_a_step(session, cast, browser)
    assert browser(form.who).post(form.address, data=form.more).status_code == 303
    link = browser(form.who).get(form.read_at).text.partition("/assessment/correct/")[2].partition('"')[0]
    form.address = f"{form.read_at}/correct/{link}"
    form.more = {"organisation": "Harbour Assessments"}
    return form


def _lock(session: Session, cast: Cast) -> None:
    row = GatewayLock(
        provider_id=cast.provider.id,
        apprenticeship_id=cast.amina_at.id,
        check_text='{"format": 1, "checked_on": "2026-11-18", "rulebook": {"title": "T", "note": "", "address": ""}, '
        '"requirements": []}',
        portfolio_sha256="0" * 64,
        locked_by_id=cast.priya.id,
        locked_at=NOW,
    )
    session.add(row)
    commit(session)


FORMS: list[Build] = [
    signing_off,
    withdrawing_a_sign_off,
    withdrawing_a_piece,
    confirming_an_original,
    asking_to_unlock,
    recording_a_step,
    correcting_a_step,
]
every_form = pytest.mark.parametrize("build", FORMS, ids=lambda build: build.__name__)


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@every_form
@pytest.mark.parametrize("htmx", [False, True])
def test_it_is_asked_about_and_what_was_typed_is_still_there(
    browser: Open,
    session: Session,
    cast: Cast,
    database: Database,
    build: Build,
    htmx: bool,
) -> None:
    form = build(session, cast, browser)
    answer = browser(form.who, htmx=htmx).post(form.address, data=form.more | {form.name: SAID})
    assert answer.status_code == 422
    assert SAID in answer.text
    assert f'href="#{form.name}"' in answer.text
    assert answer.text.count('name="kept_reason"') == 2
    assert all_kept(database) == []
    assert SAID not in browser(cast.asha).get(form.read_at).text


@every_form
def test_kept_with_a_reason_it_goes_through_once_and_every_reader_sees_why(
    browser: Open, session: Session, cast: Cast, database: Database, build: Build
) -> None:
    form = build(session, cast, browser)
    text = f"The line of the council is {PHONE}."
    page = browser(form.who)
    sent = page.post(form.address, data=form.more | {form.name: text} | kept(form.name, PHONE))
    assert sent.status_code == 303
    page.post(form.address, data=form.more | {form.name: text} | kept(form.name, PHONE, "Another reason."))
    (row,) = all_kept(database)
    assert (row.about, row.field, row.kind, row.reason) == (form.about, form.name, "phone", WHY)
    assert text[row.starts : row.ends] == PHONE
    for person in (cast.amina, cast.asha, cast.priya):
        shown = browser(person).get(form.read_at).text
        assert text in shown
        assert f"Kept because: {WHY}" in shown


@every_form
def test_whoever_is_known_here_is_not_asked_about(
    browser: Open, session: Session, cast: Cast, database: Database, build: Build
) -> None:
    form = build(session, cast, browser)
    text = "Amina Archer and Asha Abbott agreed on it with the deputy head."
    assert browser(form.who).post(form.address, data=form.more | {form.name: text}).status_code == 303
    assert all_kept(database) == []
