"""When learning has to be renewed, from a framework's rules as data, or from the employer's own interval.

Days are counted so: an interval runs to the same day of the month (the month's last day where it is shorter),
and that due day itself is still in time; the day after is overdue. Amber begins 90 days before the due day,
red 30 days before it, both days included. Nothing is invented: without a rule the state is "no rule".
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kbs.framework import Framework, RefresherKind, RefresherRule
from kbs.months import add_months

AMBER_DAYS = 90
RED_DAYS = 30
LONGEST_MONTHS = 120


class DueState(StrEnum):
    """How a person's refresher stands."""

    IN_DATE = "in date"
    AMBER = "due within 90 days"
    RED = "due within 30 days"
    OVERDUE = "overdue"
    NEVER_DONE = "nothing recorded"
    NO_RULE = "no rule"


@dataclass(frozen=True)
class Done:
    """Learning that counts: its day and, for rules of hours, how long it was."""

    on: date
    hours: float = 0.0


@dataclass(frozen=True)
class Override:
    """The employer's own rule in place of the framework's. A reason has to be given."""

    reason: str
    months: int
    hours: float | None = None

    def __post_init__(self) -> None:
        if not self.reason.strip():
            raise ValueError("Say why the employer sets its own interval.")
        if not 1 <= self.months <= LONGEST_MONTHS:
            raise ValueError(f"Give the interval in months, from 1 to {LONGEST_MONTHS}.")
        if self.hours is not None and self.hours <= 0:
            raise ValueError("Give the hours as a number above zero, or leave them out.")


@dataclass(frozen=True)
class Ask:
    """What is asked of one person: the framework's rule, or the employer's with its reason."""

    months: int
    hours: float | None
    first_within_months: int | None
    rule: RefresherRule | None
    override: Override | None

    @property
    def longer_than_source(self) -> bool:
        """The employer allows more time, or asks for fewer hours, than the framework does: to be shown."""
        if self.override is None or self.rule is None or self.rule.kind is RefresherKind.COUNTED:
            return False
        fewer = self.rule.hours_at_least is not None and (self.hours or 0) < self.rule.hours_at_least
        return self.months > self.rule.months or fewer


@dataclass(frozen=True)
class Refresher:
    """The answer for one person on one day. `due_on` is the last day in time; None where there is none.

    With nothing recorded and no due day the source does not say by when the first training is done: it is due
    now. `hours` and `hours_short` belong to rules of hours; `counted` is how much was done in the period.
    """

    state: DueState
    due_on: date | None
    last_on: date | None
    ask: Ask | None
    rule: RefresherRule | None
    counted: int = 0
    hours: float = 0.0
    hours_short: float = 0.0

    def days_left(self, today: date) -> int | None:
        """Days until the due day: 0 on the day itself, negative once overdue."""
        return None if self.due_on is None else (self.due_on - today).days

    def late(self, today: date) -> bool:
        """Past its due day, or never done where nothing allows more time."""
        if self.due_on is None:
            return self.state is DueState.NEVER_DONE
        return today > self.due_on


def rule_for(framework: Framework, level_id: str, *, designated_lead: bool) -> RefresherRule | None:
    """The framework's rule for this level and kind of role; None where it has none. Raises UnknownLevel."""
    framework.level(level_id)
    found = (rule for rule in framework.refreshers if rule.covers(level_id, designated_lead))
    return next(found, None)


def state_by_days(due_on: date, today: date) -> DueState:
    """In date, amber, red or overdue, by the days left until the due day."""
    days = (due_on - today).days
    if days < 0:
        return DueState.OVERDUE
    if days <= RED_DAYS:
        return DueState.RED
    return DueState.AMBER if days <= AMBER_DAYS else DueState.IN_DATE


def refresher(
    rule: RefresherRule | None,
    done: Iterable[Done],
    today: date,
    *,
    starts_on: date | None = None,
    override: Override | None = None,
) -> Refresher:
    """How it stands with one person's refresher today. Learning dated after today does not count yet.

    `starts_on` is the day the role began: with nothing recorded the first training is due so many months
    after it as the rule says. An override replaces the rule's months, and its hours where it names some.
    """
    past = sorted((one for one in done if one.on <= today), key=lambda one: one.on)
    ask = _ask(rule, override)
    last_on = past[-1].on if past else None
    if ask is None:
        return Refresher(DueState.NO_RULE, None, last_on, None, rule, _in_period(rule, past, today))
    if not past:
        return _never_done(ask, rule, starts_on)
    if ask.hours is not None:
        return _by_hours(ask, rule, past, today, starts_on)
    due_on = add_months(past[-1].on, ask.months)
    return Refresher(state_by_days(due_on, today), due_on, last_on, ask, rule, _in_period(rule, past, today))


def _ask(rule: RefresherRule | None, override: Override | None) -> Ask | None:
    first = rule.first_within_months if rule else None
    if override is not None:
        hours = override.hours if override.hours is not None else (rule.hours_at_least if rule else None)
        return Ask(override.months, hours, first, rule, override)
    if rule is None or rule.kind is RefresherKind.COUNTED:
        return None
    return Ask(rule.months, rule.hours_at_least, first, rule, None)


def _never_done(ask: Ask, rule: RefresherRule | None, starts_on: date | None) -> Refresher:
    known = starts_on is not None and ask.first_within_months is not None
    due_on = add_months(starts_on, ask.first_within_months) if known else None  # type: ignore[arg-type]
    return Refresher(DueState.NEVER_DONE, due_on, None, ask, rule, hours_short=ask.hours or 0.0)


def counts_until(on: date, months: int) -> date:
    """The last day on which learning of a day counts towards a rolling period of so many months."""
    return add_months(on, months)


def _in_period(rule: RefresherRule | None, past: Collection[Done], today: date) -> int:
    """How many pieces of learning lie in the rule's period up to today."""
    if rule is None:
        return 0
    return sum(1 for one in past if counts_until(one.on, rule.months) >= today)


def _hours_on(day: date, past: Collection[Done], months: int) -> float:
    return round(sum(one.hours for one in past if one.on <= day <= counts_until(one.on, months)), 2)


def _by_hours(
    ask: Ask, rule: RefresherRule | None, past: list[Done], today: date, starts_on: date | None
) -> Refresher:
    """Hours over a rolling period: due on the last day on which enough hours still count.

    Until enough was done once the first hours are due: so many months after the start of the role as the rule
    allows, or at the end of one whole period where it says nothing of the first time. Where the start is not
    known, that period is counted from the first learning recorded.
    """
    needed = ask.hours or 0.0
    ends = {counts_until(one.on, ask.months) for one in past}
    enough = [day for day in ends if _hours_on(day, past, ask.months) >= needed]
    due_on = max(enough) if enough else _first_hours_due(ask, past[0].on, starts_on)
    hours = _hours_on(today, past, ask.months)
    return Refresher(
        state=state_by_days(due_on, today),
        due_on=due_on,
        last_on=past[-1].on,
        ask=ask,
        rule=rule,
        counted=sum(1 for one in past if counts_until(one.on, ask.months) >= today),
        hours=hours,
        hours_short=round(max(0.0, needed - hours), 2),
    )


def _first_hours_due(ask: Ask, first_on: date, starts_on: date | None) -> date:
    if starts_on is None:
        return add_months(first_on, ask.months)
    return add_months(starts_on, ask.months if ask.first_within_months is None else ask.first_within_months)
