"""A locked portfolio: a piece in it is closed and purged like any other, and nothing else in it changes."""

from __future__ import annotations

from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.gateway.fingerprint import fingerprint
from portfolio.gateway.models import GatewayLock
from portfolio.gateway.portfolio_query import portfolio_parts
from tests.builders import NOW, Cast
from tests.evidence.steps import state_of
from tests.slips.steps import NAME, Open, a_lead, a_named_piece, address, answer, report, slip_at, slip_of
from tests.slips.test_closing import ledger_faults


def lock(database: Database, cast: Cast) -> None:
    with database.writing() as session:
        session.add(
            GatewayLock(
                provider_id=cast.provider.id,
                apprenticeship_id=cast.amina_at.id,
                round=1,
                check_text="{}",
                portfolio_sha256=print_of(database, cast),
                locked_by_id=cast.priya.id,
                locked_at=NOW,
            )
        )


def print_of(database: Database, cast: Cast) -> str:
    with database.reading() as session:
        return fingerprint(portfolio_parts(session, cast.amina_at.id))


def test_it_is_closed_opened_again_and_purged_while_the_lock_stands(
    browser: Open, session: Session, cast: Cast, database: Database
) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    lock(database, cast)
    before = print_of(database, cast)
    assert report(browser, cast, piece, cast.marek).status_code == 303
    assert browser(cast.asha).get(address(cast, piece)).status_code == 409
    assert print_of(database, cast) == before, "what was locked is what lies under the seal"
    at = slip_at(database, cast, piece)
    refused = answer(browser(lead), at, "ask")
    assert refused.status_code == 409
    assert "locked at the gateway" in refused.text
    assert answer(browser(lead), at, "restore").status_code == 303
    assert NAME in browser(cast.asha).get(address(cast, piece)).text
    assert print_of(database, cast) == before
    report(browser, cast, piece, cast.asha)
    assert answer(browser(lead), slip_at(database, cast, piece), "purge").status_code == 303
    assert slip_of(database, piece).state == "purged"
    assert state_of(database, piece) == "submitted", "nothing else of a locked portfolio changes"
    assert ledger_faults(database) == []
