"""What is written down when somebody takes a report away."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.audit import actions as audit
from portfolio.cohorts.asked import Asked
from portfolio.cohorts.scope import Scope


def record_export(
    session: Session, scope: Scope, asked: Asked, *, form: str, by: UUID, now: datetime
) -> None:
    """Say who took which report away, in which form and narrowed by what. What was searched for is not kept: it
    may be a name."""
    audit.record(
        session,
        "cohorts.exported",
        by=by,
        now=now,
        record="cohort" if scope.cohort else "provider",
        record_id=scope.record_id,
        provider_id=scope.provider_id,
        form=form,
        standing=asked.standing.value if asked.standing else None,
        employer=str(asked.employer) if asked.employer else None,
        gap=asked.gap or None,
        searched=bool(asked.q),
    )
