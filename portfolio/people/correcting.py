"""A name or an e-mail address that was mistyped is put right, by a manager, for an account of this provider alone."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.audit import actions as audit
from portfolio.people import links, membership, rules
from portfolio.people.models import Person
from portfolio.refusals import Refused


class AddressTaken(Refused):
    """Another account signs in with this address."""


def correct(
    session: Session, provider_id: UUID, person: Person, *, name: str, email: str, by: UUID, now: datetime
) -> str:
    """Write the right name and address. Returns the address that was replaced, or nothing if it stays.

    Whoever has the address can have the password reset, so the rule is that of a reset. Links that went to a wrong
    address end. Raises Refused for an account that is used elsewhere or one's own, AddressTaken.
    """
    if reason := rules.reason_against_correcting(by, membership.account(session, person, provider_id)):
        raise Refused(reason)
    before = {"name": person.name, "email": person.email}
    after = {"name": name, "email": email}
    changed = [field for field in after if after[field] != before[field]]
    if not changed:
        return ""
    if "email" in changed:
        _refuse_taken(session, email)
    try:
        with session.begin_nested():
            person.name, person.email = name, email
            session.flush()
    except IntegrityError:  # somebody else was given the same address a moment ago
        raise _taken() from None
    if "email" in changed:
        links.void_links(session, person.id, now)
    audit.record(
        session, "person.corrected", by=by, now=now, record="person", record_id=person.id,
        provider_id=provider_id, person_id=person.id, changed=changed,
    )  # fmt: skip
    return before["email"] if "email" in changed else ""


def _refuse_taken(session: Session, email: str) -> None:
    if session.scalar(select(Person.id).where(Person.email == email)) is not None:
        raise _taken()


def _taken() -> AddressTaken:
    return AddressTaken("Somebody signs in with this address already. Two people cannot share one.")
