"""What can be done about a ledger: say where its head goes, and take it away as a file. Nothing else, by anybody."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.audit import actions as audit
from portfolio.database import new_id
from portfolio.jobs import actions as jobs
from portfolio.ledger import queries
from portfolio.ledger.chain import Head
from portfolio.ledger.models import LedgerAddress
from portfolio.people.models import Provider

TELL_MOVED = "ledger.tell_moved"


def set_address(session: Session, provider_id: UUID, email: str, *, by: UUID, now: datetime) -> str:
    """Mail the head there from now on, or nowhere if empty. Returns the address that it went to before, which is told
    by a job of this transaction: a change cannot be in silence because mail is down."""
    session.execute(select(Provider.id).where(Provider.id == provider_id).with_for_update())
    row = queries.address(session, provider_id)
    before = row.email if row else ""
    if email == before:
        return before
    if row is not None:
        session.delete(row)
        session.flush()
    if email:
        session.add(LedgerAddress(provider_id=provider_id, email=email, set_by_id=by, set_at=now))
    action = "ledger.address_set" if email else "ledger.address_removed"
    audit.record(session, action, by=by, now=now, record="ledger", provider_id=provider_id)
    if before:
        # the address is nowhere else any more; it goes with the job, 35 days after that is done
        jobs.enqueue(
            session,
            TELL_MOVED,
            now=now,
            provider_id=str(provider_id),
            by=str(by),
            to=before,
            letter=new_id().hex,
        )
    session.flush()
    return before


def record_export(session: Session, head: Head, *, by: UUID, now: datetime) -> None:
    """Who took the ledger away as a file, and up to which entry."""
    audit.record(
        session,
        "ledger.exported",
        by=by,
        now=now,
        record="ledger",
        provider_id=head.provider_id,
        entry=head.seq,
    )
