"""Keep a provider's catalogue: courses, their dates, and what is taken over from a dated example.

Each writes, notes it in the trail, and flushes; the request commits. The same form sent twice does it once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.actions_setup import hold
from portfolio.audit import actions as audit
from portfolio.courses import actions as bookings
from portfolio.courses import queries_catalogue as queries
from portfolio.courses.models import Course, CourseSession
from portfolio.refusals import Refused, SentBefore


def add_course(
    session: Session, provider_id: UUID, says: Mapping[str, Any], *, by: UUID, form_key: str, now: datetime
) -> Course:
    """Raises SentBefore if the same page added another course before."""
    hold(session, provider_id)
    made = queries.course_made(session, provider_id, form_key)
    if made is not None:
        if any(getattr(made, name) != value for name, value in says.items()):
            raise SentBefore
        return made
    course = Course(provider_id=provider_id, form_key=form_key[:64], added_by_id=by, added_at=now, **says)
    session.add(course)
    session.flush()
    note(session, "courses.added", course, by=by, now=now)
    return course


def change_course(
    session: Session, course: Course, says: Mapping[str, Any], *, by: UUID, now: datetime
) -> None:
    if all(getattr(course, name) == value for name, value in says.items()):
        return
    for name, value in says.items():
        setattr(course, name, value)
    session.flush()
    note(session, "courses.changed", course, by=by, now=now)


def archive(session: Session, course: Course, archived: bool, *, by: UUID, now: datetime) -> None:
    """An archived course is not offered any more; what is booked takes place. It can be brought back."""
    if (course.archived_at is not None) == archived:
        return
    course.archived_at = now if archived else None
    session.flush()
    note(session, "courses.archived" if archived else "courses.offered_again", course, by=by, now=now)


def add_session(
    session: Session, course: Course, says: Mapping[str, Any], *, by: UUID, form_key: str, now: datetime
) -> CourseSession:
    """Raises Refused for a course that is archived, and SentBefore if the same page added another date before."""
    hold(session, course.provider_id)
    made = queries.session_made(session, course.provider_id, form_key)
    if made is not None:
        if made.course_id != course.id or any(getattr(made, name) != value for name, value in says.items()):
            raise SentBefore
        return made
    if course.archived_at is not None:
        raise Refused("This course is archived. Offer it again before you add a date.")
    one = CourseSession(
        provider_id=course.provider_id,
        course_id=course.id,
        form_key=form_key[:64],
        added_by_id=by,
        added_at=now,
        **says,
    )
    session.add(one)
    session.flush()
    note(session, "courses.session_added", one, by=by, now=now)
    return one


def change_session(
    session: Session, one: CourseSession, says: Mapping[str, Any], *, by: UUID, now: datetime
) -> None:
    """More places go to the waiting list at once; fewer take a place from nobody. Raises Refused for a date that is
    past or called off."""
    bookings.hold(session, one.id)
    if all(getattr(one, name) == value for name, value in says.items()):
        return
    if one.cancelled_at is not None:
        raise Refused("This session was called off. Add another date instead.")
    if one.starts_at <= now:
        raise Refused("This session has begun or is over, so it stays as it was. Add another date instead.")
    if says["starts_at"] <= now:
        raise Refused("The new start lies in the past. Choose a time that is still to come.")
    for name, value in says.items():
        setattr(one, name, value)
    session.flush()
    note(session, "courses.session_changed", one, by=by, now=now)
    bookings.move_on(session, one.id, now)


def note(
    session: Session, action: str, row: Course | CourseSession, *, by: UUID, now: datetime, **detail: Any
) -> None:
    audit.record(
        session,
        action,
        by=by,
        now=now,
        record=row.__tablename__,
        record_id=row.id,
        provider_id=row.provider_id,
        **detail,
    )
