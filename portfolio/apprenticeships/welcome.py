"""Letters to the people that an apprenticeship or a list brought in, and the links to pass on by hand."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.background import BackgroundTask
from starlette.responses import Response

from portfolio.people import letters, mail
from portfolio.people.actions import Invited
from portfolio.people.mail import Delivery, Letter
from portfolio.settings import Settings
from portfolio.web.page import Page


@dataclass(frozen=True)
class Welcome:
    """Somebody who was brought in. `link` sets their password; empty where they have one."""

    name: str
    email: str
    link: str
    letter: Letter
    delivery: Delivery | None = None

    @property
    def is_mailed(self) -> bool:
        return self.delivery is Delivery.SENT


def invitation_lasts(settings: Settings) -> timedelta:
    return timedelta(days=settings.invitation_days)


def welcomes(
    page: Page, invited: Sequence[Invited], provider_name: str, by_name: str, now: datetime
) -> list[Welcome]:
    """One for each person whose role or account is new: a link, or word that they have a role now."""
    settings: Settings = page.request.app.state.settings
    until = now + invitation_lasts(settings)
    found: dict[str, Welcome] = {}
    for one in invited:
        person, link = one.person, ""
        if one.token is not None:
            link = letters.address(settings, page.path_for("people.set_password", token=one.token))
            letter = letters.invitation(person, provider_name, by_name, link, until)
        else:
            sign_in = letters.address(settings, page.path_for("people.sign_in"))
            forgotten = letters.address(settings, page.path_for("people.forgotten"))
            letter = letters.added(person, provider_name, by_name, sign_in, forgotten)
        if link or person.email not in found:
            found[person.email] = Welcome(person.name, person.email, link, letter)
    return list(found.values())


def send_now(request: Request, session: Session, wanted: Sequence[Welcome]) -> list[Welcome]:
    """Commit, then send one or two letters, and say how each went."""
    request.app.state.database.commit(session)
    settings: Settings = request.app.state.settings
    return [
        Welcome(one.name, one.email, one.link, one.letter, mail.send(settings, one.letter)) for one in wanted
    ]


def send_later(response: Response, settings: Settings, wanted: Sequence[Welcome]) -> None:
    """Send many letters after the answer has left, which is after the commit. Failures are logged."""
    response.background = BackgroundTask(_send_all, settings, [one.letter for one in wanted])


def _send_all(settings: Settings, wanted: Sequence[Letter]) -> None:
    for letter in wanted:
        mail.send(settings, letter)
