"""Materials of a session: links and notes for who attended, from the day on which it was held."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.audit import actions as audit
from portfolio.courses.after_models import CourseMaterial
from portfolio.courses.models import Booking, CourseSession
from portfolio.courses.standing import state_of
from portfolio.refusals import NotFound, Refused, SentBefore
from portfolio.training.rules.evaluation import ASKED

MOST = 30
SAYS = ("title", "link", "note")


def session_in(session: Session, provider_id: UUID, session_id: UUID) -> CourseSession:
    """A session of this provider with its course. Raises NotFound."""
    found = session.scalar(
        select(CourseSession)
        .where(CourseSession.id == session_id, CourseSession.provider_id == provider_id)
        .options(joinedload(CourseSession.course))
    )
    if found is None:
        raise NotFound
    return found


def of_session(session: Session, session_id: UUID) -> Sequence[CourseMaterial]:
    """In the order in which they were added; at most MOST."""
    return session.scalars(
        select(CourseMaterial).where(CourseMaterial.session_id == session_id).order_by(CourseMaterial.id)
    ).all()


def for_attender(session: Session, booking: Booking, now: datetime) -> Sequence[CourseMaterial]:
    """What whoever attended may read; nothing for others, and nothing before the session is over."""
    if state_of(booking) not in ASKED or now < booking.session.ends_at:
        return ()
    return of_session(session, booking.session_id)


def add(
    session: Session, of: CourseSession, says: dict[str, str], *, form_key: str, by: UUID, now: datetime
) -> CourseMaterial:
    """Once per page. Raises Refused where there are too many, and SentBefore."""
    session.execute(select(CourseSession.id).where(CourseSession.id == of.id).with_for_update())
    there = of_session(session, of.id)
    for one in there:
        if form_key and one.form_key == form_key[:64]:
            if any(getattr(one, name) != says[name] for name in SAYS):
                raise SentBefore
            return one
    if len(there) >= MOST:
        raise Refused(f"A session has at most {MOST} materials. Take one away first.")
    row = CourseMaterial(
        provider_id=of.provider_id, session_id=of.id, form_key=form_key[:64], by_id=by, at=now, **says
    )
    session.add(row)
    session.flush()
    _note(session, row, "course.material_added", by, now)
    return row


def remove(session: Session, of: CourseSession, material_id: UUID, *, by: UUID, now: datetime) -> None:
    """Raises NotFound."""
    row = session.scalar(
        select(CourseMaterial).where(CourseMaterial.id == material_id, CourseMaterial.session_id == of.id)
    )
    if row is None:
        raise NotFound
    _note(session, row, "course.material_removed", by, now)
    session.delete(row)
    session.flush()


def _note(session: Session, row: CourseMaterial, action: str, by: UUID, now: datetime) -> None:
    audit.record(
        session,
        action,
        by=by,
        now=now,
        record="course_material",
        record_id=row.id,
        provider_id=row.provider_id,
        session_id=str(row.session_id),
    )
