"""Evaluations that are due: for somebody's home page, and for the letters that ask for them.

Two queries whatever there is. Only sessions of the last weeks are looked at: a form closes, and is then no longer due."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from uuid import UUID

from sqlalchemy import and_, or_, select, true
from sqlalchemy.orm import Session, joinedload

from kbs.refresher import DueState
from portfolio.courses.after_models import EvaluationAnswer, EvaluationAsked
from portfolio.courses.evaluations import FORMS, TITLES, One, after_rules
from portfolio.courses.models import Booking, CourseSession
from portfolio.training.due import DueLine
from portfolio.training.rules.evaluation import ASKED, CLOSES_AFTER, Form, ask_due
from portfolio.training.rules.words import on_screen

SPARE = timedelta(days=2)
"""A window is counted in days of London, a moment in hours: a little more is looked at than is due."""
ATTENDED = [one.name.lower() for one in ASKED]
LAST_DAYS = timedelta(days=3)
PAGE = 500


def due_for_own(
    session: Session, apprenticeship_ids: Iterable[UUID], today: date, now: datetime
) -> list[DueLine]:
    """The forms that these apprenticeships' owners can answer now, the one that closes first on top."""
    found = _open(session, now, Booking.apprenticeship_id.in_(list(apprenticeship_ids)))
    lines = [_line(one, today) for one in found]
    return sorted(lines, key=lambda line: (line.due_on or date.max, line.address))


def _line(one: One, today: date) -> DueLine:
    booking, closes = one.booking, one.window.closes_on
    state = DueState.RED if closes - today <= LAST_DAYS else DueState.AMBER
    course = booking.session.course.title
    return DueLine(
        what=f"{TITLES[one.key]}: {course}",
        sentence=f"Open until {on_screen(closes)}.",
        address=f"/apprenticeships/{booking.apprenticeship_id}/bookings/{booking.id}/evaluation/{one.key}",
        due_on=closes,
        state=state,
    )


def to_ask(
    session: Session, now: datetime, provider_id: UUID, after: UUID | None = None
) -> tuple[list[tuple[UUID, str]], UUID | None]:
    """Bookings of this provider, with the form, whose owner is to be written to today; and where to go on, or None."""
    where = and_(
        Booking.provider_id == provider_id,
        Booking.id > after if after is not None else true(),
    )
    bookings = _bookings(session, now, where, most=PAGE)
    asked = _asked_on(session, [one.id for one in bookings])
    due = [
        (one.booking.id, one.key)
        for one in _forms(session, bookings, now)
        if one.is_open and ask_due(one.standing, one.window, now, asked.get((one.booking.id, one.key), ()))
    ]
    return due, bookings[-1].id if len(bookings) == PAGE else None


def still_to_ask(session: Session, now: datetime, booking_id: UUID, key: str) -> One | None:
    """The form, if its owner is to be written to now: nothing was answered or asked meanwhile."""
    bookings = _bookings(session, now, Booking.id == booking_id)
    asked = _asked_on(session, [booking_id]).get((booking_id, key), ())
    for one in _forms(session, bookings, now):
        if one.key == key and ask_due(one.standing, one.window, now, asked):
            return one
    return None


def _open(session: Session, now: datetime, where: object) -> list[One]:
    return [one for one in _forms(session, _bookings(session, now, where), now) if one.is_open]


def _bookings(session: Session, now: datetime, where: object, most: int | None = None) -> Sequence[Booking]:
    """Attended, and with a form that may be open now; by id."""
    weeks = timedelta(weeks=after_rules().follow_up_weeks)
    day, later = (timedelta(days=CLOSES_AFTER[form]) + SPARE for form in (Form.ON_THE_DAY, Form.FOLLOW_UP))
    ends = CourseSession.ends_at
    in_window = or_(
        and_(ends <= now, ends >= now - day),
        and_(ends <= now - weeks + SPARE, ends >= now - weeks - later),
    )
    return session.scalars(
        select(Booking)
        .join(CourseSession, CourseSession.id == Booking.session_id)
        .where(where, Booking.state.in_(ATTENDED), in_window)  # type: ignore[arg-type]
        .options(
            joinedload(Booking.session).joinedload(CourseSession.course),
            joinedload(Booking.person),
        )
        .order_by(Booking.id)
        .limit(most)
    ).all()


def _forms(session: Session, bookings: Sequence[Booking], now: datetime) -> list[One]:
    if not bookings:
        return []
    given = session.scalars(
        select(EvaluationAnswer).where(EvaluationAnswer.booking_id.in_([one.id for one in bookings]))
    )
    answers = {(one.booking_id, one.form): one for one in given}
    return [One(key, one, answers.get((one.id, key)), now) for one in bookings for key in FORMS]


def _asked_on(session: Session, booking_ids: Collection[UUID]) -> dict[tuple[UUID, str], list[date]]:
    rows = session.scalars(select(EvaluationAsked).where(EvaluationAsked.booking_id.in_(list(booking_ids))))
    found: dict[tuple[UUID, str], list[date]] = {}
    for one in rows:
        found.setdefault((one.booking_id, one.form), []).append(one.asked_on)
    return found
