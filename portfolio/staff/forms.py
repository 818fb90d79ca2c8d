"""What is typed about members of staff: who they are, the framework chosen for them, and their training."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field

from portfolio.frameworks.forms import ChoiceForm
from portfolio.staff.models import LONGEST_NAME, LONGEST_TITLE, StaffMember
from portfolio.web.forms import Form, OptionalDate, RequiredDate, Submitted, filled


def _needed(sentence: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


class CorrectionForm(Form):
    """Who somebody is. No box takes more than whose training is due needs."""

    name: Annotated[str, Field(max_length=LONGEST_NAME), _needed("Enter the person’s name.")]
    title: Annotated[
        str, Field(max_length=LONGEST_TITLE), _needed("Enter the role at work, for example “Class teacher”.")
    ]
    started_on: OptionalDate = None


class MemberForm(CorrectionForm):
    employer: Annotated[str, _needed("Choose the employer.")]
    form_key: str = ""


class StaffChoiceForm(ChoiceForm):
    """The framework and level, the strand, whether it is a designated lead, and why."""

    lead: Annotated[Literal["yes", "no"], _needed("Say whether this is a designated safeguarding lead.")]
    form_key: str = ""


class LearningForm(Form):
    what: Annotated[str, Field(max_length=300), _needed("Enter the title of the training.")]
    day: RequiredDate
    minutes: str = ""
    level: Annotated[str, _needed("Choose the framework and level that the training was at.")]
    """ "framework:level"."""
    form_key: str = ""


class LeftForm(Form):
    """No day: they have not left."""

    left_on: OptionalDate = None


def from_member(member: StaffMember) -> Submitted[Any]:
    return filled(name=member.name, title=member.title, started_on=member.started_on)
