"""What is typed to choose a framework, to rate competencies, and to link to them."""

from __future__ import annotations

from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from portfolio.training.rules.log import LONGEST
from portfolio.web.forms import Form

Long = Annotated[str, Field(max_length=LONGEST)]
RATINGS = ("not yet", "developing", "competent")


def _needed(sentence: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


class ChoiceForm(Form):
    """The framework and level, the strand, and why."""

    level: Annotated[str, _needed("Choose a framework and a level.")]
    """"framework:level"."""
    strand: Annotated[
        Literal["child", "adult", "both"],
        _needed("Say whether the role is about children, adults or both."),
    ]
    reason: Annotated[str, Field(max_length=LONGEST), _needed("Say why this framework and this level.")]
    form_key: str = ""


class RatingForm(Form):
    """One rating of one competency."""

    id: str
    rating: Annotated[
        Literal["not yet", "developing", "competent"], _needed("Choose not yet, developing or competent.")
    ]
    note: Long = ""
    form_key: str = ""


class SeveralForm(Form):
    """The ratings of one page: "rating-<place>" and "was-<place>" for each competency on it (read by the route)."""

    level: str = ""
    competency: Annotated[list[str], Field(default_factory=list)]
    form_key: str = ""


class LinkForm(Form):
    id: str
    kind: Literal["evidence", "training"]
    record: UUID
