"""What the tests of chosen frameworks, ratings and links do again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Database
from portfolio.frameworks.models import CompetencyLink, CompetencyRating, FrameworkChoice
from portfolio.training.models import TrainingEntry
from tests.builders import NOW, Cast

LATER = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
MK, PA3 = "mk-together-2020", "pa3-2022"
FIRST, SECOND = "1-child-1", "1-child-2"
"""Two competencies of the first level."""
WHY = "First point of contact for the whole school."


def competencies_path(cast: Cast, rest: str = "") -> str:
    return f"/apprenticeships/{cast.amina_at.id}/competencies{rest}"


def chosen(**changes: Any) -> dict[str, Any]:
    """The form of a choice."""
    return {"level": f"{MK}:2", "strand": "both", "reason": WHY, "form_key": "c" * 32} | changes


def rating(**changes: Any) -> dict[str, Any]:
    """The form of one rating."""
    return {"id": FIRST, "rating": "developing", "note": "", "form_key": "r" * 32} | changes


def several(*pairs: tuple[str, str, str], **changes: Any) -> dict[str, Any]:
    """The form of a level: (competency, what stood there, what is chosen now) for each."""
    fields: dict[str, Any] = {"level": "1", "competency": [one for one, _, _ in pairs], "form_key": "s" * 32}
    for place, (_, was, now) in enumerate(pairs, 1):
        fields |= {f"was-{place}": was} | ({f"rating-{place}": now} if now else {})
    return fields | changes


def a_choice(session: Session, at: Apprenticeship, by: Any, **more: Any) -> FrameworkChoice:
    """Level 2 of the Milton Keynes framework, for children and adults, unless said otherwise."""
    values: dict[str, Any] = {
        "framework_id": MK,
        "level_id": "2",
        "strand": "both",
        "reason": WHY,
        "role": "mentor",
        "form_key": "",
        "chosen_at": NOW,
    } | more
    row = FrameworkChoice(provider_id=at.provider_id, apprenticeship_id=at.id, chosen_by_id=by.id, **values)
    session.add(row)
    session.flush()
    return row


def a_rating(
    session: Session, of: Apprenticeship, by: Any, side: str, value: str, competency: str = FIRST, **more: Any
) -> CompetencyRating:
    values: dict[str, Any] = {"framework_id": MK, "note": "", "form_key": "", "at": NOW} | more
    row = CompetencyRating(
        provider_id=of.provider_id,
        apprenticeship_id=of.id,
        competency_id=competency,
        side=side,
        rating=value,
        by_id=by.id,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def a_link(
    session: Session, at: Apprenticeship, by: Any, record: Any, competency: str = FIRST, framework: str = MK
) -> CompetencyLink:
    """A piece or an entry of the training log, whichever it is."""
    of_entry = isinstance(record, TrainingEntry)
    row = CompetencyLink(
        provider_id=at.provider_id,
        apprenticeship_id=at.id,
        framework_id=framework,
        competency_id=competency,
        evidence_id=None if of_entry else record.id,
        entry_id=record.id if of_entry else None,
        by_id=by.id,
        at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def choices(database: Database) -> Sequence[FrameworkChoice]:
    with database.reading() as fresh:
        return fresh.scalars(select(FrameworkChoice).order_by(FrameworkChoice.id)).all()


def ratings(database: Database) -> Sequence[CompetencyRating]:
    with database.reading() as fresh:
        return fresh.scalars(select(CompetencyRating).order_by(CompetencyRating.id)).all()


def links(database: Database) -> Sequence[CompetencyLink]:
    with database.reading() as fresh:
        return fresh.scalars(select(CompetencyLink).order_by(CompetencyLink.id)).all()
