"""One line of the audit trail about a piece: which version, codes and counts, never its words."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.audit.actions import record
from portfolio.evidence.models import EvidenceVersion


def note(
    session: Session,
    action: str,
    version: EvidenceVersion,
    *,
    by: UUID,
    now: datetime,
    claims: list[str] | None = None,
    files: int | None = None,
    before: str | None = None,
) -> None:
    """Record `evidence.<action>` on the piece that this is a version of."""
    record(
        session,
        f"evidence.{action}",
        by=by,
        now=now,
        record="evidence",
        record_id=version.evidence_id,
        provider_id=version.provider_id,
        apprenticeship_id=version.apprenticeship_id,
        version=version.number,
        claims=claims,
        files=files,
        before=before,
    )
