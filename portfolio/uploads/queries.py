"""Uploads of one person, and what has arrived of them."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.evidence import queries as evidence
from portfolio.evidence.models import Evidence, EvidenceFile
from portfolio.refusals import NotFound
from portfolio.sealing.queries import refuse_if_shut
from portfolio.uploads.models import Upload, UploadChunk


def own_piece(session: Session, opened: Opened, evidence_id: UUID) -> Evidence:
    """The piece that an upload goes to. Raises NotFound for one that is not this viewer's own."""
    piece = evidence.piece(session, opened, evidence_id)
    if not piece.is_own:
        raise NotFound
    return piece.evidence


def upload(
    session: Session, opened: Opened, evidence_id: UUID, upload_id: UUID, *, to_change: bool = False
) -> Upload:
    """This viewer's own upload to this piece. Raises NotFound. `to_change`: nobody else changes it until the commit."""
    statement = (
        select(Upload)
        .join(Evidence, Evidence.id == Upload.evidence_id)
        .where(
            Upload.id == upload_id,
            Upload.evidence_id == evidence_id,
            Upload.person_id == opened.viewer.person_id,
            Evidence.apprenticeship_id == opened.id,
        )
    )
    if to_change:
        statement = statement.with_for_update(of=Upload)
    found = session.scalar(statement.execution_options(populate_existing=True))
    if found is None:
        raise NotFound
    refuse_if_shut(session, evidence_id)
    return found


def begun_with(session: Session, evidence_id: UUID, key: str) -> Upload | None:
    """The upload that was begun under the sender's own key."""
    return session.scalar(select(Upload).where(Upload.evidence_id == evidence_id, Upload.key == key))


def under_way(session: Session, provider_id: UUID, person_id: UUID) -> tuple[int, int, int]:
    """How many uploads this person has on their way, the bytes they will be, and those of all the provider's."""
    sending = (Upload.provider_id == provider_id, Upload.state == "sending")
    count, own = session.execute(
        select(func.count(), func.coalesce(func.sum(Upload.size), 0)).where(
            *sending, Upload.person_id == person_id
        )
    ).one()
    everybody = session.scalar(select(func.coalesce(func.sum(Upload.size), 0)).where(*sending))
    return count, int(own), int(everybody or 0)


def chunks(session: Session, upload_id: UUID) -> Sequence[UploadChunk]:
    """The pieces that are here, in order."""
    return session.scalars(
        select(UploadChunk).where(UploadChunk.upload_id == upload_id).order_by(UploadChunk.number)
    ).all()


def chunk(session: Session, upload_id: UUID, number: int) -> UploadChunk | None:
    return session.scalar(
        select(UploadChunk).where(UploadChunk.upload_id == upload_id, UploadChunk.number == number)
    )


def file_of(session: Session, upload: Upload) -> EvidenceFile | None:
    """What came of it, if it is safe and was not taken out again."""
    return session.get(EvidenceFile, upload.file_id) if upload.file_id else None
