"""Signing "I saw this": password again, bound to the version that was shown, void when it changes."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
import time_machine
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.feedback import models, queries
from portfolio.people.models import Person
from portfolio.people.passwords import hash_password
from tests.assessment.steps import locked, resubmitted
from tests.builders import Cast, a_draft, a_submitted, commit
from tests.client import Browser
from tests.feedback.steps import LATER, PASSWORD, comments_path, field_of, path_to_testimony

Open = Callable[..., Browser]
STATEMENT = "I sat beside her when she rang the lead."


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def piece(session: Session, cast: Cast, password_hash: str) -> Evidence:
    session.get_one(Person, cast.marek.id).password_hash = password_hash
    piece = a_submitted(session, cast.amina_at, "K7", "D8")
    commit(session)
    return piece


def signed(shown: str, **changes: str) -> dict[str, str]:
    """The form as the page gave it, filled in."""
    return {
        "version_id": field_of(shown, "version_id"),
        "version_sha256": field_of(shown, "version_sha256"),
        "saw_on_day": "20",
        "saw_on_month": "10",
        "saw_on_year": "2026",
        "relation": "Line manager",
        "statement": STATEMENT,
        "password": PASSWORD,
    } | changes


def count(database: Database) -> int:
    with database.reading() as fresh:
        return fresh.scalar(select(func.count(models.Testimony.id))) or 0


def test_the_page_shows_exactly_what_is_signed(browser: Open, cast: Cast, piece: Evidence) -> None:
    shown = browser(cast.marek).get(path_to_testimony(piece)).text
    for words in ("I followed our pathway", "Version 1 of", "Duty 8", "The safeguarding log at work"):
        assert words in shown
    assert "sign a testimony" in browser(cast.marek).get(comments_path(piece)).text


@pytest.mark.parametrize("who", ["noor", "otto", "olu", "admin"])
def test_strangers_find_nothing_to_sign(browser: Open, cast: Cast, piece: Evidence, who: str) -> None:
    page = browser(getattr(cast, who))
    assert page.get(path_to_testimony(piece)).status_code == 404
    assert page.post(path_to_testimony(piece), data={}).status_code == 404


@pytest.mark.parametrize("who", ["amina", "asha", "ines", "priya"])
def test_only_a_mentor_bears_witness(browser: Open, cast: Cast, piece: Evidence, who: str) -> None:
    page = browser(getattr(cast, who))
    assert page.get(path_to_testimony(piece)).status_code == 403
    assert page.post(path_to_testimony(piece), data={}).status_code == 403
    assert "sign a testimony" not in page.get(comments_path(piece)).text


@pytest.mark.parametrize("htmx", [False, True])
def test_signing_with_the_password_is_recorded_and_shown_to_all(
    browser: Open, database: Database, cast: Cast, piece: Evidence, htmx: bool
) -> None:
    page = browser(cast.marek, htmx=htmx)
    fields = signed(page.get(path_to_testimony(piece)).text)
    answer = page.post(path_to_testimony(piece), data=fields)
    assert answer.status_code == (204 if htmx else 303)
    with database.reading() as fresh:
        row = fresh.scalars(select(models.Testimony)).one()
        assert (row.author_id, row.saw_on, row.statement) == (cast.marek.id, date(2026, 10, 20), STATEMENT)
        assert row.version_sha256 == fields["version_sha256"]
        events = fresh.scalars(select(AuditEvent).where(AuditEvent.action == "feedback.testified")).all()
        assert [event.detail["sha256"] for event in events] == [row.version_sha256]
    shown = browser(cast.amina).get(comments_path(piece)).text
    assert STATEMENT in shown
    assert "Signed testimony" in shown
    again = page.get(path_to_testimony(piece)).text
    assert "You have already signed a testimony on this version." in again


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("change", "field", "sentence"),
    [
        ({"password": "wrong wrong wrong"}, "password", "This is not your password."),
        ({"password": ""}, "password", "Enter your password to sign."),
        ({"saw_on_day": ""}, "saw_on", "The date must include a day."),
        ({"saw_on_year": "2027"}, "saw_on", "cannot be in the future"),
        ({"relation": " "}, "relation", "Say what you are to the apprentice"),
        ({"relation": "x" * 201}, "relation", "Use at most 200 characters."),
        ({"version_id": "nonsense"}, "", "has submitted a new version"),
        ({"version_sha256": "0" * 64}, "", "has submitted a new version"),
    ],
)
def test_a_mistake_signs_nothing_and_keeps_all_but_the_password(
    browser: Open,
    database: Database,
    cast: Cast,
    piece: Evidence,
    change: dict[str, str],
    field: str,
    sentence: str,
    htmx: bool,
) -> None:
    page = browser(cast.marek, htmx=htmx)
    answer = page.post(
        path_to_testimony(piece), data=signed(page.get(path_to_testimony(piece)).text, **change)
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert STATEMENT in answer.text
    assert "wrong wrong" not in answer.text
    assert PASSWORD not in answer.text
    assert f'href="#{field}"' in answer.text or not field
    assert count(database) == 0


def test_an_empty_statement_is_asked_for(browser: Open, cast: Cast, piece: Evidence) -> None:
    page = browser(cast.marek)
    answer = page.post(
        path_to_testimony(piece), data=signed(page.get(path_to_testimony(piece)).text, statement="")
    )
    assert answer.status_code == 422
    assert "Say what you saw." in answer.text
    assert 'value="Line manager"' in answer.text


def test_a_version_submitted_meanwhile_is_shown_before_anything_is_signed(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek)
    fields = signed(page.get(path_to_testimony(piece)).text)
    session.refresh(piece)
    resubmitted(session, piece, "K7", "S7")
    commit(session)
    answer = page.post(path_to_testimony(piece), data=fields)
    assert answer.status_code == 422
    assert "has submitted a new version since you opened this page" in answer.text
    assert "Version 2 of" in answer.text
    assert STATEMENT in answer.text
    assert count(database) == 0
    assert page.post(path_to_testimony(piece), data=signed(answer.text)).status_code == 303
    assert count(database) == 1


def test_a_later_version_makes_it_void_and_it_can_be_signed_anew(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek)
    page.post(path_to_testimony(piece), data=signed(page.get(path_to_testimony(piece)).text))
    session.refresh(piece)
    resubmitted(session, piece, "K7")
    commit(session)
    shown = page.get(comments_path(piece)).text
    assert "Void testimony" in shown
    assert "Version 2 has been submitted since" in shown
    page.post(path_to_testimony(piece), data=signed(page.get(path_to_testimony(piece)).text))
    with database.reading() as fresh:
        assert [one.is_valid for one in queries.testimonies(fresh, piece.id)] == [False, True]
        assert [one.version_number for one in queries.testimonies(fresh, piece.id)] == [1, 2]


def test_a_draft_of_the_next_version_does_not_make_it_void(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek)
    page.post(path_to_testimony(piece), data=signed(page.get(path_to_testimony(piece)).text))
    session.refresh(piece)
    version = resubmitted(session, piece, "K7")
    session.rollback()
    assert version is not None
    with database.reading() as fresh:
        assert [one.is_valid for one in queries.testimonies(fresh, piece.id)] == [True]


def test_a_hash_that_does_not_match_is_void(session: Session, cast: Cast, piece: Evidence) -> None:
    from tests.assessment.steps import a_testimony

    row = a_testimony(session, piece, cast.marek)
    assert [one.is_valid for one in queries.testimonies(session, piece.id)] == [True]
    session.expunge(row)
    session.rollback()
    piece = session.get_one(Evidence, piece.id)
    version_id = row.version_id
    session.add(
        models.Testimony(
            provider_id=piece.provider_id,
            apprenticeship_id=piece.apprenticeship_id,
            evidence_id=piece.id,
            version_id=version_id,
            version_sha256="0" * 64,
            author_id=cast.marek.id,
            relation="Line manager",
            saw_on=date(2026, 10, 20),
            statement="Something else.",
            signed_at=LATER,
        )
    )
    session.flush()
    assert [one.void_reason for one in queries.testimonies(session, piece.id)] == [
        "What was signed does not match what is stored, so it does not count."
    ]


def test_a_double_tap_signs_once_and_other_words_are_refused(
    browser: Open, database: Database, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek)
    fields = signed(page.get(path_to_testimony(piece)).text)
    with ThreadPoolExecutor(2) as pool:
        taps = [
            pool.submit(one.post, path_to_testimony(piece), data=fields)
            for one in (page, browser(cast.marek))
        ]
        assert [tap.result().status_code for tap in taps] == [303, 303]
    assert count(database) == 1
    other = page.post(path_to_testimony(piece), data=fields | {"statement": "And more."})
    assert other.status_code == 422
    assert "You have already signed" in other.text
    assert "And more." in other.text
    assert count(database) == 1


def test_a_draft_a_withdrawn_piece_and_a_locked_portfolio_refuse(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek)
    fields = signed(page.get(path_to_testimony(piece)).text)
    draft = a_draft(session, cast.amina_at, "K7")
    withdrawn = a_submitted(session, cast.amina_at, "K7")
    withdrawn.state = "withdrawn"
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    assert page.get(path_to_testimony(draft)).status_code == 404
    assert "locked" in page.get(path_to_testimony(withdrawn)).text
    answer = page.post(path_to_testimony(piece), data=fields)
    assert answer.status_code == 422
    assert "locked" in answer.text
    assert STATEMENT in answer.text
    assert count(database) == 0


def test_what_is_typed_while_the_piece_is_taken_back_is_given_back_but_nothing_of_the_piece(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek)
    fields = signed(page.get(path_to_testimony(piece)).text)
    session.refresh(piece)
    piece.state = "draft"
    commit(session)
    assert page.get(path_to_testimony(piece)).status_code == 404
    answer = page.post(path_to_testimony(piece), data=fields)
    assert answer.status_code == 422
    assert STATEMENT in answer.text
    assert "I followed our pathway" not in answer.text
    assert count(database) == 0
