"""One row in every table, by plain SQL and without the models: what a database of any revision can be filled with.

The tables come from the models or are read back from the database itself; values are made from the names and kinds
of the columns, and from what the checks allow.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import JSON, Column, Connection, MetaData, Table, update
from sqlalchemy.types import TypeDecorator

from portfolio.database import new_id

Rows = dict[str, dict[str, Any]]
MOMENT, DAY = datetime(2026, 10, 20, 9, 30, tzinfo=UTC), date(2026, 10, 20)
ITEMS = 81

LAST = ("gateway_lock", "unlock_request", "gateway_unlock")
"""While a lock stands nothing else can be written for its apprenticeship, so it comes last and is opened again."""
VALUES: dict[str, Any] = {
    "cohort.english_maths_policy": "standard_sentence",
    "standard_reference": "ST1030",
    "standard_version": "1.0",
    "apprenticeship.start_on": date(2025, 10, 6),
    "apprenticeship.planned_gateway_on": date(2027, 4, 6),
    "apprenticeship.date_of_birth": date(2000, 5, 1),
    "withdrawn_reason": "",
    "member.role": "manager",
    "member.rights": ["dbs", "support"],
    "single_use_link.purpose": "invitation",
    "assessment_event.attempt": "",
    "assessment_event.kind": "organisation",
    "assignment.role": "assessor",
    "break_in_learning.ended_on": date(2026, 10, 27),
    "withdrawal_event.kind": "undone",
    "dbs_record.barred_lists": "both",
    "dbs_record.decision": "satisfactory",
    "dbs_record.level": "enhanced",
    "dbs_record.workforce": "child",
    "declaration.party": "employer",
    "evidence.state": "submitted",
    "evidence_version.confidentiality": "anonymised",
    "evidence_version.type": "work_product",
    "is_latest": True,
    "progress.stage": "active",
    "progress.map": "." * ITEMS,
    "progress.gaps": "",
    "qualification_record.qualification": "level_2",
    "qualification_record.proof": "certificate",
    "qualification_record.subject": "english",
    "support_record.plan": "none",
    "item_code": "K7",
    "outcome": "covered",
    "sign_off.basis": "decision",
    "sign_off.kind": "signed_off",
    "comment.role": "mentor",
    "audit_event.action": "evidence.submitted",
    "audit_event.detail": {"number": 1},
    "kept_form.fields": [["title", "Half a thought"]],
    "evidence_file.kind": "jpeg",
    "kept_finding.about": "evidence_version",
    "kept_finding.kind": "name",
    "file_reading.state": "read",
    "file_reading.found": [],
    "sighting.role": "mentor",
    "hours_plan.delivery": "spread",
    "hours_confirmation.outcome": "returned",
    "hours_confirmation.role": "mentor",
    "training_entry.activity": "taught",
    "supervision.kind": "one_to_one",
    "supervision.with_role": "line_manager",
    "review_learnt.year": 2024,
    "induction.covered": "procedures",
    "induction.role": "mentor",
    "refresher_override.months": 24,
    "refresher_override.role": "mentor",
    "employer_asks.role": "manager",
    "confirmed_link.outcome": "confirmed",
    "framework_choice.role": "mentor",
    "framework_choice.strand": "both",
    "competency_rating.side": "own",
    "competency_rating.rating": "developing",
    "competency_link.entry_id": None,  # a piece or an entry, never both
    "staff_choice.strand": "both",
    "course.kind": "workshop",
    "course.mode": "in_person",
    "course_session.ends_at": MOMENT + timedelta(hours=3),
    "booking.state": "confirmed",
    "certificate.outcome": "issued",
    "evaluation_answer.form": "follow_up",
    "evaluation_answer.changed": "partly",
    "evaluation_asked.form": "day",
    "evaluation_piece.form": "follow_up",
    "booking_step.step": "approve",
    "booking_step.role": "manager",
    "file_opening.role": "manager",
    "file_opening.what": "preview",
    "upload.state": "sending",
    "slip.part": "words",
    "slip.state": "restored",
    "slip.what": "colleague",
    "slip_event.kind": "restored",
    "tombstone.evidence_id": UUID(int=16),  # of no piece that is there: those are not purged
    "tombstone.files": [],
    "file_preparation.check_state": "passed",
    "file_preparation.scan_state": "off",
    "file_preparation.pictures_state": "ready",
    "reminder_choice.weekday": 1,
    "reminder_sent.delivery": "sent",
}
"""By "table.column" or by column: what the checks ask for, and what the pages can show."""


def fill(connection: Connection, tables: MetaData, label: str) -> Rows:
    """A provider of this name, a person, and one row of every other table about the two. Returns the rows by table.

    The version of evidence is submitted, and the lock is opened, once everything that hangs on them is there."""
    rows: Rows = {}
    skipped = ("alembic_version",)
    ordered = [table for table in tables.sorted_tables if table.name not in (*LAST, *skipped)]
    ordered.sort(
        key=lambda table: table.name not in ("provider", "person")
    )  # much names them without a foreign key
    for table in [*ordered, *(tables.tables[name] for name in LAST)]:
        if table.name == LAST[0]:
            _submit(connection, tables, rows)
        rows[table.name] = row_of(table, rows, label)
        connection.execute(table.insert().values(**rows[table.name]))
    return rows


def row_of(table: Table, rows: Mapping[str, Mapping[str, Any]], label: str) -> dict[str, Any]:
    """A row of this table that names the rows made before it."""
    row = {column.name: _value(table, column, rows, label) for column in table.columns}
    if table.name == "provider":
        row["name"] = label
    elif table.name == "person":
        row |= {"name": f"{label} Somebody", "email": f"{label.lower().replace(' ', '.')}@example.org"}
    return row


def _submit(connection: Connection, tables: MetaData, rows: Rows) -> None:
    version = tables.tables["evidence_version"]
    rows["evidence_version"]["submitted_at"] = MOMENT
    connection.execute(
        update(version).where(version.c.id == rows["evidence_version"]["id"]).values(submitted_at=MOMENT)
    )


def _value(table: Table, column: Column[Any], rows: Mapping[str, Mapping[str, Any]], label: str) -> Any:
    for name in (f"{table.name}.{column.name}", column.name):
        if name in VALUES:
            return VALUES[name]
    if (named := _named(column, rows)) is not None:
        return named
    if column.name == "id" or (column.name.endswith("_id") and not column.nullable):
        return _an_id(column)
    if column.nullable:
        return None
    return _by_kind(column, label)


def _named(column: Column[Any], rows: Mapping[str, Mapping[str, Any]]) -> Any:
    """The row that this column names, by its foreign key or else by its name."""
    for key in column.foreign_keys:
        parent = key.target_fullname.split(".")[0]
        return rows[parent]["id"] if parent in rows and not _is_an_end(column) else None
    parent = column.name.removesuffix("_id").removeprefix("about_")
    return rows[parent]["id"] if column.name.endswith("_id") and parent in rows else None


def _is_an_end(column: Column[Any]) -> bool:
    """Who ended, withdrew or replaced something: nobody has."""
    return column.nullable and column.name in (
        "withdrawn_by_id",
        "ended_by_id",
        "supersedes_id",
        "corrects_id",
    )


def _an_id(column: Column[Any]) -> Any:
    return (
        new_id() if column.type.python_type is UUID else new_id().hex
    )  # SQLite reads an id back as its text


def _by_kind(column: Column[Any], label: str) -> Any:
    kind = (column.type.impl_instance if isinstance(column.type, TypeDecorator) else column.type).python_type
    if kind is UUID:
        return new_id()
    if kind is str:
        length = getattr(column.type, "length", None) or 200
        return f"{label} {column.name} {secrets.token_hex(4)}"[-length:].strip()
    plain: dict[Any, Any] = {datetime: MOMENT, date: DAY, bool: False, int: 1}
    return {} if isinstance(column.type, JSON) else plain[kind]
