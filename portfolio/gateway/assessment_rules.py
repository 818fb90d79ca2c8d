"""The record of the assessment after the gateway: what may follow what. Pure.

The record is a row of steps that is only added to. A step that corrects another takes its place; one that strikes
another out (recorded in error) leaves nothing in its place. The rules look at the steps that stand.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from uuid import UUID

from portfolio.gateway.wording import on_screen

Problems = dict[str, str]
RESULTS = ("Pass", "Merit", "Distinction", "Fail")
"""Suggestions only: each plan grades in its own words."""


class StepKind(StrEnum):
    ORGANISATION = "organisation"
    PLANNED = "planned"
    RESULT = "result"
    OVERALL = "overall"


class Attempt(StrEnum):
    FIRST = "first"
    RESIT = "resit"
    RETAKE = "retake"

    @property
    def label(self) -> str:
        return {
            "first": "First attempt",
            "resit": "Resit (no further learning was needed)",
            "retake": "Retake (after further learning)",
        }[self.value]


@dataclass(frozen=True)
class Step:
    """One step as recorded. `on`: the planned day, the day it took place, or the day of achievement, by kind."""

    id: UUID | None
    kind: StepKind
    organisation: str = ""
    component: str = ""
    attempt: str = ""
    on: date | None = None
    result: str = ""
    note: str = ""
    corrects_id: UUID | None = None

    @property
    def is_struck_out(self) -> bool:
        """A correction that puts nothing in the place of what it corrects."""
        return not (self.organisation or self.component or self.on or self.result)

    @property
    def says(self) -> tuple[str, ...]:
        """What two steps have in common when they say the same."""
        return (self.kind, self.organisation, _same(self.component), self.attempt, str(self.on), self.result)


def standing(steps: Iterable[Step]) -> list[Step]:
    """The steps that neither were corrected nor strike another out, in the order they were recorded."""
    listed = list(steps)
    corrected = {step.corrects_id for step in listed if step.corrects_id is not None}
    return [step for step in listed if step.id not in corrected and not step.is_struck_out]


def may_correct(steps: Sequence[Step], step_id: UUID) -> bool:
    """Each step can be corrected once; after that its correction can."""
    return any(step.id == step_id for step in standing(steps))


def problems(new: Step, steps: Sequence[Step], *, not_before: date, today: date) -> Problems:
    """Why this step may not be recorded, by field ("" for the whole). `not_before`: the day of the lock."""
    if new.corrects_id is not None and not new.note:
        return {"note": "Say what was wrong, so that whoever reads both entries understands."}
    if new.is_struck_out and new.corrects_id is not None:
        return _whole([*steps, new], "Correct or strike out the later entry first.")
    found = _missing(new) | _dates(new, not_before=not_before, today=today)
    return found or _whole([*steps, new], "")


def _missing(new: Step) -> Problems:
    needed = {
        StepKind.ORGANISATION: {"organisation": "Enter the name of the organisation."},
        StepKind.PLANNED: {"component": "Enter what is planned.", "on": "Enter the planned date."},
        StepKind.RESULT: {
            "component": "Enter what was assessed.",
            "attempt": "Choose which attempt it was.",
            "on": "Enter the day on which it took place.",
            "result": "Enter the result in the words of the plan.",
        },
        StepKind.OVERALL: {
            "result": "Enter the overall grade in the words of the plan.",
            "on": "Enter the day of achievement.",
        },
    }[new.kind]
    return {name: sentence for name, sentence in needed.items() if not getattr(new, name)}


def _dates(new: Step, *, not_before: date, today: date) -> Problems:
    if new.on is None:
        return {}
    if new.on < not_before:
        return {
            "on": f"The portfolio was locked on {on_screen(not_before)}; nothing here can be dated before."
        }
    if new.kind is not StepKind.PLANNED and new.on > today:
        return {"on": f"{on_screen(new.on)} is still to come. Enter a day up to today."}
    return {}


def _whole(steps: Sequence[Step], hint: str) -> Problems:
    """Whether the steps that would stand make sense together; the mistake goes to the field it shows in."""
    stand = standing(steps)
    results = [step for step in stand if step.kind is StepKind.RESULT]
    overall = [step for step in stand if step.kind is StepKind.OVERALL]
    for found in (_attempts(results), _overall(results, overall)):
        if found:
            return {"": f"{' '.join(found.values())} {hint}"} if hint else found
    return {}


def _attempts(results: Sequence[Step]) -> Problems:
    by_component: dict[str, list[Step]] = {}
    for step in results:
        by_component.setdefault(_same(step.component), []).append(step)
    for of_one in by_component.values():
        name = of_one[0].component
        firsts = [step for step in of_one if step.attempt == Attempt.FIRST]
        if len(firsts) > 1:
            return {
                "attempt": f"A first attempt at “{name}” is already recorded. Choose resit or retake, or correct that entry."
            }
        for step in of_one:
            if step.attempt != Attempt.FIRST and not _earlier(step, of_one):
                return {
                    "attempt": f"A {step.attempt} of “{name}” needs an earlier result of it, on an earlier day."
                }
    return {}


def _earlier(step: Step, of_one: Sequence[Step]) -> bool:
    return any(other.on is not None and step.on is not None and other.on < step.on for other in of_one)


def _overall(results: Sequence[Step], overall: Sequence[Step]) -> Problems:
    if not overall:
        return {}
    if len(overall) > 1:
        return {"": "An overall grade is already recorded. Correct that entry instead."}
    if not results:
        return {"": "The overall grade follows at least one result. Record the results first."}
    last = max((step.on for step in results if step.on is not None), default=None)
    if last is not None and overall[0].on is not None and overall[0].on < last:
        return {"on": f"The last result is of {on_screen(last)}; the achievement cannot be before it."}
    return {}


def _same(component: str) -> str:
    """Capitals and spaces make no other component."""
    return " ".join(component.casefold().split())
