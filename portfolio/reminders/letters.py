"""The digest as a letter: plain text, counts, addresses of our pages, and the way to stop it."""

from __future__ import annotations

from collections.abc import Sequence

from portfolio.people.letters import address
from portfolio.people.mail import Letter
from portfolio.people.models import Person
from portfolio.reminders import rules
from portfolio.reminders.rules import Said
from portfolio.reminders.tokens import message_name, stop_token
from portfolio.settings import Settings

SETTINGS_PATH = "/account/reminders"
STOP_PATH = "/reminders/stop/"
INTRODUCTION = "this is what waits for you in the KSB Portfolio. Names and titles are shown after you sign in, never in a mail."


def digest(settings: Settings, person: Person, week: str, said: Sequence[Said]) -> Letter:
    """The letter of this week. No name in it but the receiver's: see rules.py."""
    stop = address(settings, STOP_PATH + stop_token(settings, person.id))
    paragraphs = [f"{one.sentence}\n{address(settings, one.path)}" for one in said]
    text = "\n\n".join(
        (
            f"Dear {' '.join(person.name.split())},",
            INTRODUCTION,
            *paragraphs,
            f"Choose the day, what is in it, or whether it comes at all:\n{address(settings, SETTINGS_PATH)}",
            f"Stop it without signing in:\n{stop}",
            "KSB Portfolio",
        )
    )
    return Letter(
        person.name,
        person.email,
        rules.subject(said),
        text + "\n",
        headers=list_headers(settings, stop),
        message_name=message_name(settings, person.id, week),
    )


def list_headers(settings: Settings, stop: str) -> tuple[tuple[str, str], ...]:
    """The button of mail programs (RFC 2369). Where they may press it by themselves (RFC 8058) it takes https."""
    headers = [("List-Unsubscribe", f"<{stop}>")]
    if settings.https:
        headers.append(("List-Unsubscribe-Post", "List-Unsubscribe=One-Click"))
    return tuple(headers)
