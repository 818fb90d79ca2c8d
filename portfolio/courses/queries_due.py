"""What of their bookings waits for somebody: an apprentice's offers and dates near, a line manager's answers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portfolio.access import Role, Viewer
from portfolio.apprenticeships.models import Assignment
from portfolio.courses.models import Booking, CourseSession
from portfolio.training.due import DueLine, most_urgent_first
from portfolio.web.formats import clock_words, date_words, london_day, moment_words

SOON_DAYS = 14
FEW = 5


def due_for_own(session: Session, apprenticeship_ids: Iterable[UUID], today: date) -> list[DueLine]:
    """Offers to answer, and sessions booked for the next two weeks, in one query."""
    rows = session.scalars(
        select(Booking)
        .join(Booking.session)
        .where(
            Booking.apprenticeship_id.in_(list(apprenticeship_ids)),
            Booking.state.in_(("offered", "confirmed")),
        )
        .options(contains_eager(Booking.session).joinedload(CourseSession.course))
        .order_by(CourseSession.starts_at, Booking.id)
    )
    return most_urgent_first(line for one in rows if (line := _line(one, today)) is not None)


def _line(one: Booking, today: date) -> DueLine | None:
    on, title = london_day(one.session.starts_at), one.session.course.title
    address = f"/apprenticeships/{one.apprenticeship_id}/bookings/{one.id}"
    if on < today:
        return None
    if one.state == "offered" and one.offer_until is not None:
        until = one.offer_until
        if london_day(until) < today:
            return None
        sentence = f"A place came free on {date_words(on)}. Accept it until {moment_words(until)}."
        return DueLine(f"Place offered: {title}", sentence, address, london_day(until))
    if one.state == "confirmed" and on <= today + timedelta(days=SOON_DAYS):
        sentence = f"Booked for {date_words(on)} at {clock_words(one.session.starts_at)}."
        return DueLine(f"Course: {title}", sentence, address, on)
    return None


def waiting_for_mentor(session: Session, viewer: Viewer, most: int = FEW) -> list[Booking]:
    """Bookings that wait for this line manager's yes or no, the earliest date first."""
    return list(
        session.scalars(
            select(Booking)
            .join(Booking.session)
            .join(Assignment, Assignment.apprenticeship_id == Booking.apprenticeship_id)
            .where(
                Booking.state == "requested",
                Assignment.person_id == viewer.person_id,
                Assignment.role == Role.MENTOR.value,
                Assignment.until_at.is_(None),
                Booking.person_id != viewer.person_id,
            )
            .options(
                contains_eager(Booking.session).joinedload(CourseSession.course), joinedload(Booking.person)
            )
            .order_by(CourseSession.starts_at, Booking.id)
            .limit(most)
        )
    )
