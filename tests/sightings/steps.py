"""What the tests of confirmations do again and again."""

from __future__ import annotations

from sqlalchemy import func, select

from portfolio.database import Database
from portfolio.evidence.models import Evidence
from portfolio.sightings.models import Sighting
from tests.client import Browser
from tests.feedback.steps import PASSWORD, field_of

WHERE = "In the safeguarding log, on the lead's screen"


def original_path(piece: Evidence) -> str:
    return f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}/original"


def piece_path(piece: Evidence) -> str:
    return f"/apprenticeships/{piece.apprenticeship_id}/evidence/{piece.id}"


def filled_in(shown: str, *, password: str = PASSWORD, **changes: str) -> dict[str, str]:
    """The form as the page gave it, filled in."""
    return {
        "version_id": field_of(shown, "version_id"),
        "version_sha256": field_of(shown, "version_sha256"),
        "seen_on_day": "22",
        "seen_on_month": "10",
        "seen_on_year": "2026",
        "seen_where": WHERE,
        "is_so": "yes",
        "password": password,
    } | changes


def confirm(page: Browser, address: str, **changes: str) -> None:
    answer = page.post(address, data=filled_in(page.get(address).text, **changes))
    assert answer.status_code == 303, answer.text


def how_many(database: Database) -> int:
    with database.reading() as fresh:
        return fresh.scalar(select(func.count(Sighting.id))) or 0
