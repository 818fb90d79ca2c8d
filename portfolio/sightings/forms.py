"""What is typed to confirm that an original was seen."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from portfolio.sightings.rules import LONGEST_WHERE
from portfolio.web.forms import Form, RequiredDate, Tick


def _needed(sentence: str) -> BeforeValidator:
    def check(value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


class ConfirmOriginal(Form):
    version_id: str
    version_sha256: str
    seen_on: RequiredDate
    seen_where: Annotated[str, Field(max_length=LONGEST_WHERE), _needed("Say where you saw it.")]
    is_so: Tick = False
    """That it is what it is said to be, and stays there."""
    password: Annotated[str, Field(max_length=1000), _needed("Enter your password to sign.")]
