"""What is typed to record a step of the assessment, or to correct one."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from portfolio.gateway.assessment_rules import Attempt
from portfolio.web.forms import Form, OptionalDate, Tick


class RecordStep(Form):
    """All kinds of step share one form; which fields a kind needs is a rule (`assessment_rules.problems`)."""

    organisation: Annotated[str, Field(max_length=200)] = ""
    component: Annotated[str, Field(max_length=200)] = ""
    attempt: Attempt | Literal[""] = ""
    on: OptionalDate = None
    result: Annotated[str, Field(max_length=60)] = ""
    note: Annotated[str, Field(max_length=2000)] = ""
    strike_out: Tick = False
