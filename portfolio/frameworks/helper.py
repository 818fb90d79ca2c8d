"""The placement helper: what is answered in the address of the page, and what the sources' own rules make of it.

Nothing of the answers is stored."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from kbs.framework import Framework, SuggestedTarget
from kbs.placement import Advice, Need, NeedState, needs_of, place, suggested_target
from kbs.roles import CHOICES, FACTS, QUESTIONS, Contact, Role, Sector

YES_NO = {"yes": True, "no": False}
KINDS = {"contact": Contact, "sector": Sector}


@dataclass(frozen=True)
class Helped:
    """The advice for one role in one framework, with what has to be held before."""

    advice: Advice
    needs: tuple[Need, ...]
    suggested: SuggestedTarget | None
    answered: bool

    @property
    def all_held(self) -> bool:
        return all(one.state is NeedState.DONE for one in self.needs)


def role_from(answers: Mapping[str, str]) -> Role:
    """The role as answered. What is no answer of the page is not answered."""
    values: dict[str, Any] = {}
    for fact in FACTS:
        given = answers.get(fact, "")
        if fact in CHOICES:
            values[fact] = KINDS[fact](given) if given in CHOICES[fact] else None
        else:
            values[fact] = YES_NO.get(given)
    return Role(**values)


def questions() -> list[tuple[str, str, list[tuple[str, str]]]]:
    """Each question with the answers it can have, as a form asks it."""
    contact = [(one.value, one.label.capitalize()) for one in Contact]
    sector = [(one.value, one.value.capitalize()) for one in Sector]
    answers = {"contact": contact, "sector": sector}
    return [
        (fact, words, answers.get(fact, [("yes", "Yes"), ("no", "No")])) for fact, words in QUESTIONS.items()
    ]


def helped(
    framework: Framework,
    role: Role,
    standard: str,
    held: Mapping[str, date],
    starts_on: date | None,
    today: date,
) -> Helped:
    """`held`: the levels of this framework that are held, each since which day. `standard`: of an apprenticeship, or
    empty where there is none and no target is suggested."""
    advice = place(framework, role)
    needs = needs_of(framework, advice.level.id, held, starts_on, today) if advice.level else ()
    answered = any(getattr(role, fact) is not None for fact in FACTS)
    return Helped(advice, needs, suggested_target(framework, standard), answered)
