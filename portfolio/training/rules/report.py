"""Who is due: induction, supervision, refresher and level of every member of staff, by employer and cohort.

What an audit of an organisation's safeguarding duties asks (PA3 framework: induction is mandatory and covers the
procedures; supervision, training needs and framework levels are looked at). Days come from the framework's rules or
the employer's own. Where neither says anything there is no due day, and none is made up.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from kbs.framework import Framework, Level
from kbs.months import add_months
from kbs.placement import Need, NeedState, needs_of
from kbs.refresher import Done, DueState, Override, Refresher, refresher, rule_for, state_by_days

STILL_LEARNING = ("active", "break", "through")
"""Stages of an apprenticeship in which anything is asked for. Whoever has left or completed the assessment is reminded of
nothing, and is in no report of who is due."""


class InductionState(StrEnum):
    """How the induction stands."""

    DONE = "done"
    DONE_LATE = "done late"
    DUE = "due"
    OVERDUE = "overdue"
    NOT_RECORDED = "not recorded"


class LevelState(StrEnum):
    """How the level stands."""

    NOT_CHOSEN = "no level chosen"
    HELD = "held"
    NEEDS_FIRST = "earlier level first"
    NOT_YET = "not yet held"


@dataclass(frozen=True)
class Asks:
    """What the employer asks for; None where it has said nothing."""

    induction_days: int | None = None
    supervision_months: int | None = None


@dataclass(frozen=True)
class Person:
    """One member of staff as the records have it. `learning` counts towards the refresher; `levels` are the levels of
    the framework whose training is complete, with the day."""

    id: str
    employer: str
    cohort: str = ""
    starts_on: date | None = None
    induction_on: date | None = None
    supervised_on: tuple[date, ...] = ()
    framework: Framework | None = None
    target: str | None = None
    designated_lead: bool = False
    learning: tuple[Done, ...] = ()
    levels: Mapping[str, date] = field(default_factory=dict)
    override: Override | None = None


@dataclass(frozen=True)
class Induction:
    """How the induction stands; `due_on` is the last day in time."""

    state: InductionState
    done_on: date | None
    due_on: date | None


@dataclass(frozen=True)
class Supervision:
    """How supervision stands: the last one, and the next by the employer's interval."""

    state: DueState
    last_on: date | None
    due_on: date | None


@dataclass(frozen=True)
class LevelHeld:
    """The level chosen, how it stands, and what has to be completed before it."""

    state: LevelState
    target: Level | None
    held_on: date | None = None
    needs: tuple[Need, ...] = ()


@dataclass(frozen=True)
class Row:
    """One line of the report."""

    person: Person
    induction: Induction
    supervision: Supervision
    refresher: Refresher
    level: LevelHeld
    refresher_late: bool

    @property
    def overdue(self) -> tuple[str, ...]:
        """What is past its last day, in words."""
        return tuple(words for words, late in self._late.items() if late)

    @property
    def _late(self) -> Mapping[str, bool]:
        return {
            "induction": self.induction.state is InductionState.OVERDUE,
            "supervision": self.supervision.state is DueState.OVERDUE,
            "refresher": self.refresher_state is DueState.OVERDUE,
            "earlier level": any(one.state is NeedState.LATE for one in self.level.needs),
        }

    @property
    def refresher_state(self) -> DueState:
        """As the engine says; what was never done and is past its last day is overdue."""
        return DueState.OVERDUE if self.refresher_late else self.refresher.state


@dataclass(frozen=True)
class Totals:
    """One employer or cohort added up: how many people are in each state. Each of the four adds up to `people`."""

    name: str
    people: int
    anything_overdue: int
    induction: Mapping[InductionState, int]
    supervision: Mapping[DueState, int]
    refresher: Mapping[DueState, int]
    level: Mapping[LevelState, int]


class By(StrEnum):
    """What rows are added up by."""

    EMPLOYER = "employer"
    COHORT = "cohort"


NOTHING_ASKED = Asks()


def row(person: Person, today: date, asks: Asks = NOTHING_ASKED) -> Row:
    """How one person stands on that day. Raises UnknownLevel for a target that is not in the framework."""
    found = refresher_of(person, today)
    return Row(
        person=person,
        induction=_induction(person, today, asks.induction_days),
        supervision=_supervision(person, today, asks.supervision_months),
        refresher=found,
        level=_level(person, today),
        refresher_late=found.late(today),
    )


def rows(people: Iterable[Person], today: date, asks: Mapping[str, Asks] | None = None) -> list[Row]:
    """The report: whoever has most overdue first, then by employer and person. `asks` by employer."""
    by_employer = asks or {}
    every = [row(one, today, by_employer.get(one.employer, NOTHING_ASKED)) for one in people]
    return sorted(every, key=lambda one: (-len(one.overdue), one.person.employer, one.person.id))


def totals(every: Iterable[Row], by: By) -> list[Totals]:
    """One line for each employer or cohort, by name; people without one stand under an empty name."""
    groups: dict[str, list[Row]] = {}
    for one in every:
        groups.setdefault(one.person.employer if by is By.EMPLOYER else one.person.cohort, []).append(one)
    return [total(name, group) for name, group in sorted(groups.items())]


def total(name: str, group: list[Row]) -> Totals:
    """These rows added up. Every state is named, those of nobody with 0."""
    induction = Counter(one.induction.state for one in group)
    supervision = Counter(one.supervision.state for one in group)
    renewed = Counter(one.refresher_state for one in group)
    level = Counter(one.level.state for one in group)
    return Totals(
        name=name,
        people=len(group),
        anything_overdue=sum(1 for one in group if one.overdue),
        induction={one: induction[one] for one in InductionState},
        supervision={one: supervision[one] for one in DueState},
        refresher={one: renewed[one] for one in DueState},
        level={one: level[one] for one in LevelState},
    )


def _induction(person: Person, today: date, days: int | None) -> Induction:
    due_on = person.starts_on + timedelta(days=days) if person.starts_on and days is not None else None
    done_on = person.induction_on if person.induction_on and person.induction_on <= today else None
    if done_on is not None:
        late = due_on is not None and done_on > due_on
        return Induction(InductionState.DONE_LATE if late else InductionState.DONE, done_on, due_on)
    if due_on is None:
        return Induction(InductionState.NOT_RECORDED, None, None)
    return Induction(InductionState.OVERDUE if today > due_on else InductionState.DUE, None, due_on)


def _supervision(person: Person, today: date, months: int | None) -> Supervision:
    """The first one is due one interval after the start. Without a start nobody can say when: nothing recorded."""
    past = [day for day in person.supervised_on if day <= today]
    last_on = max(past, default=None)
    if months is None:
        return Supervision(DueState.NO_RULE, last_on, None)
    counts_from = last_on or person.starts_on
    if counts_from is None:
        return Supervision(DueState.NEVER_DONE, None, None)
    due_on = add_months(counts_from, months)
    state = state_by_days(due_on, today)
    never = last_on is None and state is not DueState.OVERDUE
    return Supervision(DueState.NEVER_DONE if never else state, last_on, due_on)


def refresher_of(person: Person, today: date) -> Refresher:
    """By the framework and the level chosen; without them only the employer's own interval can ask for anything."""
    rule = None
    if person.framework is not None and person.target is not None:
        rule = rule_for(person.framework, person.target, designated_lead=person.designated_lead)
    return refresher(rule, person.learning, today, starts_on=person.starts_on, override=person.override)


def _level(person: Person, today: date) -> LevelHeld:
    if person.framework is None or person.target is None:
        return LevelHeld(LevelState.NOT_CHOSEN, None)
    target = person.framework.level(person.target)
    needs = needs_of(person.framework, person.target, person.levels, person.starts_on, today)
    held_on = person.levels.get(person.target)
    if any(one.state is not NeedState.DONE for one in needs):
        return LevelHeld(LevelState.NEEDS_FIRST, target, None, needs)
    if held_on is None or held_on > today:
        return LevelHeld(LevelState.NOT_YET, target, None, needs)
    return LevelHeld(LevelState.HELD, target, held_on, needs)
