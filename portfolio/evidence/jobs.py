"""Preparing a file of evidence after it is safe: what that means stands in portfolio.preparation."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.audit import actions as audit
from portfolio.evidence.models import EvidenceFile
from portfolio.jobs.work import Handler, Payload, Work
from portfolio.preparation.actions import PREPARE
from portfolio.preparation.work import Subject
from portfolio.preparation.work import prepare as prepare_subject


def prepare(work: Work, payload: Payload) -> None:
    """A file that is there no more was taken out of its draft: then there is nothing to do."""
    with work.database.reading() as session:
        file = session.get(EvidenceFile, UUID(payload["file"]))
    if file is not None:
        prepare_subject(work, _subject(work, file))


def _subject(work: Work, file: EvidenceFile) -> Subject:
    def refusing(session: Session, code: str) -> None:
        audit.record(
            session,
            "evidence.file_refused",
            by=None,
            now=work.now,
            record="evidence_file",
            record_id=file.id,
            provider_id=file.provider_id,
            apprenticeship_id=file.apprenticeship_id,
            reason=code,
        )

    return Subject(file.id, file.provider_id, file.storage_key, file.sha256_stored, file.kind, refusing)


HANDLERS: dict[str, Handler] = {PREPARE: prepare}
