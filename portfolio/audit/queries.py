"""The audit trail as it is read: newest first, narrowed to an apprenticeship or to one person."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Select, or_, select

from portfolio.audit.models import AuditEvent


def about_apprenticeship(apprenticeship_id: UUID) -> Select[AuditEvent]:
    """Every event about one apprenticeship. The caller has asked whether the reader may."""
    return _newest_first().where(AuditEvent.about_apprenticeship_id == apprenticeship_id)


def by_or_about(person_id: UUID) -> Select[AuditEvent]:
    """What this person did, and what was done to their account, roles and assignments."""
    return _newest_first().where(or_(AuditEvent.by_id == person_id, AuditEvent.about_person_id == person_id))


def _newest_first() -> Select[AuditEvent]:
    return select(AuditEvent).order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
