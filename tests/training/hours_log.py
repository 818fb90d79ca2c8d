"""A log of off-the-job hours in good order, and the faults that audits find, each planted on days of its own."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from portfolio.training.rules.hours import Code
from portfolio.training.rules.hours_facts import BreakInLearning, Entry, Programme

HOUR = 60
TODAY = date(2026, 11, 22)
CODES = ("K1", "K2", "K10", "S3", "S18", "B2")
PROGRAMME = Programme(
    apprentice="apprentice",
    start_on=date(2025, 9, 1),
    planned_end=date(2027, 2, 28),
    weekly_paid=37 * HOUR + 30,
    planned=400 * HOUR,
    breaks=(BreakInLearning(date(2026, 6, 29), date(2026, 8, 2)),),
    published_minimum=350 * HOUR,
)


def entry(day: date, what: str = "Shadowed a strategy meeting", **changes: object) -> Entry:
    """One entry in good order: in paid hours, new, linked, written on the day, confirmed five days later."""
    good = Entry(
        id=f"{day.isoformat()} {what}",
        day=day,
        minutes=2 * HOUR + 15,
        what=what,
        in_paid_hours=True,
        new_learning=True,
        statements=frozenset({"K1"}),
        entered_on=day,
        confirmed_on=day + timedelta(days=5),
        confirmed_by="mentor",
    )
    return replace(good, **changes)  # type: ignore[arg-type]


def good_log(until: date = TODAY) -> list[Entry]:
    """Tuesday and Thursday of every week on programme, and every fourth Friday."""
    log: list[Entry] = []
    for days in range((until - PROGRAMME.start_on).days + 1):
        day = PROGRAMME.start_on + timedelta(days=days)
        taught = day.weekday() in (1, 3) or (day.weekday() == 4 and days // 7 % 4 == 0)
        if taught and PROGRAMME.active(day):
            code = CODES[len(log) % len(CODES)]
            log.append(entry(day, f"Session {len(log) + 1} on {code}", statements=frozenset({code})))
    return log


@dataclass(frozen=True)
class Fault:
    """How one fault comes into a log, and what an audit has to say of it."""

    code: Code
    day: date
    plant: Callable[[list[Entry]], list[Entry]]


def _add(code: Code, day: date, **changes: object) -> Fault:
    return Fault(code, day, lambda log: [*log, entry(day, "Planted", **changes)])


def _copied(log: list[Entry]) -> list[Entry]:
    """The same learning twice: other capitals, a full stop, another length."""
    first = next(one for one in log if one.day == date(2025, 10, 7))
    return [*log, replace(first, id="copy", what=f"  {first.what.upper()}.", minutes=HOUR)]


def _long_day(log: list[Entry]) -> list[Entry]:
    day = date(2025, 11, 17)
    return [*log, entry(day, "Morning", minutes=7 * HOUR), entry(day, "Evening", minutes=5 * HOUR + 1)]


def _full_week(log: list[Entry]) -> list[Entry]:
    monday = date(2026, 1, 12)
    days = (monday + timedelta(days=one) for one in (0, 2, 4, 5))
    return [*log, *(entry(day, "Residential week", minutes=9 * HOUR) for day in days)]


def _without_may(log: list[Entry]) -> list[Entry]:
    return [one for one in log if (one.day.year, one.day.month) != (2026, 5)]


TWELVE = (
    Fault(Code.DUPLICATE, date(2025, 10, 7), _copied),
    Fault(Code.LONG_DAY, date(2025, 11, 17), _long_day),
    Fault(Code.OVER_WEEK, date(2026, 1, 12), _full_week),
    Fault(Code.EMPTY_MONTH, date(2026, 5, 1), _without_may),
    _add(Code.BEFORE_START, date(2025, 8, 29)),
    _add(Code.IN_BREAK, date(2026, 7, 15)),
    _add(Code.NOT_PAID, date(2025, 12, 8), in_paid_hours=False),
    _add(Code.NOT_NEW, date(2026, 2, 2), new_learning=False),
    _add(Code.ENGLISH_MATHS, date(2026, 2, 16), english_maths=True),
    _add(Code.ASSESSMENT, date(2026, 3, 2), assessment_or_review=True),
    _add(Code.NO_STATEMENT, date(2026, 3, 16), statements=frozenset()),
    _add(Code.UNCONFIRMED, date(2026, 4, 13), confirmed_on=None, confirmed_by=None),
)
FURTHER = (
    _add(Code.FUTURE, date(2026, 11, 23)),
    _add(Code.LATE, date(2026, 4, 27), entered_on=date(2026, 5, 26)),
    _add(Code.OWN_CONFIRMATION, date(2026, 6, 8), confirmed_by="apprentice"),
    _add(Code.PAID_UNKNOWN, date(2026, 6, 15), in_paid_hours=None),
    _add(Code.NEW_UNKNOWN, date(2026, 8, 10), new_learning=None),
    _add(Code.NO_LENGTH, date(2026, 8, 17), minutes=0),
    Fault(
        Code.NOTHING_SAID,
        date(2026, 8, 24),
        lambda log: [*log, entry(date(2026, 8, 24), " ", id="silent")],
    ),
)
