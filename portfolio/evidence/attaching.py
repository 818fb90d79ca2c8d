"""Files of a draft: a row for each that is in the store, each once, and taking one out again."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.evidence.intake import TakenFile
from portfolio.evidence.models import EvidenceFile, EvidenceVersion, VersionFile
from portfolio.evidence.trail import note
from portfolio.findings import actions as findings
from portfolio.findings import reading
from portfolio.objects import actions as objects
from portfolio.preparation import actions as preparation
from portfolio.refusals import NotFound
from storage.checks import fitting_name
from storage.kinds import KINDS
from storage.names import safe_name
from storage.previews import has_pictures


@dataclass
class Attached:
    """What became of the files of one form: a sentence for each that was not kept; how many were there already."""

    problems: list[str] = field(default_factory=list)
    once: int = 0


def add_files(
    session: Session,
    version: EvidenceVersion,
    files: list[TakenFile],
    *,
    most: int,
    by: UUID,
    now: datetime,
) -> Attached:
    """Rows for the files that are new to this version; the same bytes twice are kept once.

    Raises Refused if the place of a file in the store was given up before its row could be written."""
    attached = Attached()
    if not files:
        return attached
    rows = session.execute(
        select(EvidenceFile.sha256_received, VersionFile.position)
        .join(VersionFile, VersionFile.file_id == EvidenceFile.id)
        .where(VersionFile.version_id == version.id)
    ).all()
    known = {sha256 for sha256, _ in rows}
    place = max((position for _, position in rows), default=-1)
    for file in files:
        if file.sha256_received in known:
            attached.once += 1
        elif len(known) >= most:
            attached.problems.append(
                f"“{file.name}” was not taken: a piece holds at most {most} files. "
                "Remove one first, or add it to another piece."
            )
        else:
            place += 1
            attach(session, version, _row(session, version, file, by=by, now=now).id, place)
            objects.keep(session, [file.key])
            known.add(file.sha256_received)
            file.kept = True
    return attached


def attach(session: Session, version: EvidenceVersion, file_id: UUID, position: int) -> None:
    session.add(
        VersionFile(
            provider_id=version.provider_id,
            apprenticeship_id=version.apprenticeship_id,
            version_id=version.id,
            file_id=file_id,
            position=position,
        )
    )


def remove_file(
    session: Session, version: EvidenceVersion, file_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Take a file out of a draft. One that no other version holds is gone for good, and its bytes after the
    commit. Raises NotFound for a file that is not in this draft."""
    link = session.scalar(
        select(VersionFile).where(VersionFile.version_id == version.id, VersionFile.file_id == file_id)
    )
    if link is None or version.submitted_at is not None:
        raise NotFound
    session.delete(link)
    session.flush()
    if not session.scalar(select(func.count(VersionFile.id)).where(VersionFile.file_id == file_id)):
        row = session.get_one(EvidenceFile, file_id)
        preparation.forget(session, file_id, now=now)
        findings.forget_file(session, file_id)
        session.delete(row)
        objects.remove_later(session, [row.storage_key], now)
    version.edited_at = now
    note(session, "file_removed", version, by=by, now=now)
    session.flush()


def rename_file(
    session: Session, version: EvidenceVersion, file_id: UUID, name: str, *, by: UUID, now: datetime
) -> str:
    """Another name for a file of a draft; its ending stays. Empty, or the sentence why not: a file that somebody was
    given keeps the name it had then. Raises NotFound for a file that is not in this draft."""
    link = session.scalar(
        select(VersionFile).where(VersionFile.version_id == version.id, VersionFile.file_id == file_id)
    )
    if link is None or version.submitted_at is not None:
        raise NotFound
    given = select(VersionFile.id).join(EvidenceVersion, EvidenceVersion.id == VersionFile.version_id)
    if session.scalar(given.where(VersionFile.file_id == file_id, EvidenceVersion.submitted_at.is_not(None))):
        return (
            "This file was submitted with an earlier version and keeps its name there. Remove it and add it "
            "again under another name."
        )
    row = session.get_one(EvidenceFile, file_id)
    new = fitting_name(safe_name(name.strip()), KINDS[row.kind]) if name.strip() else ""
    if not new:
        return "Write the new name of the file first."
    if new != row.name:
        row.name = new
        version.edited_at = now
        note(session, "file_renamed", version, by=by, now=now)
    session.flush()
    return ""


def exchange_file(
    session: Session, version: EvidenceVersion, file_id: UUID, file: TakenFile, *, by: UUID, now: datetime
) -> EvidenceFile:
    """Put the covered copy in the place of a file of the draft. The one before is gone as if it had been removed.
    Raises NotFound for a file that is not in this draft, and Refused if the copy's place in the store was given up."""
    position = session.scalar(
        select(VersionFile.position).where(
            VersionFile.version_id == version.id, VersionFile.file_id == file_id
        )
    )
    if position is None:
        raise NotFound
    remove_file(session, version, file_id, by=by, now=now)
    row = _row(session, version, file, by=by, now=now)
    row.covered_at = now
    attach(session, version, row.id, position)
    objects.keep(session, [file.key])
    file.kept = True
    note(session, "file_covered", version, by=by, now=now)
    session.flush()
    return row


def keep_uncleaned(
    session: Session, version: EvidenceVersion, file_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Its owner says that a file of the draft stays as it is, though it could not be cleaned. Said twice, said once.
    Raises NotFound for a file that is not in this draft, or that there is nothing to decide about."""
    row = session.scalar(
        select(EvidenceFile)
        .join(VersionFile, VersionFile.file_id == EvidenceFile.id)
        .where(VersionFile.version_id == version.id, EvidenceFile.id == file_id)
    )
    if row is None or version.submitted_at is not None or not row.not_cleaned:
        raise NotFound
    if row.kept_uncleaned_at is None:
        row.kept_uncleaned_at = now
        note(session, "file_kept_uncleaned", version, by=by, now=now)
    session.flush()


def _row(
    session: Session, version: EvidenceVersion, file: TakenFile, *, by: UUID, now: datetime
) -> EvidenceFile:
    row = EvidenceFile(
        provider_id=version.provider_id,
        apprenticeship_id=version.apprenticeship_id,
        evidence_id=version.evidence_id,
        storage_key=file.key,
        name=file.name,
        kind=file.kind.id,
        size=file.size,
        sha256_received=file.sha256_received,
        sha256_stored=file.sha256_stored,
        removed=", ".join(file.removed),
        not_cleaned=file.not_cleaned,
        still_holds="\n".join(file.still_holds),
        uploaded_at=now,
        uploaded_by_id=by,
    )
    session.add(row)
    session.flush()
    preparation.begin(
        session,
        provider_id=row.provider_id,
        file_id=row.id,
        proved=file.proved,
        scanned=file.scanned,
        drawn=has_pictures(file.kind),
        now=now,
    )
    reading.begin(session, provider_id=row.provider_id, file_id=row.id, kind=row.kind, now=now)
    return row
