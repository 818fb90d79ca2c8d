"""Originals that stay at work: the mentor went to see the record where it is kept, and signs that they did."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.evidence.models import EvidenceVersion
from portfolio.feedback.queries import content_of, newest_submitted
from portfolio.feedback.rules import version_sha256
from portfolio.sightings.models import Sighting
from portfolio.sightings.rules import statement


def confirmed(
    session: Session, version: EvidenceVersion, mentor_id: UUID, moment: datetime
) -> Sighting | None:
    """The confirmation of what was submitted last; None if the piece does not say when its original was seen."""
    seen = newest_submitted(session, version.evidence_id)
    if seen is None or seen.original_seen_on is None:
        return None
    return Sighting(
        provider_id=seen.provider_id,
        apprenticeship_id=seen.apprenticeship_id,
        evidence_id=seen.evidence_id,
        version_id=seen.id,
        version_number=seen.number,
        version_sha256=version_sha256(content_of(seen)),
        signed_by_id=mentor_id,
        role="mentor",
        seen_on=seen.original_seen_on,
        seen_where=seen.original_kept_at,
        statement=statement(seen.original_seen_on, seen.original_kept_at),
        signed_at=moment,
    )
