"""Who opened the files of the demonstration, so that the page that says so has something to say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.evidence.models import EvidenceFile
from portfolio.openings.models import FileOpening
from portfolio.openings.rules import half_hour
from storage.kinds import KINDS


def opened_by_all(
    session: Session,
    files: Iterable[EvidenceFile],
    *,
    owner_id: UUID,
    mentor_id: UUID,
    assessor_id: UUID,
    sent_at: datetime,
    now: datetime,
) -> None:
    """The owner looked before it was sent, the mentor a day after, and the assessor when reviewing it."""
    for file in files:
        plays = KINDS[file.kind].family in ("audio", "video")
        way = "range" if plays else "file"
        for person_id, role, page, after, times in (
            (owner_id, "apprentice", "edit page", timedelta(minutes=-20), 1),
            (mentor_id, "mentor", "piece", timedelta(hours=26), 1),
            (assessor_id, "assessor", "review page", timedelta(hours=30), 2),
        ):
            at = sent_at + after
            if at + timedelta(minutes=4) > now:
                continue
            session.add(
                FileOpening(
                    provider_id=file.provider_id,
                    apprenticeship_id=file.apprenticeship_id,
                    evidence_id=file.evidence_id,
                    file_id=file.id,
                    person_id=person_id,
                    role=role,
                    what=way,
                    page=page,
                    half_hour=half_hour(at),
                    at=at,
                    last_at=at + timedelta(minutes=4) if times > 1 else at,
                    times=times,
                )
            )
    session.flush()
