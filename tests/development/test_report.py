"""The training report of a provider: who is in it, what it adds up, its filters, its files, and who may see it."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.audit.models import AuditEvent
from portfolio.cohorts.training_lines import HEADINGS
from portfolio.database import Database
from tests.builders import Cast, a_cohort, a_person, an_apprenticeship, an_employer, commit
from tests.client import Browser
from tests.counting import queries
from tests.development.steps import a_supervision, an_induction, an_override, asks
from tests.development.test_due import chosen
from tests.training.steps import LATER, an_entry

Open = Callable[..., Browser]
PA3 = {"framework_id": "pa3-2022", "level_id": "3"}


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def address(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/training-report"


@pytest.fixture
def two(session: Session, cast: Cast) -> None:
    """Amina is overdue with everything; Bea, of another employer and cohort, with nothing."""
    chosen(session, cast.amina_at, cast.marek)
    asks(session, cast.employer, cast.priya)
    employer, cohort = (
        an_employer(session, cast.provider, "Quay"),
        a_cohort(session, cast.provider, "May 2026"),
    )
    bea = a_person(session, "=Bea Birch", cast.provider, "apprentice")
    at = an_apprenticeship(session, bea, cohort, employer)
    chosen(session, at, cast.marek)
    an_entry(session, at, **PA3)
    an_override(session, at, cast.marek, months=24)
    a_supervision(session, at)
    an_induction(session, at, cast.marek, day=at.start_on)
    commit(session)


def test_those_with_most_overdue_come_first_and_filters_leave_the_others_out(
    browser: Open, cast: Cast, address: str, two: None
) -> None:
    page = browser(cast.priya)
    whole = page.get(address).text
    assert whole.index("Amina Archer") < whole.index("=Bea Birch")
    assert "2 apprentices, 1 with something overdue" in whole
    for query in (
        "?only=overdue",
        "?only=refresher",
        f"?employer={cast.employer.id}",
        f"?cohort={cast.cohort.id}",
    ):
        shown = page.get(address + query).text
        assert ("Amina Archer" in shown, "=Bea Birch" in shown) == (True, False), query
    assert "Nobody for what is asked here." in page.get(f"{address}?employer={cast.other_employer.id}").text
    assert page.get(address + "?employer=all&page=1&by=nothing").status_code == 200


@pytest.mark.parametrize("by", ["employer", "cohort"])
def test_totals_add_up(browser: Open, cast: Cast, address: str, two: None, by: str) -> None:
    shown = browser(cast.priya).get(f"{address}?by={by}").text
    assert ("Quay" if by == "employer" else "May 2026") in shown
    assert 'data-label="Refresher overdue">1<' in shown
    assert 'data-label="Refresher overdue">0<' in shown


def test_the_files_hold_the_same_people_and_no_formula(
    browser: Open, database: Database, cast: Cast, address: str, two: None
) -> None:
    page = browser(cast.priya)
    answer = page.post(address + "/export.csv")
    lines = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert tuple(lines[0]) == HEADINGS
    assert [line[0] for line in lines[1:]] == ["Amina Archer", "'=Bea Birch"]
    assert lines[1][4] == "induction, supervision, refresher"
    book = page.post(address + "/export.xlsx?only=overdue")
    with zipfile.ZipFile(io.BytesIO(book.content)) as file:
        words = "".join(file.read(name).decode() for name in file.namelist() if name.endswith(".xml"))
    assert ("Amina Archer" in words, "=Bea Birch" in words, "<f>" in words) == (True, False, False)
    with database.reading() as fresh:
        events = fresh.scalars(
            select(AuditEvent).where(AuditEvent.action == "training_report.exported").order_by(AuditEvent.id)
        ).all()
        assert [one.detail["people"] for one in events] == [2, 1]


def test_who_may_see_it(browser: Open, cast: Cast, address: str) -> None:
    for who, status in (
        (cast.priya, 200),
        (cast.amina, 403),
        (cast.marek, 403),
        (cast.asha, 403),
        (cast.ines, 403),
        (cast.noor, 404),
        (cast.olu, 404),
    ):
        page = browser(who)
        assert page.get(address).status_code == status, who.name
        assert page.post(address + "/export.csv").status_code == status, who.name
        assert page.post(address + "/export.xlsx").status_code == status, who.name


def test_whoever_has_left_is_not_in_it_and_no_one_of_another_provider(
    browser: Open, session: Session, cast: Cast, address: str
) -> None:
    shown = browser(cast.priya).get(address).text
    assert ("Amina Archer" in shown, "Olu Otter" in shown) == (True, False)
    gone = a_person(session, "Gwen Gale", cast.provider, "apprentice")
    an_apprenticeship(
        session, gone, cast.cohort, cast.employer, withdrawn_on=LATER.date(), withdrawn_by_id=cast.priya.id
    )
    commit(session)
    assert "Gwen Gale" not in browser(cast.priya).get(address).text


def test_the_number_of_queries_does_not_grow_with_the_people(
    browser: Open, session: Session, database: Database, cast: Cast, address: str
) -> None:
    page = browser(cast.priya)
    page.get(address)

    def count() -> int:
        with queries(database) as made:
            assert page.get(address).status_code == 200
        return made.number

    few = count()
    for number in range(30):
        somebody = a_person(session, f"Bea Birch{number}", cast.provider, "apprentice")
        at = an_apprenticeship(session, somebody, cast.cohort, cast.employer)
        chosen(session, at, cast.marek)
        an_entry(session, at, **PA3)
    commit(session)
    assert count() == few
    assert "Next page" in page.get(address).text
