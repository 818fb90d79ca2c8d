"""Where a booking stands: its steps, folded in their order by the rules of booking. Pure.

The rules of the shipped example are the ones that hold (line manager first, 48 hours, substitutes, a waiting list):
a provider's own catalogue takes them over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from uuid import UUID

from kbs.training_catalogue import BookingRules, TrainingCatalogue
from kbs.training_file import load_catalogues
from portfolio.courses.models import Booking, BookingStep, CourseSession
from portfolio.training.rules import booking, places
from portfolio.training.rules.booking import Facts, State, Step, Who

STATES = {one.name.lower(): one for one in State}
STEPS = {one.name.lower(): one for one in Step}
SIDES = {one.name.lower(): one for one in Who}
WAITS, STANDS = State.WAITING, State.OFFERED


@cache
def catalogues() -> tuple[TrainingCatalogue, ...]:
    """The dated examples that ship."""
    return load_catalogues()


def rules() -> BookingRules:
    return catalogues()[0].booking


@dataclass(frozen=True)
class Standing:
    """What the columns of a booking say."""

    state: State
    waiting_since: datetime | None = None
    offer_until: datetime | None = None


def begins(passed_on: bool) -> Standing:
    """A place is asked for; one that a colleague passed on is held from the start."""
    return Standing(State.CONFIRMED if passed_on else State.REQUESTED)


def follow(now: Standing, step: Step, facts: Facts, offer_until: datetime | None = None) -> Standing:
    """Where a booking stands after one permitted step."""
    state = booking.after(step, replace(facts, state=now.state))
    return Standing(
        state,
        facts.now if state is WAITS else None,
        offer_until if state is STANDS else None,
    )


def fold(steps: Iterable[BookingStep], *, passed_on: bool, own: BookingRules) -> Standing:
    """Where a booking stands by its steps alone, oldest first."""
    standing = begins(passed_on)
    for one in steps:
        facts = Facts(state=standing.state, now=one.at, starts_at=one.starts_at, rules=own)
        standing = follow(standing, STEPS[one.step], facts, one.offer_until)
    return standing


def state_of(one: Booking) -> State:
    return STATES[one.state]


def standing_of(one: Booking) -> Standing:
    return Standing(state_of(one), one.waiting_since, one.offer_until)


def place_of(one: Booking) -> places.Place:
    return places.Place(str(one.id), state_of(one), one.waiting_since, one.offer_until)


@dataclass(frozen=True)
class Line:
    """Every booking of one session as far as places go: who is in, who waits, who is next."""

    session: CourseSession
    places: tuple[places.Place, ...]
    now: datetime

    @property
    def free(self) -> int | None:
        """None: no limit."""
        return places.free(self.places, self.session.capacity, self.now)

    @property
    def taken(self) -> int:
        return places.taken(self.places, self.now)

    @property
    def held(self) -> int:
        """Places that are taken, and those of a session that is over, whoever came."""
        return self.taken + sum(1 for one in self.places if one.state in booking.ATTENDANCE)

    @property
    def waiting(self) -> int:
        return len(places.waiting(self.places))

    @property
    def free_for_new(self) -> bool:
        return places.place_for_new(self.places, self.session.capacity, self.now)

    def number(self, booking_id: UUID) -> int | None:
        return places.number_in_line(self.places, str(booking_id))

    def next_offers(self) -> list[UUID]:
        found = places.to_offer(self.places, self.session.capacity, self.now, self.session.starts_at)
        return [UUID(one.id) for one in found]

    def lapsed(self) -> list[UUID]:
        return [UUID(one.id) for one in places.lapsed(self.places, self.now, self.session.starts_at)]

    def facts(
        self, one: Booking, *, own: bool = False, reason: str = "", substitute: str = "", booked: bool = False,
        certified: bool = False,
    ) -> Facts:  # fmt: skip
        """What a step of this booking is decided by. A new request is confirmed only if no one waits before it."""
        state, key = state_of(one), one.id
        offers = self.next_offers() if state is WAITS else []
        return Facts(
            state=state,
            now=self.now.astimezone(UTC),
            starts_at=self.session.starts_at,
            rules=rules(),
            own=own,
            reason=reason,
            place_free=self.free != 0 if state is WAITS else self.free_for_new,
            first_in_line=state is not WAITS or key in offers,
            offer_until=one.offer_until,
            substitute=substitute,
            substitute_booked=booked,
            certified=certified,
        )  # fmt: skip
