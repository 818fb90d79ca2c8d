"""What was signed off on the strength of a purged piece stays counted, says what became of it, and is told."""

from __future__ import annotations

import re

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from kbs.coverage import ItemState
from portfolio.assessment.models import SignOff
from portfolio.database import Database
from portfolio.settings import Settings
from tests.assessment.steps import states
from tests.builders import Cast
from tests.evidence.steps import pages_of, state_of, work_off
from tests.slips.steps import (
    NAME,
    REMOVED,
    Open,
    a_lead,
    a_named_piece,
    address,
    answer,
    bear_witness,
    decide,
    files_in,
    report,
    slip_at,
)
from tests.slips.test_closing import EVERYBODY, ledger_faults

HELD = ItemState.COVERED


def test_it_stays_counted_says_so_to_every_role_and_the_assessor_gets_a_letter(
    browser: Open,
    session: Session,
    cast: Cast,
    database: Database,
    settings: Settings,
    catalogue: Catalogue,
) -> None:
    lead = a_lead(session, cast)
    piece = a_named_piece(browser, cast)
    bear_witness(browser, session, cast, piece)
    decide(browser, cast, database, piece, duty="covered")
    item = f"/apprenticeships/{cast.amina_at.id}/items/K7"
    before = {who: browser(getattr(cast, who)).get(item).text for who in EVERYBODY}
    assert all(NAME in text for text in before.values())
    report(browser, cast, piece, cast.marek)
    assert states(database, catalogue, cast.amina_at.id, "K7", "D8") == {"K7": HELD, "D8": HELD}
    assert answer(browser(lead), slip_at(database, cast, piece), "purge").status_code == 303
    work_off(browser(lead))

    assert states(database, catalogue, cast.amina_at.id, "K7", "D8") == {"K7": HELD, "D8": HELD}
    assert state_of(database, piece) == "decided", "only a person takes back what a person decided"
    with database.reading() as fresh:
        assert {row.item_code: row.kind for row in fresh.scalars(select(SignOff))} == {
            "K7": "signed_off",
            "D8": "signed_off",
        }
    for who in EVERYBODY:
        page = browser(getattr(cast, who))
        shown = page.get(item).text
        assert REMOVED in shown, who
        assert NAME not in shown, who
        assert "covered" in shown.lower(), who
        assert REMOVED in page.get(pages_of(cast.amina_at)).text, who
        closed = page.get(address(cast, piece))
        assert closed.status_code == 409, who
        assert "was removed for good" in closed.text, who
        assert NAME not in page.get("/").text, who
    letters = [path.read_text() for path in files_in(settings.mail_folder)]
    [told] = [text for text in letters if "A piece was removed for good" in text]
    assert re.search(r"^To: .*asha\.abbott@example\.org", told, re.MULTILINE)
    assert address(cast, piece) in told.replace("=\n", "")
    assert NAME not in "".join(letters)
    assert ledger_faults(database) == []
