"""What is typed to put a DBS check, English and maths, or support on record."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Annotated, Any, Literal

from fastapi import Request
from pydantic import Field, field_validator

from portfolio.gateway.facts import (
    BarredLists,
    DbsDecision,
    DbsLevel,
    DbsWorkforce,
    ProofKind,
    Qualification,
    Support,
)
from portfolio.gateway.record_rules import DbsEntry, QualificationEntry, SupportEntry
from portfolio.web.forms import Form, OptionalDate, Submitted, Tick, submitted

Name = Annotated[str, Field(max_length=200)]
LAST_FOUR_ONLY = (
    "Only the last four digits of the certificate number are kept here, never the whole number. The last four are in "
    "the box now: check them."
)


class RecordDbs(Form):
    decision: DbsDecision
    level: DbsLevel | Literal[""] = ""
    workforce: DbsWorkforce | Literal[""] = ""
    barred_lists: BarredLists | Literal[""] = ""
    issued_on: OptionalDate = None
    last_four: str = ""
    original_seen_by: Name = ""
    original_seen_on: OptionalDate = None
    decided_by: Name = ""
    decided_on: OptionalDate = None
    next_check_due_on: OptionalDate = None

    @field_validator("decision", mode="before")
    @classmethod
    def some_decision(cls, value: Any) -> Any:
        if not value:
            raise ValueError("Choose what the employer decided.")
        return value

    @field_validator("last_four")
    @classmethod
    def four_digits(cls, value: str) -> str:
        digits = value.replace(" ", "")
        if digits and not (len(digits) == 4 and digits.isascii() and digits.isdigit()):
            raise ValueError("Enter the last four digits of the certificate number, for example 4821.")
        return digits

    def entry(self) -> DbsEntry:
        """For the rules and the row."""
        return DbsEntry(**_plain(self))


def submitted_dbs() -> Callable[[Request], Awaitable[Submitted[RecordDbs]]]:
    """The form, with a whole certificate number cut down to its last four before it can be kept anywhere."""
    read_form = submitted(RecordDbs)

    async def read(request: Request) -> Submitted[RecordDbs]:
        form = await read_form(request)
        digits = "".join(sign for sign in form.text("last_four") if sign.isdigit())
        if len(digits) > 4:
            form.typed["last_four"] = [digits[-4:]]
            form.refuse("last_four", LAST_FOUR_ONLY)
        return form

    return read


class RecordQualification(Form):
    qualification: Qualification
    title: Name = ""
    proof: ProofKind | Literal[""] = ""
    proof_seen_on: OptionalDate = None

    @field_validator("qualification", mode="before")
    @classmethod
    def some_qualification(cls, value: Any) -> Any:
        if not value:
            raise ValueError("Choose what is held.")
        return value

    def entry(self) -> QualificationEntry:
        return QualificationEntry(**_plain(self))


class RecordSupport(Form):
    plan: Support
    plan_seen_on: OptionalDate = None
    primary_bsl_user: Tick = False
    english_judgement_on: OptionalDate = None
    maths_judgement_on: OptionalDate = None
    english_opted_in: Tick = False
    maths_opted_in: Tick = False

    @field_validator("plan", mode="before")
    @classmethod
    def some_plan(cls, value: Any) -> Any:
        if not value:
            raise ValueError("Choose one of the three.")
        return value

    def entry(self) -> SupportEntry:
        return SupportEntry(**_plain(self))


def _plain(form: Form) -> dict[str, Any]:
    """Field by field, choices as the text that the row holds."""
    return {name: getattr(value, "value", value) for name, value in form}
