"""A place that is kept for somebody: the letter about it is asked for in the transaction that offers it.

Whoever sends letters does the rest (`portfolio.reminders.offers`): it looks again, since a place may be taken, left or
gone when its turn comes."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.courses.models import Booking, BookingStep
from portfolio.jobs import actions as jobs

TELL = "offers.tell"


def tell(session: Session, step: BookingStep, now: datetime) -> None:
    """One letter for each step that offers a place, after the commit."""
    jobs.enqueue(
        session,
        TELL,
        now=now,
        key=f"{TELL}:{step.id}",
        provider=str(step.provider_id),
        step=str(step.id),
    )


def still_open(session: Session, step_id: UUID, now: datetime) -> Booking | None:
    """The booking whose place was offered by this step, if it still is: not taken, left, called off or run out, and not
    offered anew since."""
    return session.scalar(
        select(Booking)
        .join(BookingStep, BookingStep.booking_id == Booking.id)
        .where(
            BookingStep.id == step_id,
            BookingStep.step == "offer",
            Booking.state == "offered",
            Booking.offer_until == BookingStep.offer_until,
            Booking.offer_until >= now,
        )
    )
