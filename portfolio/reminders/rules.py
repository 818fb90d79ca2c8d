"""What a digest says, to whom, and when: counts and days in, sentences out. Pure.

**No names.** A digest holds counts, days and addresses of our own pages, and of all names only the receiver's. Mail
leaves the system: it is forwarded, read over a shoulder, kept in an inbox after an assignment has ended, and nobody
can recall it. That somebody is an apprentice here, is late or lacks a check is told after signing in.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from enum import StrEnum
from uuid import UUID

from kbs.refresher import AMBER_DAYS, RED_DAYS, DueState
from portfolio.access import Role
from portfolio.cohorts.rules import COVERAGE_GAPS, ProgressFacts, open_gaps
from portfolio.training.due import DueLine
from portfolio.web.formats import LONDON, count_words, date_words

SEND_FROM_HOUR = 7
"""London time. What was missed goes later on the same day, or on the first day the worker is back in that week."""
NEAR_REQUIREMENTS = 3
"""Nearly ready: at most so many requirements open besides what is signed off; declarations come last and do not count."""
SOON_DAYS = 30
"""A check that falls due within so many days is due soon; an earliest date within so many days is near."""
ENDED_DAYS = 28
"""An assignment that ended longer ago is no news, even if no digest has said so."""
LATE_DAYS = 6
"""A digest that could not leave for so many days is dropped: the next one says all that still waits."""

REPORT = "/training-report"
"""What the address of a provider's training report ends with."""


class Line(StrEnum):
    """What a digest can speak of; each person chooses among those that concern them."""

    WAITING = "waiting"
    RETURNED = "returned"
    REVIEW = "review"
    GATEWAY = "gateway"
    ENDED = "ended"
    TRAINING = "training"


CONCERNS: Mapping[Line, frozenset[Role]] = {
    Line.WAITING: frozenset({Role.ASSESSOR, Role.MENTOR}),
    Line.RETURNED: frozenset({Role.APPRENTICE}),
    Line.REVIEW: frozenset({Role.APPRENTICE, Role.ASSESSOR, Role.MANAGER}),
    Line.GATEWAY: frozenset({Role.APPRENTICE, Role.MENTOR, Role.ASSESSOR, Role.MANAGER}),
    Line.ENDED: frozenset({Role.MENTOR, Role.ASSESSOR, Role.IQA}),
    Line.TRAINING: frozenset({Role.APPRENTICE, Role.MENTOR, Role.MANAGER}),
}
"""An internal quality assurer may not know whether a DBS check stands, so hears nothing of who is nearly ready. Neither
they nor an assessor may see when training is due."""


@dataclass(frozen=True)
class Choice:
    """What one person wants; as it is where nothing was ever chosen."""

    weekly: bool = True
    weekday: int = 1
    muted: frozenset[str] = frozenset()

    def wants(self, line: Line) -> bool:
        return self.weekly and line.value not in self.muted


@dataclass(frozen=True)
class Limits:
    """Where the lines of "review due" are drawn, from the settings: days."""

    quiet_days: int
    long_wait_days: int


@dataclass(frozen=True)
class Marks:
    """What there is to say of one apprenticeship on a day."""

    quiet: bool = False
    waits_long: bool = False
    dbs_due: bool = False
    nearly_ready: bool = False


@dataclass(frozen=True)
class Report:
    """What a provider's training report shows as overdue, in apprentices."""

    provider_id: UUID
    refresher: int = 0
    supervision: int = 0


@dataclass(frozen=True)
class Training:
    """What there is to say to one person of training: as an apprentice, as a mentor, as a manager."""

    own: tuple[DueLine, ...] = ()
    """Refresher, supervision and induction of one's own, as the home page lists them …"""
    refreshers: int = 0
    """… of a mentor's apprentices, those whose refresher is overdue …"""
    entries: int = 0
    """… and entries of their training logs that wait for the mentor's confirmation …"""
    bookings: int = 0
    """… and their bookings that wait for the mentor's yes or no …"""
    reports: tuple[Report, ...] = ()
    """… and of each provider whose report they may see, if anything in it is overdue."""


@dataclass(frozen=True)
class Facts:
    """Everything a digest of one person may speak of. Days are London's."""

    to_assess: int = 0
    oldest_to_assess: date | None = None
    new_to_mentor: int = 0
    returned: int = 0
    oldest_returned: date | None = None
    quiet: int = 0
    """Apprentices from whom nothing new has come, of those assigned to an assessor or managed …"""
    waits_long: int = 0
    """… whose evidence has waited too long: for managers, since an assessor's own queue says it already …"""
    dbs_due: int = 0
    """… and whose next DBS check is due soon: for managers with the right to see the record."""
    nearly_ready: Mapping[str, int] = field(default_factory=dict)
    """By the standard's word for the gateway, since several standards live side by side."""
    own_dbs_due: bool = False
    own_nearly_ready: tuple[str, ...] = ()
    ended: int = 0
    is_manager: bool = False
    training: Training = field(default_factory=Training)


@dataclass(frozen=True)
class Said:
    """One sentence of a digest, how a subject says it in short, and the page that it leads to."""

    line: Line
    short: str
    sentence: str
    path: str


def marks(facts: ProgressFacts, waiting_day: int | None, today: int, limits: Limits) -> Marks:
    """What there is to say of an apprenticeship. `today` and `waiting_day` are ordinals, as in the summary."""
    away = facts.stage == "break" and (facts.break_began_day or 0) <= today
    here = facts.stage in ("active", "break")
    gaps = open_gaps(facts, today)
    time_left = None if facts.earliest_gateway_day is None else facts.earliest_gateway_day - today
    still_open = len([code for code in gaps if code not in COVERAGE_GAPS]) + ((time_left or 0) > 0)
    since = max(facts.start_day, facts.last_activity_day or 0, facts.back_day or 0)
    ready = not gaps and time_left is not None and time_left <= 0
    return Marks(
        quiet=here and not away and not ready and today - since >= limits.quiet_days,
        waits_long=here and waiting_day is not None and today - waiting_day > limits.long_wait_days,
        dbs_due=here and facts.dbs_due_day is not None and facts.dbs_due_day - today <= SOON_DAYS,
        nearly_ready=here
        and not away
        and not set(gaps) & set(COVERAGE_GAPS)
        and still_open <= NEAR_REQUIREMENTS
        and time_left is not None
        and time_left <= SOON_DAYS,
    )


def digest(facts: Facts, choice: Choice, limits: Limits, today: date) -> list[Said]:
    """What is to be said to somebody who chose so, in the order of the lines. Empty: no mail."""
    every = [
        *_waiting(facts, today),
        *_returned(facts),
        *_review(facts, limits),
        *_gateway(facts),
        *_ended(facts),
        *_own_training(facts.training),
        *_training_of_others(facts.training),
    ]
    return [said for said in every if choice.wants(said.line)]


def subject(said: Collection[Said]) -> str:
    """ "3 pieces wait for you, and 1 other thing"."""
    first, *others = said
    return first.short + (f", and {count_words(len(others), 'other thing')}" if others else "")


def _waiting(facts: Facts, today: date) -> list[Said]:
    found = []
    if facts.to_assess:
        short = f"{_counted(facts.to_assess, 'piece waits', 'pieces wait')} for you"
        waited = (today - (facts.oldest_to_assess or today)).days
        since = f" The oldest has waited {count_words(waited, 'day')}." if waited > 0 else ""
        wait = _counted(facts.to_assess, "piece of evidence waits", "pieces of evidence wait")
        found.append(Said(Line.WAITING, short, f"{wait} for your decision.{since}", "/queue"))
    if facts.new_to_mentor:
        number = count_words(facts.new_to_mentor, "new piece")
        found.append(
            Said(
                Line.WAITING,
                f"{number} from your apprentices",
                f"{number} from your apprentices, about which you have said nothing yet. A comment takes a minute.",
                "/",
            )
        )
    return found


def _returned(facts: Facts) -> list[Said]:
    if not facts.returned:
        return []
    short = f"{count_words(facts.returned, 'piece')} came back to you"
    which = "It has been" if facts.returned == 1 else "The oldest has been"
    sentence = (
        f"{count_words(facts.returned, 'piece')} of your evidence came back to you. {which} with you "
        f"since {date_words(facts.oldest_returned)}; the page says what is missing."
    )
    return [Said(Line.RETURNED, short, sentence, "/")]


def _review(facts: Facts, limits: Limits) -> list[Said]:
    path = "/cohorts" if facts.is_manager else "/apprenticeships"
    found = []
    if facts.quiet:
        who = count_words(facts.quiet, "apprentice")
        sentence = f"Nothing new has come from {who} for {limits.quiet_days} days or more."
        found.append(Said(Line.REVIEW, f"{who} to look in on", sentence, path))
    if facts.waits_long:
        who = count_words(facts.waits_long, "apprentice")
        sentence = f"Evidence of {who} has waited for an assessor for more than {limits.long_wait_days} days."
        found.append(Said(Line.REVIEW, f"{who} waiting for feedback", sentence, "/cohorts"))
    if facts.dbs_due:
        checks = _counted(facts.dbs_due, "DBS check falls", "DBS checks fall")
        sentence = f"{checks} due within {SOON_DAYS} days, or did already, by the employers' policies."
        found.append(Said(Line.REVIEW, f"{checks} due", sentence, "/cohorts"))
    if facts.own_dbs_due:
        sentence = f"Your next DBS check falls due within {SOON_DAYS} days, or did already, by your employer's policy."
        found.append(Said(Line.REVIEW, "Your DBS check falls due", sentence, "/"))
    return found


def _gateway(facts: Facts) -> list[Said]:
    path = "/cohorts" if facts.is_manager else "/apprenticeships"
    own = [
        Said(
            Line.GATEWAY,
            f"You are nearly ready for the {word}",
            f"You are nearly ready for the {word}: everything is signed off. The page says what is still open.",
            "/",
        )
        for word in facts.own_nearly_ready
    ]
    others = []
    for word, number in sorted(facts.nearly_ready.items()):
        who = _counted(number, "apprentice is", "apprentices are")
        sentence = f"{who} nearly ready for the {word}: everything is signed off, and little else is open."
        others.append(Said(Line.GATEWAY, f"{who} nearly ready for the {word}", sentence, path))
    return own + others


def _ended(facts: Facts) -> list[Said]:
    if not facts.ended:
        return []
    short = f"{count_words(facts.ended, 'assignment')} of yours ended"
    which = "assignment of yours to an apprentice ended"
    if facts.ended > 1:
        which = "assignments of yours to apprentices ended"
    return [Said(Line.ENDED, short, f"{facts.ended} {which} since the last digest.", "/apprenticeships")]


def _own_training(training: Training) -> list[Said]:
    return [Said(Line.TRAINING, *_due_words(one), "/") for one in training.own]


def _due_words(one: DueLine) -> tuple[str, str]:
    """How a subject says it, and the sentence."""
    what = f"Your {one.what.lower()}"
    if one.due_on is None:
        return f"{what} is due", f"{what} is due now: nothing is recorded yet."
    if one.state is DueState.OVERDUE:
        return f"{what} is overdue", f"{what} was due by {date_words(one.due_on)}."
    within = {DueState.AMBER: f", within {AMBER_DAYS} days", DueState.RED: f", within {RED_DAYS} days"}
    soon = within.get(one.state, "") if one.state else ""
    return f"{what} falls due", f"{what} is due by {date_words(one.due_on)}{soon}."


def _training_of_others(training: Training) -> list[Said]:
    found = []
    if number := training.refreshers:
        short = f"{count_words(number, 'refresher')} overdue"
        sentence = f"The refresher training of {number} of your apprentices is overdue."
        found.append(Said(Line.TRAINING, short, sentence, "/"))
    if training.entries:
        wait = _counted(training.entries, "entry waits", "entries wait")
        sentence = f"{wait} for your confirmation in the training logs of your apprentices."
        found.append(Said(Line.TRAINING, f"{wait} for your confirmation", sentence, "/"))
    if training.bookings:
        wait = _counted(training.bookings, "booking waits", "bookings wait")
        sentence = f"{wait} for your yes or no, from your apprentices."
        found.append(Said(Line.TRAINING, f"{wait} for your yes or no", sentence, "/"))
    for report in training.reports:
        path = f"/providers/{report.provider_id}{REPORT}"
        for what, number in (("refresher training", report.refresher), ("supervision", report.supervision)):
            if number:
                who = count_words(number, "apprentice")
                short = f"{what.capitalize()} of {who} overdue"
                found.append(Said(Line.TRAINING, short, f"The {what} of {who} is overdue.", path))
    return found


def _counted(number: int, one: str, many: str) -> str:
    return f"{number} {one if number == 1 else many}"


def week_of(day: date) -> str:
    """The ISO week, Monday to Sunday: "2026-W48"."""
    year, week, _ = day.isocalendar()
    return f"{year}-W{week:02}"


def plan_period(now: datetime) -> str | None:
    """The day whose digests are to be planned, from seven o'clock in London on; None before."""
    local = now.astimezone(LONDON)
    return local.date().isoformat() if local.hour >= SEND_FROM_HOUR else None


def days_to_plan(today: date, planned: Collection[date]) -> list[date]:
    """Today, and the days of this week that were missed while no worker ran. Nothing is made up for before the first
    plan there ever was: an installation does not begin with yesterday's mail."""
    days = [today - timedelta(days=back) for back in range(today.isoweekday() - 1, 0, -1)]
    missed = [day for day in days if day not in planned and any(one < day for one in planned)]
    return [*missed, today]


def next_on(choice: Choice, now: datetime, last_week: str) -> date:
    """The day of the next digest, if there is something to say then. `last_week`: of the last one, or empty."""
    local = now.astimezone(LONDON)
    ahead = (choice.weekday - local.isoweekday()) % 7
    if ahead == 0 and local.hour >= SEND_FROM_HOUR:
        ahead = 7
    day = local.date() + timedelta(days=ahead)
    return day + timedelta(days=7) if week_of(day) == last_week else day
