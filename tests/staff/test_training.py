"""Training of a member of staff: recorded once, removed where it was a mistake, and what the database keeps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta

import pytest
import time_machine
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.findings.models import KeptFinding
from portfolio.staff.models import StaffLearning, StaffMember
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.postgres import plain
from tests.staff.steps import (
    COURSE,
    LATER,
    PA3,
    a_choice,
    a_member,
    a_training,
    boxes,
    rows,
    staff_path,
    trail,
    typed_learning,
)

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def member(session: Session, cast: Cast) -> StaffMember:
    found = a_member(session, cast.employer, cast.priya)
    a_choice(session, found, cast.priya)
    commit(session)
    return found


@pytest.fixture
def address(cast: Cast, member: StaffMember) -> str:
    return staff_path(cast, member, "/training")


@pytest.mark.parametrize("htmx", [False, True])
def test_training_is_recorded_once_and_moves_the_refresher(
    browser: Open, database: Database, cast: Cast, member: StaffMember, address: str, htmx: bool
) -> None:
    page = browser(cast.priya)
    assert "Overdue" in page.get(staff_path(cast, member)).text
    assert f'value="{PA3}:3" selected' in page.get(address).text, "the level that was chosen comes first"
    for _ in range(2):
        answer = browser(cast.priya, htmx=htmx).post(address, data=typed_learning())
        assert answer.status_code == (204 if htmx else 303), answer.text
    (row,) = rows(database, StaffLearning)
    assert (row.day, row.minutes, row.what) == (date(2026, 10, 20), 180, COURSE)
    assert (row.framework_id, row.level_id, row.recorded_by_id) == (PA3, "3", cast.priya.id)
    shown = page.get(staff_path(cast, member)).text
    assert ("In date" in shown, "by 20 October 2029" in shown, COURSE in shown) == (True, True, True)
    other = page.post(address, data=typed_learning(what="Something else"))
    assert (other.status_code, "This page was sent before" in other.text) == (422, True)
    ((action, detail),) = trail(database)
    assert (action, detail["day"], detail["level_id"]) == ("staff.training_recorded", "2026-10-20", "3")
    assert COURSE not in str(detail)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"what": ""}, "Enter the title of the training."),
        ({"what": "W" * 301}, "Use at most 300 characters."),
        (boxes("day", None), "Enter a date."),
        (boxes("day", LATER.date() + timedelta(days=1)), "4 November 2026 is still to come."),
        ({"minutes": ""}, "Enter how long it took in whole minutes"),
        ({"minutes": "0"}, "Enter how long it took in whole minutes"),
        ({"minutes": "6001"}, "Enter how long it took in whole minutes"),
        ({"minutes": "three hours"}, "Enter how long it took in whole minutes"),
        ({"level": ""}, "Choose the framework and level that the training was at."),
        ({"level": "none:3"}, "Choose the framework and level from the list."),
        ({"what": "Case of Bobby Brown, 12 Acacia Avenue"}, "12 Acacia Avenue"),
    ],
)
def test_a_mistake_is_said_and_nothing_typed_is_lost(
    browser: Open, database: Database, cast: Cast, address: str, change: dict[str, str], sentence: str
) -> None:
    fields = typed_learning() | change
    answer = browser(cast.priya).post(address, data=fields)
    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    for name in ("what", "minutes", "day_year"):
        assert f'value="{fields[name]}"' in answer.text, name
    assert rows(database, StaffLearning) == []


def test_no_training_after_the_last_day(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    left = a_member(session, cast.employer, cast.priya, left_on=date(2026, 10, 19))
    commit(session)
    page, address = browser(cast.priya), staff_path(cast, left, "/training")
    answer = page.post(address, data=typed_learning())
    assert (answer.status_code, "This person’s last day was 19 October 2026." in answer.text) == (422, True)
    assert rows(database, StaffLearning) == []
    assert page.post(address, data=typed_learning(day_day="19")).status_code == 303


def test_what_was_recorded_by_mistake_is_removed_and_the_trail_says_so(
    browser: Open, database: Database, cast: Cast, member: StaffMember, address: str
) -> None:
    page = browser(cast.priya)
    kept = {"kept_field": "what", "kept_words": "12 Acacia Avenue", "kept_reason": "Where it was held."}
    fields = typed_learning(what="Training at 12 Acacia Avenue") | kept
    assert page.post(address, data=fields).status_code == 303
    (row,) = rows(database, StaffLearning)
    assert "Kept because: Where it was held." in page.get(staff_path(cast, member)).text
    assert page.post(f"{address}/{row.id}/remove").status_code == 303
    assert (rows(database, StaffLearning), rows(database, KeptFinding)) == ([], [])
    assert "The training was removed." in page.get(staff_path(cast, member) + "?done=removed").text
    assert page.post(f"{address}/{row.id}/remove").status_code == 404
    recorded, removed = trail(database)
    assert (removed[0], removed[1]["day"]) == ("staff.training_removed", "2026-10-20")
    assert "Acacia" not in str((recorded, removed))


def test_the_training_is_paged_and_its_queries_do_not_grow(
    browser: Open, session: Session, database: Database, cast: Cast, member: StaffMember
) -> None:
    page, first = browser(cast.priya), date(2026, 10, 1)

    def count() -> int:
        with queries(database) as made:
            assert page.get(staff_path(cast, member)).status_code == 200
        return made.number

    a_training(session, member, cast.priya, first, what="Training 00")
    commit(session)
    page.get(staff_path(cast, member))
    few = count()
    for number in range(1, 30):
        day = first - timedelta(days=number)
        a_training(session, member, cast.priya, day, what=f"Training {number:02}")
        a_choice(session, member, cast.priya, reason=f"Reason {number}")
    commit(session)
    assert count() == few
    shown, more = page.get(staff_path(cast, member)).text, page.get(staff_path(cast, member) + "?page=2").text
    assert ("Training 24" in shown, "Training 25" in shown, "Next page" in shown) == (True, False, True)
    assert ("Training 24" in more, "Training 29" in more) == (False, True)


def test_the_database_keeps_training_as_it_is(
    session: Session, database: Database, owner: Database | None, cast: Cast, member: StaffMember
) -> None:
    a_training(session, member, cast.priya, date(2026, 10, 20))
    commit(session)
    with plain(owner or database) as connection, pytest.raises(DBAPIError, match="staff_learning is never"):
        connection.execute(text("UPDATE staff_learning SET day = '2026-11-01'"))
