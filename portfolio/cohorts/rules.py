"""How an apprenticeship stands on a day, and when its own pace would bring it to the gateway. Pure.

Days are proleptic Gregorian ordinals (`date.toordinal()`), as the progress summary stores them. Everything
is whole-number arithmetic, so that `standing.py` can say the same in SQL; a property test holds the two
together on a real database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from portfolio.training.rules.report import STILL_LEARNING

LAST_DAY = date.max.toordinal()


class Standing(StrEnum):
    """How somebody stands, the most urgent first: the order in which a report sorts."""

    AT_RISK = "at_risk"
    BEHIND = "behind"
    ON_TRACK = "on_track"
    READY = "ready"
    BREAK = "break"
    THROUGH = "through"
    ASSESSED = "assessed"
    WITHDRAWN = "withdrawn"

    @property
    def label(self) -> str:
        return _WORDS[self][0]

    @property
    def tag(self) -> str:
        """The colour of its tag: g in place, a needs action, r missing, b information, n neutral."""
        return _WORDS[self][1]

    @property
    def rank(self) -> int:
        """Its place in the order, from 0."""
        return list(Standing).index(self)


_WORDS = {
    Standing.AT_RISK: ("At risk", "r"),
    Standing.BEHIND: ("Behind", "a"),
    Standing.ON_TRACK: ("On track", "g"),
    Standing.READY: ("Ready", "g"),
    Standing.BREAK: ("On a break", "b"),
    Standing.THROUGH: ("Through", "b"),
    Standing.ASSESSED: ("Assessed", "b"),
    Standing.WITHDRAWN: ("Withdrawn", "n"),
}
FINISHED = {"withdrawn": Standing.WITHDRAWN, "assessed": Standing.ASSESSED, "through": Standing.THROUGH}
"""Stages of the summary after which pace no longer matters."""
ON_PROGRAMME = ("active", "break")
"""Stages in which pieces can wait for feedback."""
COVERAGE_GAPS = ("statements", "duties")
"""Gaps that the bar of signed off items shows already."""


@dataclass(frozen=True)
class Limits:
    """Where the lines are drawn; from the settings, shares in thousandths."""

    behind_below: int
    at_risk_below: int
    quiet_days: int

    @classmethod
    def from_settings(
        cls, behind_below: float, at_risk_below: float, at_risk_after_quiet_days: int
    ) -> Limits:
        return cls(round(behind_below * 1000), round(at_risk_below * 1000), at_risk_after_quiet_days)


@dataclass(frozen=True, slots=True)
class ProgressFacts:
    """What the summary says of one apprenticeship. Items are statements and duties together."""

    stage: str
    items: int
    covered: int
    start_day: int
    planned_gateway_day: int
    """As first agreed, and `break_days` later."""
    break_days: int = 0
    break_began_day: int | None = None
    back_day: int | None = None
    last_activity_day: int | None = None
    earliest_gateway_day: int | None = None
    gaps: str = ""
    dbs_due_day: int | None = None
    through_day: int | None = None
    hours_confirmed: int = 0
    hours_planned: int = 0
    """Minutes; 0: no plan is set."""
    refresher_due_day: int | None = None
    """The last day in time; none: nobody asks for a refresher."""


def signed_share(covered: int, items: int) -> int | None:
    """Items signed off of all, in thousandths, rounded down. None where there are no items."""
    return covered * 1000 // items if items else None


def earned(covered: int, items: int, whole: int) -> int | None:
    """How far through the programme an even pace would be with so many items signed off, in thousandths of a day,
    rounded down: half of 500 days for half of the items. It does not depend on today, so it is stored, and pace is
    this divided by the days so far."""
    return covered * whole * 1000 // items if items else None


def standing(facts: ProgressFacts, today: int, limits: Limits) -> Standing:
    """How this apprenticeship stands on that day; `definitions` says the same in words."""
    if facts.stage in FINISHED:
        return FINISHED[facts.stage]
    if _is_away(facts, today):
        return Standing.BREAK
    if not open_gaps(facts, today) and _is_reached(facts.earliest_gateway_day, today):
        return Standing.READY
    if today - _quiet_since(facts) >= limits.quiet_days:
        return Standing.AT_RISK
    return _by_pace(facts, today, limits)


def _by_pace(facts: ProgressFacts, today: int, limits: Limits) -> Standing:
    """The first days, as many as may be quiet, are for settling in: nobody is behind in them."""
    kept = pace(facts, today)
    if kept is None or programme_days(facts, today)[0] < limits.quiet_days:
        return Standing.ON_TRACK
    if kept < limits.at_risk_below:
        return Standing.AT_RISK
    return Standing.BEHIND if kept < limits.behind_below else Standing.ON_TRACK


def _is_away(facts: ProgressFacts, today: int) -> bool:
    return facts.stage == "break" and _is_reached(facts.break_began_day, today)


def _is_reached(day: int | None, today: int) -> bool:
    return day is not None and day <= today


def _quiet_since(facts: ProgressFacts) -> int:
    """The newest of: last activity, first day back from a break, start."""
    return max(facts.start_day, facts.last_activity_day or 0, facts.back_day or 0)


def open_gaps(facts: ProgressFacts, today: int) -> tuple[str, ...]:
    """The gateway requirements that are open on that day; a DBS check that fell due counts from the day after."""
    codes = tuple(code for code in facts.gaps.split(",") if code)
    is_due = facts.dbs_due_day is not None and facts.dbs_due_day < today
    return ("dbs", *codes) if is_due and "dbs" not in codes else codes


def own_days(facts: ProgressFacts, today: int) -> int:
    """Days on programme so far, breaks taken out; a running break stops the count."""
    until = today if facts.break_began_day is None else min(today, facts.break_began_day)
    return max(0, until - facts.start_day - facts.break_days)


def programme_days(facts: ProgressFacts, today: int) -> tuple[int, int]:
    """Days on programme so far, at most the whole, and the whole: from the start to the planned gateway."""
    whole = max(1, facts.planned_gateway_day - facts.break_days - facts.start_day)
    return min(own_days(facts, today), whole), whole


def due(facts: ProgressFacts, today: int) -> int:
    """How many items an even pace would have brought by that day."""
    so_far, whole = programme_days(facts, today)
    return facts.items * so_far // whole


def pace(facts: ProgressFacts, today: int) -> int | None:
    """Items signed off against an even pace, in thousandths, rounded down. None before the first day has
    passed, and for those who are through, assessed or withdrawn."""
    so_far, whole = programme_days(facts, today)
    kept = earned(facts.covered, facts.items, whole)
    return None if facts.stage in FINISHED or kept is None or not so_far else kept // so_far


def hours_due(facts: ProgressFacts, today: int) -> int:
    """How many minutes of the plan of off-the-job hours an even pace would have brought by that day."""
    so_far, whole = programme_days(facts, today)
    return facts.hours_planned * so_far // whole


def behind_with_hours(facts: ProgressFacts, today: int) -> bool:
    """Whether fewer hours are confirmed than an even pace would have brought, of those on programme with a plan."""
    return facts.stage in ON_PROGRAMME and facts.hours_confirmed < hours_due(facts, today)


def refresher_overdue(facts: ProgressFacts, today: int) -> bool:
    """Whether the refresher training is past its last day in time. Of whoever has left or is assessed nobody asks."""
    asked = facts.stage in STILL_LEARNING and facts.refresher_due_day is not None
    return asked and facts.refresher_due_day < today  # type: ignore[operator]


def forecast(facts: ProgressFacts, today: int) -> int | None:
    """The day their own pace (items signed off per day so far) brings them to the gateway, never before the
    earliest; for those who are through, the day they went. None while nothing is covered, on a break, and
    for those who withdrew: nobody can say."""
    if facts.stage in ("through", "assessed"):
        return facts.through_day
    days = own_days(facts, today)
    if facts.stage == "withdrawn" or _is_away(facts, today) or not (facts.covered and days):
        return None
    left = (facts.items - facts.covered) * days
    reached = today + (left + facts.covered - 1) // facts.covered
    return min(max(reached, facts.earliest_gateway_day or 0), LAST_DAY)


def definitions(limits: Limits, gateway: str) -> list[tuple[Standing, str]]:
    """What each standing means, in plain words for the page. `gateway`: the standard's word for it."""
    behind, at_risk, days = _percent(limits.behind_below), _percent(limits.at_risk_below), limits.quiet_days
    even = (
        f"An even pace spreads all statements and duties over the days from the start to the planned {gateway}, "
        "breaks taken out."
    )
    return [
        (
            Standing.ON_TRACK,
            f"at least {behind} of an even pace is signed off, or less than {days} days have passed. {even}",
        ),
        (Standing.BEHIND, f"less than {behind} of an even pace is signed off."),
        (
            Standing.AT_RISK,
            f"less than {at_risk} of an even pace is signed off, or nothing new for {days} days.",
        ),
        (
            Standing.READY,
            f"nothing that the {gateway} asks for is open but the declarations, and its earliest date has come.",
        ),
        (Standing.BREAK, "learning is paused by agreement, and the clock stands still."),
        (Standing.THROUGH, f"the portfolio is locked at the {gateway}."),
        (Standing.ASSESSED, "the overall grade is recorded."),
        (Standing.WITHDRAWN, "has left the programme."),
    ]


def _percent(thousandths: int) -> str:
    return f"{thousandths / 10:g}%"


def median(days: dict[int, int]) -> float | None:
    """The middle of so many waits: days waited -> how many people wait that long. None if nobody waits."""
    total = sum(days.values())
    if not total:
        return None
    low, high = _nth(days, (total - 1) // 2), _nth(days, total // 2)
    return (low + high) / 2


def _nth(days: dict[int, int], place: int) -> int:
    for value in sorted(days):
        place -= days[value]
        if place < 0:
            return value
    raise IndexError(place)


_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "\n")


def spreadsheet_safe(value: str) -> str:
    """Text for a CSV cell that no spreadsheet takes for a formula: what would begin one gets an apostrophe."""
    return "'" + value if value.lstrip(" ").startswith(_DANGEROUS) else value
