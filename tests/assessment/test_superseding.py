"""A new decision in the place of an old one: the item and the piece follow, and nothing is lost."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.coverage import ItemState
from portfolio.assessment.models import Decision, SignOff
from portfolio.assessment.rules import QUESTIONS
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.people.models import Person
from tests.assessment.steps import (
    a_testimony,
    counts,
    decisions_path,
    holds,
    item_path,
    locked,
    resubmitted,
    review_path,
    states,
    typed,
)
from tests.builders import Cast, a_person, a_submitted, an_assignment, commit, latest_version
from tests.client import Browser

Open = Callable[..., Browser]


@pytest.fixture
def piece(session: Session, cast: Cast) -> Evidence:
    piece = a_submitted(session, cast.amina_at, "K7", "S7")
    commit(session)
    return piece


@pytest.fixture
def assessor(browser: Open, cast: Cast) -> Browser:
    return browser(cast.asha)


def decide(
    assessor: Browser, session: Session, piece: Evidence, key: str = "1" * 32, **outcomes: str
) -> None:
    version = latest_version(session, piece.id)
    commit(session)
    assert assessor.post(review_path(piece), data=typed(version, outcomes, key=key)).status_code == 303


def standing(database: Database, piece: Evidence, code: str) -> Decision:
    """The newest decision on this item of the piece."""
    with database.reading() as fresh:
        return fresh.scalars(
            select(Decision)
            .where(Decision.evidence_id == piece.id, Decision.item_code == code)
            .order_by(Decision.id.desc())
        ).first()  # type: ignore[return-value]


def path(piece: Evidence, decision: Decision) -> str:
    return f"{decisions_path(piece)}/{decision.id}/supersede"


def fields(code: str, outcome: str, *, key: str = "9" * 32, **more: str) -> dict[str, str]:
    values = dict.fromkeys(QUESTIONS, "yes") | {
        "form_key": key,
        "reason": "I had overlooked the second file.",
        f"outcome-{code}": outcome,
        f"missing-{code}": "" if outcome == "covered" else "The call itself.",
    }
    return values | {name.replace("_", "-"): value for name, value in more.items()}


def state_of(database: Database, piece: Evidence) -> str:
    with database.reading() as fresh:
        return fresh.get_one(Evidence, piece.id).state


@pytest.mark.parametrize("htmx", [False, True])
def test_superseding_covered_withdraws_the_sign_off_and_returns_the_piece(
    browser: Open,
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    piece: Evidence,
    htmx: bool,
) -> None:
    page = browser(cast.asha, htmx=htmx)
    version = latest_version(session, piece.id)
    commit(session)
    page.post(review_path(piece), data=typed(version, {"K7": "covered", "S7": "covered"}))
    assert state_of(database, piece) == "decided"
    old = standing(database, piece, "K7")
    answer = page.post(path(piece, old), data=fields("K7", "partly"))
    assert answer.status_code == (204 if htmx else 303)
    new = standing(database, piece, "K7")
    assert (new.supersedes_id, new.reason, new.outcome) == (
        old.id,
        "I had overlooked the second file.",
        "partly",
    )
    assert state_of(database, piece) == "returned"
    assert states(database, catalogue, cast.amina_at.id, "K7", "S7") == {
        "K7": ItemState.PARTLY,
        "S7": ItemState.COVERED,
    }
    with database.reading() as fresh:
        last = fresh.scalars(select(SignOff).order_by(SignOff.id.desc())).first()
        assert last is not None
        assert (last.item_code, last.kind, last.basis, last.decision_id) == (
            "K7",
            "withdrawn",
            "superseded",
            new.id,
        )
    shown = browser(cast.amina).get(decisions_path(piece)).text
    assert "I had overlooked the second file." in shown
    assert "Superseded" in shown


def test_superseding_to_covered_signs_off_and_decides_the_piece(
    assessor: Browser, session: Session, database: Database, catalogue: Catalogue, cast: Cast, piece: Evidence
) -> None:
    decide(assessor, session, piece, K7="covered", S7="not_yet")
    assert states(database, catalogue, cast.amina_at.id, "S7") == {"S7": ItemState.RETURNED}
    answer = assessor.post(path(piece, standing(database, piece, "S7")), data=fields("S7", "covered"))
    assert answer.status_code == 303
    assert state_of(database, piece) == "decided"
    assert states(database, catalogue, cast.amina_at.id, "K7", "S7") == {
        "K7": ItemState.COVERED,
        "S7": ItemState.COVERED,
    }
    back = assessor.post(
        path(piece, standing(database, piece, "S7")), data=fields("S7", "not_yet", key="8" * 32)
    )
    assert back.status_code == 303
    assert state_of(database, piece) == "returned"
    assert states(database, catalogue, cast.amina_at.id, "S7") == {"S7": ItemState.RETURNED}


def test_a_second_covered_piece_keeps_the_item_signed_off_until_it_falls_too(
    assessor: Browser, session: Session, database: Database, catalogue: Catalogue, cast: Cast, piece: Evidence
) -> None:
    decide(assessor, session, piece, K7="covered", S7="covered")
    other = a_submitted(session, cast.amina_at, "K7", title="Another piece")
    decide(assessor, session, other, key="2" * 32, K7="covered")
    assessor.post(path(piece, standing(database, piece, "K7")), data=fields("K7", "partly"))
    assert states(database, catalogue, cast.amina_at.id, "K7") == {"K7": ItemState.COVERED}
    last = standing(database, other, "K7")
    assessor.post(path(other, last), data=fields("K7", "not_yet", key="8" * 32))
    assert states(database, catalogue, cast.amina_at.id, "K7") == {"K7": ItemState.RETURNED}


def test_a_sign_off_on_several_pieces_stands_on_its_own_reason(
    assessor: Browser, session: Session, database: Database, catalogue: Catalogue, cast: Cast, piece: Evidence
) -> None:
    decide(assessor, session, piece, K7="partly", S7="covered")
    version = latest_version(session, piece.id)
    commit(session)
    assessor.post(
        item_path(cast.amina_at.id, "K7", "sign-off"),
        data={"pieces": str(version.id), "reason": "Together with the visit.", "form_key": "5" * 32},
    )
    assessor.post(path(piece, standing(database, piece, "K7")), data=fields("K7", "covered"))
    assessor.post(path(piece, standing(database, piece, "K7")), data=fields("K7", "not_yet", key="8" * 32))
    assert states(database, catalogue, cast.amina_at.id, "K7") == {"K7": ItemState.COVERED}


def test_while_other_claims_wait_the_piece_stays_with_the_assessor(
    assessor: Browser, session: Session, database: Database, catalogue: Catalogue, cast: Cast, piece: Evidence
) -> None:
    decide(assessor, session, piece, K7="covered", S7="partly")
    session.refresh(piece)
    resubmitted(session, piece, "K7", "S7")
    commit(session)
    assessor.post(path(piece, standing(database, piece, "K7")), data=fields("K7", "partly"))
    assert state_of(database, piece) == "submitted"
    shown = assessor.get(review_path(piece)).text
    assert 'name="outcome-K7"' in shown
    assert 'name="outcome-S7"' in shown
    assert states(database, catalogue, cast.amina_at.id, "K7", "S7") == {
        "K7": ItemState.WITH_ASSESSOR,
        "S7": ItemState.WITH_ASSESSOR,
    }


def test_a_new_version_in_the_making_stays_with_its_author(
    assessor: Browser, session: Session, database: Database, catalogue: Catalogue, piece: Evidence
) -> None:
    decide(assessor, session, piece, K7="covered", S7="partly")
    session.refresh(piece)
    before = latest_version(session, piece.id)
    before.is_latest = False
    session.flush()
    from tests.builders import a_version

    a_version(session, piece, "K7", "S7", number=2)
    commit(session)
    assessor.post(path(piece, standing(database, piece, "S7")), data=fields("S7", "covered"))
    assert state_of(database, piece) == "returned"
    holds(database, catalogue)


def test_only_the_decision_that_stands_can_be_superseded(
    assessor: Browser, session: Session, database: Database, piece: Evidence
) -> None:
    decide(assessor, session, piece, K7="covered", S7="partly")
    first = standing(database, piece, "S7")
    session.refresh(piece)
    resubmitted(session, piece, "S7")
    decide(assessor, session, piece, key="2" * 32, S7="covered")
    shown = assessor.get(path(piece, first)).text
    assert "A decision on a later version counts instead." in shown
    answer = assessor.post(path(piece, first), data=fields("S7", "not_yet"))
    assert answer.status_code == 409
    assert "I had overlooked the second file." in answer.text
    assert counts(database) == (3, 2)


def test_two_at_once_supersede_once_and_a_double_tap_is_one(
    browser: Open,
    assessor: Browser,
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    piece: Evidence,
) -> None:
    second = a_person(session, "Bo Baxter", cast.provider, "assessor")
    an_assignment(session, cast.amina_at, second, "assessor")
    decide(assessor, session, piece, K7="covered", S7="covered")
    old = standing(database, piece, "K7")
    together = Barrier(3)

    def tap(page: Browser, key: str) -> Any:
        together.wait()
        return page.post(path(piece, old), data=fields("K7", "partly", key=key))

    pages = [(assessor, "a" * 32), (browser(cast.asha), "a" * 32), (browser(second), "b" * 32)]
    with ThreadPoolExecutor(3) as pool:
        found = [one.result().status_code for one in [pool.submit(tap, *page) for page in pages]]
    assert sorted(found) in ([303, 303, 409], [303, 409, 409])
    assert counts(database) == (3, 3)
    late = browser(second).post(path(piece, old), data=fields("K7", "not_yet", key="c" * 32))
    assert late.status_code == 409
    assert "This decision was superseded already, by " in late.text
    holds(database, catalogue)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"reason": " "}, "Say why the decision is superseded"),
        ({"reason": "x" * 5001}, "Use at most 5000 characters."),
        ({"outcome-K7": ""}, "K7: choose covered, partly or not yet."),
        ({"missing-K7": ""}, "K7: say what is missing."),
        ({"valid": ""}, "Answer yes or no: valid?"),
        ({"outcome-K7": "covered", "valid": "no"}, "Covered needs all five answered yes"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_mistake_keeps_what_was_typed(
    browser: Open,
    assessor: Browser,
    session: Session,
    database: Database,
    cast: Cast,
    piece: Evidence,
    change: dict[str, str],
    sentence: str,
    htmx: bool,
) -> None:
    decide(assessor, session, piece, K7="covered", S7="covered")
    page = browser(cast.asha, htmx=htmx)
    answer = page.post(path(piece, standing(database, piece, "K7")), data=fields("K7", "partly") | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert "The call itself." in answer.text or "missing-K7" in change
    assert "I had overlooked the second file." in answer.text or "reason" in change
    assert counts(database) == (2, 2)


def test_the_same_form_key_as_the_first_decision_is_no_fault_of_ours(
    assessor: Browser, session: Session, database: Database, piece: Evidence
) -> None:
    decide(assessor, session, piece, K7="covered", S7="covered")
    answer = assessor.post(
        path(piece, standing(database, piece, "K7")), data=fields("K7", "partly", key="1" * 32)
    )
    assert answer.status_code == 409
    assert counts(database) == (2, 2)


def test_locks_and_witnesses_refuse(
    browser: Open, assessor: Browser, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    second = a_person(session, "Bo Baxter", cast.provider, "assessor")
    an_assignment(session, cast.amina_at, second, "assessor")
    decide(assessor, session, piece, K7="covered", S7="covered")
    a_testimony(session, piece, second)
    commit(session)
    old = standing(database, piece, "K7")
    witness = browser(second).post(path(piece, old), data=fields("K7", "partly"))
    assert witness.status_code == 409
    assert "You signed a testimony" in witness.text
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    assert assessor.post(path(piece, old), data=fields("K7", "partly")).status_code == 409
    assert counts(database) == (2, 2)


@pytest.mark.parametrize(
    ("who", "code"),
    [("noor", 404), ("otto", 404), ("admin", 404), ("amina", 403), ("marek", 403), ("ines", 403)],
)
def test_strangers_and_readers(
    browser: Open,
    assessor: Browser,
    session: Session,
    database: Database,
    cast: Cast,
    piece: Evidence,
    who: str,
    code: int,
) -> None:
    decide(assessor, session, piece, K7="covered", S7="covered")
    person: Person = getattr(cast, who)
    old = standing(database, piece, "K7")
    page = browser(person)
    assert page.get(path(piece, old)).status_code == code
    assert page.post(path(piece, old), data=fields("K7", "partly")).status_code == code
    assert page.get(decisions_path(piece)).status_code == (404 if code == 404 else 200)
    assert counts(database) == (2, 2)


def test_a_decision_on_another_piece_is_not_found_here(
    assessor: Browser, session: Session, database: Database, cast: Cast, piece: Evidence
) -> None:
    decide(assessor, session, piece, K7="covered", S7="covered")
    other = a_submitted(session, cast.amina_at, "K7", title="Another piece")
    commit(session)
    old = standing(database, piece, "K7")
    assert assessor.get(path(other, old)).status_code == 404
