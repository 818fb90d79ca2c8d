"""How ratings grew, month by month: the days that are looked at, and the widths of a drawn bar. Pure."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, timedelta

from kbs.framework import Framework
from portfolio.training.rules.ratings import Counts, Rated, Side, over_time
from portfolio.training.rules.words import month_words

MOST_MONTHS = 12
WIDTH = 1000
"""Of a whole bar, in the units of the drawing."""


@dataclass(frozen=True)
class Part:
    """One piece of a bar: from where, how wide, and what it stands for."""

    kind: str
    starts: int
    width: int


@dataclass(frozen=True)
class Bar:
    """How many competencies stood where at the end of a month, for one side."""

    counts: Counts

    @property
    def words(self) -> str:
        one = self.counts
        return (
            f"{one.competent} competent, {one.developing} developing, {one.not_yet} not yet, "
            f"{one.unrated} not rated"
        )

    @property
    def parts(self) -> list[Part]:
        """Whole units that fill the bar exactly; empty where nothing is asked for."""
        one = self.counts
        amounts = {"competent": one.competent, "developing": one.developing, "notyet": one.not_yet}
        total, before, found = sum(amounts.values()) + one.unrated, 0, []
        for kind, amount in amounts.items():
            starts, ends = (WIDTH * place // total if total else 0 for place in (before, before + amount))
            if ends > starts:
                found.append(Part(kind, starts, ends - starts))
            before += amount
        return found


@dataclass(frozen=True)
class Month:
    """One month of the picture: both sides beside each other. The last one goes up to today."""

    name: str
    own: Bar
    second: Bar


def days_of(first: date, today: date) -> list[date]:
    """The last day of each month from the first rating on, newest first, and today for this month; at most twelve."""
    days, month = [today], today.replace(day=1)
    while len(days) < MOST_MONTHS and first < month:
        days.append(month - timedelta(days=1))
        month = days[-1].replace(day=1)
    return days


def months(
    framework: Framework, target: str, ratings: Collection[Rated], today: date, strand: str
) -> list[Month]:
    """The picture, newest month first; empty before the first rating."""
    if not ratings:
        return []
    days = days_of(min(one.on for one in ratings), today)
    own, second = (over_time(framework, target, ratings, days, side, strand) for side in Side)
    return [
        Month(month_words(day), Bar(one), Bar(two)) for day, one, two in zip(days, own, second, strict=True)
    ]
