"""Heads leave the system every day: planned in the morning, mailed provider by provider.

Where nothing was added a letter still goes once a week: a letter that does not come is how silence is noticed.
A letter is sent first and noted then, so a crash between the two sends it again, and none is lost.

Where the ledger no longer leads to the head that was mailed last, the letter says that and nothing else, every day,
until a manager removes the address and sets it anew: after a restore that was agreed, for instance.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import narrow
from portfolio.jobs import actions as jobs
from portfolio.jobs.work import GiveUp, Handler, Payload, Recurring, Work
from portfolio.ledger import letters, queries
from portfolio.ledger.actions import TELL_MOVED
from portfolio.ledger.models import LedgerAddress
from portfolio.people import mail
from portfolio.people.mail import AddressRefused, Letter
from portfolio.people.models import Person, Provider
from portfolio.web.formats import london_day

logger = logging.getLogger("portfolio.ledger")
PLAN, SEND = "ledger.mail_heads", "ledger.mail_head"
AT_LEAST_EVERY = timedelta(days=7)
SAME_DAY = timedelta(hours=2)
"""Letters of seven days ago may have left a little later in their day."""


def every_day(now: datetime) -> str:
    """Once for each day of London's calendar."""
    return london_day(now).isoformat()


def plan(work: Work, payload: Payload) -> None:
    """A job for each provider that wants its head."""
    with work.database.writing() as session:
        for provider_id in session.scalars(select(LedgerAddress.provider_id)):
            key = f"{SEND}:{provider_id}:{payload['period']}"
            jobs.enqueue(session, SEND, now=work.now, key=key, provider_id=str(provider_id))


def send(work: Work, payload: Payload) -> None:
    """The head as it is now, if anything was added since the last letter, or a week has passed."""
    provider_id = UUID(payload["provider_id"])
    with work.database.reading() as session:
        narrow(session, {provider_id})
        to, head = queries.address(session, provider_id), queries.head(session, provider_id)
        name = session.scalar(select(Provider.name).where(Provider.id == provider_id))
        led = to is None or _leads_to(session, to)
    if to is None or name is None:
        return
    added = (head.seq if head else 0) - to.mailed_seq
    since = work.now - to.mailed_at if to.mailed_at is not None else AT_LEAST_EVERY
    quiet = (
        timedelta(0) <= since < AT_LEAST_EVERY - SAME_DAY
    )  # a clock that was set back does not make it longer
    if led and not added and quiet:
        return
    letter = letters.head_letter(work.settings, to.email, name, head, added)
    if not led:
        logger.error("ledger.mailed_head_lost", extra={"provider": provider_id, "entry": to.mailed_seq})
        letter = letters.lost_letter(work.settings, to.email, name, head, to.mailed_seq, to.mailed_hash)
    _post(work, letter)
    with work.database.writing() as session:
        narrow(session, {provider_id})
        row = session.get(LedgerAddress, to.id)
        if row is not None:  # the manager may have set another meanwhile
            row.mailed_at = work.now
            if (
                led
            ):  # or the next letter would follow from what was put in the place of this one, and not say so
                row.mailed_seq, row.mailed_hash = (head.seq, head.hash) if head else (0, None)


def _leads_to(session: Session, to: LedgerAddress) -> bool:
    """Whether the head that was mailed last is still an entry of the chain."""
    if not to.mailed_seq:
        return True
    found = queries.hash_at(session, to.provider_id, to.mailed_seq)
    return found is not None and to.mailed_hash in (None, found)


def tell_moved(work: Work, payload: Payload) -> None:
    """The address that was set before learns that the head no longer comes, however long mail is down meanwhile."""
    with work.database.reading() as session:
        name = session.scalar(select(Provider.name).where(Provider.id == UUID(payload["provider_id"])))
        by = session.scalar(select(Person.name).where(Person.id == UUID(payload["by"])))
    if name is not None:
        _post(work, letters.moved_letter(payload["to"], name, by or "Somebody", payload["letter"]))


def _post(work: Work, letter: Letter) -> None:
    """Raises NotSent, so that it is tried again."""
    try:
        mail.open_mailer(work.settings).send(letter, work.now)
    except AddressRefused as error:
        raise GiveUp("address_refused") from error


HANDLERS: dict[str, Handler] = {PLAN: plan, SEND: send, TELL_MOVED: tell_moved}
RECURRING: list[Recurring] = [Recurring(PLAN, every_day)]
