"""The files: complete, in the order of the page, safe to open, recorded, and without what nobody may take away."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import date, datetime
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import event, select
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.cohorts.asked import Asked
from portfolio.cohorts.exports import HEADINGS, Export, csv_file
from portfolio.cohorts.rules import Limits
from portfolio.cohorts.scope import Scope
from portfolio.cohorts.standing import StandingSql
from portfolio.database import Database
from tests.builders import NOW, Cast, a_person, an_employer, commit
from tests.cohorts.crowd import a_crowd
from tests.cohorts.test_pages import everything, rows_of

Open = Callable[..., Any]
FORMULAS = ("=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)", "\t=1", "\r=1")


def read_csv(body: bytes) -> list[dict[str, str]]:
    assert body.startswith(b"\xef\xbb\xbf"), "spreadsheets look for this mark to know that it is UTF-8"
    rows = list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline="")))
    if rows and rows[-1]["Apprentice"].startswith("Ledger of "):
        assert not any(value for name, value in rows.pop().items() if name != "Apprentice")
    return rows


def read_xlsx(body: bytes) -> list[dict[str, Any]]:
    sheet = load_workbook(io.BytesIO(body))["Apprentices"]
    headings, *rows = sheet.iter_rows(values_only=True)
    return [dict(zip(headings, row, strict=True)) for row in rows]


@pytest.mark.parametrize("together", [False, True])
def test_both_files_hold_everybody_with_the_same_values(browser: Open, crowd: Cast, together: bool) -> None:
    manager = browser(crowd.priya)
    address = (
        f"/providers/{crowd.provider.id}/cohorts-together" if together else f"/cohorts/{crowd.cohort.id}"
    )
    plain, book = manager.post(f"{address}/export.csv"), manager.post(f"{address}/export.xlsx")
    assert plain.headers["content-type"] == "text/csv; charset=utf-8"
    name = "all-cohorts-together" if together else "october-2025"
    assert plain.headers["content-disposition"] == f'attachment; filename="cohort-{name}-2026-11-02.csv"'
    assert book.headers["content-disposition"] == f'attachment; filename="cohort-{name}-2026-11-02.xlsx"'
    lines, rows = read_csv(plain.content), read_xlsx(book.content)
    assert len(lines) == len(rows) == 61
    assert tuple(lines[0]) == tuple(rows[0]) == HEADINGS
    for line, row in zip(lines, rows, strict=True):
        assert line == {heading: as_csv(value) for heading, value in row.items()}


def as_csv(value: Any) -> str:
    if value is None:
        return ""
    return value.date().isoformat() if isinstance(value, datetime) else str(value)


def test_dates_are_iso_in_csv_and_real_dates_in_a_workbook(browser: Open, crowd: Cast) -> None:
    manager = browser(crowd.priya)
    line = read_csv(manager.post(f"/cohorts/{crowd.cohort.id}/export.csv?q=archer").content)[0]
    row = read_xlsx(manager.post(f"/cohorts/{crowd.cohort.id}/export.xlsx?q=archer").content)[0]
    assert (line["Start"], line["Planned gateway"]) == ("2025-10-06", "2027-04-06")
    assert row["Start"].date() == date(2025, 10, 6)
    assert line["Standing"] == row["Standing"] == "At risk"
    assert (line["Statements signed off"], row["Statements"]) == ("0", 66)
    assert (line["Off-the-job hours confirmed"], line["Off-the-job hours planned"]) == ("0", "")


def test_hours_are_in_the_file_as_hours(
    browser: Open, session: Session, cast: Cast, on_that_day: None
) -> None:
    a_crowd(session, cast.cohort, [cast.employer], 1, hours_confirmed=5430, hours_planned=400 * 60)
    commit(session)
    found = read_csv(browser(cast.priya).post(f"/cohorts/{cast.cohort.id}/export.csv").content)
    line = next(one for one in found if one["Apprentice"] == "Ada Abel")
    assert (line["Off-the-job hours confirmed"], line["Off-the-job hours planned"]) == ("90.5", "400")
    assert 0 < float(line["Off-the-job hours due by today"]) < 400


@pytest.mark.parametrize("query", ["", "?sort=-pace", "?standing=behind&sort=forecast", "?gap=maths&q=a"])
def test_a_file_has_the_rows_of_the_page_in_its_order(
    browser: Open, database: Database, crowd: Cast, query: str
) -> None:
    manager, address = browser(crowd.priya), f"/cohorts/{crowd.cohort.id}"
    rows = rows_of(database, crowd)
    shown = [rows[one].sort_name for one in everything(manager, address, query)]
    lines = read_csv(manager.post(f"{address}/export.csv{query}").content)
    assert len(shown) > 2
    found = [" ".join(reversed(line["Apprentice"].lower().split())) for line in lines]
    assert found == shown


def test_no_name_becomes_a_formula(browser: Open, session: Session, cast: Cast, on_that_day: None) -> None:
    for number, text in enumerate(FORMULAS):
        person = a_person(session, text, cast.provider, "apprentice", email=f"f{number}@example.org")
        employer = an_employer(session, cast.provider, text)
        a_crowd(session, cast.cohort, [employer], 1, apprentice_id=person.id, sort_name=f"f{number}")
    cast.cohort.name = "=HYPERLINK(1)"
    session.merge(cast.cohort)
    commit(session)
    manager, address = browser(cast.priya), f"/cohorts/{cast.cohort.id}"
    answer = manager.post(f"{address}/export.csv")
    assert 'filename="cohort-hyperlink-1-2026-11-02.csv"' in answer.headers["content-disposition"]
    for line in read_csv(answer.content):
        assert line["Cohort"] == "'=HYPERLINK(1)"
        for value in line.values():
            assert not value.startswith(("=", "+", "-", "@", "\t", "\r")), value
    sheet = load_workbook(io.BytesIO(manager.post(f"{address}/export.xlsx").content))["Apprentices"]
    kinds = {cell.data_type for row in sheet.iter_rows() for cell in row}
    assert kinds <= {"s", "n", "d"}, "a cell is a formula"
    names = {cell.value for cell in sheet["A"]}
    assert {"=cmd|' /C calc'!A0", "+1+1", "-2+3", "@SUM(1)"} <= names


def test_the_workbook_says_what_it_means(browser: Open, crowd: Cast) -> None:
    body = browser(crowd.priya).post(f"/cohorts/{crowd.cohort.id}/export.xlsx").content
    notes = [row[0] for row in load_workbook(io.BytesIO(body))["What this says"].iter_rows(values_only=True)]
    assert notes[0] == "October 2025, Northern Skills, as it stood on 2 November 2026."
    assert any(note.startswith("At risk: less than 60%") for note in notes)


def test_taking_a_file_is_recorded_without_names(browser: Open, database: Database, crowd: Cast) -> None:
    manager = browser(crowd.priya)
    manager.post(f"/cohorts/{crowd.cohort.id}/export.csv?standing=at_risk&q=archer")
    manager.post(f"/providers/{crowd.provider.id}/cohorts-together/export.xlsx")
    with database.reading() as session:
        found = session.scalars(
            select(AuditEvent).where(AuditEvent.action == "cohorts.exported").order_by(AuditEvent.id)
        ).all()
    one, together = found
    assert (one.record, one.record_id, one.by_id) == ("cohort", crowd.cohort.id, crowd.priya.id)
    assert one.detail == {"form": "csv", "standing": "at_risk", "searched": True}
    assert (together.record, together.record_id) == ("provider", crowd.provider.id)
    assert {event.provider_id for event in found} == {crowd.provider.id}


def test_a_file_cannot_be_fetched_by_a_link(browser: Open, crowd: Cast) -> None:
    assert browser(crowd.priya).get(f"/cohorts/{crowd.cohort.id}/export.csv").status_code == 405


def test_other_providers_are_in_no_file(browser: Open, crowd: Cast) -> None:
    body = browser(crowd.priya).post(f"/providers/{crowd.provider.id}/cohorts-together/export.csv").text
    assert "Olu Otter" not in body
    assert "Harbour" not in body


def test_the_csv_is_streamed_from_the_databases_cursor_and_lets_go_of_it(
    session: Session, database: Database, cast: Cast
) -> None:
    """The first bytes come before the last rows are read, and a download that is broken off ends its session."""
    a_crowd(session, cast.cohort, [cast.employer], 1200)
    commit(session)
    export = Export(
        Scope(cast.provider.id, cast.provider.name, cast.cohort),
        Asked(),
        StandingSql(NOW.date().toordinal(), Limits(850, 600, 42)),
    )
    returned: list[object] = []
    event.listen(database.engine, "checkin", lambda *found: returned.append(found))
    stream = csv_file(database, export)
    first = next(stream)
    assert first.count(b"\r\n") == 2  # headings and one row
    assert not returned
    del stream
    assert len(returned) == 1
    assert len(read_csv(b"".join(csv_file(database, export)))) == 1201
