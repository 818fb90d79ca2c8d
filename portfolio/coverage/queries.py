"""The statement map, read from the progress summary: one row, one column. And what was learnt for a statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, literal, or_, select
from sqlalchemy.orm import Session

from kbs.coverage import CoverageMap
from kbs.statements import Standard
from portfolio.apprenticeships.models import Progress
from portfolio.training.models import HoursConfirmation, TrainingEntry

MOST_LEARNING = 5
"""Entries of the training log on the page of a statement: the log has the others."""


def coverage_of(session: Session, apprenticeship_id: UUID, standard: Standard) -> CoverageMap:
    """How each item of one apprenticeship stands now."""
    text = session.scalar(select(Progress.map).where(Progress.apprenticeship_id == apprenticeship_id))
    return CoverageMap.from_text(standard, text) if text else CoverageMap.empty(standard)


def progress_of(session: Session, apprenticeship_id: UUID) -> Progress | None:
    """The whole summary row."""
    return session.scalar(select(Progress).where(Progress.apprenticeship_id == apprenticeship_id))


@dataclass(frozen=True)
class Learning:
    """The newest entries of the training log for a statement, or for those of a duty, each with what was last said of
    it ("confirmed", "returned" or nothing); and how many there are."""

    entries: Sequence[tuple[TrainingEntry, str]]
    total: int


def learning_for(session: Session, apprenticeship_id: UUID, codes: Sequence[str]) -> Learning:
    """Entries that name one of these statements, newest day first. One query; none without codes."""
    if not codes:
        return Learning((), 0)
    said = (
        select(HoursConfirmation.outcome)
        .where(HoursConfirmation.entry_id == TrainingEntry.id)
        .order_by(HoursConfirmation.id.desc())
        .limit(1)
        .scalar_subquery()
    )
    named = literal(" ") + TrainingEntry.statements + literal(" ")
    rows = session.execute(
        select(TrainingEntry, func.coalesce(said, ""), func.count().over())
        .where(
            TrainingEntry.apprenticeship_id == apprenticeship_id,
            or_(*(named.contains(f" {code} ", autoescape=True) for code in codes)),
        )
        .order_by(TrainingEntry.day.desc(), TrainingEntry.id.desc())
        .limit(MOST_LEARNING)
    ).all()
    return Learning([(entry, outcome) for entry, outcome, _ in rows], rows[0][2] if rows else 0)
