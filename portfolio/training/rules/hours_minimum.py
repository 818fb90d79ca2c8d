"""The least off-the-job hours a start date asks for. Unknown stays unknown: it is never worked out from something else.

Starts from 1 August 2024: 20 % of the normal weekly hours, of which at most 30 are counted, for each week of the
programme. Starts from 1 August 2025: the figure published for the version of the standard; prior learning may bring
it down, yet not under 187 hours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction
from math import ceil

from portfolio.training.rules.hours_facts import Programme
from portfolio.training.rules.words import counted, length, on_screen

PER_CENT = 20
WEEK_CAP = 30 * 60
FLOOR = 187 * 60
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


@dataclass(frozen=True)
class _Year:
    starts_from: date
    source: str
    work_out: Callable[[Programme], tuple[int | None, str]]


def minimum_of(programme: Programme) -> Minimum:
    """What the start date of this programme asks for."""
    for year in _YEARS:
        if programme.start_on >= year.starts_from:
            minutes, how = year.work_out(programme)
            return Minimum(minutes, how, year.source)
    return Minimum(
        None,
        f"The minimum for a start on {on_screen(programme.start_on)} is not known here. Take it from the training plan.",
        "",
    )


def active_days(programme: Programme) -> int:
    """Days from the start to the planned end outside every break, each day counted once."""
    taken = 0
    day_after = programme.start_on
    for began_on, ended_on in sorted((one.began_on, one.ended_on) for one in _closed(programme)):
        first = max(began_on, day_after)
        if ended_on >= first:
            taken += (ended_on - first).days + 1
            day_after = ended_on + ONE_DAY
    return max(0, (programme.planned_end - programme.start_on).days + 1 - taken)


@dataclass(frozen=True)
class _Closed:
    began_on: date
    ended_on: date


def _closed(programme: Programme) -> list[_Closed]:
    """The parts of breaks between start and planned end; one still open lasts until the planned end."""
    last = programme.planned_end
    return [
        _Closed(max(one.began_on, programme.start_on), min(one.ended_on or last, last))
        for one in programme.breaks
        if one.began_on <= last
    ]


def _by_weeks(programme: Programme) -> tuple[int | None, str]:
    if programme.weekly_paid <= 0:
        return None, "The minimum cannot be worked out: give the paid hours of a week."
    counted_week = min(programme.weekly_paid, WEEK_CAP)
    weeks = max(Fraction(0), Fraction(active_days(programme), 7) - programme.leave_weeks)
    minutes = ceil(Fraction(counted_week * PER_CENT, 100) * weeks)
    leave = f", {counted(programme.leave_weeks, 'week')} of leave taken out" if programme.leave_weeks else ""
    return minutes, (
        f"{PER_CENT} % of {length(counted_week)} for each week from {on_screen(programme.start_on)} to "
        f"{on_screen(programme.planned_end)}, breaks{leave or ' taken out'}."
    )


def _published(programme: Programme) -> tuple[int | None, str]:
    published = programme.published_minimum
    if published is None:
        return None, (
            "The minimum published for this version of the standard is not known here. Look it up on the standard's "
            "page and give it; it is not worked out from the length of the programme."
        )
    if not programme.prior_learning:
        return published, "The figure published for this version of the standard."
    minutes = max(published - programme.prior_learning, min(published, FLOOR))
    return minutes, (
        f"The published {length(published)} less {length(programme.prior_learning)} for prior learning, "
        f"yet not under {length(min(published, FLOOR))}."
    )


_YEARS = (
    _Year(date(2026, 8, 1), "Funding rules 2026 to 2027, paragraphs 85-89 and 86.2", _published),
    _Year(date(2025, 8, 1), "Funding rules 2025 to 2026, paragraphs 81, 81.2 and 84", _published),
    _Year(date(2024, 8, 1), "Funding rules 2024 to 2025, paragraph 84", _by_weeks),
)
