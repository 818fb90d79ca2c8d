"""Notices that somebody must get: that an account signs in with another address now. Sent by the worker, since a mail
server that is away for an hour must not keep them from hearing of it.

The job is added in the transaction that changes the address. It holds the address it goes to, which is nowhere else by
then; of the other one it says nothing. A crash between sending and noting sends it once more, with the same Message-ID.
"""

from __future__ import annotations

import secrets
from dataclasses import replace
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.jobs import actions as jobs
from portfolio.jobs.work import GiveUp, Handler, Payload, Work
from portfolio.people import letters, mail
from portfolio.people.mail import AddressRefused, Letter
from portfolio.people.models import Person, Provider

ADDRESS_MOVED, CORRECTED = "people.address_moved", "people.address_corrected"


def tell_both(session: Session, person: Person, old: str, *, by_person: bool, now: datetime) -> None:
    """In this transaction: a letter to the old and to the new address of an account."""
    for to, is_new in ((old, False), (person.email, True)):
        jobs.enqueue(
            session,
            ADDRESS_MOVED,
            now=now,
            person=str(person.id),
            to=to,
            is_new=is_new,
            by_person=by_person,
            at=now.isoformat(),
            name=secrets.token_hex(16),
        )


def tell_corrected(session: Session, person: Person, old: str, provider_id: UUID, now: datetime) -> None:
    """In this transaction: a letter to the address that a manager put right, whose reader may have expected mail."""
    jobs.enqueue(
        session,
        CORRECTED,
        now=now,
        person=str(person.id),
        provider=str(provider_id),
        to=old,
        at=now.isoformat(),
        name=secrets.token_hex(16),
    )


def send_address_moved(work: Work, payload: Payload) -> None:
    with work.database.reading() as session:
        person = session.get(Person, UUID(payload["person"]))
    if person is None:
        return
    letter = letters.address_moved(
        person.name,
        payload["to"],
        is_new=payload["is_new"],
        by_person=payload["by_person"],
        at=datetime.fromisoformat(payload["at"]),
        message_name=payload["name"],
    )
    _post(work, letter)


def send_corrected(work: Work, payload: Payload) -> None:
    with work.database.reading() as session:
        person = session.get(Person, UUID(payload["person"]))
        provider = session.scalar(select(Provider.name).where(Provider.id == UUID(payload["provider"])))
    if person is None or provider is None:
        return
    letter = letters.address_changed(person, payload["to"], provider, datetime.fromisoformat(payload["at"]))
    _post(work, replace(letter, message_name=payload["name"]))


def _post(work: Work, letter: Letter) -> None:
    """Raises NotSent, so that it is tried again."""
    try:
        mail.open_mailer(work.settings).send(letter, work.now)
    except AddressRefused as error:
        raise GiveUp("address_refused") from error


HANDLERS: dict[str, Handler] = {ADDRESS_MOVED: send_address_moved, CORRECTED: send_corrected}
