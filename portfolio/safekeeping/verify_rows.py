"""Rows against rows, where no constraint of the database can look, and the database file itself."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import ForeignKey, Table, func, select
from sqlalchemy.orm import Session

from portfolio.database import Base, Database
from portfolio.evidence.models import Evidence, EvidenceFile, EvidenceVersion, VersionFile
from portfolio.safekeeping.faults import Fault
from portfolio.safekeeping.rows import snapshot_session

SHARED = ("provider_id", "apprenticeship_id", "evidence_id", "version_id")
"""What a row and the row it refers to must agree on, where both say it."""


def faults(database: Database) -> Iterator[Fault]:
    with snapshot_session(database) as session:
        if database.is_sqlite:
            yield from _damaged_file(session)
        yield from _newest_versions(session)
        yield from _files_of_other_pieces(session)
        for table in Base.metadata.sorted_tables:
            for key in sorted(table.foreign_keys, key=lambda key: key.parent.name):
                for column in SHARED:
                    yield from _disagreeing(session, table, key, column)


def _damaged_file(session: Session) -> Iterator[Fault]:
    connection = session.connection()
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if line != "ok":
            yield Fault("database", str(line))
    for table, _, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield Fault("database", f"a row of {table} refers to a row of {parent} that is not there")


def _newest_versions(session: Session) -> Iterator[Fault]:
    """Every piece has exactly one version to read."""
    newest = (EvidenceVersion.evidence_id == Evidence.id) & EvidenceVersion.is_latest
    counted = func.count(EvidenceVersion.id)
    statement = (
        select(Evidence.id, counted)
        .outerjoin(EvidenceVersion, newest)
        .group_by(Evidence.id)
        .having(counted != 1)
        .order_by(Evidence.id)
    )
    for piece, count in session.execute(statement):
        has = "no newest version" if count == 0 else f"{count} newest versions"
        yield Fault("rows", f"evidence {piece} has {has}", {"table": "evidence", "row": str(piece)})


def _files_of_other_pieces(session: Session) -> Iterator[Fault]:
    statement = (
        select(VersionFile.id, VersionFile.version_id, EvidenceFile.id)
        .join(EvidenceVersion, EvidenceVersion.id == VersionFile.version_id)
        .join(EvidenceFile, EvidenceFile.id == VersionFile.file_id)
        .where(EvidenceFile.evidence_id != EvidenceVersion.evidence_id)
        .order_by(VersionFile.id)
    )
    for row, version, file in session.execute(statement):
        line = f"version_file {row} gives version {version} the file {file} of another piece"
        yield Fault("rows", line, {"table": "version_file", "row": str(row)})


def _disagreeing(session: Session, table: Table, key: ForeignKey, column: str) -> Iterator[Fault]:
    parent = key.column.table
    if parent is table or column not in table.c or column not in parent.c:
        return
    other = parent.alias()
    statement = (
        select(table.c.id, other.c.id)
        .join(other, table.c[key.parent.name] == other.c[key.column.name])
        .where(table.c[column] != other.c[column])
        .order_by(table.c.id)
    )
    for row, referred in session.execute(statement):
        line = f"{table.name} {row} and {parent.name} {referred}, to which it refers, differ in {column}"
        yield Fault("rows", line, {"table": table.name, "row": str(row)})
