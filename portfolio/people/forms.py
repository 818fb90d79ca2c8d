"""What people submit to sign in, to look after their account, and to look after others."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import field_validator

from portfolio.access import Right, Role
from portfolio.people import rules
from portfolio.people.passwords import reasons_against
from portfolio.web.forms import Form, Submitted


class SignIn(Form):
    email: str
    password: str
    next: str = ""

    @field_validator("email")
    @classmethod
    def some_address(cls, value: str) -> str:
        if "@" not in value:
            raise ValueError("Enter your e-mail address, for example amina@example.org.")
        return value.lower()

    @field_validator("password")
    @classmethod
    def some_password(cls, value: str) -> str:
        if not value:
            raise ValueError("Enter your password.")
        return value


class OneAddress(Form):
    """An e-mail address alone: a forgotten password, or whose sessions to end."""

    email: str

    @field_validator("email")
    @classmethod
    def an_address(cls, value: str) -> str:
        return _or_mistake(rules.tidy_email(value), rules.reason_against_email)


class NewPassword(Form):
    """A new password, typed twice, since it is typed blind. Names hold "password", so that it is never kept."""

    password_new: str
    password_again: str


class ChangedPassword(NewPassword):
    password_old: str

    @field_validator("password_old")
    @classmethod
    def the_old_one(cls, value: str) -> str:
        if not value:
            raise ValueError("Enter the password that you have now.")
        return value


def check_new_password(form: Submitted[Any], *, email: str, name: str) -> None:
    """Refuse a new password that is not good enough, or was not typed twice the same."""
    new, again = form.text("password_new").strip(), form.text("password_again").strip()
    if reason := reasons_against(new, email=email, name=name):
        form.refuse("password_new", reason)
    elif new != again:
        form.refuse("password_again", "The two do not match. Type the new password again in both boxes.")


class Invitation(Form):
    name: str
    email: str
    roles: list[Role]
    rights: list[Right]

    @field_validator("name")
    @classmethod
    def a_name(cls, value: str) -> str:
        return _or_mistake(" ".join(value.split()), rules.reason_against_name)

    @field_validator("email")
    @classmethod
    def an_address(cls, value: str) -> str:
        return _or_mistake(rules.tidy_email(value), rules.reason_against_email)

    @field_validator("roles")
    @classmethod
    def some_role(cls, value: list[Role]) -> list[Role]:
        if reason := rules.reason_against_roles(value, ()):
            raise ValueError(reason)
        return value


class Details(Form):
    """A person's name and address, put right. Without an address it stays as it is."""

    name: str
    email: str | None = None

    @field_validator("name")
    @classmethod
    def a_name(cls, value: str) -> str:
        return _or_mistake(" ".join(value.split()), rules.reason_against_name)

    @field_validator("email")
    @classmethod
    def an_address(cls, value: str | None) -> str | None:
        if value is None:
            return None
        return _or_mistake(rules.tidy_email(value), rules.reason_against_email)


class ChangedAddress(Form):
    """One's own new address, signed with the password."""

    email: str
    password: str

    @field_validator("email")
    @classmethod
    def an_address(cls, value: str) -> str:
        return _or_mistake(rules.tidy_email(value), rules.reason_against_email)

    @field_validator("password")
    @classmethod
    def some_password(cls, value: str) -> str:
        if not value:
            raise ValueError("Enter your password.")
        return value


class OneRole(Form):
    role: Role


class OneRight(Form):
    right: Right


class NewProvider(Form):
    name: str
    ukprn: str = ""
    manager_name: str
    manager_email: str

    @field_validator("name")
    @classmethod
    def a_provider(cls, value: str) -> str:
        return _or_mistake(" ".join(value.split()), rules.reason_against_provider_name)

    @field_validator("ukprn")
    @classmethod
    def eight_digits(cls, value: str) -> str:
        return _or_mistake(value, rules.reason_against_ukprn)

    @field_validator("manager_name")
    @classmethod
    def a_name(cls, value: str) -> str:
        return _or_mistake(" ".join(value.split()), rules.reason_against_name)

    @field_validator("manager_email")
    @classmethod
    def an_address(cls, value: str) -> str:
        return _or_mistake(rules.tidy_email(value), rules.reason_against_email)


def _or_mistake(value: str, reason_against: Callable[[str], str]) -> str:
    if reason := reason_against(value):
        raise ValueError(reason)
    return value
