"""Putting on record what the gateway rests on: DBS check, English and maths, support. Rows are only added.

The audit trail says that something was recorded or shown, never what: it is read by people who may not see the record.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from datetime import date, datetime
from typing import Any, TypeVar

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.gateway import history
from portfolio.gateway.actions_lock import hold, refuse_if_locked
from portfolio.gateway.models import DbsRecord, QualificationRecord, SupportRecord
from portfolio.gateway.record_rules import (
    DbsEntry,
    QualificationEntry,
    SupportEntry,
    dbs_problems,
    qualification_problems,
    support_problems,
)
from portfolio.refusals import Refused
from portfolio.web.formats import london_day

Record = TypeVar("Record", DbsRecord, QualificationRecord, SupportRecord)
Entry = DbsEntry | QualificationEntry | SupportEntry


class Mistakes(Refused):
    """What was entered cannot stand: field -> sentence."""

    def __init__(self, fields: Mapping[str, str]) -> None:
        super().__init__(" ".join(fields.values()))
        self.fields = dict(fields)


def record_dbs(session: Session, opened: Opened, entry: DbsEntry, *, now: datetime) -> DbsRecord:
    """Raises Refused while locked, Mistakes for what cannot stand."""
    return _add(session, opened, DbsRecord, entry, dbs_problems(entry, london_day(now)), now)


def record_qualification(
    session: Session, opened: Opened, subject: str, entry: QualificationEntry, *, now: datetime
) -> QualificationRecord:
    """Record what is held in "english" or "maths". Raises Refused while locked, Mistakes for what cannot stand."""
    wrong = qualification_problems(subject, entry, london_day(now))
    return _add(session, opened, QualificationRecord, entry, wrong, now, subject=subject)


def record_support(session: Session, opened: Opened, entry: SupportEntry, *, now: datetime) -> SupportRecord:
    """Raises Refused while locked, Mistakes for what cannot stand."""
    return _add(session, opened, SupportRecord, entry, support_problems(entry, london_day(now)), now)


def show_dbs(session: Session, opened: Opened, *, now: datetime) -> Sequence[DbsRecord]:
    """All DBS entries, newest first; that they were read, by whom and when, is written down."""
    found = history.records(session, DbsRecord, opened.id)
    _note(session, opened, "gateway.dbs_shown", DbsRecord, found[0] if found else None, now)
    return found


def _add(
    session: Session,
    opened: Opened,
    model: type[Record],
    entry: Entry,
    wrong: Mapping[str, str],
    now: datetime,
    subject: str = "",
) -> Record:
    """Add a row unless the newest says the same by the same person: a double tap records once."""
    hold(session, opened)
    refuse_if_locked(session, opened)
    if wrong:
        raise Mistakes(wrong)
    values: dict[str, Any] = asdict(entry) | ({"subject": subject} if subject else {})
    person_id = opened.viewer.person_id
    newest = next(iter(history.records(session, model, opened.id, subject)), None)
    if newest is not None and newest.recorded_by_id == person_id and _says(newest, values):
        return newest
    row = model(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        recorded_by_id=person_id,
        recorded_at=now,
        **values,
    )
    session.add(row)
    session.flush()
    _note(session, opened, f"gateway.{RECORDED[model]}", model, row, now)
    return row


RECORDED: dict[type[Any], str] = {
    DbsRecord: "dbs_recorded",
    QualificationRecord: "qualification_recorded",
    SupportRecord: "support_recorded",
}


def _says(row: object, values: Mapping[str, str | bool | date | None]) -> bool:
    return all(getattr(row, name) == value for name, value in values.items())


def _note(
    session: Session, opened: Opened, action: str, model: type[Any], row: Any | None, now: datetime
) -> None:
    audit.record(
        session,
        action,
        by=opened.viewer.person_id,
        now=now,
        record=model.__tablename__,
        record_id=row.id if row is not None else None,
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
    )
