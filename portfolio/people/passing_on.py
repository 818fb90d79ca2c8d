"""A link on its way to its person: by mail, or by the hand of whoever asked for it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy.orm import Session

from portfolio.people import letters, mail
from portfolio.people.actions import Invited
from portfolio.people.mail import Delivery
from portfolio.settings import Settings
from portfolio.web.page import Page


@dataclass(frozen=True)
class PassedOn:
    """What the page says: how the mail went, and the link where no mail has brought it. `link` may be ""."""

    link: str
    until: datetime
    delivery: Delivery

    @property
    def is_sent(self) -> bool:
        return self.delivery is Delivery.SENT

    @property
    def is_failed(self) -> bool:
        return self.delivery is Delivery.FAILED

    @property
    def shown_link(self) -> str:
        """Only where the mail did not reach the person: a link that is shown twice is known to two."""
        return "" if self.is_sent else self.link


def tell(
    page: Page, session: Session, invited: Invited, provider_name: str, by_name: str, until: datetime
) -> PassedOn:
    """Commit, then write to somebody who was invited: their link, or that they sign in as before."""
    settings: Settings = page.request.app.state.settings
    person, link = invited.person, ""
    if invited.token is not None:
        link = letters.address(settings, page.path_for("people.set_password", token=invited.token))
        letter = letters.invitation(person, provider_name, by_name, link, until)
    else:
        sign_in = letters.address(settings, page.path_for("people.sign_in"))
        forgotten = letters.address(settings, page.path_for("people.forgotten"))
        letter = letters.added(person, provider_name, by_name, sign_in, forgotten)
    return PassedOn(link, until, mail.send_now(page.request, session, letter))
