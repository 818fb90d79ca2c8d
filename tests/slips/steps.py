"""What the tests of slips share: a piece with a name in every place where a name can stand, and its report."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Base, Database
from portfolio.people.models import Person
from portfolio.people.passwords import hash_password
from portfolio.sealing.models import Slip
from tests.assessment.steps import typed
from tests.builders import Cast, a_person, commit
from tests.client import Browser
from tests.evidence.steps import complete, newest, pages_of, piece_id, send, work_off
from tests.feedback.steps import PASSWORD, field_of
from tests.postgres import plain
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
    """Submitted by Amina, with a photo that is prepared and a comment of Marek's; NAME is in each."""
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


def bear_witness(browser: Open, session: Session, cast: Cast, piece: UUID) -> None:
    """Marek signs what he saw, with NAME in it."""
    session.get_one(Person, cast.marek.id).password_hash = hash_password(PASSWORD)
    commit(session)
    at, marek = f"{address(cast, piece)}/testimony", browser(cast.marek)
    shown = marek.get(at).text
    form = {name: field_of(shown, name) for name in ("version_id", "version_sha256")}
    form |= {"saw_on_day": "3", "saw_on_month": "10", "saw_on_year": "2025", "password": PASSWORD}
    form |= {"relation": f"Line manager, knows {NAME}", "statement": f"I sat beside {NAME}."}
    signed = marek.post(at, data=form)
    assert signed.status_code == 303, signed.text


def decide(browser: Open, cast: Cast, database: Database, piece: UUID, *, duty: str = "partly") -> None:
    """Asha covers K7, which is signed off on its strength; of the duty she says with NAME what is missing."""
    form = typed(newest(database, piece), {"K7": "covered", "D8": duty})
    if duty != "covered":
        form["missing-D8"] = f"More of what you did with {NAME}."
    decided = browser(cast.asha).post(f"{address(cast, piece)}/review", data=form)
    assert decided.status_code == 303, decided.text


def found_in_tables(database: Database, *words: str) -> set[str]:
    """Tables of which some row holds one of these words, as the owner of the database reads them."""
    found = set()
    with plain(database) as connection:
        for table in Base.metadata.sorted_tables:
            for row in connection.execute(select(table)):
                text = repr(tuple(row)).lower()
                found |= {table.name for word in words if word.lower() in text}
    return found


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if path.is_file()]
