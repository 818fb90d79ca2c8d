"""Comments, testimonies and what an assessor says is missing: asked about before they are sent, kept with a reason."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.people.models import Person
from portfolio.people.passwords import hash_password
from tests.builders import Cast, a_submitted, commit
from tests.client import Browser
from tests.feedback.steps import LATER, PASSWORD, comments_path, field_of, path_to_testimony
from tests.findings.steps import NAME, PHONE, WHY, all_kept, kept

Open = Callable[..., Browser]
FIVE = dict.fromkeys(("valid", "authentic", "current", "sufficient", "reliable"), "yes")


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def piece(session: Session, cast: Cast) -> Evidence:
    session.get_one(Person, cast.marek.id).password_hash = hash_password(PASSWORD)
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    return piece


def comment(page: Browser, piece: Evidence, text: str, **more: Any) -> Any:
    return page.post(comments_path(piece), data={"text": text, "form_key": "c" * 32} | more)


def test_a_comment_is_asked_about_with_its_words_still_there(
    browser: Open, cast: Cast, piece: Evidence, database: Database
) -> None:
    marek = browser(cast.marek)
    answer = comment(marek, piece, f"I rang {NAME} on {PHONE}.")
    assert answer.status_code == 422
    assert f"I rang {NAME} on {PHONE}." in answer.text
    assert answer.text.count('name="kept_reason"') == 2
    assert 'id="comment-' not in marek.get(comments_path(piece)).text
    assert all_kept(database) == []


def test_a_comment_kept_with_a_reason_is_read_with_it_and_sent_twice_is_one(
    browser: Open, cast: Cast, piece: Evidence, database: Database
) -> None:
    marek = browser(cast.marek)
    for reason in (WHY, "Another reason."):
        answer = comment(marek, piece, f"The line is {PHONE}.", **kept("text", PHONE, reason))
        assert answer.status_code == 303
    (row,) = all_kept(database)
    assert (row.about, row.field, row.reason) == ("comment", "text", WHY)
    for person in (cast.amina, cast.asha, cast.ines):
        shown = browser(person).get(comments_path(piece)).text
        assert f"Kept because: {WHY}" in shown
        assert shown.count('id="comment-') == 1


def test_a_comment_about_those_around_is_not_asked_about(browser: Open, cast: Cast, piece: Evidence) -> None:
    assert (
        comment(browser(cast.marek), piece, "Well done, Amina Archer. Asha Abbott agrees.").status_code == 303
    )


def test_a_testimony_is_asked_about_and_kept_with_a_reason(
    browser: Open, cast: Cast, piece: Evidence, database: Database
) -> None:
    marek = browser(cast.marek)
    shown = marek.get(path_to_testimony(piece)).text
    form = {
        "version_id": field_of(shown, "version_id"),
        "version_sha256": field_of(shown, "version_sha256"),
        "saw_on_day": "20", "saw_on_month": "10", "saw_on_year": "2026",
        "relation": "Line manager",
        "statement": f"She rang {PHONE} at once.",
        "password": PASSWORD,
    }  # fmt: skip
    refused = marek.post(path_to_testimony(piece), data=form)
    assert refused.status_code == 422
    assert form["statement"] in refused.text
    assert all_kept(database) == []
    for _ in range(2):
        signed = marek.post(path_to_testimony(piece), data=form | kept("statement", PHONE))
        assert signed.status_code == 303
    assert [(row.about, row.field) for row in all_kept(database)] == [("testimony", "statement")]
    assert f"Kept because: {WHY}" in browser(cast.amina).get(comments_path(piece)).text


def decision(page: Browser, piece: Evidence, missing: str, **more: Any) -> Any:
    address = f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/review"
    shown = page.get(address).text
    form = {name: field_of(shown, name) for name in ("version_id", "form_key")} | FIVE
    return page.post(address, data=form | {"outcome-K7": "partly", "missing-K7": missing} | more)


def test_what_an_assessor_says_is_missing_is_asked_about_and_kept_with_a_reason(
    browser: Open, cast: Cast, piece: Evidence, database: Database
) -> None:
    asha, text = browser(cast.asha), f"Say more about {NAME}."
    refused = decision(asha, piece, text)
    assert refused.status_code == 422
    assert text in refused.text
    assert 'href="#missing-K7"' in refused.text
    assert decision(asha, piece, text, **kept("missing-K7", NAME)).status_code == 303
    (row,) = all_kept(database)
    assert (row.about, row.field, row.kind) == ("decision", "missing", "adult")
    address = f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/decisions"
    assert f"Kept because: {WHY}" in browser(cast.amina).get(address).text


def test_what_is_not_shown_with_covered_is_not_asked_about(
    browser: Open, cast: Cast, piece: Evidence
) -> None:
    assert (
        decision(browser(cast.asha), piece, f"Ring {PHONE}", **{"outcome-K7": "covered"}).status_code == 303
    )
