"""What the tests of courses and bookings do again and again."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.courses.models import Booking, BookingStep, Course, CourseSession
from portfolio.courses.standing import fold, rules, standing_of
from portfolio.database import Database
from portfolio.people.models import Person
from portfolio.web.formats import utc_now
from tests.builders import Cast

LATER = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
TITLE = "Chairing a strategy meeting"


def a_course(session: Session, by: Person, provider_id: Any, **more: Any) -> Course:
    values: dict[str, Any] = {"title": TITLE, "kind": "workshop", "about": "Practice with a case."} | more
    course = Course(provider_id=provider_id, added_by_id=by.id, added_at=utc_now(), **values)
    session.add(course)
    session.flush()
    return course


def a_date(session: Session, course: Course, *, days: float = 14, **more: Any) -> CourseSession:
    """So many days from now, for three hours, with two places."""
    starts_at = (utc_now() + timedelta(days=days)).replace(second=0, microsecond=0)
    values: dict[str, Any] = {
        "starts_at": starts_at,
        "ends_at": starts_at + timedelta(hours=3),
        "venue": "Training room 2",
        "capacity": 2,
    } | more
    one = CourseSession(
        provider_id=course.provider_id,
        course_id=course.id,
        added_by_id=course.added_by_id,
        added_at=utc_now(),
        **values,
    )
    session.add(one)
    session.flush()
    return one


def a_booking(
    session: Session, one: CourseSession, at: Apprenticeship, state: str = "requested", **more: Any
) -> Booking:
    """With the steps that lead to this state."""
    booking = Booking(
        provider_id=at.provider_id,
        session_id=one.id,
        apprenticeship_id=at.id,
        person_id=at.apprentice_id,
        asked_at=utc_now() - timedelta(days=20),
        state=state,
        **more,
    )
    session.add(booking)
    session.flush()
    for number, step in enumerate(LEADS[state]):
        role = ROLES.get(step, "organiser")
        at_ = utc_now() - timedelta(days=19 - number)
        until = utc_now() + timedelta(days=2) if step == "offer" else None
        session.add(
            BookingStep(
                provider_id=at.provider_id,
                booking_id=booking.id,
                apprenticeship_id=at.id,
                step=step,
                by_id=None if role == "system" else at.apprentice_id,
                role=role,
                at=at_,
                starts_at=one.starts_at,
                offer_until=until,
            )
        )
        if state == step.replace("wait", "waiting"):
            booking.waiting_since = at_
        if step == "offer" and state == "offered":
            booking.offer_until = until
    session.flush()
    return booking


ROLES = {
    "approve": "manager", "refuse": "manager", "confirm": "system", "wait": "system", "offer": "system",
    "accept": "person", "cancel": "person", "lapse": "system",
}  # fmt: skip
_HELD = ("approve", "confirm")
LEADS: dict[str, tuple[str, ...]] = {
    "requested": (),
    "approved": ("approve",),
    "refused": ("refuse",),
    "waiting": ("approve", "wait"),
    "offered": ("approve", "wait", "offer"),
    "lapsed": ("approve", "wait", "offer", "lapse"),
    "confirmed": _HELD,
    "cancelled": ("cancel",),
    "called_off": (*_HELD, "call_off"),
    "full": (*_HELD, "mark_full"),
    "part": (*_HELD, "mark_part"),
    "none": (*_HELD, "mark_none"),
}


def bookings(database: Database) -> list[Booking]:
    with database.session(write=False, across=True) as session:
        return list(session.scalars(select(Booking).order_by(Booking.id)))


def steps(database: Database, booking: Booking) -> list[str]:
    with database.session(write=False, across=True) as session:
        return [one.step for one in steps_in(session, booking)]


def steps_in(session: Session, booking: Booking) -> list[BookingStep]:
    return list(
        session.scalars(
            select(BookingStep).where(BookingStep.booking_id == booking.id).order_by(BookingStep.id)
        )
    )


def says_as_folded(database: Database) -> int:
    """Every booking's columns are what its steps fold to. How many there are."""
    with database.session(write=False, across=True) as session:
        found = list(session.scalars(select(Booking)))
        for one in found:
            folded = fold(steps_in(session, one), passed_on=one.instead_of_id is not None, own=rules())
            assert standing_of(one) == folded, one.state
    return len(found)


def offer_path(cast: Cast) -> str:
    return f"/apprenticeships/{cast.amina_at.id}/courses"


def ask_path(cast: Cast, one: CourseSession) -> str:
    return f"{offer_path(cast)}/{one.course_id}/sessions/{one.id}"


def booking_path(booking: Booking, rest: str = "") -> str:
    return f"/apprenticeships/{booking.apprenticeship_id}/bookings/{booking.id}{rest}"


def catalogue_path(cast: Cast, rest: str = "") -> str:
    return f"/providers/{cast.provider.id}/courses{rest}"


def session_path(cast: Cast, one: CourseSession, rest: str = "") -> str:
    return catalogue_path(cast, f"/{one.course_id}/sessions/{one.id}{rest}")


def typed_course(**changes: Any) -> dict[str, Any]:
    return {
        "title": TITLE,
        "kind": "workshop",
        "mode": "in_person",
        "minutes": "180",
        "about": "Practice with a case.",
        "statements": "K23 s27",
        "form_key": "f" * 32,
    } | changes


def typed_date(**changes: Any) -> dict[str, Any]:
    return {
        "day_day": "18",
        "day_month": "3",
        "day_year": "2027",
        "starts": "09:30",
        "ends": "12.30",
        "venue": "Training room 2",
        "capacity": "16",
        "form_key": "d" * 32,
    } | changes
