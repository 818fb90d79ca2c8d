"""Which level of a framework a role belongs to, by the framework's own rules, with reason and source.

The highest level whose rule fits is advised: the national standards for Wales say so of a role between two
groups, and for the other frameworks it is our reading. Advice, never a decision: the employer chooses and
says why. A question nobody answered is not taken for "no"; the advice lists the answers that could raise it.
"""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from kbs.framework import Expectation, Framework, Level, PlacementRule, SuggestedTarget
from kbs.months import add_months
from kbs.roles import QUESTIONS, Role


class Fit(StrEnum):
    """Whether a rule fits a role: unknown while an answer it hangs on is missing."""

    YES = "yes"
    NO = "no"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class OpenQuestion:
    """An unanswered question that could raise the level, and to which."""

    fact: str
    question: str
    could_be: Level


@dataclass(frozen=True)
class Advice:
    """The level advised for a role; None where no rule fits. `reasons` are the rules that led to it."""

    framework: Framework
    level: Level | None
    reasons: tuple[PlacementRule, ...]
    also_fits: tuple[Level, ...]
    open_questions: tuple[OpenQuestion, ...]
    needs: tuple[Level, ...]
    expectations: tuple[Expectation, ...]

    @property
    def settled(self) -> bool:
        """No answer that is still missing could raise the level."""
        return self.level is not None and not self.open_questions


def answer(role: Role, fact: str) -> str | None:
    """A role's answer as rules write it: yes, no or a choice; None while it was not given."""
    value = getattr(role, fact)
    if value is None:
        return None
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _holds(role: Role, conditions: Mapping[str, Collection[str]]) -> Fit:
    answers = [(answer(role, fact), accepted) for fact, accepted in conditions.items()]
    if any(given is not None and given not in accepted for given, accepted in answers):
        return Fit.NO
    return Fit.UNKNOWN if any(given is None for given, _ in answers) else Fit.YES


def fit(role: Role, rule: PlacementRule) -> Fit:
    """Whether the rule's `when` holds for the role and its `unless` does not."""
    wanted = _holds(role, rule.when)
    barred = _holds(role, rule.unless) if rule.unless else Fit.NO
    if wanted is Fit.NO or barred is Fit.YES:
        return Fit.NO
    return Fit.YES if (wanted, barred) == (Fit.YES, Fit.NO) else Fit.UNKNOWN


def place(framework: Framework, role: Role) -> Advice:
    """The highest level whose rules fit this role, why, and what it asks for first."""
    fitting = [rule for rule in framework.placement if fit(role, rule) is Fit.YES]
    level = framework.higher(rule.level for rule in fitting) if fitting else None
    others = {rule.level for rule in fitting} - {level.id if level else ""}
    return Advice(
        framework=framework,
        level=level,
        reasons=tuple(rule for rule in fitting if level and rule.level == level.id),
        also_fits=tuple(one for one in framework.levels if one.id in others),
        open_questions=_open_questions(framework, role, level),
        needs=tuple(framework.level(one) for one in level.needs) if level else (),
        expectations=expectations_at(framework, level.id) if level else (),
    )


def _open_questions(framework: Framework, role: Role, level: Level | None) -> tuple[OpenQuestion, ...]:
    """Each unanswered fact with the highest level it could lead to, in the order the facts are asked."""
    could_be: dict[str, Level] = {}
    for rule in framework.placement:
        reached = framework.level(rule.level)
        if fit(role, rule) is not Fit.UNKNOWN or (level and reached.rank <= level.rank):
            continue
        for fact in (*rule.when, *rule.unless):
            if answer(role, fact) is None and reached.rank > (could_be[fact].rank if fact in could_be else 0):
                could_be[fact] = reached
    return tuple(
        OpenQuestion(fact, QUESTIONS[fact], could_be[fact]) for fact in QUESTIONS if fact in could_be
    )


def straddling(framework: Framework, level_ids: Collection[str]) -> Level:
    """The level for a role that sits between several: the highest of them.

    Raises UnknownLevel, and ValueError where no level is named.
    """
    if not level_ids:
        raise ValueError("Name the levels that the role sits between.")
    return framework.higher(level_ids)


def expectations_at(framework: Framework, level_id: str) -> tuple[Expectation, ...]:
    """What the source expects of learning at a level, such as learning with other agencies."""
    return tuple(one for one in framework.expectations if level_id in one.levels)


def suggested_target(framework: Framework, standard: str) -> SuggestedTarget | None:
    """The floor and the target we suggest for apprentices of a standard; None where we suggest none."""
    found = [one for one in framework.suggested_targets if one.standard == standard]
    return found[0] if found else None


class NeedState(StrEnum):
    """How it stands with a level that has to be completed first."""

    DONE = "done"
    DUE = "due"
    LATE = "late"
    NO_DATE = "no date"


@dataclass(frozen=True)
class Need:
    """An earlier level that a level asks for: when it was done, or the last day for it (that day is in time)."""

    level: Level
    state: NeedState
    done_on: date | None
    due_on: date | None


def needs_of(
    framework: Framework, level_id: str, done: Mapping[str, date], starts_on: date | None, today: date
) -> tuple[Need, ...]:
    """The levels to be completed before this one, with the last day for each.

    Where the source gives months after the start, the last day is that many months after it: a role that
    starts on 31 August 2026 leaves time until 28 February 2027. Where it gives none, the last day is the day
    before the role starts. A completion dated after today does not count yet.
    """
    rule = framework.needs_rule
    due_on = None
    if rule is not None and starts_on is not None:
        due_on = add_months(starts_on, rule.within_months) if rule.within_months else _day_before(starts_on)
    return tuple(
        _need(framework.level(one), done.get(one), due_on, today) for one in framework.level(level_id).needs
    )


def _day_before(day: date) -> date:
    return date.fromordinal(day.toordinal() - 1)


def _need(level: Level, done_on: date | None, due_on: date | None, today: date) -> Need:
    if done_on is not None and done_on <= today:
        return Need(level, NeedState.DONE, done_on, due_on)
    if due_on is None:
        return Need(level, NeedState.NO_DATE, None, None)
    return Need(level, NeedState.DUE if today <= due_on else NeedState.LATE, None, due_on)
