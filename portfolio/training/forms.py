"""What is typed into the training log, to confirm entries, and to set the plan of hours."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from portfolio.training.models import TrainingEntry
from portfolio.training.rules.log import LONGEST, LONGEST_WHAT
from portfolio.web.forms import Form, RequiredDate, Submitted, Tick, filled

Long = Annotated[str, Field(max_length=LONGEST)]
YesNo = Literal["", "yes", "no"]


def _needed(sentence: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


class EntryForm(Form):
    """One thing that was learnt. Only what, when and how long are needed to keep it."""

    day: RequiredDate
    hours: str = ""
    minutes: str = ""
    what: Annotated[str, Field(max_length=LONGEST_WHAT), _needed("Say in a few words what you learnt.")]
    in_paid_hours: YesNo = ""
    new_learning: YesNo = ""
    english_maths: YesNo = ""
    assessment_or_review: YesNo = ""
    statements: Annotated[list[str], Field(default_factory=list)]
    counts: Tick = False
    activity: str = ""
    objective: Long = ""
    given_by: Long = ""
    certificate: Long = ""
    level: str = ""
    """"framework:level", or nothing."""
    impact: Long = ""
    form_key: str = ""


class AnswerForm(Form):
    """A mentor or an assessor confirms an entry or returns it."""

    outcome: Literal["confirmed", "returned"]
    reason: Long = ""
    sha256: str = ""


class ChosenForm(Form):
    """Entries to confirm together: "id.fingerprint" of each."""

    chosen: Annotated[list[str], Field(default_factory=list)]


class PieceForm(Form):
    """A piece of evidence from an entry: the statements it is to show."""

    claim: Annotated[list[str], Field(default_factory=list)]


class PlanForm(Form):
    weekly_hours: str = ""
    planned_hours: str = ""
    delivery: Literal["spread", "blocks"]
    prior_hours: str = ""
    leave_weeks: str = ""
    reason: Annotated[str, Field(max_length=LONGEST), _needed("Say why, for example “first plan”.")]


def answer(value: str) -> bool | None:
    return {"yes": True, "no": False}.get(value)


def _answered(value: bool | None) -> str:
    return "" if value is None else "yes" if value else "no"


def hours_and_minutes(minutes: int) -> tuple[str, str]:
    hours, rest = divmod(minutes, 60)
    return str(hours) if hours else "", str(rest) if rest else ""


def from_entry(entry: TrainingEntry) -> Submitted[EntryForm]:
    """The form as the entry was saved."""
    hours, minutes = hours_and_minutes(entry.minutes)
    return filled(
        day=entry.day,
        hours=hours,
        minutes=minutes,
        what=entry.what,
        in_paid_hours=_answered(entry.in_paid_hours),
        new_learning=_answered(entry.new_learning),
        english_maths=_answered(entry.english_maths),
        assessment_or_review=_answered(entry.assessment_or_review),
        statements=entry.codes,
        counts=entry.counts,
        activity=entry.activity,
        objective=entry.objective,
        given_by=entry.given_by,
        certificate=entry.certificate,
        level=f"{entry.framework_id}:{entry.level_id}" if entry.framework_id else "",
        impact=entry.impact,
    )
