"""Notes about a piece that was reported: what identifies somebody is left out of them, and nobody waits for it."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.findings.rules import Checked, left_out, look
from portfolio.identities.rules import Known
from portfolio.sealing.models import SlipEvent
from tests.builders import Cast, a_submitted, commit
from tests.client import Browser
from tests.findings.steps import NAME, PHONE
from tests.slips.steps import a_lead, answer, report, slip_at, slip_of

Open = Callable[..., Browser]


def test_every_place_is_left_out_and_the_rest_stands() -> None:
    text = f"{NAME} is on the wall, with {PHONE}. Again {NAME}."
    assert left_out(text, look([Checked("", "", text)], Known())) == (
        "[left out: looks like a name with a title] is on the wall, with [left out: looks like a phone number]. "
        "Again [left out: looks like a name with a title]."
    )
    assert left_out("Second photo, on the wall", ()) == "Second photo, on the wall"


def test_a_report_closes_at_once_and_its_note_repeats_no_name(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    a_lead(session, cast)
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    told = f"{NAME} is on the second photo, ring {PHONE}"
    assert report(browser, cast, piece.id, cast.marek, note=told).status_code == 303
    slip = slip_of(database, piece.id)
    assert slip.state == "open"
    assert slip.note == (
        "[left out: looks like a name with a title] is on the second photo, ring [left out: looks like a phone number]"
    )


def test_the_reason_of_a_lead_repeats_no_name_either(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    lead = a_lead(session, cast)
    piece = a_submitted(session, cast.amina_at, "K7")
    commit(session)
    assert report(browser, cast, piece.id, cast.marek).status_code == 303
    at = slip_at(database, cast, piece.id)
    assert answer(browser(lead), at, "ask", f"{NAME} can be recognised, Amina Archer.").status_code == 303
    with database.reading() as fresh:
        reasons = set(fresh.scalars(select(SlipEvent.reason)))
    assert "[left out: looks like a name with a title] can be recognised, Amina Archer." in reasons
