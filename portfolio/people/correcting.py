"""A name that was mistyped is put right by a manager, and so is the address of an account that nobody has used yet.

Whoever reads the mail of an account can choose its password, and with the password sign as its person. So once somebody
has chosen a password, the address is theirs to change: on their account page, with that password. Who has lost both the
password and the mailbox turns to whoever runs the installation, who changes it from a terminal.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from portfolio.audit import actions as audit
from portfolio.people import jobs, links, membership, rules, sessions
from portfolio.people.models import Person
from portfolio.refusals import Refused


class AddressTaken(Refused):
    """Another account signs in with this address."""


class AddressInUse(Refused):
    """The account has a password: its address is its person's to change."""


def correct(
    session: Session, provider_id: UUID, person: Person, *, name: str, email: str, by: UUID, now: datetime
) -> str:
    """Write the right name and address. Returns the address that was replaced, or nothing if it stays.

    Links that went to a wrong address end, and it is told. Raises Refused for an account that is used elsewhere or one's own,
    AddressInUse, AddressTaken.
    """
    session.refresh(person, with_for_update=True)  # a password that is chosen at this moment counts
    account = membership.account(session, person, provider_id)
    if reason := rules.reason_against_correcting(by, account):
        raise Refused(reason)
    before = {"name": person.name, "email": person.email}
    after = {"name": name, "email": email}
    changed = [field for field in after if after[field] != before[field]]
    if not changed:
        return ""
    if "email" in changed and (reason := rules.reason_against_correcting_address(account)):
        raise AddressInUse(reason)
    _write(session, person, name, email, now)
    audit.record(
        session, "person.corrected", by=by, now=now, record="person", record_id=person.id,
        provider_id=provider_id, person_id=person.id, changed=changed,
    )  # fmt: skip
    if "email" not in changed:
        return ""
    jobs.tell_corrected(session, person, before["email"], provider_id, now)
    return before["email"]


def change_own(session: Session, person_id: UUID, email: str, *, keep: UUID, now: datetime) -> bool:
    """The person's own change, after the password was checked. Every session but `keep` ends, and so do links; both
    addresses are told. False if it is the address that they have. Raises AddressTaken."""
    person = session.get_one(Person, person_id, with_for_update=True)
    return _move(session, person, email, by=person_id, keep=keep, now=now)


def change_from_terminal(session: Session, old: str, new: str, *, now: datetime) -> bool:
    """For somebody who lost both password and mailbox: every session ends, links too, both addresses are told.
    False if nothing changes. Raises Refused if nobody signs in with `old` or `new` can be no address, AddressTaken."""
    old, new = rules.tidy_email(old), rules.tidy_email(new)
    if reason := rules.reason_against_email(new):
        raise Refused(reason)
    person = session.scalar(select(Person).where(Person.email == old).with_for_update())
    if person is None:
        raise Refused("Nobody signs in with that address. Check the first of the two.")
    return _move(session, person, new, by=None, keep=None, now=now)


def _move(
    session: Session, person: Person, email: str, *, by: UUID | None, keep: UUID | None, now: datetime
) -> bool:
    old = person.email
    if email == old:
        return False
    _write(session, person, person.name, email, now)
    sessions.end_sessions(session, person.id, by=by, now=now, keep=keep)
    audit.record(
        session, "person.address_changed", by=by, now=now, record="person", record_id=person.id, person_id=person.id
    )  # fmt: skip
    jobs.tell_both(session, person, old, by_person=by is not None, now=now)
    return True


def _write(session: Session, person: Person, name: str, email: str, now: datetime) -> None:
    is_new = email != person.email
    if is_new and session.scalar(select(Person.id).where(Person.email == email)) is not None:
        raise _taken()
    try:
        with session.begin_nested():
            person.name, person.email = name, email
            session.flush()
    except IntegrityError:  # somebody else was given the same address a moment ago
        raise _taken() from None
    if is_new:
        links.void_links(session, person.id, now)


def _taken() -> AddressTaken:
    return AddressTaken("Somebody signs in with this address already. Two people cannot share one.")
