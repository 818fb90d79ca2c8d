"""Off-the-job hours, one entry as it is typed: what is wrong with it, and what to do.

What counts is what the funding rules count: new knowledge, skill or behaviour of the standard, learnt in paid hours
while the programme runs. English and maths, assessment and progress reviews are apart. An entry that does not count
may still be kept in the training log.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from portfolio.training.rules.hours_facts import USUAL_LIMITS, Entry, Limits, Programme
from portfolio.training.rules.words import length, on_screen

DAY_MINUTES = 24 * 60


class Code(StrEnum):
    """What can be wrong with one entry or with a whole log."""

    NOTHING_SAID = "nothing said"
    NO_LENGTH = "no length"
    FUTURE = "in the future"
    BEFORE_START = "before the start"
    AFTER_END = "after the last day"
    IN_BREAK = "in a break"
    PAID_UNKNOWN = "paid hours not answered"
    NOT_PAID = "not in paid hours"
    NEW_UNKNOWN = "new learning not answered"
    NOT_NEW = "not new learning"
    ENGLISH_MATHS = "English or maths"
    ASSESSMENT = "assessment or review"
    NO_STATEMENT = "no linked statement"
    DUPLICATE = "entered twice"
    LONG_DAY = "very long day"
    OVER_WEEK = "more than the paid week"
    LATE = "entered long after"
    OWN_CONFIRMATION = "confirmed by the apprentice"
    UNCONFIRMED = "unconfirmed for long"
    EMPTY_MONTH = "month without learning"
    PLAN_UNDER_MINIMUM = "plan under the minimum"
    UNDER_PLAN = "under the plan"
    UNDER_MINIMUM = "under the minimum"


@dataclass(frozen=True)
class Problem:
    """What is wrong, in a sentence that says what to do. `blocks`: these minutes do not count as off-the-job hours as
    they stand. `cannot_keep`: not even the training log can take the entry."""

    code: Code
    sentence: str
    blocks: bool = True
    cannot_keep: bool = False


def problems(
    entry: Entry,
    programme: Programme,
    on: date,
    others: Iterable[Entry] = (),
    limits: Limits = USUAL_LIMITS,
) -> list[Problem]:
    """Everything that is wrong with one entry on that day; `others` are the apprentice's entries already there."""
    earlier = [one for one in others if one.id != entry.id]
    return [
        *_unusable(entry, on),
        *_outside_programme(entry, programme),
        *_what_it_is(entry),
        *_beside_others(entry, programme, earlier, limits),
        *_made_how(entry, programme, limits),
    ]


def blocked(entry: Entry, programme: Programme, on: date) -> bool:
    """Whether something about the entry itself keeps its minutes from counting."""
    found = (*_unusable(entry, on), *_outside_programme(entry, programme), *_what_it_is(entry))
    return any(one.blocks for one in found)


def same_text(first: str, second: str) -> bool:
    """Two texts that differ in capitals, spaces or the last full stop only are the same."""
    return plain(first) == plain(second)


def plain(text: str) -> str:
    return " ".join(text.casefold().split()).rstrip(".")


def week_of(day: date) -> date:
    """The Monday of the day's week."""
    return day - timedelta(days=day.weekday())


def _unusable(entry: Entry, on: date) -> list[Problem]:
    found: list[Problem] = []
    if not entry.what.strip():
        found.append(Problem(Code.NOTHING_SAID, "Say in a few words what you learnt.", cannot_keep=True))
    if not 0 < entry.minutes <= DAY_MINUTES:
        sentence = (
            "Give how long it took: more than 0 minutes and at most 24 hours. Split longer learning by day."
        )
        found.append(Problem(Code.NO_LENGTH, sentence, cannot_keep=True))
    if entry.day > on:
        sentence = f"{on_screen(entry.day)} is still to come. Enter learning once it has taken place."
        found.append(Problem(Code.FUTURE, sentence, cannot_keep=True))
    return found


def _outside_programme(entry: Entry, programme: Programme) -> list[Problem]:
    day = on_screen(entry.day)
    if entry.day < programme.start_on:
        sentence = (
            f"{day} is before the apprenticeship started on {on_screen(programme.start_on)}. Correct the day; "
            "learning from before is prior learning."
        )
        return [Problem(Code.BEFORE_START, sentence)]
    if programme.last_day is not None and entry.day > programme.last_day:
        sentence = (
            f"{day} is after the last day of learning, {on_screen(programme.last_day)}. Correct the day, or have the "
            "provider correct the last day."
        )
        return [Problem(Code.AFTER_END, sentence)]
    if programme.on_break(entry.day):
        sentence = (
            f"{day} lies in a break in learning, when no hours count. Correct the day, or have the provider correct "
            "the break."
        )
        return [Problem(Code.IN_BREAK, sentence)]
    return []


def _what_it_is(entry: Entry) -> list[Problem]:
    found: list[Problem] = []
    if entry.in_paid_hours is None:
        found.append(Problem(Code.PAID_UNKNOWN, "Say whether this was in your paid working hours."))
    elif not entry.in_paid_hours:
        sentence = (
            "Learning outside paid hours does not count. Agree time off in its place with your manager and say so, or "
            "keep it in the training log without hours."
        )
        found.append(Problem(Code.NOT_PAID, sentence))
    if entry.new_learning is None:
        found.append(Problem(Code.NEW_UNKNOWN, "Say whether you learnt something new."))
    elif not entry.new_learning:
        sentence = (
            "Only new knowledge, skill or behaviour counts. Say what was new, or keep it in the training log without "
            "hours."
        )
        found.append(Problem(Code.NOT_NEW, sentence))
    if entry.english_maths:
        sentence = "English and maths do not count as off-the-job hours. Keep them in the training log without hours."
        found.append(Problem(Code.ENGLISH_MATHS, sentence))
    if entry.assessment_or_review:
        sentence = "Assessment and progress reviews do not count. Enter only the part that was training, with its own length."
        found.append(Problem(Code.ASSESSMENT, sentence))
    if not entry.statements:
        sentence = "Link at least one statement of the standard that you learnt something for."
        found.append(Problem(Code.NO_STATEMENT, sentence))
    return found


def _beside_others(
    entry: Entry, programme: Programme, others: list[Entry], limits: Limits
) -> Iterable[Problem]:
    if any(one.day == entry.day and same_text(one.what, entry.what) for one in others):
        sentence = f"The same text stands on {on_screen(entry.day)} already. Remove one of the two, or say what was different."
        yield Problem(Code.DUPLICATE, sentence)
    day = entry.minutes + sum(one.minutes for one in others if one.day == entry.day)
    if day > limits.longest_day:
        yield Problem(Code.LONG_DAY, long_day_sentence(entry.day, day), blocks=False)
    same_week = [one for one in (entry, *others) if week_of(one.day) == week_of(entry.day)]
    week = sum(one.minutes for one in same_week if one.in_paid_hours)
    if entry.in_paid_hours and 0 < programme.weekly_paid < week:
        yield Problem(
            Code.OVER_WEEK, over_week_sentence(week_of(entry.day), week, programme.weekly_paid), blocks=False
        )


def long_day_sentence(day: date, minutes: int) -> str:
    return f"{length(minutes)} stand on {on_screen(day)}. Check the length, or put part of it on the day it was done."


def over_week_sentence(monday: date, minutes: int, paid: int) -> str:
    return (
        f"{length(minutes)} stand in the week from {on_screen(monday)}, with {length(paid)} paid. Check the lengths, "
        "or have the paid hours of the week corrected."
    )


def _made_how(entry: Entry, programme: Programme, limits: Limits) -> Iterable[Problem]:
    after = (entry.entered_on - entry.day).days
    if after > limits.late_days:
        sentence = (
            f"Entered {after} days after {on_screen(entry.day)}. Say what shows the day, such as a calendar entry, and "
            "have it confirmed."
        )
        yield Problem(Code.LATE, sentence, blocks=False)
    if entry.confirmed and entry.confirmed_by == programme.apprentice:
        yield Problem(
            Code.OWN_CONFIRMATION,
            "Nobody confirms their own hours. Ask the mentor or the assessor.",
            blocks=False,
        )
