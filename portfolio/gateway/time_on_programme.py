"""Minimum time on the programme: calendar months from the start, breaks taken out.

The minimum is served on the same day of the month as the start, so many months later; where that month is
shorter, on its last day. That day itself counts. Every day of a break moves it on by one.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from portfolio.gateway.facts import Break, GatewayFacts
from portfolio.gateway.requirements import Answer, State
from portfolio.gateway.rulebook_lines import Rulebook
from portfolio.gateway.wording import counted, on_screen

ONE_DAY = timedelta(days=1)
MANAGER = "provider manager"


@dataclass(frozen=True)
class Minimum:
    """How many months are asked for, and by whom."""

    months: int
    rule: str
    source: str


@dataclass(frozen=True)
class Served:
    """When the minimum is served, with how many days of break taken out; `trouble` when that cannot be said."""

    earliest_on: date | None
    break_days: int = 0
    trouble: str = ""
    put_right: str = ""


def add_months(day: date, months: int) -> date:
    """The same day so many calendar months later, or the last day of that month where it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def merged(breaks: Sequence[tuple[date, date]]) -> list[tuple[date, date]]:
    """Breaks in order, those that overlap or touch made one, so that no day is counted twice."""
    joined: list[tuple[date, date]] = []
    for began_on, ended_on in sorted(breaks):
        if joined and began_on <= joined[-1][1] + ONE_DAY:
            joined[-1] = (joined[-1][0], max(joined[-1][1], ended_on))
        else:
            joined.append((began_on, ended_on))
    return joined


def minimum_for(facts: GatewayFacts, rulebook: Rulebook) -> Minimum:
    """The rulebook's minimum, or the standard's own where that is longer."""
    line = rulebook.line("minimum_time")
    months = rulebook.number("minimum_time", "months")
    own = facts.standard.minimum_months
    breaks = rulebook.line("breaks")
    if own is not None and own > months:
        rule = f"The standard asks for at least {counted(own, 'month')}. {breaks.says}"
        source = facts.standard.minimum_months_source or facts.standard.source
        return Minimum(own, rule, f"{source}; breaks: {breaks.cited}")
    return Minimum(months, f"{line.says} {breaks.says}", f"{line.cited}; breaks: {breaks.cited}")


def served(start_on: date, months: int, breaks: Sequence[Break], on: date) -> Served:
    """When so many months from the start are served.

    Breaks before the start play no part. A break that is still open leaves the date unknown, unless it is only
    planned and begins after the minimum is served. On a day inside a break the gateway waits for the return.
    """
    closed: list[tuple[date, date]] = []
    for one in breaks:
        if one.ended_on is None:
            continue
        if one.ended_on < one.began_on:
            return _wrong_way_round(one.began_on, one.ended_on)
        if one.ended_on >= start_on:
            closed.append((max(one.began_on, start_on), one.ended_on))
    joined = merged(closed)
    earliest_on, days = _moved_on(add_months(start_on, months), joined)
    still_open = [
        one.began_on for one in breaks if one.ended_on is None and one.began_on <= max(earliest_on, on)
    ]
    if still_open:
        return _still_open(min(still_open))
    back_on = next(
        (ended_on + ONE_DAY for began_on, ended_on in joined if began_on <= on <= ended_on), start_on
    )
    return Served(max(earliest_on, back_on), days)


def time_answer(facts: GatewayFacts, on: date, minimum: Minimum) -> tuple[Answer, date | None]:
    """The line of the check, and the earliest date that time allows."""
    found = served(facts.start_on, minimum.months, facts.breaks, on)
    if found.earliest_on is None:
        return Answer(State.NEEDS_ACTION, found.trouble, found.put_right, MANAGER), None
    asked = f"The minimum of {counted(minimum.months, 'month')} from {on_screen(facts.start_on)}"
    taken_out = f", with {counted(found.break_days, 'day')} of break taken out" if found.break_days else ""
    when = on_screen(found.earliest_on)
    if on >= found.earliest_on:
        return Answer(State.IN_PLACE, f"{asked} was served on {when}{taken_out}."), found.earliest_on
    put_right = f"Nothing but time: wait until {when}; if the start date or a break is wrong, correct it."
    return Answer(
        State.MISSING, f"{asked} is served on {when}{taken_out}.", put_right, MANAGER
    ), found.earliest_on


def _moved_on(day: date, joined: Sequence[tuple[date, date]]) -> tuple[date, int]:
    """The day moved on by each break that began by then, and by how many days in all."""
    moved = 0
    for began_on, ended_on in joined:
        if began_on > day:
            break
        days = (ended_on - began_on).days + 1
        day += timedelta(days=days)
        moved += days
    return day, moved


def _wrong_way_round(began_on: date, ended_on: date) -> Served:
    trouble = f"A break is recorded from {on_screen(began_on)} to {on_screen(ended_on)}, which is the wrong way round."
    return Served(None, trouble=trouble, put_right="Correct the dates of that break.")


def _still_open(began_on: date) -> Served:
    return Served(
        None,
        trouble=f"A break from {on_screen(began_on)} has no last day, so the earliest date is not known.",
        put_right="Record the last day of the break once the apprentice is back, or the withdrawal.",
    )
