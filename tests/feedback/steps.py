"""What the tests of feedback do again and again."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Role, Viewer
from portfolio.apprenticeships.guards import Opened, open_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.evidence.models import Evidence
from portfolio.people.models import Person
from portfolio.people.sessions import viewer_for
from tests.builders import Cast

LATER = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
PASSWORD = "correct horse battery"


def seen_by(session: Session, person: Person) -> Viewer:
    """The person as a guard sees them."""
    viewer = viewer_for(session, person.id, person.id)
    assert viewer is not None
    return viewer


def opened_by(session: Session, catalogue: Catalogue, person: Person, at: Apprenticeship) -> Opened:
    """The apprenticeship as this person opens it."""
    return open_apprenticeship(session, catalogue, seen_by(session, person), at.id)


def comments_path(piece: Evidence) -> str:
    return f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/comments"


def path_to_testimony(piece: Evidence) -> str:
    return f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/testimony"


def everybody(cast: Cast) -> dict[str, tuple[Person, set[Role]]]:
    """Who is who, towards Amina's apprenticeship."""
    return {
        "apprentice": (cast.amina, {Role.APPRENTICE}),
        "mentor": (cast.marek, {Role.MENTOR}),
        "assessor": (cast.asha, {Role.ASSESSOR}),
        "iqa": (cast.ines, {Role.IQA}),
        "manager": (cast.priya, {Role.MANAGER}),
    }


def field_of(html: str, name: str) -> str:
    """The value of a hidden field of the page."""
    import re

    found = re.search(rf'name="{name}" value="([^"]*)"', html)
    assert found, f"the page has no field {name}"
    return found.group(1)


def ids(*pieces: Evidence) -> list[UUID]:
    return [piece.id for piece in pieces]
