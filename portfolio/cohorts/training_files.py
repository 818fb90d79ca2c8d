"""The training report as CSV and as a workbook. It holds states and days, and nothing that anybody wrote."""

from __future__ import annotations

import csv
import io
import tempfile
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import xlsxwriter

from portfolio.cohorts.exports import PIECE, ROWS_AT_A_TIME
from portfolio.cohorts.training_lines import (
    HEADINGS,
    STAFF_HEADINGS,
    TOTALS,
    added_up,
    cells,
    csv_cells,
    staff_cells,
    total_cells,
)
from portfolio.development.standing import Standing
from portfolio.staff.standing import Standing as OfStaff
from portfolio.training.rules.report import By


def csv_file(every: Sequence[Standing]) -> Iterator[bytes]:
    """UTF-8 with the mark that spreadsheets look for."""
    buffer, start = io.StringIO(), "\ufeff"
    writer = csv.writer(buffer)
    for count, line in enumerate(csv_cells(every)):
        writer.writerow(line)
        if count % ROWS_AT_A_TIME == 0:
            yield (start + buffer.getvalue()).encode()
            start = ""
            buffer.seek(0)
            buffer.truncate()
    yield (start + buffer.getvalue()).encode()


def xlsx_file(every: Sequence[Standing], staff: Sequence[OfStaff], about: Sequence[str]) -> Iterator[bytes]:
    """The apprentices with totals by employer and by cohort, and staff who are no apprentices. Written to a temporary file row by row."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "report.xlsx"
        _write(path, folder, every, staff, about)
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                yield piece


def _write(
    path: Path, folder: str, every: Sequence[Standing], staff: Sequence[OfStaff], about: Sequence[str]
) -> None:
    options = {
        "constant_memory": True,
        "tmpdir": folder,
        "strings_to_formulas": False,  # a name that begins with = stays a name
        "strings_to_urls": False,
        "strings_to_numbers": False,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        _fill(book, "Apprentices", HEADINGS, (cells(one) for one in every))
        for title, by in (("By employer", By.EMPLOYER), ("By cohort", By.COHORT)):
            sums = added_up(every, by)
            _fill(
                book, title, (by.value.capitalize(), *TOTALS), ((one.name, *total_cells(one)) for one in sums)
            )
        _fill(book, "Staff", STAFF_HEADINGS, (staff_cells(one) for one in staff))
        notes = book.add_worksheet("What this says")
        notes.set_column(0, 0, 110)
        for number, sentence in enumerate(about):
            notes.write_string(number, 0, sentence)


def _fill(
    book: xlsxwriter.Workbook, name: str, headings: Sequence[str], lines: Iterator[Sequence[Any]]
) -> None:
    bold, dated = book.add_format({"bold": True}), book.add_format({"num_format": "d mmmm yyyy"})
    sheet = book.add_worksheet(name)
    sheet.freeze_panes(1, 1)
    sheet.set_column(0, len(headings) - 1, 20)
    sheet.write_row(0, 0, headings, bold)
    for number, line in enumerate(lines, start=1):
        for column, cell in enumerate(line):
            if isinstance(cell, date):
                sheet.write_datetime(number, column, cell, dated)
            elif isinstance(cell, str):
                sheet.write_string(number, column, cell)
            elif cell is not None:
                sheet.write_number(number, column, cell)
