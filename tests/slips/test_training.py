"""The entry of the training log that a piece was made from is closed, opened again and purged with it."""

from __future__ import annotations

from uuid import UUID

import pytest
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.training.models import TrainingEntry
from tests.assessment.steps import locked
from tests.builders import Cast, commit
from tests.slips.steps import (
    CLOSED,
    NAME,
    REMOVED,
    Open,
    a_lead,
    a_named_piece,
    answer,
    found_in_tables,
    report,
    slip_at,
)
from tests.slips.test_closing import ledger_faults
from tests.training.steps import an_answer, an_entry, entries, entry_path, log_path, say, typed


def an_entry_behind(session: Session, cast: Cast, piece: UUID, outcome: str) -> TrainingEntry:
    """With the name in each of its texts, answered by the mentor."""
    texts = dict.fromkeys(("what", "objective", "given_by", "certificate", "impact"), f"About {NAME}.")
    entry = an_entry(session, cast.amina_at, evidence_id=piece, **texts)
    if outcome:
        an_answer(session, entry, cast.marek, outcome, f"Who is {NAME}?" if outcome == "returned" else "")
    commit(session)
    return entry


@pytest.mark.parametrize("at_the_gateway", [False, True], ids=["open", "locked"])
@pytest.mark.parametrize("outcome", ["", "returned", "confirmed"])
def test_it_is_closed_with_the_piece_and_comes_back_with_it(
    browser: Open, session: Session, cast: Cast, database: Database, outcome: str, at_the_gateway: bool
) -> None:
    lead, piece = a_lead(session, cast), a_named_piece(browser, cast)
    entry = an_entry_behind(session, cast, piece, outcome)
    if at_the_gateway:
        locked(session, cast.amina_at, cast.priya)
        commit(session)
    assert report(browser, cast, piece, cast.marek).status_code == 303
    for who in (cast.amina, cast.marek, cast.asha, cast.ines, cast.priya):
        for address in (
            log_path(cast),
            entry_path(entry),
            log_path(cast) + "/audit",
            log_path(cast) + "/log.csv",
        ):
            assert NAME not in browser(who).get(address).text
    assert CLOSED in browser(cast.amina).get(entry_path(entry)).text
    assert answer(browser(lead), slip_at(database, cast, piece), "restore").status_code == 303
    assert entries(database)[0].what == f"About {NAME}."
    assert f"About {NAME}." in browser(cast.marek).get(entry_path(entry)).text


def test_while_it_is_closed_nothing_is_done_with_it(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    entry = an_entry_behind(session, cast, piece, "")
    report(browser, cast, piece, cast.marek)
    page = browser(cast.amina)
    assert page.get(entry_path(entry) + "/edit").status_code == 409
    assert page.post(entry_path(entry) + "/edit", data=typed()).status_code == 422
    assert page.post(entry_path(entry) + "/remove").status_code == 409
    for outcome in ("confirmed", "returned"):
        assert say(browser(cast.marek), entry, outcome, reason="So.").status_code == 422
    assert {one.what for one in entries(database)} == {CLOSED}


@pytest.mark.parametrize("outcome", ["", "returned", "confirmed"])
def test_a_purge_leaves_nothing_of_it(
    browser: Open, session: Session, cast: Cast, database: Database, outcome: str
) -> None:
    lead, piece = a_lead(session, cast), a_named_piece(browser, cast)
    entry = an_entry_behind(session, cast, piece, outcome)
    report(browser, cast, piece, cast.marek)
    assert answer(browser(lead), slip_at(database, cast, piece), "purge").status_code == 303
    assert found_in_tables(database, NAME) == set()
    (left,) = entries(database)
    assert (left.id, left.what, left.impact, left.minutes) == (entry.id, REMOVED, REMOVED, 90)
    assert REMOVED in browser(cast.amina).get(entry_path(entry)).text
    assert ledger_faults(database) == []
