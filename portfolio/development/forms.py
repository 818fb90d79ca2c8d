"""What is typed into supervision, reviews, inductions, the employer's interval and what the employer asks for."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from portfolio.development.models import ReviewLearnt
from portfolio.development.records import Record
from portfolio.development.rules import KINDS, LONGEST, LONGEST_LINE, WITH_WHOM
from portfolio.web.forms import Form, RequiredDate, Submitted, filled

Long = Annotated[str, Field(max_length=LONGEST)]
Line = Annotated[str, Field(max_length=LONGEST_LINE)]


def _needed(sentence: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


def _one_of(known: Any, sentence: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if value not in known:
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


class SupervisionForm(Form):
    day: RequiredDate
    kind: Annotated[str, _one_of(KINDS, "Choose what kind of supervision it was.")]
    with_role: Annotated[str, _one_of(WITH_WHOM, "Choose with whom, by their role.")]
    taken: Annotated[Long, _needed("Say in a sentence what you took from it.")]
    wellbeing: Long = ""
    form_key: str = ""


class ReviewForm(Form):
    day: RequiredDate
    title: Annotated[Line, _needed("Give the title of the review.")]
    publisher: Annotated[Line, _needed("Say who published it.")]
    year: str = ""
    link: Line = ""
    found: Annotated[Long, _needed("Say in your own words what the review found.")]
    changed: Long = ""
    form_key: str = ""


class PieceForm(Form):
    """A draft of evidence: the statements it is to show."""

    claim: Annotated[list[str], Field(default_factory=list)]


class InductionForm(Form):
    day: RequiredDate
    covered: Annotated[list[str], Field(default_factory=list)]


class RefresherForm(Form):
    """What the employer says of one person's refresher. No months: the framework's rule stands."""

    designated_lead: Literal["yes", "no"]
    months: str = ""
    reason: Annotated[Long, _needed("Say why, for example “as our training policy says”.")]


class AsksForm(Form):
    """What an employer asks for. Nothing typed: it has said nothing."""

    induction_days: str = ""
    supervision_months: str = ""


def from_record(record: Record) -> Submitted[Any]:
    """The form as the record was saved."""
    if isinstance(record, ReviewLearnt):
        return filled(
            day=record.day,
            title=record.title,
            publisher=record.publisher,
            year=record.year,
            link=record.link,
            found=record.found,
            changed=record.changed,
        )
    return filled(
        day=record.day,
        kind=record.kind,
        with_role=record.with_role,
        taken=record.taken,
        wellbeing=record.wellbeing,
    )
