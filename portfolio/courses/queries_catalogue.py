"""A provider's courses and their dates, page by page."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portfolio.courses.models import Booking, Course, CourseSession
from portfolio.courses.queries import bookings_of
from portfolio.courses.standing import Line, place_of
from portfolio.refusals import NotFound
from portfolio.web.paging import PER_PAGE, Slice, cut


@dataclass(frozen=True)
class Offered:
    """One date with its places."""

    session: CourseSession
    line: Line


def course_in(session: Session, provider_id: UUID, course_id: UUID) -> Course:
    """Raises NotFound."""
    found = session.scalar(select(Course).where(Course.id == course_id, Course.provider_id == provider_id))
    if found is None:
        raise NotFound
    return found


def session_in(session: Session, provider_id: UUID, course_id: UUID, session_id: UUID) -> CourseSession:
    """With its course. Raises NotFound."""
    found = session.scalar(
        select(CourseSession)
        .where(
            CourseSession.id == session_id,
            CourseSession.course_id == course_id,
            CourseSession.provider_id == provider_id,
        )
        .options(joinedload(CourseSession.course))
    )
    if found is None:
        raise NotFound
    return found


def courses_page(
    session: Session, provider_id: UUID, *, kind: str = "", archived: bool = False, number: int = 1
) -> Slice[Course]:
    asked = select(Course).where(Course.provider_id == provider_id)
    asked = asked.where(Course.archived_at.is_not(None) if archived else Course.archived_at.is_(None))
    if kind:
        asked = asked.where(Course.kind == kind)
    asked = asked.order_by(Course.title, Course.id).limit(PER_PAGE + 1).offset((number - 1) * PER_PAGE)
    return cut(session.scalars(asked).all(), number)


def upcoming_by_course(
    session: Session, course_ids: Iterable[UUID], now: datetime
) -> dict[UUID, tuple[int, datetime]]:
    """Of each course, how many dates are to come and which is the next."""
    rows = session.execute(
        select(CourseSession.course_id, func.count(), func.min(CourseSession.starts_at))
        .where(
            CourseSession.course_id.in_(list(course_ids)),
            CourseSession.starts_at > now,
            CourseSession.cancelled_at.is_(None),
        )
        .group_by(CourseSession.course_id)
    )
    return {course: (count, first) for course, count, first in rows}


def dates_page(
    session: Session, course_id: UUID, now: datetime, *, number: int = 1, to_come: bool = False
) -> Slice[Offered]:
    """The dates of one course, newest first for the provider; those `to_come`, the next one first, to be booked."""
    asked = select(CourseSession).where(CourseSession.course_id == course_id)
    if to_come:
        asked = asked.where(CourseSession.starts_at > now, CourseSession.cancelled_at.is_(None))
        asked = asked.order_by(CourseSession.starts_at, CourseSession.id)
    else:
        asked = asked.order_by(CourseSession.starts_at.desc(), CourseSession.id)
    rows = session.scalars(asked.limit(PER_PAGE + 1).offset((number - 1) * PER_PAGE)).all()
    return cut(with_places(session, rows, now), number)


def upcoming_page(
    session: Session, provider_id: UUID, now: datetime, *, word: str = "", number: int = 1
) -> Slice[Offered]:
    """What can be booked: dates to come of courses that are not archived."""
    asked = (
        select(CourseSession)
        .join(CourseSession.course)
        .where(
            CourseSession.provider_id == provider_id,
            CourseSession.starts_at > now,
            CourseSession.cancelled_at.is_(None),
            Course.archived_at.is_(None),
        )
        .options(joinedload(CourseSession.course))
    )
    if word:
        asked = asked.where(
            Course.title.icontains(word, autoescape=True) | Course.about.icontains(word, autoescape=True)
        )
    asked = asked.order_by(CourseSession.starts_at, CourseSession.id)
    rows = session.scalars(asked.limit(PER_PAGE + 1).offset((number - 1) * PER_PAGE)).all()
    return cut(with_places(session, rows, now), number)


def with_places(session: Session, rows: Iterable[CourseSession], now: datetime) -> list[Offered]:
    """These dates with their places, in one query for all of them."""
    rows = list(rows)
    by_session: dict[UUID, list[Booking]] = {one.id: [] for one in rows}
    for booking in bookings_of(session, by_session):
        by_session[booking.session_id].append(booking)
    return [
        Offered(one, Line(one, tuple(place_of(each) for each in by_session[one.id]), now)) for one in rows
    ]


def course_made(session: Session, provider_id: UUID, form_key: str) -> Course | None:
    """The first course that this page made before; an empty key makes none."""
    if not form_key:
        return None
    mine = (Course.provider_id == provider_id, Course.form_key == form_key[:64])
    return session.scalar(select(Course).where(*mine).order_by(Course.id).limit(1))


def session_made(session: Session, provider_id: UUID, form_key: str) -> CourseSession | None:
    """The date that this page made before; an empty key makes none."""
    if not form_key:
        return None
    mine = (CourseSession.provider_id == provider_id, CourseSession.form_key == form_key[:64])
    return session.scalar(select(CourseSession).where(*mine).order_by(CourseSession.id).limit(1))


def taken_from(session: Session, provider_id: UUID) -> dict[str, UUID]:
    """The shipped courses that were taken over, with the course each became."""
    rows = session.execute(
        select(Course.source, Course.id).where(Course.provider_id == provider_id, Course.source != "")
    )
    return {one.source: one.id for one in rows}
