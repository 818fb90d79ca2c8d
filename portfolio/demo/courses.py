"""Courses of the demonstration, with dates past and to come, and bookings in every state: one session is full with a
waiting list, one was called off, and Amina is booked on one and attended one eleven weeks ago."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.courses.models import Booking, BookingStep, Course, CourseSession
from portfolio.courses.standing import fold, rules
from portfolio.database import new_id
from portfolio.demo.world import World

LONDON = ZoneInfo("Europe/London")
COURSES: tuple[tuple[Any, ...], ...] = (
    ("Taking part in strategy meetings", "workshop", 180, "Level 3", "K19 S19", "Roles, preparation and what to say, with an invented case.", (-77, 10, 45), 12),
    ("Listening to children who do not use words", "workshop", 180, "Level 2 and above", "K7 S7", "Observation, time and what to write down.", (6, 60), 3),
    ("Domestic abuse and children", "workshop", 360, "Level 3", "K13", "What children see and hear, and whom to involve.", (-30, 20, 25), 14),
    ("Sharing information in ninety minutes", "briefing", 90, "All levels", "K8 S9", "Consent, legitimate interest, and what to record.", (-14, 12), None),
    ("Online harm: an introduction", "elearning", 120, "Level 1", "K12", "Three short modules with questions at the end.", (), None),
)  # fmt: skip
CALLED_OFF = (2, 20)
"""Course and day of the session that is called off."""
BOOKED: tuple[tuple[int, int, int, str], ...] = (
    (0, -77, 0, "full"), (0, -77, 1, "full"), (0, -77, 2, "part"), (0, -77, 3, "none"), (0, -77, 4, "cancelled_late"),
    (0, 10, 0, "confirmed"), (0, 10, 1, "requested"), (0, 10, 2, "refused"), (0, 10, 3, "cancelled"),
    (0, 10, 5, "substituted"),
    (1, 6, 4, "confirmed"), (1, 6, 5, "confirmed"), (1, 6, 6, "offered"), (1, 6, 7, "waiting"), (1, 6, 8, "waiting"),
    (1, 6, 9, "lapsed"), (1, 60, 0, "requested"),
    (2, -30, 3, "full"), (2, -30, 6, "full"), (2, 20, 7, "called_off"), (2, 25, 8, "confirmed"),
    (3, -14, 1, "full"), (3, -14, 6, "part"), (3, 12, 9, "confirmed"),
)  # fmt: skip
"""Course, day, whose (in the order of the cohorts, Amina first), and the state."""
HELD = ("approve", "confirm")
LEADS: dict[str, tuple[str, ...]] = {
    "requested": (), "refused": ("refuse",), "waiting": ("approve", "wait"), "offered": ("approve", "wait", "offer"),
    "lapsed": ("approve", "wait", "offer", "lapse"), "confirmed": HELD, "substituted": (*HELD, "substitute"),
    "cancelled": (*HELD, "cancel"), "cancelled_late": (*HELD, "cancel"), "called_off": (*HELD, "call_off"),
    "full": (*HELD, "mark_full"), "part": (*HELD, "mark_part"), "none": (*HELD, "mark_none"),
}  # fmt: skip
BY_ITSELF = ("confirm", "wait", "offer", "lapse")
REASONS = {
    "refuse": "We are short of staff that week. Please take the next date.",
    "cancel": "I am on leave on that day.",
    "call_off": "The trainer is ill. The next date follows.",
}


def booked(session: Session, world: World) -> None:
    """Both providers' catalogues; the bookings are the first provider's."""
    harbour = world.providers["harbour"]
    _catalogue(session, world, harbour.id, world.of("managers", "harbour")[0].id, COURSES[:2])
    provider = world.providers["northern"]
    manager = world.of("managers", "northern")[0].id
    dates = _catalogue(session, world, provider.id, manager, COURSES)
    people = session.scalars(
        select(Apprenticeship)
        .where(Apprenticeship.provider_id == provider.id, Apprenticeship.withdrawn_on.is_(None))
        .order_by(Apprenticeship.id)
        .limit(14)
    ).all()
    mentors = {
        one.apprenticeship_id: one.person_id
        for one in session.scalars(select(Assignment).where(Assignment.role == "mentor"))
    }
    for course, day, number, state in BOOKED:
        at, one = people[number], dates[course, day]
        booking = _booking(session, one, at, world.now)
        other = _booking(session, one, people[12], world.now, booking) if state == "substituted" else None
        _walk(
            session, one, booking, LEADS[state], (at.apprentice_id, mentors[at.id], manager), world.now, other
        )
    off = dates[CALLED_OFF]
    off.cancelled_at, off.cancelled_reason = world.now - timedelta(days=1), REASONS["call_off"]
    session.flush()


def _catalogue(
    session: Session, world: World, provider_id: UUID, by: UUID, courses: tuple[tuple[Any, ...], ...]
) -> dict[tuple[int, int], CourseSession]:
    common = {
        "provider_id": provider_id,
        "added_by_id": by,
        "added_at": world.now - timedelta(days=120),
    }
    dates: dict[tuple[int, int], CourseSession] = {}
    for place, (title, kind, minutes, level, codes, about, days, places) in enumerate(courses):
        mode = {"elearning": "own_pace", "briefing": "online"}.get(str(kind), "in_person")
        course = Course(
            **common,
            title=title,
            kind=kind,
            mode=mode,
            minutes=minutes,
            level=level,
            statements=codes,
            about=about,
        )
        session.add(course)
        session.flush()
        for day in days:
            starts_at = datetime.combine(world.today + timedelta(days=day), time(9, 30), LONDON)
            dates[place, day] = CourseSession(
                **common,
                course_id=course.id,
                starts_at=starts_at,
                ends_at=starts_at + timedelta(minutes=minutes),
                venue="Online" if mode == "online" else "Training centre, room 2",
                capacity=places,
            )
    session.add_all(dates.values())
    session.flush()
    return dates


def _booking(
    session: Session, one: CourseSession, at: Apprenticeship, now: datetime, instead_of: Booking | None = None
) -> Booking:
    booking = Booking(
        provider_id=one.provider_id,
        session_id=one.id,
        apprenticeship_id=at.id,
        person_id=at.apprentice_id,
        instead_of_id=instead_of.id if instead_of else None,
        asked_at=min(now, one.starts_at) - timedelta(days=1 if instead_of else 9),
        form_key=new_id().hex,
        state="confirmed" if instead_of else "requested",
    )
    session.add(booking)
    session.flush()
    return booking


def _walk(
    session: Session,
    one: CourseSession,
    booking: Booking,
    steps: tuple[str, ...],
    people: tuple[UUID, UUID, UUID],
    now: datetime,
    other: Booking | None,
) -> None:
    """The steps that lead there, a day apart; a place given back is given back in time unless the session is past."""
    apprentice, mentor, manager = people
    rows: list[BookingStep] = []
    for number, step in enumerate(steps):
        role = "system" if step in BY_ITSELF else "manager" if step in ("approve", "refuse") else "person"
        if step.startswith(("mark", "call")):
            role = "organiser"
        moment = min(now, one.starts_at) - timedelta(days=8 - number)
        if step == "cancel":
            moment = min(now, one.starts_at - timedelta(hours=5))
        elif step.startswith("mark"):
            moment = one.ends_at + timedelta(minutes=20)
        elif step in ("offer", "call_off", "substitute"):
            moment = now - timedelta(days=4 if "lapse" in steps else 1)
        elif step == "lapse":
            moment = now - timedelta(hours=20)
        by = {"system": None, "manager": mentor, "person": apprentice, "organiser": manager}[role]
        rows.append(
            BookingStep(
                provider_id=one.provider_id,
                booking_id=booking.id,
                apprenticeship_id=booking.apprenticeship_id,
                step=step,
                by_id=by,
                role=role,
                reason=REASONS.get(step, ""),
                at=moment,
                starts_at=one.starts_at,
                offer_until=moment + timedelta(hours=72) if step == "offer" else None,
                substitute_booking_id=other.id if other is not None and step == "substitute" else None,
            )
        )
    session.add_all(rows)
    standing = fold(rows, passed_on=False, own=rules())
    booking.state = standing.state.name.lower()
    booking.waiting_since, booking.offer_until = standing.waiting_since, standing.offer_until
    session.flush()
