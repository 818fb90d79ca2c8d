"""The report as a file: the same rows in the same order as on the page, streamed, safe to open in a spreadsheet.

A file is made after the request's own transaction, from a reading session that lives as long as the stream.
It holds states and counts: never what a DBS check or a plan says, and nothing that anybody wrote.
"""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter
from sqlalchemy import select

from portfolio.apprenticeships.models import Cohort, Employer, Progress
from portfolio.cohorts import rules
from portfolio.cohorts.asked import Asked
from portfolio.cohorts.lines import conditions, line, order
from portfolio.cohorts.scope import Scope
from portfolio.cohorts.standing import StandingSql
from portfolio.cohorts.summary import Summary
from portfolio.database import Database, narrow
from portfolio.gateway.rules import GAP_LABELS
from portfolio.people.models import Person

HEADINGS = (
    "Apprentice", "Employer", "Cohort", "Standing",
    "Statements signed off", "Statements", "Duties signed off", "Duties", "Items with assessor", "Items returned",
    "Items partly covered", "Pieces handed in", "Pieces waiting", "Waiting since", "Days waiting", "Last activity",
    "Start", "Planned gateway", "Earliest gateway", "Forecast gateway", "Even pace by today (items)",
    "Share of even pace (%)", "Open gateway requirements", "Declarations made", "Through the gateway on",
    "Off-the-job hours confirmed", "Off-the-job hours planned", "Off-the-job hours due by today", "Refresher due", "Refresher overdue",
)  # fmt: skip
ROWS_AT_A_TIME = 500
MOST_XLSX_ROWS = 1_048_000
"""A sheet ends at 1,048,576 rows."""
PIECE = 64 * 1024

Cell = str | int | float | date | None


@dataclass(frozen=True)
class Export:
    """What to put into the file."""

    scope: Scope
    asked: Asked
    sql: StandingSql
    ledger: str = ""
    """Where the provider's ledger ended then: the last line of the CSV, after an empty one."""

    @property
    def today(self) -> date:
        return date.fromordinal(self.sql.today)

    def file_name(self, ending: str) -> str:
        return self.scope.file_name(self.today, ending)


def rows(database: Database, export: Export) -> Iterator[Sequence[Cell]]:
    """All rows of the report, read in parts from the database's own cursor; the session ends with the last."""
    statement = (
        select(
            *(getattr(Progress, field.name) for field in fields(Summary) if field.name != "map"),
            Person.name.label("name"),
            Employer.name.label("employer"),
            Cohort.name.label("cohort"),
        )
        .select_from(Progress)
        .join(Person, Person.id == Progress.apprentice_id)
        .join(Employer, Employer.id == Progress.employer_id)
        .join(Cohort, Cohort.id == Progress.cohort_id)
        .where(*conditions(export.scope, export.asked, export.sql))
        .order_by(*order(export.asked, export.sql))
        .execution_options(yield_per=ROWS_AT_A_TIME)
    )
    with database.reading() as session:
        narrow(session, {export.scope.provider_id})
        with session.execute(
            statement, export.sql.parameters
        ) as result:  # closes the cursor also when a download is broken off
            for part in result.partitions():
                for row in part:
                    yield cells(row, export.sql)


def cells(row: Any, sql: StandingSql) -> Sequence[Cell]:
    """One row of the file, in the order of HEADINGS."""
    found = line(row, row.name, row.employer, sql)
    return (
        row.name, row.employer, row.cohort, found.standing.label,
        row.statements_covered, row.statements, row.duties_covered, row.duties, row.with_assessor, row.returned,
        row.partly, row.pieces, row.pieces_waiting, day(row.waiting_day),
        None if row.waiting_day is None else max(0, sql.today - row.waiting_day), day(row.last_activity_day),
        day(row.start_day), day(row.planned_gateway_day), day(row.earliest_gateway_day), day(found.forecast),
        None if found.pace is None else found.due, None if found.pace is None else found.pace / 10,
        ", ".join(GAP_LABELS.get(code, code) for code in found.gaps), row.declarations, day(row.through_day),
        _hours(row.hours_confirmed), _hours(row.hours_planned) if row.hours_planned else None,
        _hours(found.hours_due) if row.hours_planned else None,
        day(row.refresher_due_day or None), "yes" if found.refresher_overdue else "no",
    )  # fmt: skip


def _hours(minutes: int) -> float:
    return round(minutes / 60, 2)


def day(ordinal: int | None) -> date | None:
    return None if ordinal is None else date.fromordinal(ordinal)


def csv_file(database: Database, export: Export) -> Iterator[bytes]:
    """UTF-8 with the mark that spreadsheets look for; dates as 2026-11-18."""
    buffer = io.StringIO()
    writer = csv.writer(buffer)
    writer.writerow(HEADINGS)
    start = "\ufeff"
    for count, row in enumerate(rows(database, export), start=1):
        writer.writerow([_csv_cell(cell) for cell in row])
        if count % ROWS_AT_A_TIME == 0 or count == 1:
            yield (start + buffer.getvalue()).encode()
            start = ""
            buffer.seek(0)
            buffer.truncate()
    if export.ledger:
        writer.writerow([])
        writer.writerow([rules.spreadsheet_safe(export.ledger)])
    yield (start + buffer.getvalue()).encode()


def _csv_cell(cell: Cell) -> str | int:
    if cell is None:
        return ""
    if isinstance(cell, float):
        return f"{cell:g}"
    if isinstance(cell, date):
        return cell.isoformat()
    return rules.spreadsheet_safe(cell) if isinstance(cell, str) else cell


def xlsx_file(database: Database, export: Export, about: Sequence[str]) -> Iterator[bytes]:
    """A workbook with the rows, and a sheet that says what they mean. Written to a temporary file row by row, so
    that memory does not grow with the cohort."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        _write_xlsx(path, folder, rows(database, export), about)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


def _write_xlsx(path: Path, folder: str, found: Iterator[Sequence[Cell]], about: Sequence[str]) -> None:
    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,  # a name that begins with = stays a name
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        bold, dated = book.add_format({"bold": True}), book.add_format({"num_format": "d mmmm yyyy"})
        sheet = book.add_worksheet("Apprentices")
        sheet.freeze_panes(1, 1)
        sheet.set_column(0, len(HEADINGS) - 1, 20)
        sheet.write_row(0, 0, HEADINGS, bold)
        for number, row in enumerate(found, start=1):
            for column, cell in enumerate(row):
                if isinstance(cell, date):
                    sheet.write_datetime(number, column, cell, dated)
                elif isinstance(cell, str):
                    sheet.write_string(number, column, cell)
                elif cell is not None:
                    sheet.write_number(number, column, cell)
        notes = book.add_worksheet("What this says")
        notes.set_column(0, 0, 110)
        for number, sentence in enumerate(about):
            notes.write_string(number, 0, sentence)
