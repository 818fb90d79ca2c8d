"""The letters: what each says, in plain words, with an address of this installation in it."""

from __future__ import annotations

from datetime import datetime

from portfolio.people.mail import Letter
from portfolio.people.models import Person
from portfolio.settings import Settings
from portfolio.web.formats import moment_words


def address(settings: Settings, path: str) -> str:
    """A whole address of ours, for mail and for a manager to pass on."""
    return settings.public_url.rstrip("/") + path


def invitation(person: Person, provider_name: str, by_name: str, link: str, until: datetime) -> Letter:
    return _letter(
        person,
        f"Your account at {provider_name}",
        f"{by_name} has invited you to the KSB Portfolio of {provider_name}.",
        f"Choose a password here to begin:\n{link}",
        f"The link works once, until {moment_words(until)}. After that, ask {provider_name} for a new one.",
    )


def added(person: Person, provider_name: str, by_name: str, sign_in: str, forgotten: str) -> Letter:
    return _letter(
        person,
        f"You now have a role at {provider_name}",
        f"{by_name} has given you a role in the KSB Portfolio of {provider_name}.",
        f"You sign in with this e-mail address and the password that you have:\n{sign_in}",
        f"If you do not know it, choose a new one here:\n{forgotten}",
    )


def reset(person: Person, link: str, until: datetime) -> Letter:
    return _letter(
        person,
        "Choose a new password",
        f"Somebody, probably you, asked for a new password for your account. Choose it here:\n{link}",
        f"The link works once, until {moment_words(until)}.",
        "If it was not you, you need not do anything: your password stays as it is.",
    )


def password_changed(person: Person, at: datetime, forgotten: str) -> Letter:
    return _letter(
        person,
        "Your password was changed",
        f"The password of your account was changed on {moment_words(at)}. All other devices were signed out.",
        "If it was you, you need not do anything.",
        f"If it was not you, choose a new password at once, and tell your training provider:\n{forgotten}",
    )


def address_changed(person: Person, old: str, provider_name: str, at: datetime) -> Letter:
    """To the old address, for whoever reads it: the new one is not named."""
    text = (
        f"{provider_name} changed the e-mail address of an account on {moment_words(at)}. "
        "This address no longer signs in to it."
    )
    more = f"If this surprises you, tell {provider_name}."
    return _letter(Person(name=person.name, email=old), "Your e-mail address was changed", text, more)


def address_moved(
    name: str, to: str, *, is_new: bool, by_person: bool, at: datetime, message_name: str
) -> Letter:
    """To the old and to the new address of an account: neither letter names the other address."""
    who = "you, with your password," if by_person else "whoever runs this installation"
    return _letter(
        Person(name=name, email=to),
        "Your e-mail address was changed",
        f"The e-mail address of your account was changed by {who} on {moment_words(at)}. "
        + ("You sign in with this address now." if is_new else "This address no longer signs in to it.")
        + " Other devices were signed out.",
        "If this surprises you, tell your training provider at once.",
        message_name=message_name,
    )


def _letter(person: Person, subject: str, *paragraphs: str, message_name: str = "") -> Letter:
    text = "\n\n".join((f"Dear {' '.join(person.name.split())},", *paragraphs, "KSB Portfolio"))
    return Letter(person.name, person.email, subject, text + "\n", message_name=message_name)
