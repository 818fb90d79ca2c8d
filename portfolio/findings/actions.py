"""Write down what is kept and why, and an employer's own words. Each flushes; the request commits."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Employer
from portfolio.audit import actions as audit
from portfolio.database import new_id
from portfolio.findings.models import EmployerWords, FileReading, KeptFinding
from portfolio.findings.queries import kept_in
from portfolio.findings.rules import Found, is_of, mark


def keep(
    session: Session,
    about: str,
    record_id: UUID,
    found: Iterable[Found],
    *,
    provider_id: UUID,
    by: UUID,
    now: datetime,
) -> None:
    """What stays in this record is what has a reason here, and nothing else. Only what changed is written."""
    wanted = {
        (one.field, start): (one.kind, end, one.reason, one.words)
        for one in found
        if one.reason
        for start, end in one.places
    }
    for row in kept_in(session, [record_id]).get(record_id, ()):
        kind, end, reason, words = wanted.get((row.field, row.starts), ("", 0, "", ""))
        if (kind, end, reason) == (row.kind, row.ends, row.reason) and is_of(row.mark, words):
            del wanted[row.field, row.starts]
        else:
            session.delete(row)
    session.flush()
    for (field, start), (kind, end, reason, words) in wanted.items():
        session.add(
            KeptFinding(
                provider_id=provider_id,
                about=about,
                record_id=record_id,
                field=field,
                kind=kind,
                starts=start,
                ends=end,
                mark=mark(words),
                reason=reason,
                kept_by_id=by,
                kept_at=now,
            )
        )
    session.flush()


def carry_on(session: Session, before: UUID, to: UUID) -> None:
    """A version that begins as a copy of another keeps what was kept in it, with its reasons."""
    for row in kept_in(session, [before]).get(before, ()):
        values = {name: getattr(row, name) for name in KeptFinding.__table__.columns.keys()}  # noqa: SIM118
        session.add(KeptFinding(**values | {"id": new_id(), "record_id": to}))
    session.flush()


def forget_file(session: Session, file_id: UUID) -> None:
    """The file is taken out for good: so is what was read in it."""
    session.execute(delete(FileReading).where(FileReading.file_id == file_id))


def set_words(session: Session, employer: Employer, words: Sequence[str], *, by: UUID, now: datetime) -> bool:
    """An employer's list. The trail says that it changed and how many there are, never the words. True if it changed."""
    session.execute(select(Employer.id).where(Employer.id == employer.id).with_for_update())
    row = session.scalar(select(EmployerWords).where(EmployerWords.employer_id == employer.id))
    text = "\n".join(words)
    if (row.words if row else "") == text:
        return False
    if row is None:
        row = EmployerWords(provider_id=employer.provider_id, employer_id=employer.id)
        session.add(row)
    row.words, row.changed_by_id, row.changed_at = text, by, now
    session.flush()
    audit.record(
        session,
        "employer.words_set",
        by=by,
        now=now,
        record="employer",
        record_id=employer.id,
        provider_id=employer.provider_id,
        words=len(words),
    )
    return True
