"""What a manager says about the ledger: where its head is mailed."""

from __future__ import annotations

from pydantic import field_validator

from portfolio.people import rules
from portfolio.web.forms import Form


class HeadAddress(Form):
    """Empty: nowhere."""

    email: str = ""

    @field_validator("email")
    @classmethod
    def an_address(cls, value: str) -> str:
        if not value:
            return ""
        tidy = rules.tidy_email(value)
        if reason := rules.reason_against_email(tidy):
            raise ValueError(reason)
        return tidy
