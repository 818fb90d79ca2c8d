"""Places of a session: how many are free, who is next, how long an offer stands, and what else is on that day.

The waiting list goes by the moment of joining it. A place that comes free goes to it before any new request.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from kbs.training_catalogue import Clash, Session, clash
from portfolio.training.rules.booking import State
from portfolio.training.rules.words import on_screen

OFFER_HOURS = 72
"""How long an offer stands: our choice, three days, so that a weekend does not swallow it."""


@dataclass(frozen=True)
class Place:
    """One booking of a session, as far as places go."""

    id: str
    state: State
    waiting_since: datetime | None = None
    offer_until: datetime | None = None


def taken(places: Iterable[Place], now: datetime) -> int:
    """Places held: confirmed ones and offers that still stand."""
    return sum(1 for one in places if one.state.takes_place and not has_lapsed(one, now))


def has_lapsed(place: Place, now: datetime) -> bool:
    """An offer stands up to its last moment, that moment included."""
    return place.state is State.OFFERED and place.offer_until is not None and now > place.offer_until


def lapsed(places: Iterable[Place], now: datetime, starts_at: datetime) -> list[Place]:
    """Offers whose time has run out; once the session begins, whatever was never confirmed."""
    begun = now >= starts_at
    return [
        one
        for one in places
        if has_lapsed(one, now) or (begun and one.state.open and one.state is not State.CONFIRMED)
    ]


def waiting(places: Iterable[Place]) -> list[Place]:
    """The waiting list in its order."""
    line = (one for one in places if one.state is State.WAITING)
    return sorted(line, key=lambda one: (one.waiting_since or datetime.max.replace(tzinfo=UTC), one.id))


def free(places: Collection[Place], capacity: int | None, now: datetime) -> int | None:
    """Places nobody holds; None where the session has no limit. Never under zero, also where places were taken away."""
    return None if capacity is None else max(0, capacity - taken(places, now))


def place_for_new(places: Collection[Place], capacity: int | None, now: datetime) -> bool:
    """Whether a new booking can be confirmed at once: more places are free than people wait."""
    left = free(places, capacity, now)
    return left is None or left > len(waiting(places))


def to_offer(
    places: Collection[Place], capacity: int | None, now: datetime, starts_at: datetime
) -> list[Place]:
    """Who is offered a place now, in order. Nothing is offered once the session has begun."""
    if now >= starts_at:
        return []
    left = free(places, capacity, now)
    return waiting(places)[:left]


def offer_until(now: datetime, starts_at: datetime) -> datetime:
    """The last moment to accept: three days on, and never after the session begins. In UTC, so that three days are
    72 hours also when the clocks change."""
    return min(now.astimezone(UTC) + timedelta(hours=OFFER_HOURS), starts_at.astimezone(UTC))


def number_in_line(places: Iterable[Place], booking_id: str) -> int | None:
    """1 for whoever is next; None for somebody who does not wait."""
    line = [one.id for one in waiting(places)]
    return line.index(booking_id) + 1 if booking_id in line else None


def clashes_with(session: Session, booked: Iterable[tuple[Session, State]]) -> list[Clash]:
    """What else the person has booked at that time. A warning, never a refusal: the person decides."""
    others = (other for other, state in booked if state.open and other != session)
    return [found for other in others if (found := clash(session, other))]


def clash_sentence(found: Clash, other_title: str) -> str:
    """The warning beside the button."""
    day = on_screen(found.second.on)
    if found.certain:
        return (
            f"“{other_title}” is at the same time on {day}. Give one of the two back, or choose another date."
        )
    return f"“{other_title}” is on {day} too, and the times of one are not given. Ask before you book both."
