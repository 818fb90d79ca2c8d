"""Who is booked on one session, in the order in which its page names them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.courses.models import Booking, CourseSession
from portfolio.courses.standing import Line, place_of, state_of
from portfolio.training.rules.booking import MARKABLE, State

ORDER = (*MARKABLE, State.OFFERED, State.WAITING, State.APPROVED, State.REQUESTED)


@dataclass(frozen=True)
class People:
    """Those who hold a place first, then the waiting list in its order, then requests, then what ended."""

    line: Line
    rows: list[Booking]

    @property
    def marked(self) -> bool:
        """Whether somebody's attendance can be recorded or was."""
        return any(state_of(one) in MARKABLE for one in self.rows)

    def number(self, booking: Booking) -> int | None:
        return self.line.number(booking.id)

    def markable(self, booking: Booking) -> bool:
        return state_of(booking) in MARKABLE


def people_of(session: Session, of: CourseSession, now: datetime) -> People:
    """Everybody, with their names and employers, in one query: a session is as long as a room is large."""
    rows = session.scalars(
        select(Booking)
        .where(Booking.session_id == of.id)
        .options(
            joinedload(Booking.person), joinedload(Booking.apprenticeship).joinedload(Apprenticeship.employer)
        )
        .order_by(Booking.asked_at, Booking.id)
    ).all()
    line = Line(of, tuple(place_of(one) for one in rows), now)

    def rank(one: Booking) -> tuple[int, int, str]:
        state = state_of(one)
        if state in MARKABLE:
            return 0, 0, one.person.name.casefold()
        place = ORDER.index(state) if state in ORDER else len(ORDER)
        return place, line.number(one.id) or 0, one.person.name.casefold()

    return People(line, sorted(rows, key=rank))


def apprenticeships_of(
    session: Session, session_id: UUID, booking_ids: Iterable[UUID]
) -> dict[UUID, Apprenticeship]:
    """Whose bookings of this session these are, with names; an id of another session is left out."""
    rows = session.scalars(
        select(Booking)
        .where(Booking.session_id == session_id, Booking.id.in_(list(booking_ids)))
        .options(joinedload(Booking.apprenticeship).joinedload(Apprenticeship.apprentice))
    )
    return {one.id: one.apprenticeship for one in rows}
