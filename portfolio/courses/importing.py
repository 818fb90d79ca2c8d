"""What is there that a list could name, and the writing of its good rows."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.courses.actions_catalogue import note
from portfolio.courses.course_list import Row, same
from portfolio.courses.models import Course, CourseSession


def known_courses(session: Session, provider_id: UUID) -> tuple[dict[str, set[datetime]], frozenset[str]]:
    """The starts of every date by the title of its course, and the titles of courses that are archived."""
    starts: dict[str, set[datetime]] = {}
    archived: set[str] = set()
    rows = session.execute(
        select(Course.title, Course.archived_at, CourseSession.starts_at)
        .outerjoin(CourseSession, CourseSession.course_id == Course.id)
        .where(Course.provider_id == provider_id)
    )
    for title, archived_at, starts_at in rows:
        if archived_at is not None:
            archived.add(same(title))
            continue
        dates = starts.setdefault(same(title), set())
        if starts_at is not None:
            dates.add(starts_at)
    return starts, frozenset(archived)


def carry_out(session: Session, provider_id: UUID, rows: Iterable[Row], *, by: UUID, now: datetime) -> None:
    """Write these rows, courses before their dates. The catalogue of the provider is held by the caller."""
    courses = {
        same(one.title): one
        for one in session.scalars(
            select(Course)
            .where(Course.provider_id == provider_id, Course.archived_at.is_(None))
            .order_by(Course.id.desc())
        )
    }
    for row in rows:
        course = courses.get(row.key)
        if course is None:
            course = Course(provider_id=provider_id, added_by_id=by, added_at=now, **row.course)
            session.add(course)
            session.flush()
            courses[row.key] = course
            note(session, "courses.added", course, by=by, now=now)
        if row.date is not None:
            one = CourseSession(
                provider_id=provider_id, course_id=course.id, added_by_id=by, added_at=now, **row.date
            )
            session.add(one)
            session.flush()
            note(session, "courses.session_added", one, by=by, now=now)
