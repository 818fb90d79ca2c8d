"""Heads leave the system every day: planned in the morning, mailed provider by provider.

Where nothing was added a letter still goes once a week: a letter that does not come is how silence is noticed.
A letter is sent first and noted then, so a crash between the two sends it again, and none is lost.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select

from portfolio.database import narrow
from portfolio.jobs import actions as jobs
from portfolio.jobs.work import GiveUp, Handler, Payload, Recurring, Work
from portfolio.ledger import letters, queries
from portfolio.ledger.models import LedgerAddress
from portfolio.people import mail
from portfolio.people.mail import AddressRefused
from portfolio.people.models import Provider
from portfolio.web.formats import london_day

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
    if to is None or name is None:
        return
    added = (head.seq if head else 0) - to.mailed_seq
    quiet = to.mailed_at is not None and work.now - to.mailed_at < AT_LEAST_EVERY - SAME_DAY
    if not added and quiet:
        return
    letter = letters.head_letter(work.settings, to.email, name, head, added)
    try:
        mail.open_mailer(work.settings).send(letter, work.now)
    except AddressRefused as error:
        raise GiveUp("address_refused") from error
    with work.database.writing() as session:
        narrow(session, {provider_id})
        row = session.get(LedgerAddress, to.id)
        if row is not None:  # the manager may have set another meanwhile
            row.mailed_seq, row.mailed_at = head.seq if head else 0, work.now


HANDLERS: dict[str, Handler] = {PLAN: plan, SEND: send}
RECURRING: list[Recurring] = [Recurring(PLAN, every_day)]
