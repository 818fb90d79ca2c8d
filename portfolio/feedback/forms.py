"""What is typed to comment and to sign a testimony."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from portfolio.web.forms import Form, RequiredDate, new_form_key


def _key(value: Any) -> str:
    """The page's own key; a form without a usable one counts as a form of its own."""
    text = str(value or "")
    return text if 8 <= len(text) <= 64 else new_form_key()


FormKey = Annotated[str, BeforeValidator(_key), Field(default_factory=new_form_key)]


def needed(sentence: str) -> BeforeValidator:
    """Marks a text that must not be blank, with the sentence to say if it is."""

    def check(value: Any) -> Any:
        if isinstance(value, str) and not value.strip():
            raise ValueError(sentence)
        return value

    return BeforeValidator(check)


class WriteComment(Form):
    text: Annotated[str, Field(max_length=5000), needed("Write your comment first.")]
    form_key: FormKey
    until: str = ""
    """Id of the newest comment on the page: whoever answers has read up to there."""
    came_from: str = ""


class MarkRead(Form):
    until: str = ""
    came_from: str = ""


class SignTestimony(Form):
    version_id: str
    version_sha256: str
    saw_on: RequiredDate
    relation: Annotated[
        str, Field(max_length=200), needed("Say what you are to the apprentice, for example: line manager.")
    ]
    statement: Annotated[str, Field(max_length=10_000), needed("Say what you saw.")]
    password: Annotated[str, Field(max_length=1000), needed("Enter your password to sign.")]
