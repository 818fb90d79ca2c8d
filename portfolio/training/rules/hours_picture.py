"""Off-the-job hours added up: totals, months, and how they stand to the plan and to the minimum."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta
from enum import StrEnum

from portfolio.training.rules.hours import blocked, plain
from portfolio.training.rules.hours_facts import USUAL_LIMITS, Entry, Limits, Programme
from portfolio.training.rules.hours_minimum import Minimum, active_days, minimum_of

ONE_DAY = timedelta(days=1)
SATURDAY = 5


class MonthState(StrEnum):
    """How a calendar month stands."""

    LEARNING = "learning"
    EMPTY = "no learning"
    RUNNING = "not over yet"
    PAUSED = "break"
    PART = "part of a month"


@dataclass(frozen=True)
class Month:
    """One calendar month: `minutes` are those that count. `only_english_maths`: nothing else was recorded in it."""

    first: date
    minutes: int
    state: MonthState
    only_english_maths: bool = False


@dataclass(frozen=True)
class HoursPicture:
    """What a page shows of one apprentice's hours on one day. All lengths are minutes."""

    confirmed: int
    unconfirmed: int
    not_counted: int
    planned: int
    expected_by_now: int
    minimum: Minimum
    months: tuple[Month, ...]

    @property
    def total(self) -> int:
        return self.confirmed + self.unconfirmed

    @property
    def per_cent_of_plan(self) -> int | None:
        """Whole per cent, never rounded up to 100; None without a plan."""
        return None if self.planned <= 0 else self.total * 100 // self.planned

    @property
    def behind(self) -> bool:
        """Fewer hours than an even pace would have brought by now."""
        return self.total < self.expected_by_now

    @property
    def short_of_plan(self) -> int:
        return max(0, self.planned - self.total)

    @property
    def short_of_minimum(self) -> int | None:
        """None where the minimum is not known: then nobody can say."""
        return None if self.minimum.minutes is None else max(0, self.minimum.minutes - self.total)


def confirmed_minutes(entries: Iterable[Entry], programme: Programme, on: date) -> int:
    """The minutes that count and that somebody else than the apprentice confirmed."""
    return _confirmed(counting(entries, programme, on), programme)


def _confirmed(counted: Iterable[Entry], programme: Programme) -> int:
    return sum(one.minutes for one in counted if one.confirmed and one.confirmed_by != programme.apprentice)


def counting(entries: Iterable[Entry], programme: Programme, on: date) -> list[Entry]:
    """The entries whose minutes count. Of entries with the same day and text only the first written counts."""
    seen: set[tuple[date, str]] = set()
    found: list[Entry] = []
    for entry in in_order(entries):
        if blocked(entry, programme, on) or (entry.day, plain(entry.what)) in seen:
            continue
        seen.add((entry.day, plain(entry.what)))
        found.append(entry)
    return found


def in_order(entries: Iterable[Entry]) -> list[Entry]:
    """By day, then as they were written down."""
    return sorted(entries, key=lambda one: (one.day, one.entered_on, one.id))


def picture(
    entries: Collection[Entry], programme: Programme, on: date, limits: Limits = USUAL_LIMITS
) -> HoursPicture:
    """How the hours stand on that day."""
    counted = counting(entries, programme, on)
    confirmed = _confirmed(counted, programme)
    total = sum(one.minutes for one in counted)
    return HoursPicture(
        confirmed=confirmed,
        unconfirmed=total - confirmed,
        not_counted=sum(one.minutes for one in entries) - total,
        planned=programme.planned,
        expected_by_now=_expected(programme, on),
        minimum=minimum_of(programme),
        months=months_of(entries, programme, on, limits),
    )


def months_of(
    entries: Collection[Entry], programme: Programme, on: date, limits: Limits = USUAL_LIMITS
) -> tuple[Month, ...]:
    """Every calendar month from the start to that day, or to the last day of learning where it is earlier.

    The clock pauses in breaks. A month with only a few weekdays on programme is shown and not asked for learning.
    """
    minutes: dict[date, int] = {}
    for entry in counting(entries, programme, on):
        first = entry.day.replace(day=1)
        minutes[first] = minutes.get(first, 0) + entry.minutes
    apart = {one.day.replace(day=1) for one in entries if one.english_maths and programme.active(one.day)}
    last = min(on, programme.last_day or on)
    months: list[Month] = []
    first = programme.start_on.replace(day=1)
    while first <= last:
        done = minutes.get(first, 0)
        state = MonthState.LEARNING if done else _without_learning(first, programme, on, limits)
        months.append(Month(first, done, state, only_english_maths=not done and first in apart))
        first = _next_month(first)
    return tuple(months)


def months_in_want(months: Iterable[Month], every: int) -> list[Month]:
    """The months that break the rule of active learning: each empty one, or each so many-th in a row for blocks.

    A month of a break is passed over: it neither counts nor ends a row.
    """
    found: list[Month] = []
    row = 0
    for month in months:
        if month.state is MonthState.LEARNING:
            row = 0
        elif month.state is MonthState.EMPTY:
            row += 1
            if row % every == 0:
                found.append(month)
    return found


def _without_learning(first: date, programme: Programme, on: date, limits: Limits) -> MonthState:
    end = _next_month(first)
    days = [first + timedelta(days=one) for one in range((end - first).days)]
    over = on >= end or (programme.last_day is not None and programme.last_day < min(on, end))
    weekdays = sum(1 for day in days if day.weekday() < SATURDAY and programme.active(day))
    if weekdays == 0 and any(programme.on_break(day) for day in days):
        return MonthState.PAUSED
    if not over:
        return MonthState.RUNNING
    return MonthState.EMPTY if weekdays >= limits.part_month_weekdays else MonthState.PART


def _expected(programme: Programme, on: date) -> int:
    """What an even pace would have brought: the plan's share of the days gone, breaks not counted."""
    whole = active_days(programme)
    if on < programme.start_on or whole == 0:
        return 0
    if on >= programme.ends_on():
        return programme.planned
    gone = active_days(replace(programme, planned_end=min(on, programme.planned_end)))
    return programme.planned * gone // whole


def _next_month(first: date) -> date:
    return (first + timedelta(days=31)).replace(day=1)
