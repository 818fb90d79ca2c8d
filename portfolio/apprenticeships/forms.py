"""What managers submit: employers, cohorts, apprenticeships, who stands around them, breaks, withdrawal."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated, Any, Literal
from uuid import UUID

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from portfolio.access import Role
from portfolio.apprenticeships.rules import Away, Details, Mistakes
from portfolio.apprenticeships.rules_contacts import Contact, reason_against_phone
from portfolio.people.rules import reason_against_email, tidy_email
from portfolio.web.forms import Form, OptionalDate, RequiredDate, Submitted, Text


def _address(value: str) -> str:
    address = tidy_email(value)
    if address and (reason := reason_against_email(address)):
        raise ValueError(reason)
    return address


def _one_space(value: str) -> str:
    return " ".join(value.split())


def _nothing_chosen(value: object) -> object:
    return None if value == "" else value


def _some_choice(value: object) -> object:
    if value == "":
        raise ValueError("Choose one from the list.")
    return value


Name = Annotated[Text, Field(max_length=200), AfterValidator(_one_space)]
MaybeName = Annotated[str, Field(max_length=200), AfterValidator(_one_space)]
MaybeAddress = Annotated[str, AfterValidator(_address)]
Chosen = Annotated[UUID, BeforeValidator(_some_choice)]
MaybeChosen = Annotated[UUID | None, BeforeValidator(_nothing_chosen)]
Uln = Annotated[str, AfterValidator(lambda value: re.sub(r"[\s-]", "", value))]
Policy = Literal["standard_sentence", "funding_rules"]

STANDARD_SENTENCE = (
    "Everyone needs English and maths at the level the standard names. With an education, health and care plan "
    "or a legacy statement a lower level is enough, and British Sign Language can stand in for English."
)
FUNDING_RULES = (
    "The age on the first day decides. Apprentices of 16 to 18 need both, and a recorded professional judgement "
    "can lower the level for each subject. Those of 19 or over need neither, unless they chose to study it: "
    "then proof that they took the assessment is enough."
)
POLICIES = {
    "standard_sentence": ("The standard’s own sentence (the usual choice)", STANDARD_SENTENCE),
    "funding_rules": ("The funding rules of the year they start in", FUNDING_RULES),
}
"""The two English and maths policies in plain words: title and what it means."""


@contextmanager
def mistakes_on(form: Submitted[Any]) -> Iterator[None]:
    """Put each of an action's Mistakes beside its field; what was typed stays."""
    try:
        yield
    except Mistakes as found:
        for name, sentence in found.fields.items():
            form.refuse(name, sentence)


class EmployerForm(Form):
    name: Name


def _dialled(value: str) -> str:
    if value and (reason := reason_against_phone(value)):
        raise ValueError(reason)
    return value


MaybePhone = Annotated[str, AfterValidator(_one_space), AfterValidator(_dialled)]
ContactName = Annotated[Text, Field(max_length=200), AfterValidator(_one_space)]


class ContactForm(Form):
    """Whom to turn to: an employer's safeguarding lead, a provider's contact."""

    name: ContactName
    role: ContactName
    phone: Annotated[Text, AfterValidator(_one_space), AfterValidator(_dialled)]
    email: Annotated[Text, AfterValidator(_address)]
    deputy_name: MaybeName = ""
    deputy_phone: MaybePhone = ""

    @property
    def contact(self) -> Contact:
        return Contact(self.name, self.role, self.phone, self.email, self.deputy_name, self.deputy_phone)

    @field_validator("deputy_phone")
    @classmethod
    def both(cls, value: str, info: ValidationInfo) -> str:
        if info.data.get("deputy_name") and not value:
            raise ValueError("Enter the phone number of the deputy too, or leave both empty.")
        if value and not info.data.get("deputy_name"):
            raise ValueError("Enter the name of the deputy too, or leave both empty.")
        return value


class CohortForm(Form):
    name: Name
    standard: Text
    """Reference and version with a space between, for example "XT0007 2.3"."""
    english_maths_policy: Policy


class DetailsForm(Form):
    """The dates and numbers that the form for a new apprenticeship and the edit page share."""

    employer_id: Chosen
    cohort_id: Chosen
    start_on: RequiredDate
    planned_gateway_on: RequiredDate
    date_of_birth: OptionalDate = None
    uln: Uln = ""
    provider_reference: str = ""

    @property
    def details(self) -> Details:
        return Details(
            start_on=self.start_on,
            planned_gateway_on=self.planned_gateway_on,
            date_of_birth=self.date_of_birth,
            uln=self.uln,
            provider_reference=self.provider_reference,
        )


class NewApprenticeship(DetailsForm):
    apprentice_id: MaybeChosen = None
    apprentice_name: MaybeName = ""
    apprentice_email: MaybeAddress
    mentor_name: MaybeName = ""
    mentor_email: MaybeAddress = ""
    assessor_id: MaybeChosen = None

    @field_validator("apprentice_email")
    @classmethod
    def somebody(cls, value: str, info: ValidationInfo) -> str:
        chosen = info.data.get("apprentice_id")
        if chosen is not None and value:
            raise ValueError("Choose somebody from the list or enter an e-mail address, not both.")
        if chosen is None and not value:
            raise ValueError("Choose somebody from the list, or enter the e-mail address of somebody else.")
        return value


class AssignForm(Form):
    role: Literal[Role.MENTOR, Role.ASSESSOR, Role.IQA]
    person_id: Chosen


class BreakForm(Form):
    began_on: RequiredDate
    expected_back_on: OptionalDate = None
    ended_on: OptionalDate = None
    reason: Annotated[str, Field(max_length=2000)] = ""

    @property
    def away(self) -> Away:
        return Away(self.began_on, self.ended_on, self.expected_back_on)


class WithdrawalForm(Form):
    withdrawn_on: RequiredDate
    reason: Annotated[Text, Field(max_length=2000)]


class ReasonForm(Form):
    reason: Annotated[Text, Field(max_length=2000)]
