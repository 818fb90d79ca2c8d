"""A place on a course from the request to the day itself: which step leads where, who may take it, and when.

Line manager first, then a confirmed place or the waiting list; a confirmed place may be passed to a substitute or
given back, preferably 48 hours before (the prospectus says so; 48 hours that pass, whatever the clocks do). One table
says it all: the page greys its buttons by it and the action behind them asks it again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from kbs.training_catalogue import BookingRules
from portfolio.training.rules.words import several


class State(StrEnum):
    """How a booking stands."""

    REQUESTED = "requested"
    APPROVED = "approved by the line manager"
    REFUSED = "refused by the line manager"
    WAITING = "on the waiting list"
    OFFERED = "place offered"
    LAPSED = "lapsed"
    CONFIRMED = "confirmed"
    SUBSTITUTED = "passed to a substitute"
    CANCELLED = "cancelled"
    CANCELLED_LATE = "cancelled late"
    CALLED_OFF = "session called off"
    FULL = "attended"
    PART = "attended in part"
    NONE = "did not attend"

    @property
    def open(self) -> bool:
        """Whether the person may still come to sit in the session."""
        return self in OPEN

    @property
    def takes_place(self) -> bool:
        """Whether a place is held: an offer holds one until it lapses."""
        return self in (State.CONFIRMED, State.OFFERED)


class Who(StrEnum):
    """Who takes a step."""

    PERSON = "the person booked"
    MANAGER = "the line manager"
    ORGANISER = "the training organiser"
    TRAINER = "the trainer"
    SYSTEM = "the portfolio by itself"


class Step(StrEnum):
    """What can be done to a booking."""

    APPROVE = "approve"
    REFUSE = "refuse"
    CONFIRM = "confirm the place"
    WAIT = "put on the waiting list"
    OFFER = "offer the place"
    ACCEPT = "accept the offer"
    LAPSE = "let the booking lapse"
    CANCEL = "cancel"
    SUBSTITUTE = "name a substitute"
    CALL_OFF = "call off the session"
    MARK_FULL = "record that the person attended"
    MARK_PART = "record that the person attended in part"
    MARK_NONE = "record that the person did not attend"


OPEN = frozenset({State.REQUESTED, State.APPROVED, State.WAITING, State.OFFERED, State.CONFIRMED})
ATTENDANCE = frozenset({State.FULL, State.PART, State.NONE})
MARKABLE = ATTENDANCE | {State.CONFIRMED}
ALL_SIDES = frozenset({Who.PERSON, Who.MANAGER, Who.ORGANISER})
DESK = frozenset({Who.ORGANISER, Who.SYSTEM})
AT_THE_SESSION = frozenset({Who.TRAINER, Who.ORGANISER})


@dataclass(frozen=True)
class Rule:
    """From which states a step leads where, and who may take it. A reason is asked for where it says so."""

    before: frozenset[State]
    after: State
    who: frozenset[Who]
    needs_reason: bool = False


def _of(*states: State) -> frozenset[State]:
    return frozenset(states)


TABLE: Mapping[Step, Rule] = {
    Step.APPROVE: Rule(_of(State.REQUESTED), State.APPROVED, frozenset({Who.MANAGER})),
    Step.REFUSE: Rule(_of(State.REQUESTED), State.REFUSED, frozenset({Who.MANAGER}), needs_reason=True),
    Step.CONFIRM: Rule(_of(State.APPROVED), State.CONFIRMED, DESK),
    Step.WAIT: Rule(_of(State.APPROVED), State.WAITING, DESK),
    Step.OFFER: Rule(_of(State.WAITING), State.OFFERED, DESK),
    Step.ACCEPT: Rule(_of(State.OFFERED), State.CONFIRMED, frozenset({Who.PERSON})),
    Step.LAPSE: Rule(OPEN - {State.CONFIRMED}, State.LAPSED, frozenset({Who.SYSTEM})),
    Step.CANCEL: Rule(OPEN, State.CANCELLED, ALL_SIDES),
    Step.SUBSTITUTE: Rule(_of(State.CONFIRMED), State.SUBSTITUTED, ALL_SIDES),
    Step.CALL_OFF: Rule(OPEN, State.CALLED_OFF, frozenset({Who.ORGANISER}), needs_reason=True),
    Step.MARK_FULL: Rule(MARKABLE - {State.FULL}, State.FULL, AT_THE_SESSION),
    Step.MARK_PART: Rule(MARKABLE - {State.PART}, State.PART, AT_THE_SESSION),
    Step.MARK_NONE: Rule(MARKABLE - {State.NONE}, State.NONE, AT_THE_SESSION),
}
MARKS = frozenset({Step.MARK_FULL, Step.MARK_PART, Step.MARK_NONE})
ONLY_BEFORE = frozenset(
    {
        Step.CONFIRM,
        Step.WAIT,
        Step.OFFER,
        Step.ACCEPT,
        Step.CANCEL,
        Step.SUBSTITUTE,
        Step.CALL_OFF,
        Step.APPROVE,
    }
)
"""Steps that make no sense once the session has begun."""


@dataclass(frozen=True)
class Facts:
    """What a step is decided by. `own`: whoever acts is the person booked. `certified`: the certificate was issued.

    `place_free` and `first_in_line` come from `places`.
    """

    state: State
    now: datetime
    starts_at: datetime
    rules: BookingRules
    own: bool = False
    reason: str = ""
    place_free: bool = True
    first_in_line: bool = True
    offer_until: datetime | None = None
    substitute: str = ""
    substitute_booked: bool = False
    certified: bool = False


def refusal(step: Step, who: Who, facts: Facts) -> str | None:
    """Why this step cannot be taken now, in a sentence that says what to do; None when it can."""
    rule = TABLE[step]
    checks = (
        _of_the_table(step, who, rule, facts),
        _of_the_clock(step, facts),
        _of_the_places(step, facts),
        _of_what_was_typed(step, rule, facts),
    )
    return next((sentence for sentence in checks if sentence), None)


def after(step: Step, facts: Facts) -> State:
    """The state a permitted step leads to. Giving back a confirmed place inside the 48 hours is cancelling late."""
    if step is Step.CANCEL and facts.state is State.CONFIRMED and _is_late(facts):
        return State.CANCELLED_LATE
    return TABLE[step].after


def steps_for(who: Who, facts: Facts) -> list[Step]:
    """What this side may do now, for the buttons of a page; what has to be typed is not asked for yet."""
    typed = replace(facts, reason=facts.reason or "-", substitute=facts.substitute or "-")
    return [step for step in Step if refusal(step, who, typed) is None]


def _is_late(facts: Facts) -> bool:
    return facts.rules.cancelled_late(facts.starts_at, facts.now)


def _of_the_table(step: Step, who: Who, rule: Rule, facts: Facts) -> str | None:
    if facts.state not in rule.before:
        return f"This booking is {facts.state}, so nobody can {step} now. Look at how it stands and start from there."
    if who not in rule.who:
        return f"Only {several(sorted(rule.who)).replace(' and ', ' or ')} can {step}. Ask there."
    if facts.own and who is not Who.PERSON:
        return "Nobody decides about their own place. Ask another manager, organiser or trainer."
    return None


def _of_the_clock(step: Step, facts: Facts) -> str | None:
    begun = facts.now >= facts.starts_at
    if step in ONLY_BEFORE and begun:
        return (
            "The session has begun. The trainer records who attended; for another date, make a new booking."
        )
    if step in MARKS and not begun:
        return "The session has not begun. Record attendance once it has."
    run_out = facts.offer_until is not None and facts.now > facts.offer_until
    if step is Step.ACCEPT and run_out:
        return "The time to accept this offer has run out and the place went on. Ask for a place again."
    if step is Step.LAPSE and not begun and not (facts.state is State.OFFERED and run_out):
        return "A booking lapses when the time to accept an offer has run out, or when the session has begun. Wait."
    return None


def _of_the_places(step: Step, facts: Facts) -> str | None:
    if step in (Step.CONFIRM, Step.OFFER) and not facts.place_free:
        return "Every place is taken. Put the booking on the waiting list, or choose another date."
    if step is Step.OFFER and not facts.first_in_line:
        return "Others have waited longer. Places are offered in the order of the waiting list."
    if step is Step.WAIT and facts.place_free:
        return "A place is free. Confirm it instead."
    if step is Step.WAIT and not facts.rules.waiting_list:
        return "This course keeps no waiting list. Choose another date."
    return None


def _of_what_was_typed(step: Step, rule: Rule, facts: Facts) -> str | None:
    if rule.needs_reason and not facts.reason.strip():
        return f"Say why, in a sentence that the person booked will read, before you {step}."
    if step in MARKS and facts.state in ATTENDANCE:
        return _of_a_correction(facts)
    return _of_the_substitute(facts) if step is Step.SUBSTITUTE else None


def _of_a_correction(facts: Facts) -> str | None:
    if facts.certified:
        return "The certificate was issued for what was recorded. Withdraw the certificate first."
    return None if facts.reason.strip() else "Attendance was recorded before. Say why it changes."


def _of_the_substitute(facts: Facts) -> str | None:
    if not facts.rules.substitute:
        return "This course takes no substitutes. Cancel the place, so that it goes to the waiting list."
    if not facts.substitute.strip():
        return "Name the colleague who takes the place."
    if facts.substitute_booked:
        return (
            "That colleague holds a place or waits for one already. Name somebody else, or cancel this place."
        )
    return None
