"""Deciding against the grain: own work, witnesses, locks, changes meanwhile, two at once, double taps."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.coverage import ItemState
from portfolio.access import Permission, Role
from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.assessment import actions
from portfolio.assessment.models import Decision, SignOff
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.people.models import Person
from portfolio.refusals import Refused
from tests.assessment.steps import (
    KEY,
    a_testimony,
    answers,
    counts,
    holds,
    locked,
    resubmitted,
    review_path,
    states,
    typed,
)
from tests.builders import NOW, Cast, a_person, a_submitted, an_assignment, commit, latest_version
from tests.client import Browser
from tests.feedback.steps import opened_by

Open = Callable[..., Browser]


@pytest.fixture
def second(session: Session, cast: Cast) -> Person:
    """Another assessor of Amina's."""
    person = a_person(session, "Bo Baxter", cast.provider, "assessor", "mentor")
    an_assignment(session, cast.amina_at, person, "assessor")
    return person


@pytest.fixture
def piece(session: Session, cast: Cast, second: Person) -> Evidence:
    piece = a_submitted(session, cast.amina_at, "K7", "S7")
    commit(session)
    return piece


@pytest.fixture
def version(session: Session, piece: Evidence) -> EvidenceVersion:
    version = latest_version(session, piece.id)
    commit(session)
    return version


CHOSEN = {"K7": "covered", "S7": "partly"}


@pytest.mark.parametrize("htmx", [False, True])
def test_the_second_assessor_is_told_what_the_first_decided_and_keeps_what_they_typed(
    browser: Open,
    database: Database,
    cast: Cast,
    second: Person,
    piece: Evidence,
    version: EvidenceVersion,
    htmx: bool,
) -> None:
    browser(second).post(review_path(piece), data=typed(version, CHOSEN, key="b" * 32))
    mine = typed(version, {"K7": "not_yet", "S7": "covered"}, missing_K7="My own long thought.")
    answer = browser(cast.asha, htmx=htmx).post(review_path(piece), data=mine)
    assert answer.status_code == 409
    assert "by Bo Baxter on" in answer.text
    assert "K7 covered, S7 partly." in answer.text
    assert "Not yet: My own long thought." in answer.text
    assert counts(database) == (2, 1)


def test_two_assessors_at_the_same_moment_decide_once(
    browser: Open,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    second: Person,
    piece: Evidence,
    version: EvidenceVersion,
) -> None:
    together = Barrier(2)

    def tap(page: Browser, key: str) -> Any:
        together.wait()
        return page.post(review_path(piece), data=typed(version, CHOSEN, key=key))

    pages = [(browser(cast.asha), "a" * 32), (browser(second), "b" * 32)]
    with ThreadPoolExecutor(2) as pool:
        codes = sorted(one.result().status_code for one in [pool.submit(tap, *page) for page in pages])
    assert codes == [303, 409]
    assert counts(database) == (2, 1)
    holds(database, catalogue)


def test_a_double_tap_decides_once(
    browser: Open,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    piece: Evidence,
    version: EvidenceVersion,
) -> None:
    together = Barrier(2)

    def tap(page: Browser) -> Any:
        together.wait()
        return page.post(review_path(piece), data=typed(version, CHOSEN))

    pages = [browser(cast.asha), browser(cast.asha)]
    with ThreadPoolExecutor(2) as pool:
        found = [one.result().status_code for one in [pool.submit(tap, page) for page in pages]]
    assert found == [303, 303]
    assert pages[0].post(review_path(piece), data=typed(version, CHOSEN)).status_code == 303
    assert counts(database) == (2, 1)
    with database.reading() as fresh:
        events = fresh.scalars(select(AuditEvent).where(AuditEvent.action == "assessment.decided")).all()
        assert [(event.detail["covered"], event.detail["partly"]) for event in events] == [(["K7"], ["S7"])]
    holds(database, catalogue)


def test_two_pieces_that_cover_the_same_item_at_once_sign_it_off_once(
    browser: Open,
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    second: Person,
    piece: Evidence,
    version: EvidenceVersion,
) -> None:
    other = a_submitted(session, cast.amina_at, "K7", title="Another piece")
    other_version = latest_version(session, other.id)
    commit(session)
    together = Barrier(2)

    def tap(page: Browser, path: str, fields: dict[str, str]) -> Any:
        together.wait()
        return page.post(path, data=fields)

    taps = [
        (browser(cast.asha), review_path(piece), typed(version, CHOSEN, key="a" * 32)),
        (browser(second), review_path(other), typed(other_version, {"K7": "covered"}, key="b" * 32)),
    ]
    with ThreadPoolExecutor(2) as pool:
        assert {one.result().status_code for one in [pool.submit(tap, *each) for each in taps]} == {303}
    assert counts(database) == (3, 1)
    assert states(database, catalogue, cast.amina_at.id, "K7") == {"K7": ItemState.COVERED}


def test_nobody_decides_on_what_they_witnessed_on_any_version(
    browser: Open, session: Session, database: Database, second: Person, piece: Evidence
) -> None:
    a_testimony(session, piece, second)
    again = resubmitted(session, piece, "K7", "S7")
    commit(session)
    page = browser(second)
    shown = page.get(review_path(piece)).text
    assert "You signed a testimony on this piece" in shown
    assert "data-decide-button" not in shown
    answer = page.post(review_path(piece), data=typed(again, CHOSEN))
    assert answer.status_code == 409
    assert "More about S7, please." in answer.text
    assert counts(database) == (0, 0)


def test_nobody_decides_on_their_own_work_even_if_a_guard_let_them_pass(
    session: Session, catalogue: Catalogue, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    honest = opened_by(session, catalogue, cast.amina, cast.amina_at)
    forged = Opened(
        honest.apprenticeship,
        honest.standard,
        honest.viewer,
        frozenset({Role.ASSESSOR}),
        frozenset({Permission.DECIDE}),
    )
    with pytest.raises(Refused, match="Nobody decides on their own work"):
        actions.decide(
            session,
            forged,
            session.get_one(Evidence, piece.id),
            version_id=str(version.id),
            answers=answers(**CHOSEN),
            form_key=KEY,
            now=NOW,
        )


def test_an_apprentice_who_is_an_assessor_too_does_not_reach_their_own_review(
    browser: Open, session: Session, cast: Cast
) -> None:
    both = a_person(session, "Bea Both", cast.provider, "assessor", "apprentice")
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    at.apprentice_id = both.id
    an_assignment(session, at, both, "assessor")
    own = a_submitted(session, at, "K7")
    commit(session)
    assert browser(both).get(review_path(own)).status_code == 403
    assert "Escalated a concern" not in browser(both).get("/queue").text


@pytest.mark.parametrize("state", ["returned", "withdrawn", "draft"])
def test_only_a_piece_that_is_with_the_assessor_is_decided(
    browser: Open,
    session: Session,
    database: Database,
    cast: Cast,
    piece: Evidence,
    version: EvidenceVersion,
    state: str,
) -> None:
    session.refresh(piece)
    piece.state = state
    commit(session)
    answer = browser(cast.asha).post(review_path(piece), data=typed(version, CHOSEN))
    assert answer.status_code == 409
    assert counts(database) == (0, 0)
    assert "More about S7, please." in answer.text
    assert ("I followed our pathway" in answer.text) is (state != "draft"), "what was taken back is not shown"
    assert ("Escalated a concern" in answer.text) is (state != "draft")


def test_a_locked_portfolio_refuses_and_shows_why(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    page = browser(cast.asha)
    shown = page.get(review_path(piece)).text
    assert "locked" in shown
    assert "data-decide-button" not in shown
    assert page.post(review_path(piece), data=typed(version, CHOSEN)).status_code == 409
    assert counts(database) == (0, 0)
    assert "Nothing waits for you." in page.get("/queue").text


def test_a_withdrawn_apprenticeship_refuses(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    at = session.get_one(Apprenticeship, cast.amina_at.id)
    at.withdrawn_on, at.withdrawn_by_id = date(2026, 11, 1), cast.priya.id
    commit(session)
    assert browser(cast.asha).post(review_path(piece), data=typed(version, CHOSEN)).status_code == 409
    assert counts(database) == (0, 0)


def test_a_version_submitted_meanwhile_is_not_decided_unseen(
    browser: Open, session: Session, database: Database, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    session.refresh(piece)
    again = resubmitted(session, piece, "K7", "B1")
    commit(session)
    page = browser(cast.asha)
    answer = page.post(review_path(piece), data=typed(version, {"K7": "partly", "S7": "partly"}))
    assert answer.status_code == 409
    assert "Amina Archer has submitted a new version since you opened this page." in answer.text
    assert "More about K7, please." in answer.text
    assert 'name="outcome-B1"' in answer.text
    assert f'name="version_id" value="{again.id}"' in answer.text
    assert counts(database) == (0, 0)


def test_answers_for_other_claims_are_not_taken(
    session: Session, catalogue: Catalogue, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    opened = opened_by(session, catalogue, cast.asha, cast.amina_at)
    for wrong in (answers(K7="covered"), answers(K7="covered", S7="covered", B1="covered")):
        with pytest.raises(actions.TooLate):
            actions.decide(
                session,
                opened,
                session.get_one(Evidence, piece.id),
                version_id=str(version.id),
                answers=wrong,
                form_key=KEY,
                now=NOW,
            )


def test_an_assessor_whose_assignment_ended_has_nothing_to_decide(
    browser: Open, session: Session, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    page = browser(cast.asha)
    assert page.get(review_path(piece)).status_code == 200
    for assignment in session.scalars(select(Assignment).where(Assignment.person_id == cast.asha.id)):
        assignment.until_at, assignment.ended_by_id = NOW, cast.priya.id
    commit(session)
    assert page.post(review_path(piece), data=typed(version, CHOSEN)).status_code == 404


def test_an_item_that_is_signed_off_already_gets_a_decision_but_no_second_sign_off(
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    browser: Open,
    piece: Evidence,
    version: EvidenceVersion,
) -> None:
    page = browser(cast.asha)
    page.post(review_path(piece), data=typed(version, {"K7": "covered", "S7": "covered"}))
    other = a_submitted(session, cast.amina_at, "K7", title="Another piece")
    other_version = latest_version(session, other.id)
    commit(session)
    page.post(review_path(other), data=typed(other_version, {"K7": "covered"}, key="2" * 32))
    with database.reading() as fresh:
        assert len(fresh.scalars(select(Decision).where(Decision.item_code == "K7")).all()) == 2
        assert len(fresh.scalars(select(SignOff).where(SignOff.item_code == "K7")).all()) == 1
    holds(database, catalogue)
