"""Put on record whom to turn to: an employer's safeguarding lead, a provider's contact."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.actions_setup import hold
from portfolio.apprenticeships.models import SafeguardingContact
from portfolio.apprenticeships.queries_contacts import contacts_of
from portfolio.apprenticeships.rules_contacts import Contact
from portfolio.audit import actions as audit


def put_on_record(
    session: Session,
    provider_id: UUID,
    employer_id: UUID | None,
    contact: Contact,
    *,
    by: UUID,
    now: datetime,
) -> list[str]:
    """The contact as it stands from now on; returns what changed. The trail says which fields, not what is in them:
    a phone number of somebody who has left does not stay for ever."""
    hold(session, provider_id)
    found = contacts_of(session, provider_id, employer_id)
    row = found.lead if employer_id else found.of_provider
    changed = contact.changed_from(as_contact(row) if row else None)
    if not changed:
        return []
    if row is None:
        row = SafeguardingContact(provider_id=provider_id, employer_id=employer_id)
        session.add(row)
    for name, value in asdict(contact).items():
        setattr(row, name, value)
    row.changed_at = now
    session.flush()
    audit.record(
        session,
        "safeguarding.lead_set" if employer_id else "safeguarding.contact_set",
        by=by,
        now=now,
        record="employer" if employer_id else "provider",
        record_id=employer_id or provider_id,
        provider_id=provider_id,
        changed=changed,
    )
    return changed


def as_contact(row: SafeguardingContact) -> Contact:
    return Contact(row.name, row.role, row.phone, row.email, row.deputy_name, row.deputy_phone)
