"""What is typed to report a piece, and to decide about a report."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, field_validator

from portfolio.web.forms import Form, Text

LONGEST = 1_000


class Report(Form):
    """Which kind of identification, in which part, and what else the leads should know."""

    what: Annotated[str, Field(default="")]
    part: Annotated[str, Field(default="")]
    note: Annotated[str, Field(default="", max_length=LONGEST)]
    form_key: Annotated[str, Field(default="", max_length=64)]

    @field_validator("what")
    @classmethod
    def what_is_chosen(cls, value: str) -> str:
        if value not in ("person_at_risk", "colleague", "place"):
            raise ValueError("Choose whom or what it identifies.")
        return value

    @field_validator("part")
    @classmethod
    def part_is_chosen(cls, value: str) -> str:
        if value not in ("file", "words", "talk"):
            raise ValueError("Choose in which part it is.")
        return value


class Answer(Form):
    """What a lead does about it, and why."""

    action: Literal["restore", "ask", "purge"]
    reason: Annotated[Text, Field(max_length=LONGEST)]
