"""The job that reads the text in a file and looks through it. What it finds is kept as kinds, pages and counts; the
text itself is nowhere written down."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.findings.models import FileReading
from portfolio.identities.rules import Known, find
from portfolio.jobs.actions import enqueue
from portfolio.jobs.work import Work
from portfolio.preparation.work import Copy, Subject
from storage.limited import Stopped, in_child
from storage.reading import read, readable

logger = logging.getLogger("portfolio.findings")
READ_FILE = "findings.read_file"


def begin(session: Session, *, provider_id: UUID, file_id: UUID, kind: str, now: datetime) -> None:
    """In the transaction that adds the file: its text will be read, if there may be any."""
    if not readable(kind):
        return
    session.add(
        FileReading(
            provider_id=provider_id, file_id=file_id, state="waiting", found=[], whole=True, began_at=now
        )
    )
    session.flush()
    enqueue(session, READ_FILE, now=now, key=f"{READ_FILE}:{file_id}", file=str(file_id))


def read_file(work: Work, subject: Subject, known: Known) -> None:
    """Read it once. Raises `Stopped` where the machine had no time for it, so that it is tried again."""
    with work.database.reading() as session:
        row = session.scalar(_of(subject.file_id))
    if row is None or row.state != "waiting":
        return
    try:
        with Copy(work, subject) as copy:
            answer = in_child(read, copy.path(), subject.kind)
    except Stopped as stopped:
        if stopped.cause == "busy":
            raise
        logger.info("findings.not_read", extra={"file": subject.file_id, "cause": stopped.cause})
        _note(work, subject, "unread", [], whole=False)
        return
    state = "read" if answer.get("pictures") else "off"
    _note(work, subject, state, found_in(answer, known), whole=bool(answer.get("whole")))


def found_in(answer: Mapping[str, Any], known: Known) -> list[dict[str, Any]]:
    """Kinds, pages and counts of what may identify somebody, page by page."""
    return [
        {"kind": kind, "page": int(page), "count": count}
        for page, text in answer.get("pages", ())
        for kind, count in sorted(Counter(one.kind for one in find(text, known)).items())
    ]


def _note(work: Work, subject: Subject, state: str, found: list[dict[str, Any]], *, whole: bool) -> None:
    with work.database.writing() as session:
        row = session.scalar(_of(subject.file_id).with_for_update())
        if row is not None:  # its owner may have removed the file meanwhile
            row.state, row.found, row.whole, row.read_at = state, found, whole, work.now


def _of(file_id: UUID) -> Any:
    return select(FileReading).where(FileReading.file_id == file_id)
