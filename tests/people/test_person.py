"""One person of a provider: roles, rights, suspension, resets; never oneself, never beyond this provider."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.people.models import Member, Person
from portfolio.web.formats import utc_now
from tests.builders import Cast, a_person, commit
from tests.client import Browser
from tests.counting import queries
from tests.people.steps import events, give_password, link_in, running, sign_in
from tests.postgres import plain

STEPS = [
    ("roles", {"role": "iqa"}),
    ("roles/end", {"role": "mentor"}),
    ("rights", {"right": "dbs"}),
    ("rights/end", {"right": "dbs"}),
    ("suspend", {}),
    ("bring-back", {}),
    ("end-sessions", {}),
    ("link", {}),
]


@pytest.fixture
def people(cast: Cast) -> str:
    return f"/providers/{cast.provider.id}/people"


def roles_of(database: Database, cast: Cast, person: Person) -> dict[str, list[str]]:
    """Running roles in the first provider, with their rights."""
    with database.reading() as session:
        rows = session.scalars(
            select(Member).where(
                Member.provider_id == cast.provider.id,
                Member.person_id == person.id,
                Member.ended_at.is_(None),
            )
        )
        return {row.role: sorted(row.rights) for row in rows}


def everything(database: Database) -> str:
    """All that these pages could change, to compare before and after."""
    with plain(database) as connection:
        tables = ("member", "person", "single_use_link", "audit_event")
        return str([connection.exec_driver_sql(f"SELECT * FROM {name} ORDER BY id").all() for name in tables])  # noqa: S608


@pytest.mark.parametrize("htmx", [False, True])
def test_roles_are_given_and_ended_from_the_next_request_on(
    browser: Callable[..., Browser], cast: Cast, people: str, database: Database, htmx: bool
) -> None:
    page, marek = browser(cast.priya, htmx=htmx), browser(cast.marek)
    portfolio = f"/apprenticeships/{cast.amina_at.id}/evidence"
    assert marek.get(portfolio).status_code == 200
    answer = page.post(f"{people}/{cast.marek.id}/roles/end", data={"role": "mentor"})
    assert answer.headers["hx-redirect" if htmx else "location"].endswith("?done=role-ended")
    assert roles_of(database, cast, cast.marek) == {}
    assert marek.get(portfolio).status_code == 404
    page.post(f"{people}/{cast.marek.id}/roles", data={"role": "mentor"})
    page.post(f"{people}/{cast.marek.id}/roles", data={"role": "iqa"})
    assert roles_of(database, cast, cast.marek) == {"mentor": [], "iqa": []}
    assert marek.get(portfolio).status_code == 200
    written = [(e.action, e.detail) for e in events(database, "role.ended") + events(database, "role.given")]
    assert written == [
        ("role.ended", {"role": "mentor"}),
        ("role.given", {"role": "mentor"}),
        ("role.given", {"role": "iqa"}),
    ]


def test_named_rights_go_to_managers_only_and_come_back(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str, database: Database
) -> None:
    dora = a_person(session, "Dora Dean", session.get_one(type(cast.provider), cast.provider.id), "manager")
    commit(session)
    page = browser(cast.priya)
    refused = page.post(f"{people}/{cast.marek.id}/rights", data={"right": "dbs"})
    assert refused.status_code == 409
    assert "Give that role first" in refused.text
    for right in ("dbs", "support", "dbs"):
        page.post(f"{people}/{dora.id}/rights", data={"right": right})
    assert roles_of(database, cast, dora) == {"manager": ["dbs", "support"]}
    page.post(f"{people}/{dora.id}/rights/end", data={"right": "dbs"})
    assert roles_of(database, cast, dora) == {"manager": ["support"]}
    page.post(f"{people}/{dora.id}/roles/end", data={"role": "manager"})
    page.post(f"{people}/{dora.id}/roles", data={"role": "manager"})
    assert roles_of(database, cast, dora) == {"manager": []}  # a role that is given anew brings no rights
    assert [event.detail for event in events(database, "right.given")] == [
        {"right": "dbs"},
        {"right": "support"},
    ]


def test_suspending_ends_everything_here_and_bringing_back_restores_just_that(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str, database: Database
) -> None:
    provider = session.get_one(type(cast.provider), cast.provider.id)
    dora = a_person(session, "Dora Dean", provider, "manager", "assessor", "mentor", rights=("dbs",))
    commit(session)
    page, hers = browser(cast.priya), browser(dora)
    page.post(f"{people}/{dora.id}/roles/end", data={"role": "mentor"})
    assert hers.get(people).status_code == 200
    page.post(f"{people}/{dora.id}/suspend")
    assert roles_of(database, cast, dora) == {}
    assert hers.get(people).status_code == 404
    assert "Suspended here" in page.get(f"{people}/{dora.id}").text
    refused = page.post(f"{people}/{dora.id}/link")
    assert refused.status_code == 409
    assert "Bring them back first" in refused.text
    page.post(f"{people}/{dora.id}/bring-back")
    assert set(roles_of(database, cast, dora)) == {"manager", "assessor"}
    assert hers.get(people).status_code == 200
    page.post(f"{people}/{dora.id}/bring-back")  # pressed twice
    assert len(events(database, "person.restored")) == 1


def test_suspending_here_leaves_another_provider_alone(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str
) -> None:
    provider = session.get_one(type(cast.provider), cast.provider.id)
    session.add(
        Member(provider_id=provider.id, person_id=cast.noor.id, role="iqa", rights=[], created_at=utc_now())
    )
    commit(session)
    noor = browser(cast.noor)
    browser(cast.priya).post(f"{people}/{cast.noor.id}/suspend")
    assert noor.get(f"/providers/{cast.other_provider.id}/people").status_code == 200


def test_nobody_changes_what_they_are_themselves(
    browser: Callable[..., Browser], cast: Cast, people: str, database: Database
) -> None:
    page = browser(cast.priya)
    before = everything(database)
    for step, data in STEPS:
        answer = page.post(f"{people}/{cast.priya.id}/{step}", data=data)
        assert answer.status_code == 409, step
    assert everything(database) == before
    text = page.get(f"{people}/{cast.priya.id}").text
    assert "Nobody gives or ends their own roles and rights." in text
    assert f"{cast.priya.id}/suspend" not in text


def test_the_installation_admin_is_never_touched(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str, database: Database
) -> None:
    """Even where an old row makes the admin a member."""
    session.add(
        Member(
            provider_id=cast.provider.id,
            person_id=cast.admin.id,
            role="mentor",
            rights=[],
            created_at=utc_now(),
        )
    )
    commit(session)
    page, admin = browser(cast.priya), browser(cast.admin)
    before = everything(database)
    for step, data in STEPS:
        assert page.post(f"{people}/{cast.admin.id}/{step}", data=data).status_code == 409, step
    assert everything(database) == before
    assert admin.get("/admin").status_code == 200


@pytest.mark.parametrize("role", ["manager", "mentor"])
def test_an_account_with_a_role_elsewhere_gets_no_link_here(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str, database: Database, role: str
) -> None:
    """Whoever holds the link could open the other provider with it."""
    person = cast.noor if role == "manager" else cast.otto
    session.add(
        Member(provider_id=cast.provider.id, person_id=person.id, role="iqa", rights=[], created_at=utc_now())
    )
    commit(session)
    page, theirs = browser(cast.priya), browser(person)
    answer = page.post(f"{people}/{person.id}/link")
    assert answer.status_code == 409
    assert "forgotten my password" in answer.text
    assert "Harbour" not in answer.text
    ended = page.post(f"{people}/{person.id}/end-sessions")
    assert ended.status_code == (409 if role == "manager" else 303)
    assert theirs.get("/account").status_code == (200 if role == "manager" else 303)


@pytest.mark.parametrize("htmx", [False, True])
def test_a_reset_gives_a_link_to_pass_on_and_a_newer_one_replaces_it(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str, database: Database, htmx: bool
) -> None:
    give_password(session, cast.marek)
    page = browser(cast.priya, htmx=htmx)
    assert "Start a password reset" in browser(cast.priya).get(f"{people}/{cast.marek.id}").text
    first = page.post(f"{people}/{cast.marek.id}/link")
    assert "the old one goes on working" in first.text
    second = page.post(f"{people}/{cast.marek.id}/link")  # the answer was reloaded
    assert browser().get(link_in(first.text)).status_code == 410
    new = {"password_new": "three unrelated words", "password_again": "three unrelated words"}
    assert sign_in(browser(), cast.marek.email).status_code == 303
    assert browser().post(link_in(second.text), data=new).status_code == 303
    assert [event.by_id for event in events(database, "reset.started")] == [cast.priya.id] * 2


def test_somebody_without_a_password_gets_a_new_invitation(
    browser: Callable[..., Browser], cast: Cast, people: str, database: Database
) -> None:
    page = browser(cast.priya)
    assert "Send a new invitation" in page.get(f"{people}/{cast.marek.id}").text
    answer = page.post(f"{people}/{cast.marek.id}/link")
    assert "they choose their first password" in answer.text
    assert browser().get(link_in(answer.text)).status_code == 200
    assert "Invitation works until" in page.get(f"{people}/{cast.marek.id}").text
    assert len(events(database, "invitation.renewed")) == 1


def test_their_devices_are_signed_out(
    browser: Callable[..., Browser], cast: Cast, people: str, database: Database
) -> None:
    lost = [browser(cast.marek), browser(cast.marek)]
    page = browser(cast.priya)
    assert "2 devices" in page.get(f"{people}/{cast.marek.id}").text
    page.post(f"{people}/{cast.marek.id}/end-sessions")
    assert [one.get("/account").status_code for one in lost] == [303, 303]
    assert running(database, cast.marek) == 0
    (event,) = events(database, "sessions.ended")
    assert (event.by_id, event.about_person_id, event.provider_id) == (
        cast.priya.id,
        cast.marek.id,
        cast.provider.id,
    )


@pytest.mark.parametrize(("step", "data"), [("", {}), *STEPS])
def test_strangers_get_nothing_and_insiders_are_refused(
    browser: Callable[..., Browser],
    cast: Cast,
    people: str,
    database: Database,
    step: str,
    data: dict[str, str],
) -> None:
    pages = {
        name: browser(getattr(cast, name))
        for name in ("noor", "olu", "admin", "marek", "asha", "ines", "amina")
    }
    before = everything(database)
    method = "POST" if step else "GET"
    path = f"{people}/{cast.marek.id}" + (f"/{step}" if step else "")
    for name, page in pages.items():
        expected = 404 if name in ("noor", "olu", "admin") else 403
        assert page.request(method, path, data=data or None).status_code == expected, name
    through_own = f"/providers/{cast.other_provider.id}/people/{cast.marek.id}" + (f"/{step}" if step else "")
    assert pages["noor"].request(method, through_own, data=data or None).status_code == 404
    assert everything(database) == before


@pytest.mark.parametrize(
    ("step", "data"),
    [
        ("roles", {}),
        ("roles", {"role": "admin"}),
        ("roles", {"role": "king"}),
        ("roles/end", {"role": ""}),
        ("rights", {"right": "everything"}),
        ("rights/end", {}),
    ],
)
def test_a_choice_that_is_not_on_the_page_changes_nothing(
    browser: Callable[..., Browser],
    cast: Cast,
    people: str,
    database: Database,
    step: str,
    data: dict[str, str],
) -> None:
    page = browser(cast.priya)
    before = everything(database)
    answer = page.post(f"{people}/{cast.marek.id}/{step}", data=data)
    assert answer.status_code == 409
    assert "on the page" in answer.text
    assert everything(database) == before


def test_the_page_costs_the_same_however_much_somebody_is(
    browser: Callable[..., Browser], session: Session, cast: Cast, people: str, database: Database
) -> None:
    page = browser(cast.priya)
    with queries(database) as few:
        page.get(f"{people}/{cast.marek.id}")
    provider = session.get_one(type(cast.provider), cast.provider.id)
    dora = a_person(session, "Dora Dean", provider, "manager", "assessor", "mentor", "iqa", rights=("dbs",))
    commit(session)
    for _ in range(5):
        browser(dora)
    with queries(database) as many:
        text = page.get(f"{people}/{dora.id}").text
    assert "5 devices" in text
    assert many.number == few.number
