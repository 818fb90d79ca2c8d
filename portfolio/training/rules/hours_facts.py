"""What the rules of off-the-job hours are told: entries of the log, and the programme they belong to.

Lengths are whole minutes throughout, so that no sum depends on rounding.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Activity(StrEnum):
    """What kind of learning an entry is."""

    TAUGHT = "taught session"
    ONLINE = "online learning"
    COURSE = "course or workshop"
    SHADOWING = "shadowing"
    MENTORING = "mentoring or coaching"
    PRACTICE = "practising something new"
    STUDY = "reading, research or writing"
    EVENT = "conference, visit or event"


class PlannedBy(StrEnum):
    """Who planned the learning."""

    PROVIDER = "training provider"
    EMPLOYER = "employer"
    APPRENTICE = "apprentice"


class Delivery(StrEnum):
    """How the training plan spreads the training: it decides how often there has to be learning."""

    SPREAD = "spread over the programme"
    BLOCKS = "in blocks, or most of it at the start"


@dataclass(frozen=True)
class Entry:
    """One entry as it is typed. None is "not answered", which is never taken for yes or no."""

    id: str
    day: date
    minutes: int
    what: str
    in_paid_hours: bool | None
    new_learning: bool | None
    statements: frozenset[str]
    entered_on: date
    activity: Activity = Activity.TAUGHT
    english_maths: bool = False
    assessment_or_review: bool = False
    planned_by: PlannedBy | None = None
    confirmed_on: date | None = None
    confirmed_by: str | None = None

    @property
    def confirmed(self) -> bool:
        return self.confirmed_on is not None


@dataclass(frozen=True)
class BreakInLearning:
    """From one day to another, both included; without a last day it is still open."""

    began_on: date
    ended_on: date | None = None

    def holds(self, day: date) -> bool:
        return self.began_on <= day and (self.ended_on is None or day <= self.ended_on)


@dataclass(frozen=True)
class Programme:
    """What the apprenticeship and its training plan say.

    `last_day` is the last day of learning, None while it goes on. `published_minimum` belongs to the version of the
    standard, None where it is not known. `prior_learning` is what the plan takes off for it. `leave_weeks` are the
    weeks of statutory leave the plan takes out of the programme where the start year's minimum is counted by weeks.
    """

    apprentice: str
    start_on: date
    planned_end: date
    weekly_paid: int
    planned: int
    last_day: date | None = None
    breaks: tuple[BreakInLearning, ...] = ()
    delivery: Delivery = Delivery.SPREAD
    published_minimum: int | None = None
    prior_learning: int = 0
    leave_weeks: int = 0

    def on_break(self, day: date) -> bool:
        return any(one.holds(day) for one in self.breaks)

    def ends_on(self) -> date:
        """The last day of learning where it is known, else the planned one."""
        return self.last_day or self.planned_end

    def active(self, day: date) -> bool:
        """A day of the programme outside every break. Past the planned end learning goes on until it has a last day."""
        ended = self.last_day is not None and day > self.last_day
        return self.start_on <= day and not ended and not self.on_break(day)


@dataclass(frozen=True)
class Limits:
    """Where a check starts to ask. None of these stands in the funding rules: they are this product's choice, so a
    provider may set its own."""

    longest_day: int = 12 * 60
    """More than this on one day is asked about."""
    confirm_weeks: int = 4
    """An entry nobody confirmed for longer is named."""
    late_days: int = 28
    """An entry written down longer after its day is named: a record made at the time is worth more."""
    part_month_weekdays: int = 10
    """A month with fewer Mondays to Fridays on programme (start, end, break) is not asked for learning."""


USUAL_LIMITS = Limits()
