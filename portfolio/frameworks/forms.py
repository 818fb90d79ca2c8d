"""What is typed to choose a framework, to rate competencies, and to link to them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import BeforeValidator, Field

from kbs.framework import BOTH, Framework
from portfolio.training.rules.log import LONGEST
from portfolio.web.forms import Form, Submitted

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


def says_choice(form: Submitted[Any], offered: Iterable[Framework]) -> dict[str, str]:
    """The choice as columns; what is not on the list, or does not go together, is noted at its field."""
    typed: ChoiceForm | None = form.value
    if typed is None:
        return {}
    pairs = {f"{one.id}:{level.id}": (one, level) for one in offered for level in one.levels}
    if typed.level not in pairs:
        form.refuse("level", "Choose a framework and a level from the list.")
        return {}
    framework, level = pairs[typed.level]
    if typed.strand != BOTH and not {typed.strand, BOTH} & set(framework.strands):
        form.refuse(
            "strand",
            f"{framework.title} lists nothing for {'adults' if typed.strand == 'adult' else 'children'}. "
            "Choose another strand or another framework.",
        )
    return {
        "framework_id": framework.id,
        "level_id": level.id,
        "strand": typed.strand,
        "reason": typed.reason,
    }


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
