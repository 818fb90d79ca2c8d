"""Take the steps of a booking: ask for a place, answer, cancel, pass it on, record who came; and what follows by itself.

Whoever changes who sits in a session holds the row of that session first (on SQLite there is one writer anyway), so
that the last place is never given twice. Each step is written once, with where the booking stands after it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.audit import actions as audit
from portfolio.courses import offers
from portfolio.courses.models import Booking, BookingStep, CourseSession
from portfolio.courses.queries import bookings_of
from portfolio.courses.standing import STEPS, Line, follow, place_of, standing_of, state_of
from portfolio.people.models import Person
from portfolio.refusals import NotFound, Refused, SentBefore
from portfolio.training.rules import booking as rules
from portfolio.training.rules import places
from portfolio.training.rules.booking import State, Step, Who

NOBODY = (
    "No apprentice of your employer can take this place at this address. Check the address with your colleague; "
    "somebody who is booked on this session already cannot take a second place."
)
HOLDS_ONE = "You have a booking for this session already. It stands among your bookings."


def hold(session: Session, session_id: UUID) -> CourseSession:
    """The session, with its course, and nobody else at it until this transaction ends. Raises NotFound."""
    found = session.scalar(
        select(CourseSession)
        .where(CourseSession.id == session_id)
        .options(joinedload(CourseSession.course))
        .with_for_update(of=CourseSession)
        .execution_options(populate_existing=True)
    )
    if found is None:
        raise NotFound
    return found


def line_now(session: Session, of: CourseSession, now: datetime) -> tuple[Line, dict[UUID, Booking]]:
    """Every booking as it stands after the wait for the session, and the places they make."""
    rows = bookings_of(session, [of.id], fresh=True)
    return Line(of, tuple(place_of(one) for one in rows), now), {one.id: one for one in rows}


def book(
    session: Session, opened: Opened, session_id: UUID, *, needs: str, form_key: str, now: datetime
) -> Booking:
    """Ask for a place; the line manager answers next. Raises Refused, and SentBefore if the same page asked for
    something else before."""
    of = hold(session, session_id)
    _, rows = line_now(session, of, now)
    mine = [one for one in rows.values() if one.apprenticeship_id == opened.id]
    made = next((one for one in mine if form_key and one.form_key == form_key[:64]), None)
    if made is not None:
        if made.needs != needs:
            raise SentBefore
        return made
    if reason := why_not_book(of, opened.apprenticeship, mine, now):
        raise Refused(reason)
    booking = Booking(
        provider_id=of.provider_id,
        session_id=of.id,
        apprenticeship_id=opened.id,
        person_id=opened.apprenticeship.apprentice_id,
        needs=needs,
        asked_at=now,
        form_key=form_key[:64],
        state="requested",
    )
    session.add(booking)
    session.flush()
    _note(session, "courses.booked", booking, by=opened.viewer.person_id, now=now)
    return booking


def why_not_book(of: CourseSession, at: Apprenticeship, mine: list[Booking], now: datetime) -> str:
    """Why no place can be asked for now, in a sentence; empty if it can."""
    if any(state_of(one).open for one in mine):
        return HOLDS_ONE
    if of.cancelled_at is not None:
        return "This session was called off. Choose another date."
    if of.course.archived_at is not None:
        return "This course is not offered any more. Choose another one."
    if of.starts_at <= now:
        return "This session has begun or is over. Choose another date."
    if at.withdrawn_on is not None:
        return "This apprenticeship has ended, so no course can be booked for it."
    return ""


def take(
    session: Session,
    opened: Opened,
    booking: Booking,
    step: Step,
    who: Who,
    *,
    reason: str = "",
    email: str = "",
    now: datetime,
) -> BookingStep:
    """One step of one side. The same step sent again finds it done. Raises Refused with the sentence of the rules."""
    of = hold(session, booking.session_id)
    line, rows = line_now(session, of, now)
    booking, by = rows[booking.id], opened.viewer.person_id
    if (before := _done_before(session, booking, step, by, reason)) is not None:
        return before
    passes = step is Step.SUBSTITUTE and bool(email.strip())
    other = colleague(session, opened, of, rows, email) if passes else None
    facts = line.facts(booking, own=opened.is_own, reason=reason, substitute=email)
    if refused := rules.refusal(step, who, facts):
        raise Refused(refused)
    if passes and other is None:
        raise Refused(NOBODY)
    over = _passed_to(session, booking, other, by, now) if other is not None else None
    row = write(session, line, booking, step, who, by=by, reason=reason, over=over, now=now)
    move_on(session, of.id, now)
    return row


def colleague(
    session: Session, opened: Opened, of: CourseSession, rows: Mapping[UUID, Booking], email: str
) -> Apprenticeship | None:
    """Who takes the place: an apprentice of the same employer and provider who has not ended and holds no booking of
    this session. Nothing is said of why somebody cannot: no one learns here who else is there."""
    at = opened.apprenticeship
    found = session.scalars(
        select(Apprenticeship)
        .join(Apprenticeship.apprentice)
        .where(
            Person.email == email.strip().lower(),
            Apprenticeship.provider_id == at.provider_id,
            Apprenticeship.employer_id == at.employer_id,
            Apprenticeship.apprentice_id != at.apprentice_id,
            Apprenticeship.withdrawn_on.is_(None),
        )
        .order_by(Apprenticeship.start_on.desc())
        .limit(1)
    ).first()
    taken = {one.person_id for one in rows.values() if state_of(one).open}
    return None if found is None or found.apprentice_id in taken else found


def _passed_to(session: Session, booking: Booking, to: Apprenticeship, by: UUID, now: datetime) -> Booking:
    other = Booking(
        provider_id=booking.provider_id,
        session_id=booking.session_id,
        apprenticeship_id=to.id,
        person_id=to.apprentice_id,
        instead_of_id=booking.id,
        asked_at=now,
        state="confirmed",
    )
    session.add(other)
    session.flush()
    _note(session, "courses.passed_on", other, by=by, now=now)
    return other


def _done_before(session: Session, booking: Booking, step: Step, by: UUID, reason: str) -> BookingStep | None:
    """The newest step that somebody took, if it is this one: a form that comes twice."""
    newest = session.scalar(
        select(BookingStep)
        .where(BookingStep.booking_id == booking.id, BookingStep.by_id.is_not(None))
        .order_by(BookingStep.id.desc())
        .limit(1)
    )
    same = newest is not None and (newest.step, newest.by_id, newest.reason) == (
        step.name.lower(),
        by,
        reason,
    )
    return newest if same else None


def write(
    session: Session,
    line: Line,
    booking: Booking,
    step: Step,
    who: Who,
    *,
    by: UUID | None = None,
    reason: str = "",
    over: Booking | None = None,
    now: datetime,
) -> BookingStep:
    """Add a step that the rules permit, and move where the booking stands."""
    starts_at = line.session.starts_at
    until = places.offer_until(now, starts_at) if step is Step.OFFER else None
    after = follow(standing_of(booking), step, line.facts(booking, reason=reason), until)
    row = BookingStep(
        provider_id=booking.provider_id,
        booking_id=booking.id,
        apprenticeship_id=booking.apprenticeship_id,
        step=step.name.lower(),
        by_id=by,
        role=who.name.lower(),
        reason=reason,
        at=now,
        starts_at=starts_at,
        offer_until=until,
        substitute_booking_id=over.id if over is not None else None,
    )
    session.add(row)
    booking.state = after.state.name.lower()
    booking.waiting_since, booking.offer_until = after.waiting_since, after.offer_until
    session.flush()
    _note(session, "courses.step", booking, by=by, now=now, step=row.step, state=booking.state)
    if step is Step.OFFER:
        offers.tell(session, row, now)
    return row


def move_on(session: Session, session_id: UUID, now: datetime) -> int:
    """What follows by itself, as often as it is asked: offers that ran out lapse, places that are free go to the
    waiting list in its order, and what the line manager approved gets a place or joins the list. How many steps."""
    of = hold(session, session_id)
    done = 0
    while (due := _next(*line_now(session, of, now))) is not None:
        line, booking, step = due
        write(session, line, booking, step, Who.SYSTEM, now=now)
        done += 1
    return done


def _next(line: Line, rows: Mapping[UUID, Booking]) -> tuple[Line, Booking, Step] | None:
    for booking_id in line.lapsed():
        return line, rows[booking_id], Step.LAPSE
    if line.now >= line.session.starts_at or line.session.cancelled_at is not None:
        return None
    for booking_id in line.next_offers():
        return line, rows[booking_id], Step.OFFER
    for booking in rows.values():
        if state_of(booking) is State.APPROVED:
            return line, booking, Step.CONFIRM if line.free_for_new else Step.WAIT
    return None


def call_off(session: Session, of: CourseSession, reason: str, *, by: UUID, now: datetime) -> int:
    """Call off a session: every booking that is open ends with the reason. How many. Raises Refused."""
    of = hold(session, of.id)
    if of.cancelled_at is not None:
        return 0
    if of.starts_at <= now:
        raise Refused("This session has begun or is over. Record who attended instead.")
    if not reason.strip():
        raise Refused("Say why the session is called off: everybody who is booked reads it.")
    line, rows = line_now(session, of, now)
    ended = [one for one in rows.values() if state_of(one).open]
    for booking in ended:
        write(session, line, booking, Step.CALL_OFF, Who.ORGANISER, by=by, reason=reason, now=now)
    of.cancelled_at, of.cancelled_reason = now, reason
    session.flush()
    audit.record(
        session, "courses.called_off", by=by, now=now, record="course_session", record_id=of.id,
        provider_id=of.provider_id, number=len(ended),
    )  # fmt: skip
    return len(ended)


def mark(
    session: Session,
    of: CourseSession,
    marks: Mapping[UUID, str],
    reasons: Mapping[UUID, str],
    *,
    by: UUID,
    certified: frozenset[UUID] = frozenset(),
    now: datetime,
) -> tuple[int, dict[UUID, str]]:
    """Record who attended, several at once: how many were recorded, and why others were not. One that stands so
    already is left as it is. `marks`: full, part or none by booking; `certified`: whose certificate was issued."""
    of = hold(session, of.id)
    line, rows = line_now(session, of, now)
    done, problems = 0, dict[UUID, str]()
    for booking_id, word in marks.items():
        booking = rows.get(booking_id)
        if booking is None or booking.state == word:
            continue
        step, reason = STEPS[f"mark_{word}"], reasons.get(booking_id, "")
        facts = line.facts(
            booking, own=booking.person_id == by, reason=reason, certified=booking_id in certified
        )
        if refused := rules.refusal(step, Who.ORGANISER, facts):
            problems[booking_id] = refused
            continue
        write(session, line, booking, step, Who.ORGANISER, by=by, reason=reason, now=now)
        done += 1
    return done, problems


def _note(
    session: Session, action: str, booking: Booking, *, by: UUID | None, now: datetime, **detail: Any
) -> None:
    audit.record(
        session,
        action,
        by=by,
        now=now,
        record="booking",
        record_id=booking.id,
        provider_id=booking.provider_id,
        apprenticeship_id=booking.apprenticeship_id,
        **detail,
    )
