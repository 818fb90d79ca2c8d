"""A provider's catalogue through its pages: courses, dates, attendance, calling off, taking over, and lists."""

from __future__ import annotations

import csv
import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
import time_machine
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.courses.models import Course, CourseSession
from portfolio.courses.standing import catalogues
from portfolio.database import Database
from tests.builders import Cast, commit
from tests.client import Browser
from tests.counting import queries
from tests.courses.steps import (
    LATER,
    TITLE,
    a_booking,
    a_course,
    a_date,
    bookings,
    catalogue_path,
    says_as_folded,
    session_path,
    steps_in,
    typed_course,
    typed_date,
)
from tests.courses.test_pages_booking import a_colleague

Open = Callable[..., Browser]
HEAD = "title,kind,minutes,day,starts,ends,where,places\n"


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


def courses(database: Database) -> list[Course]:
    with database.session(write=False, across=True) as session:
        return list(session.scalars(select(Course).order_by(Course.id)))


def dates(database: Database) -> list[CourseSession]:
    with database.session(write=False, across=True) as session:
        return list(session.scalars(select(CourseSession).order_by(CourseSession.id)))


@pytest.mark.parametrize("htmx", [False, True])
def test_a_course_and_its_first_date(browser: Open, database: Database, cast: Cast, htmx: bool) -> None:
    priya = browser(cast.priya, htmx=htmx)
    added = priya.post(catalogue_path(cast), data=typed_course())
    assert added.status_code == (204 if htmx else 303), added.text
    (course,) = courses(database)
    assert (course.title, course.minutes, course.statements) == (TITLE, 180, "K23 S27")
    here = catalogue_path(cast, f"/{course.id}")
    for _ in range(2):
        dated = priya.post(here + "/sessions", data=typed_date())
        assert dated.status_code == (204 if htmx else 303), dated.text
    (one,) = dates(database)
    assert one.starts_at == datetime(2027, 3, 18, 9, 30, tzinfo=UTC)
    assert (one.venue, one.capacity) == ("Training room 2", 16)
    assert "18 March 2027, 09:30 to 12:30" in browser(cast.priya).get(here).text


def test_times_are_londons_also_in_summer(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    course = a_course(session, cast.priya, cast.provider.id)
    commit(session)
    browser(cast.priya).post(catalogue_path(cast, f"/{course.id}/sessions"), data=typed_date(day_month="6"))
    (one,) = dates(database)
    assert one.starts_at == datetime(2027, 6, 18, 8, 30, tzinfo=UTC)
    assert "18 June 2027, 09:30" in browser(cast.priya).get(catalogue_path(cast, f"/{course.id}")).text


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"title": " "}, "Give the course a title."),
        ({"minutes": "three"}, "as a whole number"),
        ({"statements": "K7 Kitten"}, "KITTEN is no code"),
        ({"at_level": "none:none"}, "Choose a level from the list."),
    ],
)
def test_what_is_wrong_with_a_course_stands_at_its_box(
    browser: Open, database: Database, cast: Cast, changes: dict[str, str], sentence: str
) -> None:
    answer = browser(cast.priya).post(catalogue_path(cast), data=typed_course(**changes))
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "Practice with a case." in answer.text, "what was typed stays"
    assert courses(database) == []


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"starts": "half nine"}, "Enter when it starts as a time of day"),
        ({"ends": "09:00"}, "The end is not after the start."),
        ({"capacity": "0"}, "Enter the number of places"),
        ({"day_month": "13"}, "date"),
        ({"day_day": "28", "starts": "01:30", "ends": "03:00"}, "The clocks go forward in that hour"),
    ],
)
def test_what_is_wrong_with_a_date_stands_at_its_box(
    browser: Open, session: Session, database: Database, cast: Cast, changes: dict[str, str], sentence: str
) -> None:
    course = a_course(session, cast.priya, cast.provider.id)
    commit(session)
    where = catalogue_path(cast, f"/{course.id}/sessions")
    answer = browser(cast.priya).post(where, data=typed_date(**changes))
    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    assert "Training room 2" in answer.text, "what was typed stays"
    assert dates(database) == []


def test_only_managers_of_this_provider_keep_it(browser: Open, session: Session, cast: Cast) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id))
    commit(session)
    for path in (catalogue_path(cast), session_path(cast, one), catalogue_path(cast, "/import")):
        for person in (cast.amina, cast.marek, cast.asha, cast.ines):
            assert browser(person).get(path).status_code == 403, (path, person.name)
        for person in (cast.noor, cast.olu, cast.otto, cast.admin):
            assert browser(person).get(path).status_code == 404, (path, person.name)
    theirs = session_path(cast, one).replace(str(cast.provider.id), str(cast.other_provider.id))
    assert browser(cast.noor).get(theirs).status_code == 404


def test_more_places_go_to_the_waiting_list(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), capacity=1)
    a_booking(session, one, a_colleague(session, cast, "Bea Birch")[1], "confirmed")
    waits = a_booking(session, one, cast.amina_at, "waiting")
    commit(session)
    answer = browser(cast.priya).post(session_path(cast, one, "/edit"), data=typed_date(capacity="2"))
    assert answer.status_code == 303, answer.text
    assert {one.id: one.state for one in bookings(database)}[waits.id] == "offered"
    fewer = browser(cast.priya).post(session_path(cast, one, "/edit"), data=typed_date(capacity="1"))
    assert fewer.status_code == 303, fewer.text
    assert sorted(one.state for one in bookings(database)) == ["confirmed", "offered"]
    assert says_as_folded(database) == 2


def test_called_off_ends_every_open_booking_with_the_reason(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id))
    mine = a_booking(session, one, cast.amina_at, "confirmed")
    a_booking(session, one, a_colleague(session, cast, "Bea Birch")[1], "waiting")
    a_booking(session, one, a_colleague(session, cast, "Cem Cole")[1], "cancelled")
    commit(session)
    priya = browser(cast.priya)
    assert priya.post(session_path(cast, one, "/call-off"), data={"reason": " "}).status_code == 422
    assert priya.post(session_path(cast, one, "/call-off"), data={"reason": "Flooded."}).status_code == 303
    assert sorted(one.state for one in bookings(database)) == ["called_off", "called_off", "cancelled"]
    page = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/bookings/{mine.id}").text
    assert "Session called off" in page
    assert "Flooded." in page
    assert says_as_folded(database) == 3


def test_attendance_of_several_at_once_and_a_correction_with_its_reason(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), days=-1)
    mine = a_booking(session, one, cast.amina_at, "confirmed")
    bea = a_booking(session, one, a_colleague(session, cast, "Bea Birch")[1], "confirmed")
    cem = a_booking(session, one, a_colleague(session, cast, "Cem Cole")[1], "cancelled")
    commit(session)
    priya, where = browser(cast.priya), session_path(cast, one, "/attendance")
    marks = {f"mark-{mine.id}": "full", f"mark-{bea.id}": "none"}
    for _ in range(2):
        assert priya.post(where, data=marks).status_code == 303
    assert {each.id: each.state for each in bookings(database)} == {
        mine.id: "full", bea.id: "none", cem.id: "cancelled"
    }  # fmt: skip
    with database.session(write=False, across=True) as reading:
        assert [each.step for each in steps_in(reading, mine)][2:] == ["mark_full"]
    silent = priya.post(where, data={f"mark-{bea.id}": "part"})
    assert (silent.status_code, "Say why it changes." in silent.text) == (422, True)
    assert priya.post(where, data={f"mark-{bea.id}": "part", "reason": "Came late."}).status_code == 303
    assert priya.post(where, data={}).status_code == 422
    assert priya.post(where, data={f"mark-{cem.id}": "full"}).status_code == 422
    assert says_as_folded(database) == 3


def test_attendance_waits_until_the_session_has_begun(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    one = a_date(session, a_course(session, cast.priya, cast.provider.id))
    mine = a_booking(session, one, cast.amina_at, "confirmed")
    commit(session)
    priya = browser(cast.priya)
    assert "Record attendance" not in priya.get(session_path(cast, one)).text
    answer = priya.post(session_path(cast, one, "/attendance"), data={f"mark-{mine.id}": "full"})
    assert (answer.status_code, "The session has not begun." in answer.text) == (422, True)


def test_a_course_is_taken_over_once_without_its_old_dates(
    browser: Open, database: Database, cast: Cast
) -> None:
    shown = browser(cast.priya).get(catalogue_path(cast, "/examples")).text
    example = catalogues()[0]
    assert "Dated example, sessions past." in shown
    assert example.edition in shown
    source = f"{example.id}:{example.courses[0].id}"
    for _ in range(2):
        answer = browser(cast.priya).post(catalogue_path(cast, "/examples"), data={"course": source})
        assert answer.status_code == 303
    (course,) = courses(database)
    assert (course.title, course.source) == (example.courses[0].title, source)
    assert example.edition in course.edition
    assert dates(database) == []
    none = browser(cast.priya).post(catalogue_path(cast, "/examples"), data={"course": "rotherham:none"})
    assert none.status_code == 404


def test_every_shipped_course_can_be_taken_over(browser: Open, database: Database, cast: Cast) -> None:
    every = [(one.id, course) for one in catalogues() for course in one.courses]
    for catalogue_id, course in every:
        source = {"course": f"{catalogue_id}:{course.id}"}
        assert browser(cast.priya).post(catalogue_path(cast, "/examples"), data=source).status_code == 303
    assert len(courses(database)) == len(every) == 26
    assert "2" in browser(cast.priya).get(catalogue_path(cast) + "?page=2").text


def test_nothing_is_written_until_it_is_confirmed_and_twice_is_once(
    browser: Open, database: Database, cast: Cast
) -> None:
    text = (
        HEAD + f"{TITLE},workshop,180,2027-03-18,09:30,12:30,Room 2,16\n{TITLE},,,18/06/2027,9:30,12:30,,\n"
    )
    priya, where = browser(cast.priya), catalogue_path(cast, "/import")
    shown = priya.post(where, data={"text": text})
    assert shown.status_code == 200
    assert "New course with this date" in shown.text
    assert courses(database) == []
    mark = shown.text.split('name="checked" value="')[1].split('"')[0]
    unseen = priya.post(where, data={"text": text + "More,,,,,,,\n", "do": "write", "checked": mark})
    assert "nothing is written yet" in unseen.text
    assert courses(database) == []
    for written in ("2 rows written", "0 rows written, 2 there already"):
        answer = priya.post(where, data={"text": text, "do": "write", "checked": mark})
        assert written in answer.text
    assert len(courses(database)) == 1
    assert [one.starts_at for one in dates(database)] == [
        datetime(2027, 3, 18, 9, 30, tzinfo=UTC), datetime(2027, 6, 18, 8, 30, tzinfo=UTC)
    ]  # fmt: skip


def test_every_fault_is_named_with_row_and_column_and_the_good_rows_are_written(
    browser: Open, database: Database, cast: Cast
) -> None:
    text = (
        HEAD
        + ",workshop,,,,,,\n"
        + "A,seminar,,,,,,\n"
        + "B,,long,,,,,\n"
        + "C,,,30/02/2027,09:30,12:30,,\n"
        + "D,,,2027-03-18,,12:30,,\n"
        + "E,,,2027-03-18,13:30,12:30,,0\n"
        + "F,,,,09:30,12:30,,\n"
        + "Good,briefing,60,,,,,\n"
    )
    priya, where = browser(cast.priya), catalogue_path(cast, "/import")
    shown = priya.post(where, data={"text": text}).text
    for row, column, sentence in (
        (2, "title", "Give the course a title."),
        (3, "kind", "Write workshop, e-learning or briefing."),
        (4, "minutes", "Write a whole number"),
        (5, "day", "is no day"),
        (6, "starts", "for example 09:30"),
        (7, "ends", "The end is not after the start."),
        (7, "places", "Write a whole number from 1"),
        (8, "day", "Give the day of this date"),
    ):
        card = shown.split(f"<b>Row {row}</b>")[1].split("</li></ul>")[0].split("<b>Row ")[0]
        assert f"Column <b>{column}</b>" in card, (row, column)
        assert sentence in card, (row, sentence)
    mark = shown.split('name="checked" value="')[1].split('"')[0]
    priya.post(where, data={"text": text, "do": "write", "checked": mark})
    assert [one.title for one in courses(database)] == ["Good"]


def test_the_file_to_fill_in_is_one_that_can_be_sent(browser: Open, cast: Cast) -> None:
    file = browser(cast.priya).get(catalogue_path(cast, "/import/template.csv"))
    assert len(list(csv.reader(io.StringIO(file.text)))) == 2
    shown = browser(cast.priya).post(catalogue_path(cast, "/import"), data={"text": file.text})
    assert "New course with this date" in shown.text
    assert "cannot be taken</li></ul>" in shown.text
    bad = browser(cast.priya).post(catalogue_path(cast, "/import"), data={"text": "name,when\nA,B\n"})
    assert (bad.status_code, "The first line has to name the columns" in bad.text) == (422, True)


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"x" * 2_000_001, "The file is larger than 2 MB. A list of courses is smaller than that"),
        (b"PK\x03\x04" + b"x" * 100, "This file is not a text list."),
        (b"", "The list is empty."),
    ],
    ids=["too large", "a workbook", "empty"],
)
def test_a_file_that_is_no_list_of_courses_is_refused_and_what_was_typed_stays(
    browser: Open, database: Database, cast: Cast, data: bytes, sentence: str
) -> None:
    typed = "" if not data else "title,kind\nHalf a list,workshop"
    answer = browser(cast.priya).post(
        catalogue_path(cast, "/import"), data={"text": typed}, files={"file": ("courses.csv", data)}
    )
    assert (answer.status_code, sentence in answer.text) == (422, True)
    assert "people" not in answer.text.split('id="import_form"')[1].split("</form>")[0]
    assert f"{typed}</textarea>" in answer.text
    assert courses(database) == []


def test_a_file_of_courses_is_read_as_a_spreadsheet_saves_it(browser: Open, cast: Cast) -> None:
    text = "\ufefftitle;kind\r\nFürsorge;briefing\r\n"
    answer = browser(cast.priya).post(
        catalogue_path(cast, "/import"), data={"text": ""}, files={"file": ("courses.csv", text.encode())}
    )
    assert "Fürsorge" in answer.text
    assert "New course without a date" in answer.text


@pytest.mark.parametrize(
    ("name", "status"), [("asha", 403), ("marek", 403), ("amina", 403), ("ines", 403), ("noor", 404)]
)
def test_who_may_not_manage_courses_sends_no_list(
    browser: Open, database: Database, cast: Cast, name: str, status: int
) -> None:
    page = browser(getattr(cast, name))
    answer = page.post(catalogue_path(cast, "/import"), files={"file": ("courses.csv", b"title\nA\n")})
    assert answer.status_code == status
    assert courses(database) == []


def test_lists_ask_the_same_number_of_questions_however_long(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    course = a_course(session, cast.priya, cast.provider.id)
    one = a_date(session, course)
    a_booking(session, one, cast.amina_at)
    commit(session)
    priya = browser(cast.priya)
    paths = (catalogue_path(cast), catalogue_path(cast, f"/{course.id}"), session_path(cast, one))
    counts = []
    for more in (0, 9):
        for number in range(more):
            a_date(session, a_course(session, cast.priya, cast.provider.id, title=f"Course {number}"))
            a_date(session, course, days=30 + number)
            a_booking(session, one, a_colleague(session, cast, f"Colleague {number}")[1], "waiting")
        commit(session)
        for path in paths:
            priya.get(path)
            with queries(database) as count:
                assert priya.get(path).status_code == 200
            counts.append(count.number)
    assert counts[:3] == counts[3:]
