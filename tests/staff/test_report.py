"""Staff in the training report of the provider: a line on its page, and a sheet of its workbook."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import date
from typing import Any

import openpyxl
import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.cohorts.training_lines import STAFF_HEADINGS
from portfolio.database import Database
from tests.builders import Cast, an_employer, commit
from tests.client import Browser
from tests.counting import queries
from tests.staff.steps import LATER, NAME, TITLE, a_choice, a_member, a_training, rows, staff_path

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def address(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/training-report"


@pytest.fixture
def two(session: Session, cast: Cast) -> Any:
    """Wanda is in date; a colleague of another employer, whose name looks like a formula, is overdue. A third left."""
    quay = an_employer(session, cast.provider, "Quay")
    wanda = a_member(session, cast.employer, cast.priya)
    other = a_member(session, quay, cast.priya, "=Yorick Zeal")
    a_member(session, quay, cast.priya, "Zelda Quist", left_on=date(2026, 10, 1))
    for member in (wanda, other):
        a_choice(session, member, cast.priya)
    a_training(session, wanda, cast.priya, date(2026, 10, 20))
    commit(session)
    return quay


def test_the_page_says_how_many_are_overdue_and_leads_to_them(
    browser: Open, cast: Cast, address: str, two: Any
) -> None:
    shown = " ".join(browser(cast.priya).get(address).text.split())
    assert (
        f'{staff_path(cast)}?only=overdue">Staff who are no apprentices</a>: 2, 1 with an overdue refresher.'
        in shown
    )
    assert "1 apprentice, " in shown, "staff are counted apart"


def test_without_staff_the_page_leads_to_the_list(browser: Open, cast: Cast, address: str) -> None:
    page = browser(cast.priya)
    assert f'{staff_path(cast)}">Staff who are no apprentices</a>: 0.' in page.get(address).text
    assert "Nobody is recorded yet." in page.get(staff_path(cast)).text
    assert f'{staff_path(cast)}">Staff</a>' in page.get("/cohorts").text


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", ["=Yorick Zeal", NAME]),
        ("?only=overdue", ["=Yorick Zeal"]),
        ("?only=refresher", ["=Yorick Zeal"]),
        ("?employer=quay", ["=Yorick Zeal"]),
        ("?cohort=october", []),
    ],
)
def test_the_workbook_has_a_sheet_of_those_asked_for(
    browser: Open, database: Database, cast: Cast, address: str, two: Any, query: str, expected: list[str]
) -> None:
    query = query.replace("quay", str(two.id)).replace("october", str(cast.cohort.id))
    answer = browser(cast.priya).post(f"{address}/export.xlsx{query}")
    book = openpyxl.load_workbook(io.BytesIO(answer.content))
    lines = list(book["Staff"].values)
    assert tuple(lines[0]) == STAFF_HEADINGS
    assert [line[0] for line in lines[1:]] == expected
    assert "no apprentices" in str(list(book["What this says"].values))
    (event,) = [one for one in rows(database, AuditEvent) if one.action == "training_report.exported"]
    assert event.detail["staff"] == len(expected)
    if NAME in expected:
        line = lines[1 + expected.index(NAME)]
        assert line[1:3] == (cast.employer.name, TITLE)
        assert (line[4], line[5].date(), line[6].date()) == (
            "In date",
            date(2026, 10, 20),
            date(2029, 10, 20),
        )


def test_the_list_of_apprentices_has_no_staff_in_it(
    browser: Open, cast: Cast, address: str, two: Any
) -> None:
    """The CSV stays what it was: one kind of line."""
    answer = browser(cast.priya).post(f"{address}/export.csv").content.decode("utf-8-sig")
    assert ("Amina Archer" in answer, NAME in answer) == (True, False)


def test_the_queries_of_the_report_do_not_grow_with_the_staff(
    browser: Open, session: Session, database: Database, cast: Cast, address: str, two: Any
) -> None:
    page = browser(cast.priya)
    page.get(address)

    def count() -> int:
        with queries(database) as made:
            assert page.get(address).status_code == 200
        return made.number

    few = count()
    for number in range(20):
        member = a_member(session, cast.employer, cast.priya, f"Wanda {number}")
        a_choice(session, member, cast.priya)
        a_training(session, member, cast.priya, date(2026, 10, 20))
    commit(session)
    assert count() == few
