"""Pieces that sign-offs rest on and that have no file: how many, and whose original nobody has confirmed yet."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import exists, or_, select
from sqlalchemy.orm import Session

from portfolio.evidence.models import Evidence, EvidenceVersion, VersionFile
from portfolio.evidence.queries import newest_submitted
from portfolio.sightings import queries as sightings

NAMED = 20


@dataclass(frozen=True)
class Originals:
    """`unconfirmed`: id and title of the first of those that nobody confirmed by signature."""

    pieces: int
    confirmed: int
    by: Sequence[str]
    """Who confirmed, each once."""
    unconfirmed: Sequence[tuple[UUID, str]]

    @property
    def more(self) -> int:
        """Unconfirmed ones that are not named."""
        return self.pieces - self.confirmed - len(self.unconfirmed)


def originals_of(session: Session, apprenticeship_id: UUID) -> Originals:
    """Of one apprenticeship, by the newest submitted version of each piece. Two queries."""
    rows = session.execute(
        select(Evidence.id, EvidenceVersion.number, EvidenceVersion.title)
        .join(EvidenceVersion, EvidenceVersion.evidence_id == Evidence.id)
        .where(
            Evidence.apprenticeship_id == apprenticeship_id,
            or_(Evidence.part_covered, Evidence.state == "decided"),
            EvidenceVersion.original_kept_at != "",
            newest_submitted(),
            ~exists().where(VersionFile.version_id == EvidenceVersion.id),
        )
        .order_by(Evidence.id)
    ).all()
    seen = sightings.of_pieces(session, [evidence_id for evidence_id, _, _ in rows])
    speaking = [seen[evidence_id].of(number) for evidence_id, number, _ in rows]
    open_ones = [(row[0], str(row[2])) for row, one in zip(rows, speaking, strict=True) if one is None]
    return Originals(
        pieces=len(rows),
        confirmed=len(rows) - len(open_ones),
        by=sorted({one.name for one in speaking if one is not None}),
        unconfirmed=open_ones[:NAMED],
    )
