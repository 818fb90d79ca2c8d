"""The record of the assessment as tables: what may follow what."""

from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest

from portfolio.gateway.assessment_rules import Step, StepKind, may_correct, problems, standing

LOCKED, TODAY = date(2026, 10, 1), date(2026, 11, 18)


def a(
    kind: str,
    component: str = "",
    attempt: str = "",
    day: int | None = None,
    result: str = "",
    **more: object,
) -> Step:
    """A recorded step; `day` of October 2026."""
    values: dict[str, object] = {"id": uuid4(), "on": date(2026, 10, day) if day else None} | more
    return Step(kind=StepKind(kind), component=component, attempt=attempt, result=result, **values)  # type: ignore[arg-type]


FIRST = a("result", "Interview", "first", 12, "Fail")
RESIT = a("result", "Interview", "resit", 20, "Pass")
OVERALL = a("overall", day=21, result="Pass")
ORGANISATION = a("organisation", organisation="Quay")

CASES: dict[str, tuple[Step, list[Step], dict[str, str] | None]] = {
    "an organisation": (ORGANISATION, [], None),
    "an organisation without a name": (a("organisation"), [], {"organisation": "Enter the name"}),
    "another organisation later": (a("organisation", organisation="Pier"), [ORGANISATION], None),
    "a planned date to come": (a("planned", "Interview", on=date(2027, 1, 5)), [], None),
    "a plan for nothing": (a("planned", day=12), [], {"component": "Enter what is planned"}),
    "a plan without a date": (a("planned", "Interview"), [], {"on": "Enter the planned date"}),
    "a plan before the lock": (a("planned", "Interview", on=date(2026, 9, 30)), [], {"on": "was locked on 1 October 2026"}),
    "a plan on the day of the lock": (a("planned", "Interview", day=1), [], None),
    "a first result": (FIRST, [], None),
    "a result today": (a("result", "Interview", "first", result="Pass", on=TODAY), [], None),
    "a result to come": (
        a("result", "Interview", "first", result="Pass", on=date(2026, 11, 19)), [], {"on": "19 November 2026 is still to come"},
    ),
    "a result before the lock": (
        a("result", "Interview", "first", result="Pass", on=date(2026, 9, 30)), [], {"on": "was locked on"},
    ),
    "a result without a result": (a("result", "Interview", "first", 12), [], {"result": "Enter the result"}),
    "a result of no attempt": (a("result", "Interview", "", 12, "Pass"), [], {"attempt": "Choose which attempt"}),
    "a first result twice": (
        a("result", " interview ", "first", 14, "Pass"), [FIRST], {"attempt": "A first attempt at “Interview” is already"},
    ),
    "first results of two components": (a("result", "Case study", "first", 12, "Pass"), [FIRST], None),
    "a resit after a result": (RESIT, [FIRST], None),
    "a retake after a resit": (a("result", "INTERVIEW", "retake", 28, "Pass"), [FIRST, RESIT], None),
    "a resit of nothing": (RESIT, [], {"attempt": "A resit of “Interview” needs an earlier result"}),
    "a retake of another component": (
        a("result", "Case study", "retake", 28, "Pass"), [FIRST], {"attempt": "A retake of “Case study” needs"},
    ),
    "a resit on an earlier day": (a("result", "Interview", "resit", 11, "Pass"), [FIRST], {"attempt": "on an earlier day"}),
    "a resit on the same day": (a("result", "Interview", "resit", 12, "Pass"), [FIRST], {"attempt": "on an earlier day"}),
    "an overall grade": (OVERALL, [FIRST, RESIT], None),
    "an overall grade on the day of the last result": (a("overall", day=20, result="Pass"), [FIRST, RESIT], None),
    "an overall grade before the last result": (
        a("overall", day=19, result="Pass"), [FIRST, RESIT], {"on": "The last result is of 20 October 2026"},
    ),
    "an overall grade without a result": (OVERALL, [ORGANISATION], {"": "follows at least one result"}),
    "a second overall grade": (a("overall", day=22, result="Merit"), [FIRST, OVERALL], {"": "already recorded"}),
    "an overall grade without a day": (a("overall", result="Pass"), [FIRST], {"on": "Enter the day of achievement"}),
    "a result after the overall grade": (
        a("result", "Case study", "first", 25, "Pass"), [FIRST, OVERALL], {"on": "The last result is of 25 October 2026"},
    ),
    "a correction": (a("result", "Interview", "first", 12, "Pass", corrects_id=FIRST.id, note="Misread."), [FIRST], None),
    "a correction without a word": (
        a("result", "Interview", "first", 12, "Pass", corrects_id=FIRST.id), [FIRST], {"note": "Say what was wrong"},
    ),
    "a correction that leaves a resit alone": (
        a("result", "Case study", "first", 12, "Fail", corrects_id=FIRST.id, note="Wrong name."), [FIRST, RESIT],
        {"attempt": "A resit of “Interview” needs an earlier result"},
    ),
    "striking out": (a("organisation", corrects_id=ORGANISATION.id, note="Not ours."), [ORGANISATION], None),
    "striking out what a resit rests on": (
        a("result", corrects_id=FIRST.id, note="Not ours."), [FIRST, RESIT], {"": "Correct or strike out the later entry first"},
    ),
    "striking out what the overall grade rests on": (
        a("result", corrects_id=FIRST.id, note="Not ours."), [FIRST, OVERALL], {"": "Correct or strike out the later entry first"},
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_what_may_be_recorded(name: str) -> None:
    new, before, expected = CASES[name]
    found = problems(new, before, not_before=LOCKED, today=TODAY)
    assert list(found) == list(expected or {})
    for field, sentence in (expected or {}).items():
        assert sentence in found[field]
        assert found[field].endswith((".", "?"))


def test_a_correction_takes_the_place_of_what_it_corrects() -> None:
    again = a("result", "Interview", "first", 13, "Pass", corrects_id=FIRST.id, note="Another day.")
    once_more = a("result", "Interview", "first", 14, "Pass", corrects_id=again.id, note="And another.")
    assert standing([FIRST, again, once_more]) == [once_more]
    assert not may_correct([FIRST, again, once_more], _id(FIRST))
    assert may_correct([FIRST, again, once_more], _id(once_more))


def test_what_was_struck_out_leaves_nothing_and_cannot_be_corrected() -> None:
    gone = a("organisation", corrects_id=ORGANISATION.id, note="Not ours.")
    assert standing([ORGANISATION, gone]) == []
    assert not may_correct([ORGANISATION, gone], _id(gone))


def _id(step: Step) -> UUID:
    assert step.id is not None
    return step.id
