"""What is typed after a session: an evaluation, a decision on a certificate, a material."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from urllib.parse import urlsplit

from pydantic import BeforeValidator, Field

from portfolio.courses.after_models import EvaluationAnswer
from portfolio.training.rules.evaluation import LONGEST_TEXT, SCALE, Answer, Changed, Form
from portfolio.web.forms import Form as Page
from portfolio.web.forms import Submitted, Tick, filled

LONGEST_TITLE, LONGEST_LINK, LONGEST_NOTE, LONGEST_REASON = 200, 1000, 4000, 500


def _needed(sentence: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


def _web_address(value: Any) -> Any:
    if not isinstance(value, str) or not value.strip():
        return value
    try:
        parts = urlsplit(value.strip())
        fine = parts.scheme in ("http", "https") and bool(parts.hostname) and not parts.username
    except ValueError:
        fine = False
    if not fine or any(one.isspace() for one in value.strip()):
        raise ValueError("Enter a whole web address that begins with https:// or http://.")
    return value


class EvaluationForm(Page):
    """Both forms; each asks for its own part. Figures are read as they come, so that the rule says what is missing."""

    useful: str = ""
    confidence_before: str = ""
    confidence_now: str = ""
    changed: str = ""
    words: Annotated[str, Field(max_length=LONGEST_TEXT)] = ""
    may_be_quoted: Tick = False
    form_key: str = ""


class DecisionForm(Page):
    """The trainer's decision on one certificate."""

    outcome: Literal["issue", "withhold"]
    reason: Annotated[
        str, Field(max_length=LONGEST_REASON), _needed("Say why: the person will read it on their record.")
    ]


class MaterialForm(Page):
    title: Annotated[str, Field(max_length=LONGEST_TITLE), _needed("Give it a title.")]
    link: Annotated[str, Field(max_length=LONGEST_LINK), BeforeValidator(_web_address)] = ""
    note: Annotated[str, Field(max_length=LONGEST_NOTE)] = ""
    form_key: str = ""


class EvaluationPieceForm(Page):
    """A piece of evidence from an answer: the statements it is to show."""

    claim: Annotated[list[str], Field(default_factory=list)]


def answer_in(form: EvaluationForm, kind: Form) -> Answer:
    """What was typed, with only the questions that this form asks."""
    on_the_day = kind is Form.ON_THE_DAY
    known = {one.value for one in Changed}
    return Answer(
        kind,
        useful=_figure(form.useful) if on_the_day else None,
        confidence_before=_figure(form.confidence_before) if on_the_day else None,
        confidence_now=_figure(form.confidence_now),
        changed=Changed(form.changed) if not on_the_day and form.changed in known else None,
        words=form.words,
        may_be_quoted=form.may_be_quoted and bool(form.words),
    )


def _figure(text: str) -> int | None:
    return int(text) if text in {str(one) for one in SCALE} else None


def from_answer(row: EvaluationAnswer) -> Submitted[Any]:
    """The form as it was answered."""
    return filled(
        useful=row.useful,
        confidence_before=row.confidence_before,
        confidence_now=row.confidence_now,
        changed=row.changed,
        words=row.words,
        may_be_quoted=row.may_be_quoted,
    )
