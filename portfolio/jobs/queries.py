"""How the background work stands: how long the oldest job waits, and what was tried as often as it may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session

from portfolio.jobs.models import Job
from portfolio.web.paging import PER_PAGE, Slice, cut


@dataclass(frozen=True)
class Lag:
    """`seconds`: since when the oldest due job waits, 0 if none is due. `dead`: how many nobody tries any more."""

    seconds: float
    dead: int


def lag(session: Session, now: datetime) -> Lag:
    """For readiness and metrics, in one query. A job that waits for its time, or is being done, does not lag."""
    oldest, dead = session.execute(
        select(
            select(func.min(Job.run_at))
            .where(_due(now))
            .scalar_subquery(),  # reads open jobs only, by their index
            select(func.count()).where(Job.dead_at.is_not(None)).scalar_subquery(),
        )
    ).one()
    return Lag(max((now - oldest).total_seconds(), 0.0) if oldest else 0.0, dead)


@dataclass(frozen=True)
class Kind:
    """How one kind of work stands. `open`: to be done, now or at its time, or being done; `oldest`: since when
    the one that waits longest is due, None if none is due; `dead`: given up."""

    kind: str
    open: int
    oldest: datetime | None
    dead: int


def by_kind(session: Session, now: datetime) -> Sequence[Kind]:
    """Every kind of work of which something is to do or was given up, by name. One query."""
    rows = session.execute(
        select(
            Job.kind,
            func.count().filter(Job.dead_at.is_(None)),
            func.min(Job.run_at).filter(_due(now)),
            func.count().filter(Job.dead_at.is_not(None)),
        )
        .where(Job.done_at.is_(None))
        .group_by(Job.kind)
        .order_by(Job.kind)
    )
    return [Kind(*row) for row in rows]


def dead(session: Session, number: int) -> Slice[Job]:
    """Jobs that nobody tries any more, the latest first."""
    rows = session.scalars(
        select(Job)
        .where(Job.dead_at.is_not(None))
        .order_by(Job.dead_at.desc(), Job.id)
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    ).all()
    return cut(rows, number)


def kind_of(session: Session, job_id: UUID) -> str | None:
    """The kind of this job; None if there is none."""
    return session.scalar(select(Job.kind).where(Job.id == job_id))


def _due(now: datetime) -> ColumnElement[bool]:
    free = Job.lease_until.is_(None) | (Job.lease_until < now)
    return and_(Job.done_at.is_(None), Job.dead_at.is_(None), Job.run_at <= now, free)
