"""What is typed to declare, to lock and to unlock: a tick or a reason, and the password again."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, field_validator

from portfolio.web.forms import Form, Tick


def _password(value: Any) -> Any:
    if not value:
        raise ValueError("Enter your password again: it stands for your signature.")
    return value


Password = Annotated[str, BeforeValidator(_password)]


class Confirm(Form):
    """A tick under what was read, and the password."""

    agreed: Tick
    password: Password

    @field_validator("agreed")
    @classmethod
    def was_ticked(cls, value: bool) -> bool:
        if not value:
            raise ValueError("Tick the box once you have read it.")
        return value


class AskToUnlock(Form):
    """Why the lock has to be opened, and the password."""

    reason: Annotated[str, Field(max_length=2000)]
    password: Password

    @field_validator("reason")
    @classmethod
    def says_why(cls, value: str) -> str:
        if not value:
            raise ValueError("Say why the portfolio has to be unlocked.")
        return value
