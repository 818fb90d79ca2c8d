"""The whole log of off-the-job hours as an auditor reads it: what is wrong, where, and what to do.

Each fault is named once, at the entry, day, week or month it belongs to. Nothing is named that is in order.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from portfolio.training.rules.hours import (
    Code,
    blocked,
    long_day_sentence,
    over_week_sentence,
    plain,
    problems,
    week_of,
)
from portfolio.training.rules.hours_facts import USUAL_LIMITS, Entry, Limits, Programme
from portfolio.training.rules.hours_minimum import minimum_of
from portfolio.training.rules.hours_picture import (
    HoursPicture,
    Month,
    in_order,
    months_in_want,
    picture,
)
from portfolio.training.rules.hours_year import nearest_year
from portfolio.training.rules.words import counted, length, month_words, on_screen


@dataclass(frozen=True)
class Finding:
    """One fault of the log. `day` is the day it stands at, the first of its week or month, or the start for the whole
    log; `entries` are the ids it is about."""

    code: Code
    day: date
    entries: tuple[str, ...]
    sentence: str
    blocks: bool


def audit(
    entries: Collection[Entry], programme: Programme, on: date, limits: Limits = USUAL_LIMITS
) -> list[Finding]:
    """Every fault of the log on that day, earliest first."""
    log = in_order(entries)
    seen = picture(log, programme, on, limits)
    found = [
        *_each(log, programme, on, limits),
        *_twice(log),
        *_days(log, limits),
        *_weeks(log, programme),
        *_unconfirmed(log, programme, on, limits),
        *_months(seen.months, programme),
        *_totals(seen, programme, on),
    ]
    return sorted(found, key=lambda one: (one.day, one.code, one.entries))


def _each(log: list[Entry], programme: Programme, on: date, limits: Limits) -> Iterator[Finding]:
    """What is wrong with entries by themselves; what they are beside others is said once, below."""
    for entry in log:
        for one in problems(entry, programme, on, limits=limits):
            if one.code not in (Code.LONG_DAY, Code.OVER_WEEK):
                yield Finding(one.code, entry.day, (entry.id,), one.sentence, one.blocks)


def _twice(log: list[Entry]) -> Iterator[Finding]:
    groups: dict[tuple[date, str], list[Entry]] = {}
    for entry in log:
        groups.setdefault((entry.day, plain(entry.what)), []).append(entry)
    for (day, text), same in groups.items():
        if len(same) > 1 and text:
            sentence = (
                f"The same text stands {counted(len(same), 'time')} on {on_screen(day)}. Only the first counts: remove "
                "the others, or say what was different."
            )
            yield Finding(Code.DUPLICATE, day, tuple(one.id for one in same), sentence, blocks=True)


def _sums(groups: dict[date, list[Entry]]) -> Iterator[tuple[date, int, tuple[str, ...]]]:
    for day, group in groups.items():
        yield day, sum(one.minutes for one in group), tuple(one.id for one in group)


def _days(log: list[Entry], limits: Limits) -> Iterator[Finding]:
    groups: dict[date, list[Entry]] = {}
    for entry in log:
        groups.setdefault(entry.day, []).append(entry)
    for day, minutes, ids in _sums(groups):
        if minutes > limits.longest_day:
            yield Finding(Code.LONG_DAY, day, ids, long_day_sentence(day, minutes), blocks=False)


def _weeks(log: list[Entry], programme: Programme) -> Iterator[Finding]:
    """More learning said to be in paid hours than the week has."""
    groups: dict[date, list[Entry]] = {}
    for entry in log:
        if entry.in_paid_hours:
            groups.setdefault(week_of(entry.day), []).append(entry)
    for monday, minutes, ids in _sums(groups):
        if 0 < programme.weekly_paid < minutes:
            sentence = over_week_sentence(monday, minutes, programme.weekly_paid)
            yield Finding(Code.OVER_WEEK, monday, ids, sentence, blocks=False)


def _unconfirmed(log: list[Entry], programme: Programme, on: date, limits: Limits) -> Iterator[Finding]:
    """Counted from the day the entry was written: before that there was nothing to confirm."""
    for entry in log:
        waited = on - entry.entered_on
        if (
            entry.confirmed
            or waited <= timedelta(weeks=limits.confirm_weeks)
            or blocked(entry, programme, on)
        ):
            continue
        sentence = f"Nobody has confirmed this entry since {on_screen(entry.entered_on)}. Ask the mentor or the assessor."
        yield Finding(Code.UNCONFIRMED, entry.day, (entry.id,), sentence, blocks=False)


def _months(months: Iterable[Month], programme: Programme) -> Iterator[Finding]:
    year = nearest_year(programme.start_on)
    every = year.months_between(programme.delivery)
    asked = "each month" if every == 1 else f"at least every {every} months"
    for month in months_in_want(months, every):
        sentence = (
            f"{month_words(month.first)} shows no off-the-job learning, and the rules ask for some {asked} "
            f"({year.active_cited}). Enter what is missing, or have a break recorded if there was one."
        )
        if month.only_english_maths:
            sentence += " Only English or maths is recorded: ask the provider whether that is enough here."
        yield Finding(Code.EMPTY_MONTH, month.first, (), sentence, blocks=False)


def _totals(seen: HoursPicture, programme: Programme, on: date) -> Iterator[Finding]:
    """The plan is held against the minimum at once, what was done only when the training is over."""
    least = minimum_of(programme)
    if least.minutes is not None and programme.planned < least.minutes:
        sentence = (
            f"The plan has {length(programme.planned)}, the minimum is {length(least.minutes)}. Correct the plan and "
            "have it signed again."
        )
        yield Finding(Code.PLAN_UNDER_MINIMUM, programme.start_on, (), sentence, blocks=True)
    if on <= programme.ends_on():
        return
    if seen.short_of_plan:
        sentence = (
            f"{length(seen.total)} count, {length(programme.planned)} were planned. Add what is missing, or have the "
            "employer sign the statement of planned and actual hours."
        )
        yield Finding(Code.UNDER_PLAN, programme.ends_on(), (), sentence, blocks=False)
    if seen.short_of_minimum:
        sentence = (
            f"{length(seen.total)} count, {length(seen.short_of_minimum)} under the minimum ({least.source}). The "
            "training goes on until the minimum is reached."
        )
        yield Finding(Code.UNDER_MINIMUM, programme.ends_on(), (), sentence, blocks=True)
