"""What an apprentice does on the pages of evidence, for the tests of this folder."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

from sqlalchemy import select

from kbs.catalogue import Catalogue
from portfolio.access import Viewer
from portfolio.apprenticeships.guards import Opened, open_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.background import make_worker
from portfolio.database import Database
from portfolio.evidence.models import Evidence, EvidenceFile, EvidenceVersion
from portfolio.evidence.queries import with_content
from portfolio.people.models import Person
from portfolio.people.sessions import viewer_for
from tests.client import Browser

COMPLETE: dict[str, Any] = {
    "type": "work_product",
    "title": "Passing a concern on",
    "happened_on_day": "2",
    "happened_on_month": "10",
    "happened_on_year": "2025",
    "what_happened": "A colleague came to me with a worry.",
    "what_i_did": "I listened, wrote it down and passed it on the same day.",
    "why": "Waiting could have left Child A at risk.",
    "claim": ["K7", "D8"],
    "note_K7": "From the second paragraph on",
    "original_kept_at": "The safeguarding log",
    "original_seen_by": "The designated safeguarding lead",
    "original_what": "An entry in the safeguarding log",
    "original_seen_on_day": "3",
    "original_seen_on_month": "10",
    "original_seen_on_year": "2025",
    "confidentiality": "anonymised",
    "nobody_identifiable": "yes",
    "own_work": "yes",
}
"""A form with nothing missing; tests leave fields out or change them."""


def complete(**changes: Any) -> dict[str, Any]:
    """The complete form with these changes; None leaves a field out."""
    form = COMPLETE | changes
    return {name: value for name, value in form.items() if value is not None}


def pages_of(at: Apprenticeship) -> str:
    return f"/apprenticeships/{at.id}/evidence"


def send(browser: Browser, address: str, form: dict[str, Any], *files: tuple[str, bytes]) -> Any:
    """The form as a browser sends it: always multipart, with these files, or with an empty file box."""
    parts = [("files", (name, content)) for name, content in files] or [("files", ("", b""))]
    return browser.post(address, data=form, files=parts)


def work_off(page: Browser) -> None:
    """Do the background work that is due: what was let go leaves the store only then."""
    make_worker(page.app).work_off()  # type: ignore[arg-type]


def piece_id(answer: Any) -> UUID:
    """The piece that an answer leads to: by its redirect, by htmx, or by the form on the page."""
    places = (answer.headers.get("location", ""), answer.headers.get("hx-redirect", ""), answer.text)
    for place in places:
        found = re.search(r"/evidence/([0-9a-f]{8}-[0-9a-f-]{27})", place)
        if found:
            return UUID(found[1])
    raise AssertionError("the answer names no piece")


def leads_to(answer: Any) -> str:
    """Where a browser or htmx goes next."""
    return str(answer.headers.get("location") or answer.headers.get("hx-redirect") or "")


def all_pieces(database: Database) -> list[Evidence]:
    with database.reading() as session:
        return list(session.scalars(select(Evidence).order_by(Evidence.id)))


def all_files(database: Database) -> list[EvidenceFile]:
    with database.reading() as session:
        return list(session.scalars(select(EvidenceFile).order_by(EvidenceFile.id)))


def versions_of(database: Database, evidence_id: UUID) -> list[EvidenceVersion]:
    """Every version of a piece with claims and files, the oldest first."""
    with database.reading() as session:
        return list(
            session.scalars(
                select(EvidenceVersion)
                .where(EvidenceVersion.evidence_id == evidence_id)
                .options(*with_content())
                .order_by(EvidenceVersion.number)
            )
        )


def newest(database: Database, evidence_id: UUID) -> EvidenceVersion:
    return versions_of(database, evidence_id)[-1]


def state_of(database: Database, evidence_id: UUID) -> str:
    with database.reading() as session:
        return session.get_one(Evidence, evidence_id).state


def opened_by(session: Any, catalogue: Catalogue, person: Person, at: Apprenticeship) -> Opened:
    """The apprenticeship as this person sees it."""
    viewer = viewer_for(session, person.id, person.id)
    assert isinstance(viewer, Viewer)
    return open_apprenticeship(session, catalogue, viewer, at.id)
