"""The plan of hours as a manager sets it: every version is kept, the newest stands, nothing is assumed without one."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest
import time_machine
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.training.models import HoursPlan
from tests.assessment.steps import locked
from tests.builders import Cast, an_apprenticeship, commit
from tests.client import Browser
from tests.postgres import plain
from tests.training.steps import LATER, a_plan, log_path

Open = Callable[..., Browser]
PLAN = {
    "weekly_hours": "37.5",
    "planned_hours": "430",
    "delivery": "blocks",
    "prior_hours": "20",
    "leave_weeks": "6",
    "reason": "First plan.",
}


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def plans(database: Database) -> Sequence[HoursPlan]:
    with database.reading() as fresh:
        return fresh.scalars(select(HoursPlan).order_by(HoursPlan.id)).all()


def test_the_newest_plan_stands_and_the_older_are_kept(browser: Open, database: Database, cast: Cast) -> None:
    page = browser(cast.priya)
    assert "Not known: no plan is set" in page.get(log_path(cast)).text
    for fields in (PLAN, PLAN, PLAN | {"planned_hours": "450", "reason": "Two more days."}):
        assert page.post(log_path(cast) + "/plan", data=fields).status_code == 303
    first, second = plans(database)
    assert (first.weekly_paid_minutes, first.planned_minutes, first.delivery) == (2250, 430 * 60, "blocks")
    assert (first.prior_learning_minutes, first.leave_weeks, first.set_by_id) == (1200, 6, cast.priya.id)
    assert second.planned_minutes == 450 * 60
    shown = page.get(log_path(cast) + "/plan").text
    assert shown.index("450 hours") < shown.index("430 hours")
    assert "First plan." in shown
    assert "450 hours" in browser(cast.amina).get(log_path(cast)).text


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"weekly_hours": ""}, "Give the paid hours of a usual week"),
        ({"weekly_hours": "61"}, "Give the paid hours of a usual week"),
        ({"planned_hours": "many"}, "Give the planned hours of the whole training plan."),
        ({"prior_hours": "-3"}, "Give the hours taken off for prior learning"),
        ({"leave_weeks": "2.5"}, "Give whole weeks of statutory leave"),
        ({"delivery": "somehow"}, "Choose one of the answers on the page."),
        ({"reason": " "}, "Say why"),
        ({"reason": "Agreed with them on 07700 900123."}, "07700 900123"),
    ],
    ids=["no week", "long week", "words", "minus", "part of a week", "delivery", "no reason", "a number"],
)
def test_a_mistake_sets_nothing_and_keeps_what_was_typed(
    browser: Open, database: Database, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    answer = browser(cast.priya).post(log_path(cast) + "/plan", data=PLAN | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert (
        'id="weekly_hours" name="weekly_hours" type="text" value="37.5"' in answer.text
        or "weekly_hours" in change
    )
    assert plans(database) == []


def test_a_start_before_august_2025_has_a_minimum_once_the_paid_week_is_known(
    browser: Open, session: Session, cast: Cast
) -> None:
    """20 % of at most 30 hours for each week of the programme."""
    early = an_apprenticeship(
        session,
        cast.amina,
        cast.cohort,
        cast.employer,
        start_on=date(2025, 1, 6),
        planned_gateway_on=date(2026, 1, 4),
    )
    commit(session)
    page, address = browser(cast.amina), f"/apprenticeships/{early.id}/training"
    assert "give the paid hours of a week" in page.get(address).text
    a_plan(session, early, cast.priya)
    commit(session)
    assert "<dt>Minimum</dt><dd>312 hours" in page.get(address).text


def test_a_locked_portfolio_keeps_its_plan(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    locked(session, cast.amina_at, cast.priya)
    commit(session)
    answer = browser(cast.priya).post(log_path(cast) + "/plan", data=PLAN)
    assert (answer.status_code, "The portfolio is locked" in answer.text) == (422, True)
    assert plans(database) == []


@pytest.mark.parametrize("statement", ["UPDATE hours_plan SET planned_minutes = 1", "DELETE FROM hours_plan"])
def test_the_database_keeps_every_plan(
    session: Session, database: Database, cast: Cast, statement: str
) -> None:
    a_plan(session, cast.amina_at, cast.priya)
    commit(session)
    with pytest.raises(DBAPIError, match=r"append-only|permission denied"), plain(database) as connection:
        connection.execute(text(statement))
    assert len(plans(database)) == 1
