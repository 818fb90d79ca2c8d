"""The cohort pages over HTTP: who sees what, filters, order and paging, with and without htmx."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Employer, Progress
from portfolio.cohorts.asked import COLUMNS
from portfolio.cohorts.rules import Limits, Standing, behind_with_hours, standing
from portfolio.cohorts.standing import facts_of
from portfolio.database import Database
from tests.builders import NOW, Cast, a_cohort, a_person, an_employer, commit
from tests.cohorts.crowd import a_crowd
from tests.counting import queries

Open = Callable[..., Any]
LIMITS = Limits(850, 600, 42)
ADDRESSES = ["/cohorts/{cohort}", "/cohorts/{cohort}/coverage", "/providers/{provider}/cohorts-together",
             "/providers/{provider}/cohorts-together/coverage"]  # fmt: skip
FILES = ["/cohorts/{cohort}/export.csv", "/cohorts/{cohort}/export.xlsx",
         "/providers/{provider}/cohorts-together/export.csv",
         "/providers/{provider}/cohorts-together/export.xlsx"]  # fmt: skip


def at(address: str, cast: Cast) -> str:
    return address.format(cohort=cast.cohort.id, provider=cast.provider.id)


def shown(text: str) -> list[str]:
    """The ids of the apprenticeships in the table, in order."""
    return re.findall(r'<th scope="row"><a href="/apprenticeships/([0-9a-f-]{36})/statements"', text)


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("address", ["/cohorts", *ADDRESSES])
def test_a_manager_opens_every_page(browser: Open, crowd: Cast, address: str, htmx: bool) -> None:
    answer = browser(crowd.priya, htmx=htmx).get(at(address, crowd))
    assert answer.status_code == 200
    assert ("<!doctype" in answer.text) is (not htmx or address == "/cohorts")


@pytest.mark.parametrize("address", ADDRESSES)
def test_strangers_get_404_and_insiders_without_the_right_403(
    browser: Open, crowd: Cast, address: str
) -> None:
    for stranger in (crowd.noor, crowd.otto, crowd.olu, crowd.admin):
        assert browser(stranger).get(at(address, crowd)).status_code == 404
    for insider in (crowd.amina, crowd.marek, crowd.asha, crowd.ines):
        assert browser(insider).get(at(address, crowd)).status_code == 403


@pytest.mark.parametrize("address", FILES)
def test_nobody_else_takes_a_report_away(browser: Open, crowd: Cast, address: str) -> None:
    assert browser(crowd.noor).post(at(address, crowd)).status_code == 404
    assert browser(crowd.asha).post(at(address, crowd)).status_code == 403


def test_nobody_signed_in_is_sent_to_sign_in(browser: Open, crowd: Cast) -> None:
    answer = browser().get(at(ADDRESSES[0], crowd))
    assert answer.status_code == 303
    assert answer.headers["location"].startswith("/sign-in?next=")


def test_a_cohort_that_does_not_exist_is_not_found(browser: Open, crowd: Cast) -> None:
    manager = browser(crowd.priya)
    assert manager.get(f"/cohorts/{uuid4()}").status_code == 404
    assert manager.get("/cohorts/october").status_code == 404
    assert manager.get(f"/providers/{uuid4()}/cohorts-together").status_code == 404


def test_the_list_shows_own_cohorts_only_with_their_numbers(
    browser: Open, session: Session, crowd: Cast
) -> None:
    a_cohort(session, crowd.provider, "Empty so far")
    commit(session)
    text = browser(crowd.priya).get("/cohorts").text
    assert "October 2025" in text
    assert '<td class="n" data-label="Apprentices">61</td>' in text
    assert "Nobody in it yet" in text
    assert "Harbour 2025" not in text
    assert "All cohorts together" in text
    for person in (crowd.amina, crowd.asha, crowd.admin):
        assert browser(person).get("/cohorts").status_code == 403


def test_many_cohorts_come_in_pages(browser: Open, session: Session, cast: Cast) -> None:
    for number in range(30):
        a_cohort(session, cast.provider, f"Cohort {number:02}")
    commit(session)
    manager = browser(cast.priya)
    pages = [manager.get(f"/cohorts?page={number}").text for number in (1, 2)]
    names = [name for page in pages for name in re.findall(r"<b>(Cohort \d\d|October 2025)</b>", page)]
    assert len(names) == len(set(names)) == 31
    assert "There are no more cohorts" in manager.get("/cohorts?page=3").text


def rows_of(database: Database, cast: Cast) -> dict[str, Progress]:
    with database.reading() as session:
        rows = session.scalars(select(Progress).where(Progress.cohort_id == cast.cohort.id))
        return {str(row.apprenticeship_id): row for row in rows}


def everything(manager: Any, address: str, query: str = "") -> list[str]:
    """All rows of all pages, following the link to the next page as a person would."""
    found: list[str] = []
    path = address + query
    for _ in range(40):
        text = manager.get(path).text
        found += shown(text)
        following = re.search(r'<a rel="next"[^>]* href="([^"]+)"', text)
        if following is None:
            return found
        path = html.unescape(following[1])
    raise AssertionError("the pages never end")


@pytest.mark.parametrize("htmx", [False, True])
def test_every_order_shows_everybody_once_to_the_last_page(
    browser: Open, database: Database, crowd: Cast, htmx: bool
) -> None:
    manager, everybody = browser(crowd.priya, htmx=htmx), set(rows_of(database, crowd))
    for column in COLUMNS:
        for order in (column, f"-{column}"):
            found = everything(manager, at(ADDRESSES[0], crowd), f"?sort={order}")
            assert len(found) == 61, order
            assert set(found) == everybody, order


VALUES: dict[str, Callable[[Progress], Any]] = {
    "name": lambda row: row.sort_name,
    "signed": lambda row: (row.statements_covered + row.duties_covered) * 1000 // 81,
    "activity": lambda row: -row.last_activity_day if row.last_activity_day else None,
    "hours": lambda row: row.hours_confirmed * 1000 // row.hours_planned if row.hours_planned else None,
    "waiting": lambda row: -row.waiting_day if row.waiting_day else None,
    "standing": lambda row: standing(facts_of(row), NOW.date().toordinal(), LIMITS).rank,
}


def test_the_order_is_the_one_asked_for(browser: Open, database: Database, crowd: Cast) -> None:
    rows, manager = rows_of(database, crowd), browser(crowd.priya)
    for column, value in VALUES.items():
        for direction, backwards in (("", False), ("-", True)):
            order = f"?sort={direction}{column}"
            found = [value(rows[one]) for one in everything(manager, at(ADDRESSES[0], crowd), order)]
            known = [one for one in found if one is not None]
            assert known == sorted(known, reverse=backwards), order
            assert found == known + [None] * (len(found) - len(known)), order  # without a value: last


def test_an_unknown_order_or_filter_shows_the_whole_list_by_name(browser: Open, crowd: Cast) -> None:
    manager = browser(crowd.priya)
    plain = shown(manager.get(at(ADDRESSES[0], crowd)).text)
    odd = "?sort=password_hash&standing=lost&gap=x&employer=y"
    assert shown(manager.get(at(ADDRESSES[0], crowd) + odd).text) == plain
    assert manager.get(at(ADDRESSES[0], crowd) + "?page=0").status_code == 404


def test_the_numbers_are_links_to_just_those_people(browser: Open, database: Database, crowd: Cast) -> None:
    rows, manager = rows_of(database, crowd), browser(crowd.priya)
    text = manager.get(at(ADDRESSES[0], crowd)).text
    today = NOW.date().toordinal()
    found = {key: standing(facts_of(row), today, LIMITS) for key, row in rows.items()}
    assert {Standing.AT_RISK, Standing.BEHIND, Standing.ON_TRACK, Standing.BREAK} <= set(found.values())
    for one in Standing:
        expected = {key for key, value in found.items() if value is one}
        assert set(everything(manager, at(ADDRESSES[0], crowd), f"?standing={one}")) == expected
        number = re.search(rf'id="n-{one}"[^>]*><b>(\d+)</b>', text)
        assert (int(number[1]) if number else 0) == len(expected)


def test_filters_by_employer_gap_and_name(browser: Open, database: Database, crowd: Cast) -> None:
    rows, manager, address = rows_of(database, crowd), browser(crowd.priya), at(ADDRESSES[0], crowd)
    with database.reading() as session:
        city = session.scalars(select(Employer).where(Employer.name == "City Housing")).one()
    at_city = {key for key, row in rows.items() if row.employer_id == city.id}
    assert len(at_city) == 30
    assert set(everything(manager, address, f"?employer={city.id}")) == at_city
    assert set(everything(manager, address, "?q=city%20hous")) == at_city
    maths = {key for key, row in rows.items() if "maths" in row.gaps.split(",")}
    assert set(everything(manager, address, "?gap=maths")) == maths
    abel = {key for key, row in rows.items() if row.sort_name.startswith("abel ")}
    assert set(everything(manager, address, "?q=ABEL")) == abel
    assert (
        set(everything(manager, address, f"?q=abel&gap=maths&employer={city.id}")) == abel & maths & at_city
    )
    for nobody in ("%25", "_", "Abel%20Brook%20X"):
        assert everything(manager, address, f"?q={nobody}") == []
    assert "Nobody fits" in manager.get(address + "?q=nobody").text


def test_those_behind_with_their_hours_can_be_asked_for(
    browser: Open, database: Database, crowd: Cast
) -> None:
    rows, manager, address = rows_of(database, crowd), browser(crowd.priya), at(ADDRESSES[0], crowd)
    today = NOW.date().toordinal()
    behind = {key for key, row in rows.items() if behind_with_hours(facts_of(row), today)}
    assert 0 < len(behind) < len(rows)
    assert set(everything(manager, address, "?hours=behind")) == behind
    assert set(everything(manager, address, "?hours=other")) == set(rows)
    text = manager.get(address + "?hours=behind").text
    assert '<option value="behind" selected>' in text
    assert text.count('data-label="Off-the-job hours"') == text.count(
        'due by now</span></td>\n    <td data-label="Last'
    )
    without = manager.get(address + "?q=archer").text
    assert re.search(r'data-label="Off-the-job hours">–</td>', without), "no plan, nothing confirmed"


def test_a_filter_survives_sorting_and_paging(browser: Open, crowd: Cast) -> None:
    text = browser(crowd.priya).get(at(ADDRESSES[0], crowd) + "?gap=statements&sort=pace").text
    assert re.search(r'id="sort-standing" href="[^"]*\?gap=statements&amp;sort=standing"', text)
    assert re.search(r'rel="next"[^>]*href="[^"]*gap=statements&amp;sort=pace&amp;page=2"', text)
    assert '<option value="statements" selected>' in text
    assert 'aria-sort="ascending"' in text
    assert '/export.csv?gap=statements&amp;sort=pace"' in text


def test_the_fragment_is_the_same_as_in_the_page(browser: Open, crowd: Cast) -> None:
    address = at(ADDRESSES[0], crowd) + "?standing=at_risk&sort=-waiting"
    whole = browser(crowd.priya).get(address).text
    fragment = browser(crowd.priya, htmx=True).get(address).text
    assert fragment.strip() in whole
    assert fragment.strip().startswith('<div id="cohort_report"')
    assert 'hx-push-url="true"' in fragment


def test_the_definition_and_its_limits_stand_on_the_page(browser: Open, crowd: Cast) -> None:
    text = browser(crowd.priya).get(at(ADDRESSES[0], crowd)).text
    for words in (
        "less than 85% of an even pace",
        "less than 60% of an even pace",
        "nothing new for 42 days",
    ):
        assert words in text


def test_a_row_says_how_its_person_stands(browser: Open, session: Session, crowd: Cast) -> None:
    row = session.scalars(select(Progress).where(Progress.apprenticeship_id == crowd.amina_at.id)).one()
    row.statements_covered, row.duties_covered, row.gaps = 40, 3, "dbs,maths,statements,duties"
    row.waiting_since = row.last_activity_at = NOW.replace(month=10, day=24)
    row.waiting_day = row.last_activity_day = row.waiting_since.date().toordinal()
    row.pieces_waiting = 2
    commit(session)
    text = browser(crowd.priya).get(at(ADDRESSES[0], crowd) + "?q=archer").text
    cells = re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", text[text.index("<tbody>") :])))
    expected = (
        "Amina Archer Northside School 40 of 66 statements , 3 of 15 duties 74% 58 due by now – 9 days ago "
        "9 days 2 pieces DBS, Maths 15 October 2027 192 days late Behind"
    )
    assert expected in cells


def test_an_empty_cohort_says_what_will_show_here(browser: Open, session: Session, cast: Cast) -> None:
    empty = a_cohort(session, cast.provider, "Spring 2027")
    commit(session)
    for htmx in (False, True):
        answer = browser(cast.priya, htmx=htmx).get(f"/cohorts/{empty.id}")
        assert "Nobody is in here yet" in answer.text
        assert "export.csv" not in answer.text
    assert "nothing to show" in browser(cast.priya).get(f"/cohorts/{empty.id}/coverage").text


def test_all_cohorts_together_are_those_of_the_provider(browser: Open, session: Session, crowd: Cast) -> None:
    a_crowd(session, a_cohort(session, crowd.provider, "Spring 2027"), [crowd.employer], 7)
    commit(session)
    found = everything(browser(crowd.priya), at(ADDRESSES[2], crowd))
    assert len(found) == 68
    assert str(crowd.other_at.id) not in found


def test_a_filter_for_an_employer_of_another_provider_finds_nobody(browser: Open, crowd: Cast) -> None:
    assert (
        everything(browser(crowd.priya), at(ADDRESSES[0], crowd), f"?employer={crowd.other_employer.id}")
        == []
    )


def test_a_name_cannot_bring_markup_in(browser: Open, session: Session, crowd: Cast) -> None:
    person = a_person(
        session, "<b onclick=x>Eve</b> Aaa", crowd.provider, "apprentice", email="eve@example.org"
    )
    employer = an_employer(session, crowd.provider, "<script>alert(1)</script>")
    a_crowd(session, crowd.cohort, [employer], 1, apprentice_id=person.id, sort_name="aaa eve")
    commit(session)
    text = browser(crowd.priya).get(at(ADDRESSES[0], crowd)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in text
    assert "&lt;b onclick=x&gt;Eve" in text


def test_every_page_sends_as_many_queries_for_two_hundred_as_for_ten(
    browser: Open, session: Session, database: Database, cast: Cast, on_that_day: None
) -> None:
    pages = [at(address, cast) for address in ("/cohorts", *ADDRESSES)]
    pages += [pages[1] + "?standing=at_risk&sort=-forecast", pages[3] + "?q=a&gap=maths&sort=employer"]
    manager = browser(cast.priya)
    counts: list[list[int]] = []
    for more in (10, 190):
        a_crowd(session, cast.cohort, [an_employer(session, cast.provider, f"Employer {more}")], more)
        commit(session)
        counts.append([])
        for path in pages:
            with queries(database) as count:
                assert manager.get(path).status_code == 200
            counts[-1].append(count.number)
    assert counts[0] == counts[1]
    assert max(counts[0]) <= 11
