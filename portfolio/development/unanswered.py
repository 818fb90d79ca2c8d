"""Entries of the training log that wait for confirmation, of many apprentices at once.

An entry waits if its log says so (`log.State.WAITING`): it claims hours, nobody has answered it as it stands, and it
can count. What the rules ask of an entry (`hours.blocked`) is asked of its columns here; tests/development prove that
both say the same. In a portfolio that is locked or ended nothing can be confirmed, so nothing waits."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session, aliased

from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning, Progress
from portfolio.evidence.rules import CLOSED
from portfolio.training.models import TrainingEntry
from portfolio.training.queries import answered
from portfolio.training.rules import hours
from portfolio.web.formats import london_day

OTHER = aliased(TrainingEntry)
"""Another entry of the same log. Made once: making an alias costs."""


def unanswered(session: Session, ids: Select[UUID], today: date) -> dict[UUID, int]:
    """How many entries of these apprenticeships wait, by apprenticeship; those without any are left out. Two queries."""
    rows = session.execute(
        _waiting(select(TrainingEntry.apprenticeship_id, func.count(TrainingEntry.id)), ids, today).group_by(
            TrainingEntry.apprenticeship_id
        )
    )
    found: dict[UUID, int] = {apprenticeship_id: number for apprenticeship_id, number in rows}  # noqa: C416
    for apprenticeship_id in _second_times(session, ids, today).values():
        found[apprenticeship_id] -= 1
    return {apprenticeship_id: number for apprenticeship_id, number in found.items() if number}


def _waiting(statement: Any, ids: Select[UUID], today: date) -> Any:
    return (
        statement.join(Apprenticeship, Apprenticeship.id == TrainingEntry.apprenticeship_id)
        .join(Progress, Progress.apprenticeship_id == TrainingEntry.apprenticeship_id)
        .where(
            TrainingEntry.apprenticeship_id.in_(ids),
            Progress.stage.not_in(list(CLOSED)),
            TrainingEntry.counts,
            ~answered("confirmed", "returned"),
            *_can_count(today),
        )
    )


def _can_count(today: date) -> tuple[ColumnElement[bool], ...]:
    away = select(BreakInLearning.id).where(
        BreakInLearning.apprenticeship_id == TrainingEntry.apprenticeship_id,
        BreakInLearning.began_on <= TrainingEntry.day,
        or_(BreakInLearning.ended_on.is_(None), BreakInLearning.ended_on > TrainingEntry.day),
    )
    return (
        func.trim(TrainingEntry.what) != "",
        TrainingEntry.minutes.between(1, hours.DAY_MINUTES),
        TrainingEntry.day <= today,
        TrainingEntry.day >= Apprenticeship.start_on,
        or_(Apprenticeship.withdrawn_on.is_(None), Apprenticeship.withdrawn_on >= TrainingEntry.day),
        ~away.exists(),
        TrainingEntry.in_paid_hours.is_(True),
        TrainingEntry.new_learning.is_(True),
        ~TrainingEntry.english_maths,
        ~TrainingEntry.assessment_or_review,
        func.trim(TrainingEntry.statements) != "",
    )


def _second_times(session: Session, ids: Select[UUID], today: date) -> dict[UUID, UUID]:
    """Those of them whose text stands on the same day already, with their apprenticeship: only the first counts. Texts
    are read of days with two entries alone, and compared as the rules compare them."""
    both = select(
        TrainingEntry.id,
        TrainingEntry.apprenticeship_id,
        TrainingEntry.what,
        TrainingEntry.entered_at,
        OTHER.id,
        OTHER.what,
        OTHER.entered_at,
    )
    rows = session.execute(
        _waiting(both, ids, today).join(
            OTHER,
            (OTHER.apprenticeship_id == TrainingEntry.apprenticeship_id)
            & (OTHER.day == TrainingEntry.day)
            & (OTHER.id != TrainingEntry.id)
            & OTHER.counts,
        )
    )
    return {
        entry: apprenticeship_id
        for entry, apprenticeship_id, what, entered_at, other, its_what, its_entered_at in rows
        if (london_day(its_entered_at), str(other)) < (london_day(entered_at), str(entry))
        and hours.same_text(what, its_what)
    }
