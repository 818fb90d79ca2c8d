"""What the tests of what comes after a session do again and again."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.courses.after_models import Certificate, CourseMaterial, EvaluationAnswer
from portfolio.courses.certificates import new_number
from portfolio.courses.models import Booking, Course, CourseSession
from portfolio.database import new_id
from portfolio.people.models import Person
from tests.builders import NOW, Cast, a_person, an_apprenticeship

STARTS, ENDS = datetime(2026, 11, 2, 9, 0, tzinfo=UTC), datetime(2026, 11, 2, 12, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
TEN_WEEKS = datetime(2027, 1, 11, 10, 0, tzinfo=UTC)
TITLE = "Threshold decisions in practice"


def a_session(session: Session, cast: Cast, *, other: bool = False, **more: Any) -> CourseSession:
    """A date of a course of the first provider, or of the other one, held on 2 November 2026."""
    provider, by = (cast.other_provider, cast.noor) if other else (cast.provider, cast.priya)
    course = Course(
        provider_id=provider.id,
        title=TITLE,
        about="",
        level="Level 3",
        kind="workshop",
        minutes=180,
        mode="in_person",
        statements="K4 S4",
        form_key=new_id().hex,
        added_by_id=by.id,
        added_at=NOW,
    )
    session.add(course)
    session.flush()
    values = {"starts_at": STARTS, "ends_at": ENDS, "capacity": 12} | more
    of = CourseSession(
        provider_id=provider.id,
        course_id=course.id,
        venue="Room 2",
        form_key=new_id().hex,
        added_by_id=by.id,
        added_at=NOW,
        **values,
    )
    session.add(of)
    session.flush()
    return of


def a_booking(session: Session, of: CourseSession, at: Apprenticeship, state: str = "full") -> Booking:
    booking = Booking(
        provider_id=of.provider_id,
        session_id=of.id,
        apprenticeship_id=at.id,
        person_id=at.apprentice_id,
        asked_at=NOW,
        form_key=new_id().hex,
        state=state,
    )
    session.add(booking)
    session.flush()
    return booking


def others(
    session: Session, cast: Cast, of: CourseSession, number: int, state: str = "full"
) -> list[Booking]:
    """So many more apprentices of the first provider who were booked on it."""
    made = []
    for _ in range(number):
        person = a_person(session, f"Person {new_id().hex}", cast.provider, "apprentice")
        made.append(
            a_booking(session, of, an_apprenticeship(session, person, cast.cohort, cast.employer), state)
        )
    return made


def an_answer(session: Session, booking: Booking, form: str = "day", **more: Any) -> EvaluationAnswer:
    values: dict[str, Any] = {
        "useful": 4 if form == "day" else None,
        "confidence_before": 2 if form == "day" else None,
        "confidence_now": 4,
        "changed": "yes" if form == "follow_up" else None,
        "words": "I write the reason beside the level.",
        "may_be_quoted": False,
    } | more
    row = EvaluationAnswer(
        provider_id=booking.provider_id,
        apprenticeship_id=booking.apprenticeship_id,
        booking_id=booking.id,
        form=form,
        form_key=new_id().hex,
        at=NOW,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def a_certificate(
    session: Session, booking: Booking, by: Person, outcome: str = "issued", **more: Any
) -> Certificate:
    values: dict[str, Any] = {"reason": "Attended the whole session.", "by_trainer": False} | more
    row = Certificate(
        provider_id=booking.provider_id,
        apprenticeship_id=booking.apprenticeship_id,
        booking_id=booking.id,
        outcome=outcome,
        number=new_number(NOW),
        by_id=by.id,
        at=NOW,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def a_material(session: Session, of: CourseSession, by: Person, **more: Any) -> CourseMaterial:
    values: dict[str, Any] = {"title": "Slides", "link": "https://slides.example/one", "note": ""} | more
    row = CourseMaterial(
        provider_id=of.provider_id, session_id=of.id, form_key=new_id().hex, by_id=by.id, at=NOW, **values
    )
    session.add(row)
    session.flush()
    return row


def own(booking: Booking, rest: str = "after") -> str:
    return f"/apprenticeships/{booking.apprenticeship_id}/bookings/{booking.id}/{rest}"


def held(of: CourseSession, rest: str = "after") -> str:
    return f"/providers/{of.provider_id}/sessions/{of.id}/{rest}"


def day_typed(**changes: Any) -> dict[str, Any]:
    """The form on the day, filled in."""
    return {
        "useful": "5",
        "confidence_before": "2",
        "confidence_now": "4",
        "words": "Sorting invented concerns together was what I needed.",
        "may_be_quoted": "yes",
        "form_key": "d" * 32,
    } | changes


def later_typed(**changes: Any) -> dict[str, Any]:
    """The follow-up, filled in."""
    return {
        "changed": "partly",
        "confidence_now": "4",
        "words": "I now write the reason for the level beside the level.",
        "form_key": "e" * 32,
    } | changes
