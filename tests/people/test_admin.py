"""The installation admin: numbers, a new provider, the end of somebody's sessions; no content at all."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people.models import Member, Person, Provider
from tests.builders import Cast, a_provider, commit
from tests.client import Browser
from tests.counting import queries
from tests.people.steps import events, link_in, running

RIVERSIDE = {
    "name": "Riverside College",
    "ukprn": "10000007",
    "manager_name": "Rae Rivers",
    "manager_email": "rae@example.org",
}
PAGES = [
    ("GET", "/admin", {}),
    ("GET", "/admin/new-provider", {}),
    ("POST", "/admin/new-provider", RIVERSIDE),
    ("POST", "/admin/end-sessions", {"email": "amina.archer@example.org"}),
]


def test_providers_are_shown_as_numbers_and_nobody_by_name(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    text = browser(cast.admin).get("/admin").text
    for words in (
        "Northern Skills",
        "Harbour Training",
        'data-label="People" class="n">5<',
        'data-label="People" class="n">3<',
    ):
        assert words in text
    assert text.count('data-label="Apprenticeships" class="n">1<') == 2
    for name in ("Amina", "Priya", "Noor", "Olu", "Northside", "October 2025"):
        assert name not in text


def test_a_member_whose_role_ended_is_not_counted_and_two_roles_count_once(
    browser: Callable[..., Browser], session: Session, cast: Cast
) -> None:
    member = session.scalars(select(Member).where(Member.person_id == cast.marek.id)).one()
    member.ended_at = member.created_at
    session.add(
        Member(
            provider_id=cast.provider.id,
            person_id=cast.asha.id,
            role="iqa",
            rights=[],
            created_at=member.created_at,
        )
    )
    commit(session)
    assert 'data-label="People" class="n">4<' in browser(cast.admin).get("/admin").text


@pytest.mark.parametrize(("method", "path", "data"), PAGES)
def test_to_everybody_else_it_does_not_exist(
    browser: Callable[..., Browser],
    cast: Cast,
    database: Database,
    method: str,
    path: str,
    data: dict[str, str],
) -> None:
    pages = [
        browser(person) for person in (cast.priya, cast.noor, cast.amina, cast.marek, cast.asha, cast.ines)
    ]
    for page in pages:
        assert page.request(method, path, data=data or None).status_code == 404
    assert browser().request(method, path, data=data or None).status_code == 303
    with database.reading() as look:
        assert look.scalar(select(func.count()).select_from(Provider)) == 2
    assert running(database, cast.amina) == 1


def test_the_admin_opens_nobody_s_portfolio(browser: Callable[..., Browser], cast: Cast) -> None:
    page = browser(cast.admin)
    for path in (
        f"/apprenticeships/{cast.amina_at.id}/evidence",
        f"/providers/{cast.provider.id}/people",
        f"/providers/{cast.provider.id}/people/{cast.amina.id}",
    ):
        assert page.get(path).status_code == 404


@pytest.mark.parametrize("htmx", [False, True])
def test_a_provider_and_its_first_manager(
    browser: Callable[..., Browser], cast: Cast, database: Database, htmx: bool
) -> None:
    page = browser(cast.admin, htmx=htmx)
    answer = page.post("/admin/new-provider", data=RIVERSIDE)
    assert answer.status_code == 200
    assert "Riverside College is created" in answer.text
    hers = browser()
    new = {"password_new": "three unrelated words", "password_again": "three unrelated words"}
    hers.post(link_in(answer.text), data=new)
    with database.reading() as look:
        provider = look.scalars(select(Provider).where(Provider.name == "Riverside College")).one()
    assert "Rae Rivers" in hers.get(f"/providers/{provider.id}/people").text
    assert hers.get(f"/providers/{cast.provider.id}/people").status_code == 404
    assert [event.by_id for event in events(database, "provider.created")] == [cast.admin.id]


def test_somebody_who_has_an_account_becomes_the_manager_and_signs_in_as_before(
    browser: Callable[..., Browser], cast: Cast
) -> None:
    answer = browser(cast.admin).post(
        "/admin/new-provider", data=RIVERSIDE | {"manager_email": cast.noor.email}
    )
    assert "they sign in as before" in answer.text
    assert "/set-password/" not in answer.text


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ({"name": ""}, "provider’s name"),
        ({"name": "northern skills"}, "of this name already"),
        ({"ukprn": "12"}, "eight digits"),
        ({"manager_name": ""}, "person’s name"),
        ({"manager_email": "rae"}, "e-mail address"),
        ({"manager_email": "alex.adair@example.org"}, "installation admin"),
    ],
)
def test_a_mistake_creates_nothing_and_keeps_what_was_typed(
    browser: Callable[..., Browser],
    cast: Cast,
    database: Database,
    typed: dict[str, str],
    sentence: str,
    htmx: bool,
) -> None:
    fields = RIVERSIDE | typed
    answer = browser(cast.admin, htmx=htmx).post("/admin/new-provider", data=fields)
    assert answer.status_code == 422
    assert sentence in answer.text
    for value in fields.values():
        assert f'value="{value}"' in answer.text
    with database.reading() as look:
        assert look.scalar(select(func.count()).select_from(Provider)) == 2
        assert look.scalar(select(func.count()).select_from(Person)) == 9
    assert events(database, "provider.created") == []


@pytest.mark.parametrize("htmx", [False, True])
def test_all_sessions_of_somebody_end(
    browser: Callable[..., Browser], cast: Cast, database: Database, htmx: bool
) -> None:
    amina, page = browser(cast.amina), browser(cast.admin, htmx=htmx)
    answer = page.post("/admin/end-sessions", data={"email": " AMINA.ARCHER@example.org"})
    where = answer.headers["hx-redirect" if htmx else "location"]
    page.htmx = False
    assert "Every device of this person is signed out." in page.get(where).text
    assert amina.get("/account").status_code == 303
    (event,) = events(database, "sessions.ended")
    assert (event.by_id, event.about_person_id) == (cast.admin.id, cast.amina.id)


def test_the_admin_s_own_present_session_goes_on(
    browser: Callable[..., Browser], cast: Cast, database: Database
) -> None:
    other, page = browser(cast.admin), browser(cast.admin)
    page.post("/admin/end-sessions", data={"email": cast.admin.email})
    assert other.get("/account").status_code == 303
    assert page.get("/admin").status_code == 200


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize(
    ("email", "sentence"),
    [("nobody@example.org", "no account with this address"), ("amina", "e-mail address")],
)
def test_an_address_without_an_account_is_said(
    browser: Callable[..., Browser], cast: Cast, email: str, sentence: str, htmx: bool
) -> None:
    answer = browser(cast.admin, htmx=htmx).post("/admin/end-sessions", data={"email": email})
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{email}"' in answer.text
    assert "Northern Skills" in answer.text


def test_more_providers_cost_no_more_questions(
    browser: Callable[..., Browser], session: Session, cast: Cast, database: Database
) -> None:
    page = browser(cast.admin)
    with queries(database) as few:
        page.get("/admin")
    for number in range(30):
        a_provider(session, f"Provider {number:02d}")
    commit(session)
    with queries(database) as many:
        first = page.get("/admin")
    assert many.number == few.number
    assert "Provider 22" in first.text
    assert "Provider 29" in page.get("/admin?page=2").text
