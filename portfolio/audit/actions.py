"""Write one line of the audit trail."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent


def record(
    session: Session,
    action: str,
    *,
    by: UUID | None,
    now: datetime,
    record: str,
    record_id: UUID | None = None,
    provider_id: UUID | None = None,
    apprenticeship_id: UUID | None = None,
    person_id: UUID | None = None,
    **detail: str | int | bool | list[str] | None,
) -> None:
    """Say who did what to which record. `action` is `capability.verb` in the past: "evidence.submitted".

    `detail` takes ids, codes, states, dates and counts; a name, a title or a sentence somebody wrote does
    not belong here, since the trail outlives the wish to be forgotten.
    """
    plain: dict[str, Any] = {key: value for key, value in detail.items() if value is not None}
    session.add(
        AuditEvent(
            provider_id=provider_id,
            at=now,
            by_id=by,
            action=action,
            record=record,
            record_id=record_id,
            about_apprenticeship_id=apprenticeship_id,
            about_person_id=person_id,
            detail=plain,
        )
    )
