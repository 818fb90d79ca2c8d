"""Preparing a file of evidence after it is safe (portfolio.preparation), and reading the text in it
(portfolio.findings)."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.audit import actions as audit
from portfolio.evidence.models import EvidenceFile
from portfolio.findings.queries import known_in
from portfolio.findings.reading import READ_FILE, read_file
from portfolio.jobs.work import Handler, Payload, Work
from portfolio.preparation.actions import PREPARE
from portfolio.preparation.work import Subject
from portfolio.preparation.work import prepare as prepare_subject
from portfolio.sealing.queries import is_sealed


def prepare(work: Work, payload: Payload) -> None:
    """A file that is there no more was taken out of its draft: then there is nothing to do. One that is closed, since
    it was reported, is left alone: what is still to do is taken up each hour, so also once it is opened again."""
    with work.database.reading() as session:
        file = session.get(EvidenceFile, UUID(payload["file"]))
        sealed = is_sealed(session, UUID(payload["file"]))
    if file is not None and not sealed:
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


def read_text(work: Work, payload: Payload) -> None:
    """Look through the text of a file, with the names of those around its apprentice and the employer's words."""
    with work.database.reading() as session:
        file = session.get(EvidenceFile, UUID(payload["file"]))
        at = session.get(Apprenticeship, file.apprenticeship_id) if file is not None else None
        known = known_in(session, at) if at is not None else None
    if file is not None and known is not None:
        read_file(work, _subject(work, file), known)


HANDLERS: dict[str, Handler] = {PREPARE: prepare, READ_FILE: read_text}
