"""Members of staff through their pages: the list, who may see and keep it, corrections, and who has left."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from uuid import UUID

import pytest
import time_machine
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.staff.models import StaffMember
from tests.builders import Cast, an_employer, commit
from tests.client import Browser
from tests.counting import queries
from tests.staff.steps import (
    LATER,
    NAME,
    PA3,
    TITLE,
    a_choice,
    a_member,
    a_training,
    boxes,
    rows,
    staff_path,
    trail,
    typed_choice,
    typed_learning,
    typed_member,
)

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> object:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.mark.parametrize("htmx", [False, True])
def test_a_manager_records_somebody_once(browser: Open, database: Database, cast: Cast, htmx: bool) -> None:
    page = browser(cast.priya, htmx=htmx)
    assert "Add a member of staff" in browser(cast.priya).get(staff_path(cast, rest="/new")).text
    for _ in range(2):
        answer = page.post(staff_path(cast), data=typed_member(cast.employer, name="  Wanda   Whitlow "))
        assert answer.status_code == (204 if htmx else 303), answer.text
    (member,) = rows(database, StaffMember)
    assert (member.name, member.title, member.employer_id) == (NAME, TITLE, cast.employer.id)
    assert (member.started_on, member.left_on, member.recorded_by_id) == (
        date(2025, 9, 1),
        None,
        cast.priya.id,
    )
    shown = browser(cast.priya).get(staff_path(cast, member)).text
    assert "In this role from 1 September 2025" in shown
    assert "No email address, no date of birth and no notes are kept" in shown
    assert [action for action, _ in trail(database)] == ["staff.added"]
    again = browser(cast.priya).post(staff_path(cast), data=typed_member(cast.employer, name="Somebody Else"))
    assert (again.status_code, "This page was sent before" in again.text) == (422, True)
    assert len(rows(database, StaffMember)) == 1


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "Enter the person’s name."),
        ({"name": "W" * 201}, "Use at most 200 characters."),
        ({"title": ""}, "Enter the role at work"),
        ({"employer": ""}, "Choose the employer."),
        ({"employer": str(UUID(int=7))}, "Choose the employer from the list."),
        ({"started_on_day": "31", "started_on_month": "2"}, "Enter a real date"),
    ],
    ids=["no name", "long name", "no role", "no employer", "no such employer", "no such day"],
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(
    browser: Open, database: Database, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    fields = typed_member(cast.employer) | change
    answer = browser(cast.priya).post(staff_path(cast), data=fields)
    assert (answer.status_code, sentence in answer.text) == (422, True), answer.text
    for name in ("name", "title", "started_on_year"):
        assert f'value="{fields[name].strip()}"' in answer.text, name
    assert rows(database, StaffMember) == []


def test_nobody_is_recorded_at_the_employer_of_another_provider(
    browser: Open, database: Database, cast: Cast
) -> None:
    answer = browser(cast.priya).post(staff_path(cast), data=typed_member(cast.other_employer))
    assert (answer.status_code, "Choose the employer from the list." in answer.text) == (422, True)
    assert rows(database, StaffMember) == []


PAGES = ("", "/edit", "/left", "/choose", "/training")


def test_who_may_see_and_keep_them(browser: Open, session: Session, database: Database, cast: Cast) -> None:
    """Managers of this provider, and nobody else: to whom the provider is not theirs, there is no such page."""
    member = a_member(session, cast.employer, cast.priya)
    taught = a_training(session, member, cast.priya, date(2026, 10, 20))
    commit(session)
    sent = {
        staff_path(cast): typed_member(cast.employer),
        staff_path(cast, member, "/edit"): typed_member(cast.employer, name="Somebody Else"),
        staff_path(cast, member, "/left"): boxes("left_on", date(2026, 10, 30)),
        staff_path(cast, member, "/choose"): typed_choice(),
        staff_path(cast, member, "/training"): typed_learning(),
        staff_path(cast, member, f"/training/{taught.id}/remove"): {},
    }
    read = [
        staff_path(cast),
        staff_path(cast, rest="/new"),
        *(staff_path(cast, member, one) for one in PAGES),
    ]
    before = len(trail(database))
    for person, status in (
        (cast.amina, 403),
        (cast.marek, 403),
        (cast.asha, 403),
        (cast.ines, 403),
        (cast.noor, 404),
        (cast.olu, 404),
        (cast.otto, 404),
        (cast.admin, 404),
    ):
        page = browser(person)
        assert {page.get(one).status_code for one in read} == {status}, person.name
        assert {page.post(one, data=fields).status_code for one, fields in sent.items()} == {status}
    assert len(trail(database)) == before
    assert {browser(cast.priya).get(one).status_code for one in read} == {200}


def test_another_providers_member_of_staff_does_not_exist(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    theirs = a_member(session, cast.other_employer, cast.noor, "Xanthe Yule")
    ours = a_member(session, cast.employer, cast.priya)
    of_ours = a_training(session, ours, cast.priya, date(2026, 10, 20))
    other = a_member(session, cast.employer, cast.priya, "Yorick Zeal")
    commit(session)
    page = browser(cast.priya)
    for one in PAGES:
        assert page.get(staff_path(cast, theirs, one)).status_code == 404, one
    assert page.post(staff_path(cast, theirs, "/choose"), data=typed_choice()).status_code == 404
    assert page.post(staff_path(cast, other, f"/training/{of_ours.id}/remove")).status_code == 404
    assert "Xanthe" not in page.get(staff_path(cast)).text
    shown = page.get(staff_path(cast) + f"?employer={cast.other_employer.id}").text
    assert ("Nobody for what is asked here." in shown, "Xanthe" in shown) == (True, False)
    assert trail(database) == []


def test_name_role_and_first_day_are_corrected_and_the_trail_says_which(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    member = a_member(session, cast.employer, cast.priya, left_on=date(2026, 10, 30))
    commit(session)
    page, address = browser(cast.priya), staff_path(cast, member, "/edit")
    assert f'value="{NAME}"' in page.get(address).text
    assert page.post(address, data=typed_member(cast.employer)).status_code == 303
    assert trail(database) == [], "saying the same again changes nothing"
    said = {"name": "Wanda Webb", "title": "Head of year", **boxes("started_on", None)}
    assert page.post(address, data=said).status_code == 303
    (found,) = rows(database, StaffMember)
    assert (found.name, found.title, found.started_on) == ("Wanda Webb", "Head of year", None)
    ((action, detail),) = trail(database)
    assert (action, sorted(detail["changed"])) == ("staff.corrected", ["name", "started_on", "title"])
    assert "Webb" not in str(detail), "no name stands in the trail"
    late = page.post(address, data=said | boxes("started_on", date(2026, 11, 1)))
    assert late.status_code == 422
    assert "The last day, 30 October 2026, would be before the first, 1 November 2026." in late.text
    assert 'value="Head of year"' in late.text
    blank = page.post(address, data=said | {"name": ""})
    assert (blank.status_code, "Enter the person’s name." in blank.text) == (422, True)


def test_whoever_has_left_falls_out_of_the_list_the_day_after(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    member = a_member(session, cast.employer, cast.priya)
    commit(session)
    page, address = browser(cast.priya), staff_path(cast, member, "/left")
    early = page.post(address, data=boxes("left_on", date(2025, 8, 31)))
    assert early.status_code == 422
    assert "The last day, 31 August 2025, would be before the first" in early.text
    assert 'value="2025"' in early.text
    assert page.post(address, data=boxes("left_on", LATER.date())).status_code == 303
    assert NAME in page.get(staff_path(cast)).text, "today is the last day"
    with time_machine.travel(LATER.replace(day=4), tick=True):
        page = browser(cast.priya)
        assert NAME not in page.get(staff_path(cast)).text
        gone = page.get(staff_path(cast) + "?only=left").text
        assert (NAME in gone, "Last day 3 November 2026" in gone) == (True, True)
        refused = page.post(staff_path(cast, member, "/choose"), data=typed_choice())
        assert (refused.status_code, "This person has left" in refused.text) == (422, True)
        assert page.post(address, data=boxes("left_on", None)).status_code == 303
        assert NAME in page.get(staff_path(cast)).text
    assert [action for action, _ in trail(database)] == ["staff.left", "staff.still_there"]


@pytest.fixture
def three(session: Session, cast: Cast) -> None:
    """Of two employers: Wanda in date, Yorick overdue, and Zelda with nothing chosen."""
    quay = an_employer(session, cast.provider, "Quay")
    wanda = a_member(session, cast.employer, cast.priya)
    yorick = a_member(session, quay, cast.priya, "Yorick Zeal")
    a_member(session, quay, cast.priya, "Zelda Quist")
    for member in (wanda, yorick):
        a_choice(session, member, cast.priya)
    a_training(session, wanda, cast.priya, date(2026, 10, 20))
    commit(session)


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"Wanda", "Yorick", "Zelda"}),
        ("?only=overdue", {"Yorick"}),
        ("?q=ZEAL", {"Yorick"}),
        ("?q=%25", set()),
        ("?employer=northside", {"Wanda", "Yorick", "Zelda"}),
        ("?only=left", set()),
    ],
    ids=["all", "overdue", "by name", "no wildcard", "what cannot be read", "left"],
)
def test_the_list_shows_what_is_asked_for(
    browser: Open, cast: Cast, three: None, query: str, expected: set[str]
) -> None:
    shown = browser(cast.priya).get(staff_path(cast) + query).text
    assert {one for one in ("Wanda", "Yorick", "Zelda") if one in shown} == expected
    assert ("Nobody for what is asked here." in shown) == (not expected)


def test_the_list_by_employer_and_from_the_list_of_employers(
    browser: Open, session: Session, cast: Cast, three: None
) -> None:
    page = browser(cast.priya)
    query = f"?employer={cast.employer.id}"
    assert staff_path(cast) + query in page.get(f"/providers/{cast.provider.id}/employers").text
    shown = page.get(staff_path(cast) + query).text
    assert ("Wanda" in shown, "Yorick" in shown) == (True, False)
    adding = page.get(staff_path(cast, rest="/new") + query).text
    assert f'value="{cast.employer.id}" selected' in adding


@pytest.mark.parametrize("query", ["", "?only=overdue"])
def test_the_list_is_paged_and_its_queries_do_not_grow(
    browser: Open, session: Session, database: Database, cast: Cast, query: str
) -> None:
    page = browser(cast.priya)

    def add(number: int) -> None:
        member = a_member(session, cast.employer, cast.priya, f"Wanda Whitlow {number:02}")
        a_choice(session, member, cast.priya)
        a_training(session, member, cast.priya, date(2022, 10, 20))

    def count() -> int:
        with queries(database) as made:
            assert page.get(staff_path(cast) + query).status_code == 200
        return made.number

    add(0)
    commit(session)
    page.get(staff_path(cast))
    few = count()
    for number in range(1, 30):
        add(number)
    commit(session)
    assert count() == few
    first = page.get(staff_path(cast) + query).text
    second = page.get(staff_path(cast) + (query + "&" if query else "?") + "page=2").text
    assert ("Whitlow 24" in first, "Whitlow 25" in first, "Next page" in first) == (True, False, True)
    assert ("Whitlow 24" in second, "Whitlow 29" in second, "Next page" in second) == (False, True, False)
    assert PA3 not in first, "a framework is named by its title"
