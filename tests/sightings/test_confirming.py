"""An original that stays at work: who may confirm it, what is signed, and what a new version makes of it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Assignment
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.ledger.models import LedgerEntry
from portfolio.people.models import Person
from portfolio.people.passwords import hash_password
from portfolio.sightings.models import Sighting
from tests.assessment.steps import locked, resubmitted, review_path
from tests.builders import NOW, Cast, a_draft, a_submitted, commit
from tests.client import Browser
from tests.feedback.steps import LATER, PASSWORD
from tests.ledger.steps import check
from tests.sightings.steps import WHERE, confirm, filled_in, how_many, original_path, piece_path

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture(scope="session")
def password_hash() -> str:
    return hash_password(PASSWORD)


@pytest.fixture
def piece(session: Session, cast: Cast, password_hash: str) -> Evidence:
    """Submitted, without a file: the original is in the safeguarding log."""
    for person in (cast.marek, cast.asha):
        session.get_one(Person, person.id).password_hash = password_hash
    piece = a_submitted(session, cast.amina_at, "K7", "D8")
    commit(session)
    return piece


@pytest.mark.parametrize("who", ["marek", "asha"])
@pytest.mark.parametrize("htmx", [False, True])
def test_a_mentor_and_an_assessor_confirm_with_their_password(
    browser: Open, database: Database, cast: Cast, piece: Evidence, who: str, htmx: bool
) -> None:
    person = getattr(cast, who)
    page = browser(person, htmx=htmx)
    shown = page.get(original_path(piece)).text
    for words in (
        "An entry in the safeguarding log",
        "The safeguarding log at work",
        "Version 1 of",
        "21 October",
    ):
        assert words in shown
    answer = page.post(original_path(piece), data=filled_in(shown))
    assert answer.status_code == (204 if htmx else 303)
    with database.reading() as fresh:
        row = fresh.scalars(select(Sighting)).one()
        assert (row.signed_by_id, row.seen_on, row.seen_where) == (person.id, date(2026, 10, 22), WHERE)
        assert row.role == {"marek": "mentor", "asha": "assessor"}[who]
        assert row.statement.startswith(
            "I have seen the original of this piece on 22 October 2026. Where: In the"
        )
        action = AuditEvent.action == "feedback.original_confirmed"
        assert len(fresh.scalars(select(AuditEvent).where(action)).all()) == 1
        entry = fresh.scalars(select(LedgerEntry).where(LedgerEntry.record == "sighting")).one()
        assert WHERE not in entry.entry, "what somebody wrote is committed to, not shown"
    assert check(database) == []
    for reader in (cast.amina, cast.marek, cast.asha, cast.ines, cast.priya):
        assert "Original confirmed" in browser(reader).get(piece_path(piece)).text
    assert "You have already confirmed the original" in browser(person).get(original_path(piece)).text


@pytest.mark.parametrize("who", ["noor", "otto", "olu", "admin"])
def test_strangers_find_nothing_to_confirm(browser: Open, cast: Cast, piece: Evidence, who: str) -> None:
    page = browser(getattr(cast, who))
    assert page.get(original_path(piece)).status_code == 404
    assert page.post(original_path(piece), data={}).status_code == 404


@pytest.mark.parametrize("who", ["amina", "ines", "priya"])
def test_others_read_it_and_cannot_confirm(browser: Open, cast: Cast, piece: Evidence, who: str) -> None:
    page = browser(getattr(cast, who))
    assert page.get(original_path(piece)).status_code == 403
    assert page.post(original_path(piece), data={}).status_code == 403
    assert "confirm it</a>" not in page.get(piece_path(piece)).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"password": "wrong wrong wrong"}, "This is not your password."),
        ({"seen_on_day": ""}, "The date must include a day."),
        ({"seen_on_year": "2027"}, "cannot be in the future"),
        ({"seen_where": " "}, "Say where you saw it."),
        ({"is_so": ""}, "Tick this if it is so."),
        ({"version_id": "nonsense"}, "has submitted a new version"),
        ({"version_sha256": "0" * 64}, "has submitted a new version"),
    ],
    ids=["password", "day", "future", "where", "not so", "version", "content"],
)
def test_a_mistake_signs_nothing_and_keeps_what_was_typed(
    browser: Open, database: Database, cast: Cast, piece: Evidence, change: dict[str, str], sentence: str
) -> None:
    page = browser(cast.marek)
    answer = page.post(original_path(piece), data=filled_in(page.get(original_path(piece)).text) | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "seen_where" in change or "In the safeguarding log, on the lead" in answer.text
    assert how_many(database) == 0


def test_sent_twice_it_is_signed_once_and_said_otherwise_it_is_refused(
    browser: Open, database: Database, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek)
    fields = filled_in(page.get(original_path(piece)).text)
    assert [page.post(original_path(piece), data=fields).status_code for _ in range(2)] == [303, 303]
    other = page.post(original_path(piece), data=fields | {"seen_where": "Elsewhere"})
    assert (other.status_code, how_many(database)) == (422, 1)


def test_two_people_confirm_the_same_version(
    browser: Open, database: Database, cast: Cast, piece: Evidence
) -> None:
    for person in (cast.marek, cast.asha):
        confirm(browser(person), original_path(piece))
    assert how_many(database) == 2
    shown = browser(cast.amina).get(piece_path(piece)).text
    assert shown.count("Original confirmed") == 2


def test_a_new_version_does_not_carry_it_silently(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    confirm(browser(cast.marek), original_path(piece))
    resubmitted(session, session.get_one(Evidence, piece.id), "K7", "D8")
    commit(session)
    page = browser(cast.asha)
    for address in (piece_path(piece), review_path(piece)):
        shown = page.get(address).text
        assert "Confirmed for version 1. It does not speak for version 2." in shown
        assert "Original confirmed</span>" not in shown
    rows = page.get(f"/apprenticeships/{piece.apprenticeship_id}/evidence").text
    assert "Confirmed for version 1, not for version 2" in rows
    assert "Original confirmed</span>" in page.get(f"{piece_path(piece)}?version=1").text
    confirm(browser(cast.marek), original_path(piece))
    assert "Original confirmed</span>" in page.get(piece_path(piece)).text
    assert how_many(database) == 2


def test_when_the_assignment_ends_nothing_more_is_signed_and_what_was_signed_stays(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    page = browser(cast.marek)
    confirm(page, original_path(piece))
    other = a_submitted(session, cast.amina_at, "K8")
    for row in session.scalars(select(Assignment).where(Assignment.person_id == cast.marek.id)):
        row.until_at, row.ended_by_id = NOW, cast.priya.id
    address = original_path(other)
    commit(session)
    assert page.get(address).status_code == 404
    assert page.post(address, data={}).status_code == 404
    assert "Marek Mason" in browser(cast.asha).get(piece_path(piece)).text
    assert how_many(database) == 1


@pytest.mark.parametrize("state", ["draft", "withdrawn", "locked", "says nothing of an original"])
def test_what_cannot_be_confirmed_says_why(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence, state: str
) -> None:
    page = browser(cast.marek)
    fields = filled_in(page.get(original_path(piece)).text)
    asked = session.get_one(Evidence, piece.id)
    if state == "locked":
        locked(session, cast.amina_at, cast.priya)
    elif state in ("draft", "withdrawn"):
        asked.state = state
    else:
        asked = a_submitted(session, cast.amina_at, "K8", original_kept_at="")
    commit(session)
    answer = page.post(original_path(asked), data=fields)
    assert answer.status_code == 422
    assert {
        "draft": "This is still a draft.",
        "withdrawn": "This piece was withdrawn",
        "locked": "The portfolio is locked",
    }.get(state, "does not say where its original is kept") in answer.text
    assert "In the safeguarding log, on the lead" in answer.text, "what was typed is given back"
    assert how_many(database) == 0


def test_lists_show_it_as_first_class(browser: Open, session: Session, cast: Cast, piece: Evidence) -> None:
    a_draft(session, cast.amina_at, "K9", title="Half written", original_kept_at="")
    commit(session)
    places = [
        f"/apprenticeships/{piece.apprenticeship_id}/evidence",
        f"/apprenticeships/{piece.apprenticeship_id}/items/K7",
        review_path(piece),
    ]
    page = browser(cast.asha)
    for address in places:
        assert "Original at work" in page.get(address).text
        assert "not confirmed yet" in page.get(address).text
        assert "No file" not in page.get(address).text
    confirm(browser(cast.marek), original_path(piece))
    for address in places:
        assert "Seen by Marek Mason on 22 October 2026" in page.get(address).text
