"""The least off-the-job hours a start date asks for. Unknown stays unknown: it is never worked out from something else.

Starts from 1 August 2024: 20 % of the normal weekly hours, of which at most 30 are counted, for each week of the
programme. Starts from 1 August 2025: the figure published for the version of the standard; prior learning may bring
it down, yet not under 187 hours.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from portfolio.training.rules.hours_facts import Programme
from portfolio.training.rules.hours_year import WEEKS, HoursYear, year_of
from portfolio.training.rules.words import counted, length, on_screen

ONE_DAY = timedelta(days=1)


@dataclass(frozen=True)
class Minimum:
    """The minimum in minutes, None where it is not known; how it comes about, and where that is said."""

    minutes: int | None
    how: str
    source: str

    @property
    def known(self) -> bool:
        return self.minutes is not None


def minimum_of(programme: Programme) -> Minimum:
    """What the start date of this programme asks for."""
    year = year_of(programme.start_on)
    if year is None:
        how = (
            f"The rules for a start on {on_screen(programme.start_on)} are not held here, so the minimum is not known. "
            "Take it from the training plan."
        )
        return Minimum(None, how, "")
    minutes, how = (_by_weeks if year.by == WEEKS else _published)(programme, year)
    return Minimum(minutes, how, year.minimum_cited)


def active_days(programme: Programme) -> int:
    """Days from the start to the planned end outside every break, each day counted once."""
    taken = 0
    day_after = programme.start_on
    for began_on, ended_on in sorted(_closed(programme)):
        first = max(began_on, day_after)
        if ended_on >= first:
            taken += (ended_on - first).days + 1
            day_after = ended_on + ONE_DAY
    return max(0, (programme.planned_end - programme.start_on).days + 1 - taken)


def _closed(programme: Programme) -> list[tuple[date, date]]:
    """The parts of breaks between start and planned end; one still open lasts until the planned end."""
    last = programme.planned_end
    return [
        (max(one.began_on, programme.start_on), min(one.ended_on or last, last))
        for one in programme.breaks
        if one.began_on <= last
    ]


def _by_weeks(programme: Programme, year: HoursYear) -> tuple[int | None, str]:
    if programme.weekly_paid <= 0:
        return None, "The minimum cannot be worked out: give the paid hours of a week."
    counted_week = min(programme.weekly_paid, year.week_cap)
    weeks = max(Fraction(0), Fraction(active_days(programme), 7) - programme.leave_weeks)
    minutes = ceil(Fraction(counted_week * year.per_cent, 100) * weeks)
    leave = f", {counted(programme.leave_weeks, 'week')} of leave taken out" if programme.leave_weeks else ""
    return minutes, (
        f"{year.per_cent} % of {length(counted_week)} for each week from {on_screen(programme.start_on)} to "
        f"{on_screen(programme.planned_end)}, breaks{leave or ' taken out'}."
    )


def _published(programme: Programme, year: HoursYear) -> tuple[int | None, str]:
    published = programme.published_minimum
    if published is None:
        return None, (
            "The minimum published for this version of the standard is not known here. Look it up on the standard's "
            "page and give it; it is not worked out from the length of the programme."
        )
    if not programme.prior_learning:
        return published, "The figure published for this version of the standard."
    minutes = max(published - programme.prior_learning, min(published, year.floor))
    return minutes, (
        f"The published {length(published)} less {length(programme.prior_learning)} for prior learning, "
        f"yet not under {length(min(published, year.floor))}."
    )
