"""The review page: what it shows, what it refuses, and that nothing typed is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.coverage import ItemState
from portfolio.assessment.models import Decision, SignOff
from portfolio.database import Database
from portfolio.evidence.models import Evidence, EvidenceVersion
from tests.assessment.steps import counts, resubmitted, review_path, states, typed
from tests.builders import Cast, a_draft, a_submitted, commit, latest_version
from tests.client import Browser

Open = Callable[..., Browser]


@pytest.fixture
def piece(session: Session, cast: Cast) -> Evidence:
    piece = a_submitted(session, cast.amina_at, "K7", "S7", "D8")
    commit(session)
    return piece


@pytest.fixture
def version(session: Session, piece: Evidence) -> EvidenceVersion:
    version = latest_version(session, piece.id)
    commit(session)
    return version


def test_the_page_shows_evidence_and_each_claim_in_its_official_words(
    browser: Open, cast: Cast, piece: Evidence, catalogue: Catalogue
) -> None:
    shown = browser(cast.asha).get(review_path(piece))
    assert shown.status_code == 200
    standard = catalogue.get("ST1030", "1.0")
    for code in ("K7", "S7", "D8"):
        assert standard.item(code).text in shown.text.replace("&#39;", "'")
    assert "1 of 1" in shown.text
    assert "I followed our pathway" in shown.text
    assert " checked" not in shown.text.replace('value="" checked', ""), "nothing is chosen beforehand"
    assert "Record these decisions" in shown.text


@pytest.mark.parametrize("who", ["noor", "otto", "olu", "admin"])
def test_for_strangers_there_is_nothing_to_review(
    browser: Open, cast: Cast, piece: Evidence, version: EvidenceVersion, who: str
) -> None:
    page = browser(getattr(cast, who))
    assert page.get(review_path(piece)).status_code == 404
    assert page.post(review_path(piece), data=typed(version, {"K7": "covered"})).status_code == 404


@pytest.mark.parametrize("who", ["amina", "marek", "ines", "priya"])
def test_those_who_do_not_assess_may_not_review(
    browser: Open, database: Database, cast: Cast, piece: Evidence, version: EvidenceVersion, who: str
) -> None:
    page = browser(getattr(cast, who))
    everything = {"K7": "covered", "S7": "covered", "D8": "covered"}
    assert page.get(review_path(piece)).status_code == 403
    assert page.post(review_path(piece), data=typed(version, everything)).status_code == 403
    assert counts(database) == (0, 0)


def test_a_draft_cannot_be_reviewed(browser: Open, session: Session, cast: Cast) -> None:
    draft = a_draft(session, cast.amina_at, "K7")
    commit(session)
    assert browser(cast.asha).get(review_path(draft)).status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_deciding_records_signs_off_returns_and_says_so(
    browser: Open,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    piece: Evidence,
    version: EvidenceVersion,
    htmx: bool,
) -> None:
    page = browser(cast.asha, htmx=htmx)
    chosen = {"K7": "covered", "S7": "partly", "D8": "not_yet"}
    answer = page.post(review_path(piece), data=typed(version, chosen))
    assert answer.status_code == (204 if htmx else 303)
    onwards = answer.headers["HX-Redirect" if htmx else "location"]
    assert onwards == f"/queue?done={piece.id}"
    shown = page.get(onwards, headers={"HX-Request": "false"}).text
    assert "Recorded for <b>Amina Archer</b>: K7 covered, S7 partly, Duty 8 not yet." in shown
    assert states(database, catalogue, cast.amina_at.id, "K7", "S7", "D8", "K1") == {
        "K7": ItemState.COVERED,
        "S7": ItemState.PARTLY,
        "D8": ItemState.RETURNED,
        "K1": ItemState.NONE,
    }
    with database.reading() as fresh:
        assert fresh.get_one(Evidence, piece.id).state == "returned"
        rows = fresh.scalars(select(Decision).order_by(Decision.id)).all()
        assert [(row.item_code, row.outcome, row.missing) for row in rows] == [
            ("K7", "covered", ""),
            ("S7", "partly", "More about S7, please."),
            ("D8", "not_yet", "More about D8, please."),
        ]
        sign_off = fresh.scalars(select(SignOff)).one()
        assert (sign_off.item_code, sign_off.basis, sign_off.decision_id) == ("K7", "decision", rows[0].id)


def test_a_piece_with_everything_covered_is_decided(
    browser: Open, database: Database, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    everything = dict.fromkeys(("K7", "S7", "D8"), "covered")
    assert browser(cast.asha).post(review_path(piece), data=typed(version, everything)).status_code == 303
    with database.reading() as fresh:
        assert fresh.get_one(Evidence, piece.id).state == "decided"


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"outcome-S7": ""}, "S7: choose covered, partly or not yet."),
        ({"outcome-S7": "passed"}, "S7: choose covered, partly or not yet."),
        ({"missing-S7": "  "}, "S7: say what is missing."),
        ({"missing-S7": "x" * 5001}, "S7: use at most 5000 characters."),
        ({"current": ""}, "Answer yes or no: current?"),
        ({"current": "perhaps"}, "Answer yes or no: current?"),
        ({"current": "no"}, "K7: Covered needs all five answered yes, and current is answered no."),
        ({"valid-K7": "no", "reliable-K7": "no"}, "valid and reliable are answered no."),
    ],
)
def test_a_mistake_records_nothing_and_keeps_everything_typed(
    browser: Open,
    database: Database,
    cast: Cast,
    piece: Evidence,
    version: EvidenceVersion,
    change: dict[str, str],
    sentence: str,
    htmx: bool,
) -> None:
    page = browser(cast.asha, htmx=htmx)
    fields = typed(version, {"K7": "covered", "S7": "partly", "D8": "not_yet"}, differs="x") | change
    answer = page.post(review_path(piece), data=fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert 'value="covered" checked' in answer.text
    assert "More about D8, please." in answer.text
    assert f'name="form_key" value="{fields["form_key"]}"' in answer.text
    assert answer.text.lstrip().startswith('<div id="decide">') is htmx
    field = next(iter(change))
    assert f'href="#{field if "K7" not in field and change[field] != "no" else "outcome-K7"}"' in answer.text
    assert counts(database) == (0, 0)


def test_one_claim_may_differ_in_the_five(
    browser: Open, database: Database, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    fields = typed(version, {"K7": "covered", "S7": "partly", "D8": "covered"}, sufficient_S7="no")
    assert browser(cast.asha).post(review_path(piece), data=fields).status_code == 303
    with database.reading() as fresh:
        rows = {row.item_code: row for row in fresh.scalars(select(Decision))}
    assert rows["S7"].five_yes == ["valid", "authentic", "current", "reliable"]
    assert len(rows["K7"].five_yes) == 5


def test_the_five_need_no_answer_for_the_piece_if_every_claim_has_its_own(
    browser: Open, database: Database, cast: Cast, piece: Evidence, version: EvidenceVersion
) -> None:
    fields = typed(version, {"K7": "covered", "S7": "covered", "D8": "covered"}) | {"valid": ""}
    fields |= {f"valid-{code}": "yes" for code in ("K7", "S7", "D8")}
    assert browser(cast.asha).post(review_path(piece), data=fields).status_code == 303
    assert counts(database) == (3, 3)


def test_a_claim_covered_on_an_earlier_version_stands_and_is_not_asked_again(
    browser: Open,
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    piece: Evidence,
    version: EvidenceVersion,
) -> None:
    page = browser(cast.asha)
    page.post(review_path(piece), data=typed(version, {"K7": "covered", "S7": "partly", "D8": "covered"}))
    session.refresh(piece)
    again = resubmitted(session, piece, "K7", "S7", "D8")
    commit(session)
    shown = page.get(review_path(piece)).text
    assert 'name="outcome-S7"' in shown
    assert 'name="outcome-K7"' not in shown
    assert "It stands and needs no decision." in shown
    assert "Version 1: partly. More about S7, please." in shown
    answer = page.post(review_path(piece), data=typed(again, {"S7": "covered"}, key="2" * 32))
    assert answer.status_code == 303
    with database.reading() as fresh:
        assert fresh.get_one(Evidence, piece.id).state == "decided"
    assert set(states(database, catalogue, cast.amina_at.id, "K7", "S7", "D8").values()) == {
        ItemState.COVERED
    }


def test_a_version_that_only_claims_what_is_covered_can_be_closed(
    browser: Open,
    session: Session,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    piece: Evidence,
    version: EvidenceVersion,
) -> None:
    page = browser(cast.asha)
    page.post(review_path(piece), data=typed(version, {"K7": "covered", "S7": "partly", "D8": "partly"}))
    session.refresh(piece)
    again = resubmitted(session, piece, "K7")
    commit(session)
    assert "Close this piece" in page.get(review_path(piece)).text
    for _ in range(2):
        answer = page.post(review_path(piece), data=typed(again, {}, key="2" * 32))
        assert answer.status_code == 303
        told = page.get(answer.headers["location"]).text
        assert "everything in it was covered before, so it is closed" in told
    with database.reading() as fresh:
        assert fresh.get_one(Evidence, piece.id).state == "decided"
    assert counts(database) == (3, 1)
    states(database, catalogue, cast.amina_at.id)
