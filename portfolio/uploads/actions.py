"""An upload begins, takes its pieces, becomes a file of the draft, or is given up."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.evidence import attaching, drafting, quotas
from portfolio.evidence import queries as evidence
from portfolio.evidence import rules as evidence_rules
from portfolio.evidence.intake import Arrived
from portfolio.evidence.models import Evidence, EvidenceFile, VersionFile
from portfolio.evidence.trail import note
from portfolio.objects import actions as objects
from portfolio.refusals import Refused
from portfolio.settings import Settings
from portfolio.uploads import queries, rules
from portfolio.uploads.models import Upload, UploadChunk
from portfolio.web.staged import not_taken, too_large


def begin(
    session: Session,
    opened: Opened,
    piece: Evidence,
    *,
    key: str,
    name: str,
    size: int,
    chunk_size: int,
    settings: Settings,
    now: datetime,
) -> Upload:
    """An upload into this draft, or the one that was begun with this key before. Raises Refused with the reason."""
    drafting.refuse_if(evidence_rules.reasons_not_to_edit(piece.state, evidence.stage_of(session, opened.id)))
    if (begun := queries.begun_with(session, piece.id, key)) is not None:
        if begun.size != size:
            raise Refused(rules.OTHER_FILE)
        return begun
    person_id, provider_id = opened.viewer.person_id, opened.apprenticeship.provider_id
    count, own, everybody = queries.under_way(session, provider_id, person_id)
    if size > settings.file_limit_bytes:
        raise Refused(too_large(name, settings.file_limit_bytes))
    drafting.refuse_if(
        rules.reasons_not_to_begin(name=name, size=size, chunk_size=chunk_size, under_way=count)
    )
    room = quotas.room_for(session, settings, opened, own=own, everybody=everybody)
    if room.left is not None and size > room.left:
        raise Refused(not_taken(name, room.why))
    upload = Upload(
        provider_id=provider_id,
        evidence_id=piece.id,
        person_id=person_id,
        key=key,
        name=name,
        size=size,
        chunk_size=chunk_size,
        began_at=now,
        last_at=now,
    )
    session.add(upload)
    session.flush()
    return upload


def take_chunk(
    session: Session, upload: Upload, *, number: int, size: int, sha256: str, key: str, now: datetime
) -> bool:
    """A row for a piece that is in the store. False if the very same piece was here already: then its bytes are not
    needed twice. Raises Refused for another content in its place, and once the upload is over."""
    refuse_if_over(upload)
    if upload.state == "safe":
        return False
    known = queries.chunk(session, upload.id, number)
    upload.last_at = now
    if known is not None:
        if known.sha256 != sha256:
            raise Refused(rules.OTHER_FILE)
        return False
    session.add(
        UploadChunk(
            provider_id=upload.provider_id,
            upload_id=upload.id,
            number=number,
            size=size,
            sha256=sha256,
            storage_key=key,
        )
    )
    objects.keep(session, [key])
    session.flush()
    return True


def finish(
    session: Session,
    opened: Opened,
    piece: Evidence,
    upload: Upload,
    arrived: Arrived,
    *,
    settings: Settings,
    now: datetime,
) -> None:
    """What came is whole: it becomes a file of the draft, or the sentence that says why not. Raises Refused when the
    piece cannot be changed any more; the pieces are kept then."""
    drafting.refuse_if(evidence_rules.reasons_not_to_edit(piece.state, evidence.stage_of(session, opened.id)))
    quotas.keep_within(session, settings, opened, arrived)
    problems, by = list(arrived.problems), opened.viewer.person_id
    if arrived.files:
        version = drafting.draft_of(session, piece, now=now)
        attached = attaching.add_files(
            session, version, arrived.files, most=settings.files_per_piece, by=by, now=now
        )
        problems += attached.problems
        if not problems:
            version.edited_at = now
            upload.state, upload.file_id = "safe", _file_id(session, version.id, arrived)
            note(session, "file_added", version, by=by, now=now, files=1)
    if problems:
        upload.state, upload.refusal = "refused", " ".join(problems)
    _clear(session, upload, now)
    session.flush()


def cancel(session: Session, upload: Upload, *, now: datetime) -> None:
    """Its sender wants it no more: what has arrived is removed. What is safe already stays. Twice is no error."""
    if upload.state == "sending":
        upload.state = "cancelled"
        _clear(session, upload, now)
        session.flush()


def expire(session: Session, *, now: datetime, most: int = 500) -> int:
    """Give up uploads that nobody went on with; returns how many."""
    old = (
        select(Upload)
        .where(Upload.state == "sending", Upload.last_at < now - rules.KEPT_FOR)
        .limit(most)
        .with_for_update(skip_locked=True)
    )
    uploads = session.scalars(old).all()
    for upload in uploads:
        upload.state = "expired"
        _clear(session, upload, now)
    session.flush()
    return len(uploads)


def forget_chunk(session: Session, upload_id: UUID, number: int, *, now: datetime) -> None:
    """This piece is not what was confirmed of it: it goes, and is missing from then on."""
    gone = (
        delete(UploadChunk)
        .where(UploadChunk.upload_id == upload_id, UploadChunk.number == number)
        .returning(UploadChunk.storage_key)
    )
    keys = session.scalars(gone.execution_options(synchronize_session=False)).all()
    objects.remove_later(session, sorted(keys), now)


def refuse_if_over(upload: Upload) -> None:
    """Raises Refused when no piece of it is wanted any more."""
    if upload.state in rules.OVER:
        raise Refused(upload.refusal or rules.OVER[upload.state])


def _clear(session: Session, upload: Upload, now: datetime) -> None:
    """The pieces go, and with them what the file was called: names of files can name people."""
    gone = delete(UploadChunk).where(UploadChunk.upload_id == upload.id).returning(UploadChunk.storage_key)
    keys = session.scalars(gone.execution_options(synchronize_session=False)).all()
    objects.remove_later(session, sorted(keys), now)
    upload.name = ""
    upload.last_at = now


def _file_id(session: Session, version_id: UUID, arrived: Arrived) -> UUID | None:
    """The row that was written for it; the same bytes may have been in the draft already."""
    return session.scalar(
        select(EvidenceFile.id)
        .join(VersionFile, VersionFile.file_id == EvidenceFile.id)
        .where(
            VersionFile.version_id == version_id,
            EvidenceFile.sha256_received == arrived.files[0].sha256_received,
        )
    )
