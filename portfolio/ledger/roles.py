"""What somebody was to an apprenticeship when they did something that several roles may do."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Assignment
from portfolio.evidence.models import Evidence
from portfolio.gateway.models import Declaration
from portfolio.ledger.gathering import EVERYWHERE
from portfolio.ledger.kinds import BY_MODEL, Row
from portfolio.sealing.models import SlipEvent
from portfolio.sightings.models import Sighting
from portfolio.training.models import HoursConfirmation


def role_of(session: Session, row: Row, actor: str | None) -> str:
    """The role that the entry of this row names. Asks the database only where the row does not say it."""
    kind = BY_MODEL[type(row)]
    if kind.role:
        return kind.role
    if isinstance(row, Sighting | HoursConfirmation):
        return row.role
    if isinstance(row, SlipEvent):
        return row.role
    if isinstance(row, Evidence):
        return "apprentice" if actor == str(row.created_by_id) else "manager"
    if isinstance(row, Declaration) and row.party != "provider":
        return {"apprentice": "apprentice", "employer": "mentor"}[row.party]
    wanted = "assessor" if isinstance(row, Declaration) else "iqa"
    at: datetime = getattr(row, kind.at)
    return wanted if _was(session, row.apprenticeship_id, getattr(row, kind.by), wanted, at) else "manager"


def _was(session: Session, apprenticeship_id: UUID, person_id: UUID, role: str, at: datetime) -> bool:
    found = session.scalar(
        select(Assignment.id)
        .where(
            Assignment.apprenticeship_id == apprenticeship_id,
            Assignment.person_id == person_id,
            Assignment.role == role,
            or_(Assignment.until_at.is_(None), Assignment.until_at > at),
        )
        .limit(1)
        .execution_options(**EVERYWHERE)
    )
    return found is not None
