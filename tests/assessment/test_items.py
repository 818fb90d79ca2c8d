"""Signing an item off on the strength of several pieces, withdrawing it, and reading how it came to that."""

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
from portfolio.assessment.models import SignOff, SignOffPiece
from portfolio.assessment.queries import decisions_on_item, evidence_for_item, sign_off_history
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.evidence.models import Evidence
from tests.assessment.steps import (
    a_testimony,
    counts,
    item_path,
    locked,
    resubmitted,
    review_path,
    states,
    typed,
)
from tests.builders import Cast, a_draft, a_submitted, commit, latest_version
from tests.client import Browser

Open = Callable[..., Browser]
REASON = "The visit and the log together show it."


@pytest.fixture
def pieces(session: Session, cast: Cast) -> list[Evidence]:
    """Two submitted pieces that claim K7 and duty 8, and a draft that does."""
    found = [a_submitted(session, cast.amina_at, "K7", "D8", title=name) for name in ("The visit", "The log")]
    a_draft(session, cast.amina_at, "K7", title="Not shown to anybody")
    commit(session)
    return found


def fields(session: Session, *chosen: Evidence, key: str = "5" * 32, reason: str = REASON) -> dict[str, Any]:
    ids = [str(latest_version(session, piece.id).id) for piece in chosen]
    commit(session)
    return {"pieces": ids, "reason": reason, "form_key": key}


@pytest.mark.parametrize("htmx", [False, True])
def test_an_item_is_signed_off_on_the_strength_of_several_pieces(
    browser: Open,
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    pieces: list[Evidence],
    htmx: bool,
) -> None:
    page = browser(cast.asha, htmx=htmx)
    address = item_path(cast.amina_at.id, "K7", "sign-off")
    shown = page.get(address).text
    assert "The visit" in shown
    assert "The log" in shown
    assert "Not shown to anybody" not in shown
    answer = page.post(address, data=fields(session, *pieces))
    assert answer.status_code == (204 if htmx else 303)
    assert states(database, catalogue, cast.amina_at.id, "K7") == {"K7": ItemState.COVERED}
    with database.reading() as fresh:
        row = fresh.scalars(select(SignOff)).one()
        assert (row.basis, row.reason, row.decision_id) == ("several_pieces", REASON, None)
        assert len(fresh.scalars(select(SignOffPiece)).all()) == 2
        assert all(fresh.get_one(Evidence, piece.id).part_covered for piece in pieces)
        assert (
            fresh.scalars(
                select(AuditEvent.detail).where(AuditEvent.action == "assessment.signed_off")
            ).one()["item"]
            == "K7"
        )
        history = sign_off_history(fresh, cast.amina_at.id, "K7")
        assert [{piece.title for piece in one.pieces} for one in history] == [{"The visit", "The log"}]
    assert "This is signed off already." in page.get(address).text
    told = browser(cast.amina).get(item_path(cast.amina_at.id, "K7", "history")).text
    assert REASON in told
    assert "The visit" in told


def test_withdrawing_needs_a_reason_and_stays_on_record(
    browser: Open,
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    pieces: list[Evidence],
) -> None:
    page = browser(cast.asha)
    page.post(item_path(cast.amina_at.id, "K7", "sign-off"), data=fields(session, *pieces))
    address = item_path(cast.amina_at.id, "K7", "withdraw")
    shown = page.get(address).text
    assert "“The visit”, “The log”" in shown
    assert page.post(address, data={"reason": "  ", "form_key": "6" * 32}).status_code == 422
    for _ in range(2):
        assert (
            page.post(address, data={"reason": "Signed by mistake.", "form_key": "6" * 32}).status_code == 303
        )
    assert counts(database) == (0, 2)
    assert states(database, catalogue, cast.amina_at.id, "K7") == {"K7": ItemState.WITH_ASSESSOR}
    late = page.post(address, data={"reason": "Once more.", "form_key": "7" * 32})
    assert late.status_code == 409
    assert "Once more." in late.text
    with database.reading() as fresh:
        history = sign_off_history(fresh, cast.amina_at.id, "K7")
        assert [(one.is_withdrawal, one.stands) for one in history] == [(True, True), (False, False)]
    again = page.post(
        item_path(cast.amina_at.id, "K7", "sign-off"), data=fields(session, *pieces, key="8" * 32)
    )
    assert again.status_code == 303
    assert states(database, catalogue, cast.amina_at.id, "K7") == {"K7": ItemState.COVERED}


def test_withdrawing_after_a_covered_decision_leaves_the_item_partly_covered(
    browser: Open,
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    pieces: list[Evidence],
) -> None:
    page = browser(cast.asha)
    version = latest_version(session, pieces[0].id)
    session.refresh(pieces[1])
    pieces[1].state = "withdrawn"
    commit(session)
    page.post(review_path(pieces[0]), data=typed(version, {"K7": "covered", "D8": "covered"}))
    page.post(
        item_path(cast.amina_at.id, "K7", "withdraw"),
        data={"reason": "The file shows something else.", "form_key": "6" * 32},
    )
    assert states(database, catalogue, cast.amina_at.id, "K7", "D8") == {
        "K7": ItemState.PARTLY,
        "D8": ItemState.COVERED,
    }


def test_a_duty_shows_its_known_statements_and_says_what_is_not_published(
    browser: Open, cast: Cast, pieces: list[Evidence], catalogue: Catalogue
) -> None:
    standard = catalogue.get("ST1030", "1.0")
    shown = browser(cast.asha).get(item_path(cast.amina_at.id, "D8", "sign-off")).text
    for code in standard.item("D8").known_codes:  # type: ignore[union-attr]
        assert f"<b>{code}</b>" in shown
        assert f"{code}<span" in shown
    assert "Skills: mapping not published here." in shown
    assert "Behaviours: mapping not published here." in shown
    assert shown.index("Its statements first") < shown.index("Which pieces show it together?")
    assert "Sign Duty 8 off" in shown


def test_a_duty_without_any_published_mapping_is_unknown_and_never_nought(
    browser: Open, session: Session, cast: Cast, catalogue: Catalogue
) -> None:
    standard = catalogue.get("ST1030", "1.0")
    unknown = next(duty for duty in standard.duties if not duty.known_codes)
    a_submitted(session, cast.amina_at, unknown.code)
    commit(session)
    shown = browser(cast.asha).get(item_path(cast.amina_at.id, unknown.code, "sign-off")).text
    assert "Mapping not published here" in shown
    assert "0 of 0" not in shown


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"pieces": []}, "Choose at least one piece that shows it."),
        ({"pieces": ["nonsense"]}, "Choose at least one piece that shows it."),
        ({"reason": ""}, "Say why these pieces together cover it"),
    ],
)
def test_a_mistake_keeps_what_was_typed(
    browser: Open,
    session: Session,
    database: Database,
    cast: Cast,
    pieces: list[Evidence],
    change: dict[str, Any],
    sentence: str,
    htmx: bool,
) -> None:
    answer = browser(cast.asha, htmx=htmx).post(
        item_path(cast.amina_at.id, "K7", "sign-off"), data=fields(session, *pieces) | change
    )
    assert answer.status_code == 422
    assert sentence in answer.text
    assert REASON in answer.text or "reason" in change
    assert answer.text.count(" checked") == (0 if "pieces" in change else 2)
    assert counts(database) == (0, 0)


def test_a_version_that_is_no_longer_the_newest_cannot_be_chosen(
    browser: Open, session: Session, database: Database, cast: Cast, pieces: list[Evidence]
) -> None:
    chosen = fields(session, *pieces)
    session.refresh(pieces[0])
    resubmitted(session, pieces[0], "K7")
    commit(session)
    answer = browser(cast.asha).post(item_path(cast.amina_at.id, "K7", "sign-off"), data=chosen)
    assert answer.status_code == 422
    assert "One of the pieces changed meanwhile." in answer.text
    assert counts(database) == (0, 0)


def test_a_double_tap_signs_off_once(
    browser: Open, session: Session, database: Database, cast: Cast, pieces: list[Evidence]
) -> None:
    chosen, together = fields(session, *pieces), Barrier(2)

    def tap(page: Browser) -> Any:
        together.wait()
        return page.post(item_path(cast.amina_at.id, "K7", "sign-off"), data=chosen)

    pages = [browser(cast.asha), browser(cast.asha)]
    with ThreadPoolExecutor(2) as pool:
        found = [one.result().status_code for one in [pool.submit(tap, page) for page in pages]]
    assert found == [303, 303]
    assert counts(database) == (0, 1)


def test_pieces_i_witnessed_carry_no_sign_off_of_mine(
    browser: Open, session: Session, database: Database, cast: Cast, pieces: list[Evidence]
) -> None:
    a_testimony(session, pieces[0], cast.asha)
    commit(session)
    page = browser(cast.asha)
    address = item_path(cast.amina_at.id, "K7", "sign-off")
    assert "The visit" not in page.get(address).text
    assert page.post(address, data=fields(session, *pieces)).status_code == 422
    assert page.post(address, data=fields(session, pieces[1])).status_code == 303
    assert counts(database) == (0, 1)


def test_nothing_to_rest_on_and_a_lock_are_said_instead_of_the_form(
    browser: Open, session: Session, database: Database, cast: Cast, pieces: list[Evidence]
) -> None:
    page = browser(cast.asha)
    empty = page.get(item_path(cast.amina_at.id, "B3", "sign-off")).text
    assert "No submitted piece claims this yet" in empty
    chosen = fields(session, *pieces)
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    address = item_path(cast.amina_at.id, "K7", "sign-off")
    assert "locked" in page.get(address).text
    answer = page.post(address, data=chosen)
    assert answer.status_code == 409
    assert REASON in answer.text
    assert counts(database) == (0, 0)


@pytest.mark.parametrize("what", ["sign-off", "withdraw"])
@pytest.mark.parametrize(
    ("who", "code"),
    [
        ("noor", 404),
        ("otto", 404),
        ("admin", 404),
        ("amina", 403),
        ("marek", 403),
        ("ines", 403),
        ("priya", 403),
    ],
)
def test_strangers_and_readers(
    browser: Open,
    session: Session,
    database: Database,
    cast: Cast,
    pieces: list[Evidence],
    what: str,
    who: str,
    code: int,
) -> None:
    page = browser(getattr(cast, who))
    address = item_path(cast.amina_at.id, "K7", what)
    assert page.get(address).status_code == code
    assert page.post(address, data=fields(session, *pieces)).status_code == code
    history = page.get(item_path(cast.amina_at.id, "K7", "history"))
    assert history.status_code == (404 if code == 404 else 200)
    assert counts(database) == (0, 0)


@pytest.mark.parametrize("what", ["sign-off", "withdraw", "history"])
def test_an_item_the_standard_does_not_have_is_not_found(browser: Open, cast: Cast, what: str) -> None:
    page = browser(cast.asha)
    for code in ("K999", "k7", "nonsense"):
        assert page.get(item_path(cast.amina_at.id, code, what)).status_code == 404
        if what != "history":
            assert page.post(item_path(cast.amina_at.id, code, what), data={}).status_code == 404


def test_evidence_for_an_item_is_the_newest_submitted_version_that_claims_it(
    browser: Open, session: Session, database: Database, cast: Cast, pieces: list[Evidence]
) -> None:
    version = latest_version(session, pieces[0].id)
    commit(session)
    page = browser(cast.asha)
    page.post(review_path(pieces[0]), data=typed(version, {"K7": "partly", "D8": "covered"}))
    session.refresh(pieces[0])
    resubmitted(session, pieces[0], "D8")
    session.refresh(pieces[1])
    pieces[1].state = "withdrawn"
    commit(session)
    with database.reading() as fresh:
        k7 = evidence_for_item(fresh, cast.amina_at.id, "K7")
        assert [(one.version.number, one.is_newest, one.waits) for one in k7] == [(1, False, False)]
        assert k7[0].decision is not None
        assert k7[0].decision.outcome == "partly"
        d8 = evidence_for_item(fresh, cast.amina_at.id, "D8")
        assert [(one.version.number, one.is_newest, one.waits) for one in d8] == [(2, True, False)]
        assert [one.stands for one in decisions_on_item(fresh, cast.amina_at.id, "K7")] == [True]
