"""The files of a piece, for the page that says who opened them."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.evidence.models import EvidenceFile, EvidenceVersion, VersionFile


@dataclass(frozen=True)
class FileOfPiece:
    """A file of a piece, and whether a version that was submitted has it."""

    id: UUID
    name: str
    submitted: bool


def files_of_piece(session: Session, evidence_id: UUID) -> list[FileOfPiece]:
    """Every file of a piece that still exists, in the order in which they came."""
    submitted = (
        select(VersionFile.id)
        .join(EvidenceVersion, EvidenceVersion.id == VersionFile.version_id)
        .where(VersionFile.file_id == EvidenceFile.id, EvidenceVersion.submitted_at.is_not(None))
        .correlate(EvidenceFile)
        .exists()
    )
    rows = session.execute(
        select(EvidenceFile.id, EvidenceFile.name, submitted)
        .where(EvidenceFile.evidence_id == evidence_id)
        .order_by(EvidenceFile.id)
    )
    return [FileOfPiece(file_id, name, bool(was)) for file_id, name, was in rows]
