"""The statement map, read from the progress summary: one row, one column."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.coverage import CoverageMap
from kbs.statements import Standard
from portfolio.apprenticeships.models import Progress


def coverage_of(session: Session, apprenticeship_id: UUID, standard: Standard) -> CoverageMap:
    """How each item of one apprenticeship stands now."""
    text = session.scalar(select(Progress.map).where(Progress.apprenticeship_id == apprenticeship_id))
    return CoverageMap.from_text(standard, text) if text else CoverageMap.empty(standard)


def progress_of(session: Session, apprenticeship_id: UUID) -> Progress | None:
    """The whole summary row."""
    return session.scalar(select(Progress).where(Progress.apprenticeship_id == apprenticeship_id))
