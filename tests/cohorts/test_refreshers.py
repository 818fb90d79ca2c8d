"""Overdue refreshers in the cohort report: kept with each change that matters, counted, marked, asked for, exported."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Progress
from portfolio.cohorts import progress
from portfolio.cohorts.training_lines import everybody
from portfolio.database import Database
from portfolio.development.standing import NOW as NO_TIME_LEFT
from tests.builders import Cast, a_person, an_apprenticeship, commit
from tests.client import Browser
from tests.counting import queries
from tests.development.steps import an_override
from tests.development.test_due import PA3, chosen
from tests.gateway.steps import sign_off
from tests.training.steps import LATER, an_answer, an_entry

Open = Callable[..., Browser]
LEARNT = date(2023, 11, 2)
"""Three years and a day before LATER: PA3 asks for a refresher within three years."""


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def due(database: Database, cast: Cast) -> int | None:
    with database.reading() as session:
        one = Progress.apprenticeship_id == cast.amina_at.id
        return session.scalars(select(Progress.refresher_due_day).where(one)).one()


def day(year: int, month: int, day_: int) -> int:
    return date(year, month, day_).toordinal()


def test_it_follows_whatever_says_when_it_is_due(
    session: Session, database: Database, cast: Cast, catalogue: Catalogue
) -> None:
    assert due(database, cast) is None, "nobody asks for one"
    chosen(session, cast.amina_at, cast.marek)
    commit(session)
    first = due(database, cast)
    entry = an_entry(session, cast.amina_at, day=LEARNT, **PA3)
    commit(session)
    assert due(database, cast) == day(2026, 11, 2) != first
    an_override(session, cast.amina_at, cast.marek, months=12)
    commit(session)
    assert due(database, cast) == day(2024, 11, 2)
    an_answer(session, entry, cast.marek, outcome="returned", reason="Not at this level.")
    commit(session)
    assert due(database, cast) == first, "what was returned counts no more"
    other = an_entry(session, cast.amina_at, day=date(2026, 10, 1), **PA3)
    commit(session)
    assert due(database, cast) == day(2027, 10, 1)
    session.delete(other)
    commit(session)
    assert due(database, cast) == first
    with database.reading() as fresh:
        assert list(progress.verify(fresh, catalogue)) == []


def test_what_does_not_concern_the_log_does_not_read_it(
    session: Session, database: Database, cast: Cast, catalogue: Catalogue
) -> None:
    """However long the log is, a decision on evidence reads no entry of it, and loses nothing of what it says."""
    chosen(session, cast.amina_at, cast.marek)
    an_entry(session, cast.amina_at, day=LEARNT, **PA3)
    an_answer(session, an_entry(session, cast.amina_at), cast.marek)
    commit(session)
    with queries(database) as asked:
        sign_off(session, cast.amina_at, cast.asha, "K1")
        commit(session)
    assert not [one for one in asked.statements if "training_entry" in one]
    with database.reading() as fresh:
        row = fresh.scalars(select(Progress).where(Progress.apprenticeship_id == cast.amina_at.id)).one()
        assert (row.hours_confirmed, row.refresher_due_day) == (90, day(2026, 11, 2))
        assert list(progress.verify(fresh, catalogue)) == []


@pytest.fixture
def three(session: Session, cast: Cast) -> None:
    """Amina's is a day overdue, Bea's is due today, Cal was never trained and has no time left; nobody asks Dee."""
    chosen(session, cast.amina_at, cast.marek)
    an_entry(session, cast.amina_at, day=LEARNT, **PA3)
    for name, learnt in (("Bea Birch", date(2023, 11, 3)), ("Cal Carver", None), ("Dee Dunne", None)):
        person = a_person(session, name, cast.provider, "apprentice")
        at = an_apprenticeship(session, person, cast.cohort, cast.employer)
        if learnt:
            chosen(session, at, cast.marek)
            an_entry(session, at, day=learnt, **PA3)
        elif name.startswith("Cal"):
            an_override(session, at, cast.marek, months=12)
    commit(session)


def test_the_report_counts_marks_and_finds_them(browser: Open, cast: Cast, three: None) -> None:
    address, manager = f"/cohorts/{cast.cohort.id}", browser(cast.priya)
    whole = manager.get(address).text
    assert '<a id="n-refresher"' in whole
    assert "<b>2</b>overdue refreshers" in whole
    assert whole.count("Refresher overdue") == 2
    assert "Refresher overdue since 3 November 2026" in whole, "Amina's: the day after its last day in time"
    found = manager.get(address + "?refresher=overdue").text
    assert [name in found for name in ("Amina Archer", "Bea Birch", "Cal Carver", "Dee Dunne")] == [
        True, False, True, False,
    ]  # fmt: skip
    assert '<option value="overdue" selected>' in found
    assert "Dee Dunne" in manager.get(address + "?refresher=other").text


def test_a_day_later_one_more_is_overdue_without_any_write(browser: Open, cast: Cast, three: None) -> None:
    with time_machine.travel(datetime(2026, 11, 4, 10, 0, tzinfo=UTC), tick=True):
        assert "<b>3</b>overdue refreshers" in browser(cast.priya).get(f"/cohorts/{cast.cohort.id}").text


def test_it_is_the_same_as_in_the_training_report(database: Database, cast: Cast, three: None) -> None:
    with database.reading() as session:
        late = {
            one.name
            for one in everybody(session, cast.provider.id, LATER.date())
            if "refresher" in one.row.overdue
        }
        kept = session.scalars(select(Progress.refresher_due_day).order_by(Progress.sort_name)).all()
    assert late == {"Amina Archer", "Cal Carver"}
    assert NO_TIME_LEFT in kept


def test_the_file_says_when(browser: Open, cast: Cast, three: None) -> None:
    answer = browser(cast.priya).post(f"/cohorts/{cast.cohort.id}/export.csv")
    rows = {row["Apprentice"]: row for row in csv.DictReader(io.StringIO(answer.text.lstrip("\ufeff")))}
    said = {name: (row["Refresher due"], row["Refresher overdue"]) for name, row in rows.items()}
    assert said == {
        "Amina Archer": ("2026-11-02", "yes"),
        "Bea Birch": ("2026-11-03", "no"),
        "Cal Carver": ("", "yes"),
        "Dee Dunne": ("", "no"),
    }
