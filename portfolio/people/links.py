"""Links that set a password once: invitations and resets. The token goes to the person, its SHA-256 here.

A newer link of the same purpose makes the older ones void, and setting a password voids all of them.

The database shows and changes a link only for the person it is for. Links are made and made void by others, and opened
before anybody is known: so all of this goes across, and names the person or the token in its condition.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select, update
from sqlalchemy.orm import Session

from portfolio.database import across
from portfolio.people.models import Person, SingleUseLink
from portfolio.people.sessions import token_hash

INVITATION, RESET = "invitation", "reset"


def make_link(
    session: Session, person: Person, purpose: str, *, by: UUID | None, now: datetime, valid_for: timedelta
) -> str:
    """A new link for this person; returns its token, which is stored nowhere."""
    void_links(session, person.id, now, purpose)
    token = secrets.token_urlsafe(32)
    with across(session):
        session.add(
            SingleUseLink(
                person_id=person.id,
                purpose=purpose,
                token_hash=token_hash(token),
                created_at=now,
                created_by_id=by,
                expires_at=now + valid_for,
            )
        )
    return token


def void_links(session: Session, person_id: UUID, now: datetime, purpose: str = "") -> None:
    """Unused links of this purpose (or all of them) end now."""
    statement = update(SingleUseLink).where(
        SingleUseLink.person_id == person_id,
        SingleUseLink.used_at.is_(None),
        SingleUseLink.expires_at > now,
    )
    if purpose:
        statement = statement.where(SingleUseLink.purpose == purpose)
    with across(session):
        session.execute(statement.values(expires_at=now))


def person_of(session: Session, token: str, now: datetime) -> Person | None:
    """Whose password this link would set; None if it was used, replaced, has expired or never was."""
    statement = (
        select(Person)
        .join(SingleUseLink, SingleUseLink.person_id == Person.id)
        .where(
            SingleUseLink.token_hash == token_hash(token),
            SingleUseLink.used_at.is_(None),
            SingleUseLink.expires_at > now,
            Person.suspended_at.is_(None),
        )
    )
    with across(session):
        return session.scalar(statement)


def use_link(session: Session, token: str, now: datetime) -> bool:
    """Use it up. Of two that come at once, one gets True: the row decides, not what was read before."""
    statement = (
        update(SingleUseLink)
        .where(
            SingleUseLink.token_hash == token_hash(token),
            SingleUseLink.used_at.is_(None),
            SingleUseLink.expires_at > now,
        )
        .values(used_at=now)
        .returning(SingleUseLink.id)
    )
    with across(session):
        return bool(session.scalars(statement).all())


def open_until(session: Session, person_id: UUID, purpose: str, now: datetime) -> datetime | None:
    """Until when the newest link of this purpose works; None if there is none that does."""
    statement = select(func.max(SingleUseLink.expires_at)).where(
        SingleUseLink.person_id == person_id,
        SingleUseLink.purpose == purpose,
        SingleUseLink.used_at.is_(None),
        SingleUseLink.expires_at > now,
    )
    with across(session):
        return session.scalar(statement)
