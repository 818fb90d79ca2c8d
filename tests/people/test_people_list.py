"""A manager finds and invites the people of their own provider, and never sees another one's."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people.models import Member, Person
from portfolio.web.formats import utc_now
from tests.builders import Cast, a_person, commit
from tests.client import Browser
from tests.counting import queries
from tests.people.steps import events, link_in

NIA = {"name": "Nia Newall", "email": "nia@example.org", "roles": ["mentor"]}


@pytest.fixture
def people(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/people"


def names_in(text: str) -> list[str]:
    return [
        part.split("</b>")[0]
        for part in text.split('<a class="tap"')[1:]
        for part in [part.partition("<b>")[2]]
        if part
    ]


@pytest.mark.parametrize("htmx", [False, True])
def test_everybody_with_a_role_by_name(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str, htmx: bool
) -> None:
    a_person(
        session, "bea Bell", session.get_one(type(cast.provider), cast.provider.id), "mentor", "assessor"
    )
    commit(session)
    answer = browser(cast.priya, htmx=htmx).get(people)
    assert ("<!doctype" in answer.text) is not htmx
    expected = ["Amina Archer", "Asha Abbott", "bea Bell", "Ines Irwin", "Marek Mason", "Priya Parker"]
    assert [name for name in names_in(answer.text) if name in expected] == expected
    assert "Workplace mentor, Assessor" in answer.text
    for stranger in ("Noor", "Olu", "Otto", "Alex"):
        assert stranger not in answer.text


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("search=arch", ["Amina Archer"]),
        ("search=AMINA.ARCHER%40", ["Amina Archer"]),
        ("search=%20asha%20", ["Asha Abbott"]),
        ("standing=assessor", ["Asha Abbott"]),
        ("standing=assessor&search=amina", []),
        ("standing=nonsense&search=ines", ["Ines Irwin"]),
        ("search=%25", []),
        ("search=_", []),
        ("search=%5C", []),
        ("search=otto", []),
        ("search=%27%20OR%201%3D1--", []),
        ("standing=suspended", []),
    ],
)
def test_search_and_filter(
    browser: Callable[..., Browser], cast: Cast, people: str, query: str, found: list[str]
) -> None:
    answer = browser(cast.priya).get(f"{people}?{query}")
    assert answer.status_code == 200
    assert names_in(answer.text) == found
    assert ("Nobody here fits" in answer.text) is not found


def test_who_was_suspended_is_found_under_that_word_only(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str
) -> None:
    session.scalars(select(Member).where(Member.person_id == cast.marek.id)).one().ended_at = utc_now()
    commit(session)
    page = browser(cast.priya)
    assert "Marek" not in page.get(people).text
    assert names_in(page.get(f"{people}?standing=suspended").text) == ["Marek Mason"]


def test_pages_follow_each_other_without_a_gap_and_cost_the_same(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str, database: Database
) -> None:
    page = browser(cast.priya)
    with queries(database) as few:
        page.get(people)
    provider = session.get_one(type(cast.provider), cast.provider.id)
    for number in range(60):
        a_person(session, f"Person {number:02d}", provider, "apprentice", "mentor")
    commit(session)
    with queries(database) as many:
        first = page.get(f"{people}?standing=apprentice")
    assert many.number == few.number
    second = page.get(f"{people}?standing=apprentice&page=2")
    third = page.get(f"{people}?standing=apprentice&page=3")
    names = [name for answer in (first, second, third) for name in names_in(answer.text)]
    assert names == ["Amina Archer"] + [f"Person {number:02d}" for number in range(60)]
    assert "standing=apprentice&amp;page=2" in first.text
    assert "Next page" not in third.text


@pytest.mark.parametrize("htmx", [False, True])
def test_inviting_shows_the_link_once(
    browser: Callable[..., Browser], cast: Cast, people: str, database: Database, htmx: bool
) -> None:
    page = browser(cast.priya, htmx=htmx)
    answer = page.post(people, data=NIA)
    assert answer.status_code == 200
    assert "Nia Newall is invited" in answer.text
    assert browser().get(link_in(answer.text)).status_code == 200
    again = page.post(people, data=NIA)  # the same form sent twice
    assert "was invited before" in again.text
    assert "/set-password/" not in again.text
    with database.reading() as look:
        assert look.scalar(select(func.count()).select_from(Person).where(Person.email == NIA["email"])) == 1
    (event,) = events(database, "person.invited")
    assert (event.by_id, event.provider_id) == (cast.priya.id, cast.provider.id)
    assert "Nia" not in str(event.detail)


def test_inviting_somebody_of_another_provider_says_nothing_of_it(
    browser: Callable[..., Browser], cast: Cast, people: str
) -> None:
    page = browser(cast.priya)
    answer = page.post(people, data={"name": "O", "email": cast.otto.email, "roles": "assessor"})
    assert "There was an account for otto.owens@example.org already" in answer.text
    assert "/set-password/" not in answer.text
    assert "Otto Owens" in page.get(people).text
    person = page.get(f"{people}/{cast.otto.id}")
    for text in (answer.text, person.text):
        assert "Harbour" not in text


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": " "}, "Enter the person’s name"),
        ({"email": "nia"}, "Enter an e-mail address"),
        ({"roles": []}, "Choose at least one role."),
        ({"roles": ["admin"]}, "Choose one of the roles on the page."),
        ({"roles": ["mentor", "king"]}, "Choose one of the answers on the page."),
        ({"rights": ["dbs"]}, "go with the role of provider manager"),
        ({"email": "priya.parker@example.org"}, "Nobody gives or ends their own roles"),
        ({"email": "alex.adair@example.org"}, "installation admin"),
    ],
)
def test_a_mistake_keeps_what_was_typed_and_writes_nothing(
    browser: Callable[..., Browser],
    cast: Cast,
    people: str,
    database: Database,
    typed: dict[str, object],
    sentence: str,
    htmx: bool,
) -> None:
    fields = {"name": "Nia Newall", "email": "nia@example.org", "roles": ["mentor"]} | typed
    answer = browser(cast.priya, htmx=htmx).post(people, data=fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{fields["email"]}"' in answer.text
    assert ('value="mentor" checked' in answer.text) is ("mentor" in fields["roles"])  # type: ignore[operator]
    assert events(database, "person.invited") == []
    assert events(database, "role.given") == []


def test_the_name_that_was_typed_is_never_markup(
    browser: Callable[..., Browser], cast: Cast, people: str
) -> None:
    page = browser(cast.priya)
    answer = page.post(people, data=NIA | {"name": '<img src=x onerror="alert(1)">'})
    for text in (answer.text, page.get(people).text):
        assert "<img" not in text


@pytest.mark.parametrize("path", ["", "/invite"])
def test_strangers_get_nothing_and_insiders_are_refused(
    browser: Callable[..., Browser], cast: Cast, people: str, path: str
) -> None:
    for person in (cast.noor, cast.olu, cast.otto, cast.admin):
        assert browser(person).get(people + path).status_code == 404
    for person in (cast.amina, cast.marek, cast.asha, cast.ines):
        assert browser(person).get(people + path).status_code == 403
    assert browser(cast.priya).get(people + path).status_code == 200


def test_only_a_manager_invites(
    browser: Callable[..., Browser], cast: Cast, people: str, database: Database
) -> None:
    for person, status in ((cast.noor, 404), (cast.admin, 404), (cast.amina, 403), (cast.asha, 403)):
        assert browser(person).post(people, data=NIA).status_code == status
    with database.reading() as look:
        assert look.scalar(select(Person).where(Person.email == NIA["email"])) is None
