"""Every quarter of an hour: offers whose time has run out lapse, the next in line is offered the place, and what was
never confirmed lapses once its session has begun.

Each session has its own transaction and its row is held in it. What is done already is seen in the rows: a worker that
dies between two sessions, or a second worker beside it, does nothing twice."""

from __future__ import annotations

import logging
from datetime import datetime
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from portfolio.courses import actions
from portfolio.courses.models import Booking, CourseSession
from portfolio.jobs.work import Handler, Payload, Recurring, Work

logger = logging.getLogger("portfolio.courses")
MOVE_ON = "courses.move_on"
NOT_HELD = ("requested", "approved", "waiting", "offered")


def sessions_due(session: Session, now: datetime) -> list[UUID]:
    """Sessions in which something may follow by itself, the earliest first."""
    ran_out = and_(Booking.state == "offered", Booking.offer_until < now)
    moves = Booking.state.in_(("approved", "waiting"))
    begun = CourseSession.starts_at <= now
    rows = session.scalars(
        select(CourseSession.id)
        .where(
            CourseSession.cancelled_at.is_(None),
            select(Booking.id)
            .where(
                Booking.session_id == CourseSession.id,
                Booking.state.in_(NOT_HELD),
                or_(ran_out, moves, begun),
            )
            .exists(),
        )
        .order_by(CourseSession.starts_at, CourseSession.id)
    )
    return list(rows)


def move_on(work: Work, payload: Payload) -> None:
    with work.database.reading() as session:
        due = sessions_due(session, work.now)
    count = 0
    for session_id in due:
        with work.database.writing() as session:
            count += actions.move_on(session, session_id, work.now)
    if count:
        logger.info("courses.moved_on", extra={"count": count})


def _each_quarter(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}:{now.minute // 15}"


HANDLERS: dict[str, Handler] = {MOVE_ON: move_on}
RECURRING = [Recurring(MOVE_ON, _each_quarter)]
