"""Bookings of one apprenticeship and of one session, with what the rules need to know of them."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, contains_eager, joinedload

from portfolio.access import Role
from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Assignment
from portfolio.courses.models import Booking, BookingStep, CourseSession
from portfolio.courses.moments import as_listed
from portfolio.courses.standing import Line, place_of, state_of
from portfolio.people.models import Person
from portfolio.refusals import NotFound
from portfolio.training.rules import places
from portfolio.training.rules.booking import OPEN, Facts
from portfolio.web.paging import PER_PAGE, Slice, cut


def booking_in(session: Session, opened: Opened, booking_id: UUID) -> Booking:
    """One booking of this apprenticeship, with its session and course. Raises NotFound."""
    found = session.scalar(
        select(Booking)
        .where(Booking.id == booking_id, Booking.apprenticeship_id == opened.id)
        .options(joinedload(Booking.session).joinedload(CourseSession.course), joinedload(Booking.person))
    )
    if found is None:
        raise NotFound
    return found


def bookings_of(session: Session, session_ids: Iterable[UUID], *, fresh: bool = False) -> list[Booking]:
    """Every booking of these sessions, in the order in which they were asked for. `fresh`: as the database has them
    now, whatever was read before."""
    return list(
        session.scalars(
            select(Booking)
            .where(Booking.session_id.in_(list(session_ids)))
            .order_by(Booking.asked_at, Booking.id)
            .execution_options(populate_existing=fresh)
        )
    )


def line_of(session: Session, of: CourseSession, now: datetime) -> Line:
    return Line(of, tuple(place_of(one) for one in bookings_of(session, [of.id])), now)


def facts_of(
    session: Session,
    booking: Booking,
    now: datetime,
    *,
    own: bool = False,
    reason: str = "",
    certified: bool = False,
) -> Facts:
    """What a step of this booking is decided by. The booking comes with its session loaded."""
    line = line_of(session, booking.session, now)
    return line.facts(booking, own=own, reason=reason, certified=certified)


def steps_of(session: Session, booking_id: UUID) -> list[BookingStep]:
    """The history of a booking, oldest first."""
    return list(
        session.scalars(
            select(BookingStep)
            .where(BookingStep.booking_id == booking_id)
            .options(joinedload(BookingStep.by))
            .order_by(BookingStep.id)
        )
    )


def own_page(session: Session, apprenticeship_id: UUID, number: int = 1) -> Slice[Booking]:
    """The bookings of one apprenticeship, the latest date first."""
    asked = (
        select(Booking)
        .join(Booking.session)
        .where(Booking.apprenticeship_id == apprenticeship_id)
        .options(contains_eager(Booking.session).joinedload(CourseSession.course))
        .order_by(CourseSession.starts_at.desc(), Booking.id.desc())
        .limit(PER_PAGE + 1)
        .offset((number - 1) * PER_PAGE)
    )
    return cut(session.scalars(asked).all(), number)


def open_bookings(session: Session, apprenticeship_id: UUID) -> list[Booking]:
    """What may still come to sit in a session, with it and its course: what another date may clash with."""
    return list(
        session.scalars(
            select(Booking)
            .where(
                Booking.apprenticeship_id == apprenticeship_id,
                Booking.state.in_([one.name.lower() for one in OPEN]),
            )
            .options(joinedload(Booking.session).joinedload(CourseSession.course))
        )
    )


def clashes(session: Session, apprenticeship_id: UUID, of: CourseSession) -> list[str]:
    """What else is booked at that time, a sentence each: a warning, never a refusal."""
    others = [one for one in open_bookings(session, apprenticeship_id) if one.session_id != of.id]
    titles = {str(one.session_id): one.session.course.title for one in others}
    booked = [
        (as_listed(str(one.session_id), one.session.starts_at, one.session.ends_at), state_of(one))
        for one in others
    ]
    found = places.clashes_with(as_listed(str(of.id), of.starts_at, of.ends_at), booked)
    return [places.clash_sentence(one, titles[one.second.course_id]) for one in found]


def managers_of(session: Session, apprenticeship_id: UUID) -> list[str]:
    """Who gives the line manager's answer: the names of the mentors assigned now."""
    return list(
        session.scalars(
            select(Person.name)
            .join(Assignment, Assignment.person_id == Person.id)
            .where(
                Assignment.apprenticeship_id == apprenticeship_id,
                Assignment.role == Role.MENTOR.value,
                Assignment.until_at.is_(None),
            )
            .order_by(Person.name)
        )
    )
