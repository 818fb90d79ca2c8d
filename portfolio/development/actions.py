"""Keep, change and remove a record of one's own development, and make a draft of evidence from it.

Each takes its turn in the portfolio, writes, notes it in the trail (never its words), and flushes; the request commits.
The lock of a portfolio does not freeze these records; it does freeze the evidence that one of them would become."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.development import queries, suggestions
from portfolio.development.models import ReviewLearnt
from portfolio.development.records import Kind, Record
from portfolio.development.rules import KINDS
from portfolio.evidence.queries import take_turn
from portfolio.findings import actions as findings
from portfolio.refusals import Refused, SentBefore
from portfolio.sealing.queries import is_sealed
from portfolio.training.pieces import draft_from

SEALED = "The piece made from this was reported, so its words wait until that has been looked at."


def enter(
    session: Session, opened: Opened, kind: Kind, says: Mapping[str, Any], *, form_key: str, now: datetime
) -> Record:
    """Write a record, once per `form_key`. Raises SentBefore if the same page said something else before."""
    take_turn(session, opened.id)
    made = queries.made_with_key(session, opened, kind, form_key)
    if made is not None:
        if any(getattr(made, name) != says[name] for name in kind.says):
            raise SentBefore
        return made
    record = kind.model(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        form_key=form_key[:64],
        entered_at=now,
        edited_at=now,
        **says,
    )
    session.add(record)
    session.flush()
    _note(session, opened, kind, "entered", record, now)
    return record


def change(
    session: Session, opened: Opened, kind: Kind, record_id: UUID, says: Mapping[str, Any], *, now: datetime
) -> None:
    """Say it otherwise. Saying the same again changes nothing. Raises Refused for one that is sealed."""
    take_turn(session, opened.id)
    record = queries.record_in(session, opened, kind, record_id)
    if all(getattr(record, name) == says[name] for name in kind.says):
        return
    refuse_sealed(session, record)
    for name in kind.says:
        setattr(record, name, says[name])
    record.edited_at = now
    session.flush()
    _note(session, opened, kind, "changed", record, now)


def remove(session: Session, opened: Opened, kind: Kind, record_id: UUID, *, now: datetime) -> None:
    """Take it away. Its day stays in the trail, and a piece that was made from it stays as it is."""
    take_turn(session, opened.id)
    record = queries.record_in(session, opened, kind, record_id)
    refuse_sealed(session, record)
    _note(session, opened, kind, "removed", record, now)
    findings.keep(
        session, kind.table, record.id, (), provider_id=record.provider_id, by=opened.viewer.person_id, now=now
    )  # fmt: skip
    session.delete(record)
    session.flush()


def make_piece(
    session: Session,
    opened: Opened,
    kind: Kind,
    record_id: UUID,
    codes: Sequence[str],
    *,
    most_files: int,
    now: datetime,
) -> UUID:
    """A draft of evidence with the record's words, day and these of the statements offered. Made once. The note on
    wellbeing never goes into it."""
    take_turn(session, opened.id)
    record = queries.record_in(session, opened, kind, record_id)
    if record.evidence_id is not None:
        return record.evidence_id
    refuse_sealed(session, record)
    offered = {item.code for item in suggestions.offered(opened.standard, kind.activity)}
    title, happened, did = _words(record)
    record.evidence_id = draft_from(
        session,
        opened,
        type_id="reflective_account",
        title=title,
        day=record.day,
        what_happened=happened,
        what_i_did=did,
        codes=[code for code in codes if code in offered],
        form_key=f"{kind.name}-{record.id.hex}",
        most_files=most_files,
        now=now,
    )
    session.flush()
    _note(session, opened, kind, "made_evidence", record, now, evidence_id=str(record.evidence_id))
    return record.evidence_id


def refuse_sealed(session: Session, record: Record) -> None:
    if record.evidence_id is not None and is_sealed(session, record.id):
        raise Refused(SEALED)


def _words(record: Record) -> tuple[str, tuple[str, ...], str]:
    """Title, what happened, and what I did, of the piece."""
    if isinstance(record, ReviewLearnt):
        source = f"{record.title}. {record.publisher}, {record.year}." + (
            f" {record.link}" if record.link else ""
        )
        return f"Learning from a review: {record.title}", (source, record.found), record.changed
    return f"Supervision: {KINDS.get(record.kind, record.kind).lower()}", (record.taken,), ""


def _note(
    session: Session, opened: Opened, kind: Kind, done: str, record: Record, now: datetime, **detail: Any
) -> None:
    audit.record(
        session,
        f"{kind.name}.{done}",
        by=opened.viewer.person_id,
        now=now,
        record=kind.table,
        record_id=record.id,
        provider_id=record.provider_id,
        apprenticeship_id=opened.id,
        day=record.day.isoformat(),
        **detail,
    )
