"""What an assessor chooses. Answers come as one set per claim, so their fields carry the item's code."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from pydantic import Field

from kbs.coverage import Outcome
from portfolio.assessment.rules import QUESTIONS, Answer, why_missing_needed, why_not_this_outcome
from portfolio.feedback.forms import FormKey, needed
from portfolio.web.forms import Form, Submitted

LONGEST = 5000


class Decide(Form):
    version_id: str
    form_key: FormKey


class Supersede(Form):
    form_key: FormKey
    reason: Annotated[
        str, Field(max_length=LONGEST), needed("Say why the decision is superseded: everybody can read it.")
    ]


class SignOffItem(Form):
    form_key: FormKey
    pieces: list[str] = Field(default_factory=list)
    reason: Annotated[
        str,
        Field(max_length=LONGEST),
        needed("Say why these pieces together cover it: everybody can read it."),
    ]


class WithdrawSignOff(Form):
    form_key: FormKey
    reason: Annotated[
        str, Field(max_length=LONGEST), needed("Say why it no longer stands: everybody can read it.")
    ]


def read_answers(form: Submitted[Any], labels: Mapping[str, str]) -> dict[str, Answer]:
    """The answers for these items (code and label), with a mistake on the form for each that is missing.

    Fields: `outcome-K7`, `missing-K7`; each of the five once for the piece (`valid`) and, where it differs,
    for a claim (`valid-K7`). Answers are complete only if the form has no errors afterwards.
    """
    shared = {name: form.text(name) for name in QUESTIONS}
    answers: dict[str, Answer] = {}
    unanswered: set[str] = set()
    for code, label in labels.items():
        five = {name: form.text(f"{name}-{code}") or shared[name] for name in QUESTIONS}
        unanswered.update(name for name, word in five.items() if word not in ("yes", "no"))
        answer = _one_answer(form, code, label, {name: word == "yes" for name, word in five.items()})
        if answer is None:
            continue
        answers[code] = answer
        if all(word in ("yes", "no") for word in five.values()) and (
            reason := why_not_this_outcome(answer.outcome, answer.five)
        ):
            form.refuse(f"outcome-{code}", f"{label}: {reason}")
    for name in QUESTIONS:
        if name in unanswered:
            form.refuse(name, f"Answer yes or no: {name}?")
    return answers


def _one_answer(form: Submitted[Any], code: str, label: str, five: Mapping[str, bool]) -> Answer | None:
    word, missing = form.text(f"outcome-{code}"), form.text(f"missing-{code}").strip()
    if word not in set(Outcome):
        form.refuse(f"outcome-{code}", f"{label}: choose covered, partly or not yet.")
        return None
    outcome = Outcome(word)
    if reason := why_missing_needed(outcome, missing):
        form.refuse(f"missing-{code}", f"{label}: {reason[0].lower()}{reason[1:]}")
    if len(missing) > LONGEST:
        form.refuse(f"missing-{code}", f"{label}: use at most {LONGEST} characters.")
    return Answer(code, outcome, five, "" if outcome is Outcome.COVERED else missing)
