"""Begin the preparation of a file with its row, and write down what came of each step."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.jobs.actions import enqueue
from portfolio.objects import actions as objects
from portfolio.preparation.models import FilePreparation
from portfolio.preparation.rules import WAITS_FOR_SCAN
from storage.store import EvidenceStore

PREPARE = "preparation.prepare"


def begin(
    session: Session,
    *,
    provider_id: UUID,
    file_id: UUID,
    proved: bool,
    scanned: bool,
    drawn: bool,
    now: datetime,
) -> FilePreparation:
    """In the transaction that adds the file: what will be done with it, and the job for it, if there is anything.

    `proved`: it was decoded on arrival. `scanned` and `drawn`: it is to be scanned, and pictures are to be made."""
    row = FilePreparation(
        provider_id=provider_id,
        file_id=file_id,
        check_state="passed" if proved else "checking",
        scan_state="waiting" if scanned else "off",
        pictures_state="waiting" if drawn else "none",
        began_at=now,
    )
    session.add(row)
    _close_if_done(row, now)
    session.flush()
    if row.done_at is None:
        enqueue(session, PREPARE, now=now, key=key_of(file_id), file=str(file_id))
    return row


def key_of(file_id: UUID) -> str:
    """Of the one job that prepares this file, however often it is asked for."""
    return f"{PREPARE}:{file_id}"


def forget(session: Session, file_id: UUID, *, now: datetime) -> None:
    """The file is taken out of its draft for good: its pictures go as well, after the commit."""
    row = of_file(session, file_id)
    if row is not None:
        objects.remove_later(session, row.keys, now)
        session.delete(row)
        session.flush()


def of_file(session: Session, file_id: UUID, *, to_change: bool = False) -> FilePreparation | None:
    """The preparation of this file, read anew; with `to_change` nobody else changes it until the commit."""
    statement = select(FilePreparation).where(FilePreparation.file_id == file_id)
    if to_change:
        statement = statement.with_for_update()
    return session.scalar(statement.execution_options(populate_existing=True))


def passed(row: FilePreparation, *, now: datetime) -> None:
    row.check_state = "passed"
    _close_if_done(row, now)


def refuse(row: FilePreparation, sentence: str, *, now: datetime) -> None:
    """It is not what it said, or cannot be opened within the limits: nothing more is done with it."""
    row.check_state, row.refusal, row.pictures_state = "refused", sentence[:400], "none"
    row.done_at = now


def scanned(row: FilePreparation, state: str, *, now: datetime) -> None:
    """What the virus scanner said: clean, found, too_big, no_answer; off: there is none (any more)."""
    row.scan_state = state
    row.scanned_at = now if state in ("clean", "found") else None
    if state == "found":
        row.pictures_state, row.done_at = "none", now
    _close_if_done(row, now)


class Picture(NamedTuple):
    """A picture that was made of a file, as it lies in the store."""

    key: str
    sha256: str


def put(store: EvidenceStore, key: str, data: bytes) -> Picture:
    """Store a picture. Its hash is of what was made, so that anything else in its place is found."""
    store.put(key, data)
    return Picture(key, hashlib.sha256(data).hexdigest())


def drawn(row: FilePreparation, pictures: Sequence[Picture], *, now: datetime) -> None:
    """The large and the small picture, as they were stored; none: it could not be drawn."""
    row.pictures_state = "ready" if pictures else "failed"
    row.preview_key, row.thumbnail_key = [one.key for one in pictures] or ("", "")
    row.preview_sha256, row.thumbnail_sha256 = [one.sha256 for one in pictures] or ("", "")
    _close_if_done(row, now)


def _close_if_done(row: FilePreparation, now: datetime) -> None:
    left = (
        row.check_state == "checking" or row.scan_state in WAITS_FOR_SCAN or row.pictures_state == "waiting"
    )
    if not left and row.done_at is None:
        row.done_at = now
