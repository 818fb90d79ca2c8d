"""What the tests of slips share: a piece with a name in every place where a name can stand, and its report."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people.models import Person
from portfolio.sealing.models import Slip
from tests.builders import Cast, a_person, commit
from tests.client import Browser
from tests.evidence.steps import complete, pages_of, piece_id, send, work_off
from tests.storage import corpus

Open = Callable[..., Browser]
NAME = "zebequill"
"""Nobody: a name that slipped past the check for names, and stands nowhere else, so that every copy of it is found."""
CLOSED = "Closed: being looked at"
REMOVED = "Removed: it identified somebody"


def two_leads(session: Session, cast: Cast) -> tuple[Person, Person]:
    found = tuple(
        a_person(session, name, cast.provider, "manager", rights=("confidentiality",))
        for name in ("Lena Lead", "Lola Lead")
    )
    commit(session)
    return found[0], found[1]


def a_lead(session: Session, cast: Cast) -> Person:
    lead = a_person(session, "Lena Lead", cast.provider, "manager", rights=("confidentiality",))
    commit(session)
    return lead


def photo() -> tuple[str, bytes]:
    """Called by the name."""
    return f"{NAME}.jpg", corpus.GOOD["jpeg"][1]


def a_named_piece(browser: Open, cast: Cast, *, talked: bool = True, **more: Any) -> UUID:
    """Submitted by Amina, with a photo that is prepared, a comment of Marek's and his testimony; NAME is in each."""
    words = {
        "title": f"Talking with {NAME}",
        "what_happened": f"{NAME} told me something.",
        "what_i_did": f"I listened to {NAME}.",
        "why": f"For {NAME}.",
        "note_K7": f"About {NAME}",
    }
    page = browser(cast.amina)
    form = complete(action="submit", **(words | more))
    piece = piece_id(send(page, pages_of(cast.amina_at), form, photo()))
    work_off(page)
    if talked:
        talk(browser, cast, piece)
    return piece


def talk(browser: Open, cast: Cast, piece: UUID) -> None:
    at, marek = address(cast, piece), browser(cast.marek)
    key = form_key(marek.get(f"{at}/comments").text)
    said = marek.post(f"{at}/comments", data={"text": f"I know {NAME}.", "form_key": key})
    assert said.status_code == 303, said.text


def form_key(text: str) -> str:
    found = re.search(r'name="form_key" value="([^"]+)"', text)
    assert found, "the page has no form"
    return found[1]


def address(cast: Cast, piece: UUID) -> str:
    return f"{pages_of(cast.amina_at)}/{piece}"


REPORT = {"what": "person_at_risk", "part": "words", "note": "In the second sentence."}


def report(browser: Open, cast: Cast, piece: UUID, who: Person, **changes: str) -> Any:
    page, at = browser(who), address(cast, piece) + "/report"
    shown = page.get(at)
    assert shown.status_code == 200, shown.text
    return page.post(at, data=REPORT | {"form_key": form_key(shown.text)} | changes)


def slip_of(database: Database, piece: UUID) -> Slip:
    """The newest."""
    with database.reading() as session:
        found = session.scalars(
            select(Slip).where(Slip.evidence_id == piece).order_by(Slip.id.desc())
        ).first()
    assert found is not None
    return found


def slip_at(database: Database, cast: Cast, piece: UUID) -> str:
    return f"/providers/{cast.provider.id}/slips/{slip_of(database, piece).id}"


def answer(page: Browser, at: str, action: str, reason: str = "Looked at by both of us.") -> Any:
    return page.post(at, data={"action": action, "reason": reason})
