"""A mistyped name or address is put right by a manager, and nobody gets into an account by it that is not theirs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from fastapi import FastAPI
from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Progress
from portfolio.background import make_worker
from portfolio.database import Database
from portfolio.people.models import Member, Person
from portfolio.web.formats import utc_now
from tests.builders import NOW, Cast, a_person, commit
from tests.client import Browser
from tests.people.steps import PASSWORD, events, give_password, link_in, mails, sign_in

Open = Callable[..., Browser]


def details(cast: Cast, person: Person) -> str:
    return f"/providers/{cast.provider.id}/people/{person.id}/details"


def person_now(database: Database, person: Person) -> tuple[str, str]:
    with database.reading() as session:
        row = session.get_one(Person, person.id)
        return row.name, row.email


@pytest.mark.parametrize("htmx", [False, True])
def test_a_name_is_corrected_everywhere_it_stands(
    browser: Open, database: Database, cast: Cast, htmx: bool
) -> None:
    page = browser(cast.priya, htmx=htmx)
    assert "Amina Archer" in page.get(details(cast, cast.amina)).text
    answer = page.post(
        details(cast, cast.amina), data={"name": " Aminah  Archer ", "email": cast.amina.email}
    )
    assert answer.headers["hx-redirect" if htmx else "location"].endswith("?done=corrected")
    assert person_now(database, cast.amina) == ("Aminah Archer", "amina.archer@example.org")
    with database.reading() as session:
        kept = session.scalar(
            select(Progress.sort_name).where(Progress.apprenticeship_id == cast.amina_at.id)
        )
    assert kept == "archer aminah"
    (event,) = events(database, "person.corrected")
    assert (event.by_id, event.about_person_id, event.detail) == (
        cast.priya.id,
        cast.amina.id,
        {"changed": ["name"]},
    )


def test_before_the_first_password_the_address_is_corrected_and_the_old_one_is_told(
    browser: Open, session: Session, cast: Cast, tmp_path: Path, app: FastAPI
) -> None:
    answer = browser(cast.priya).post(
        details(cast, cast.amina), data={"name": cast.amina.name, "email": "Aminah@example.org"}
    )
    assert answer.headers["location"].endswith("?done=corrected-address")
    give_password(session, cast.amina)
    assert sign_in(browser(), "aminah@example.org").status_code == 303
    assert sign_in(browser(), "amina.archer@example.org").status_code == 422
    assert mails(tmp_path / "mail") == [], "it waits for the worker"
    make_worker(app).work_off()
    (mail,) = mails(tmp_path / "mail")
    assert mail["To"] == "Amina Archer <amina.archer@example.org>"
    assert "aminah@example.org" not in mail.get_content()


def test_the_old_address_is_told_once_mail_is_back(
    browser: Open, cast: Cast, tmp_path: Path, app: FastAPI
) -> None:
    (tmp_path / "mail").write_text("in the way")
    browser(cast.priya).post(
        details(cast, cast.amina), data={"name": cast.amina.name, "email": "aminah@example.org"}
    )
    worker = make_worker(app)
    worker.work_off()
    (tmp_path / "mail").unlink()
    worker.clock = lambda: utc_now() + timedelta(hours=1)
    worker.work_off()
    assert [mail["To"] for mail in mails(tmp_path / "mail")] == ["Amina Archer <amina.archer@example.org>"]


@pytest.mark.parametrize("htmx", [False, True])
def test_the_address_of_an_account_in_use_is_its_persons_to_change(
    browser: Open, session: Session, database: Database, cast: Cast, tmp_path: Path, htmx: bool
) -> None:
    """Or a manager would have the password reset by mail to themselves, and sign as the assessor."""
    give_password(session, cast.asha)
    page = browser(cast.priya, htmx=htmx)
    shown = page.get(details(cast, cast.asha)).text
    assert 'name="email"' not in shown
    assert "only the person can change its address: on their own account page" in shown
    answer = page.post(details(cast, cast.asha), data={"name": "Asha A.", "email": "mine@example.org"})
    assert answer.status_code == 422
    assert "only the person can change its address" in answer.text
    assert person_now(database, cast.asha) == ("Asha Abbott", cast.asha.email)
    answer = page.post(details(cast, cast.asha), data={"name": "Asha Adams"})
    assert answer.headers["hx-redirect" if htmx else "location"].endswith("?done=corrected")
    assert person_now(database, cast.asha) == ("Asha Adams", cast.asha.email)
    assert mails(tmp_path / "mail") == []


def test_an_invitation_that_went_astray_is_void(
    browser: Open, database: Database, cast: Cast, tmp_path: Path
) -> None:
    page = browser(cast.priya)
    page.post(
        f"/providers/{cast.provider.id}/people",
        data={"name": "Nia North", "email": "nia@wrong.example", "roles": "mentor"},
    )
    with database.reading() as session:
        nia = session.scalars(select(Person).where(Person.email == "nia@wrong.example")).one()
    (invitation,) = mails(tmp_path / "mail")
    page.post(details(cast, nia), data={"name": "Nia North", "email": "nia@right.example"})
    words = {"password_new": PASSWORD, "password_again": PASSWORD}
    astray = browser().post(link_in(invitation.get_content()), data=words)
    assert astray.status_code != 303
    assert sign_in(browser(), "nia@right.example").status_code == 422


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"name": " "}, "Enter the person’s name"),
        ({"email": "nonsense"}, "Enter an e-mail address"),
        ({"email": "marek.mason@example.org"}, "Somebody signs in with this address already."),
    ],
)
def test_a_mistake_changes_nothing_and_keeps_what_was_typed(
    browser: Open, database: Database, cast: Cast, change: dict[str, str], sentence: str
) -> None:
    typed = {"name": "Aminah Archer", "email": "aminah@example.org"} | change
    answer = browser(cast.priya).post(details(cast, cast.amina), data=typed)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert all(f'value="{value}"' in answer.text for value in typed.values() if value.strip())
    assert person_now(database, cast.amina) == ("Amina Archer", "amina.archer@example.org")
    assert events(database, "person.corrected") == []


def test_an_account_that_opens_other_doors_is_left_alone(
    browser: Open, session: Session, database: Database, cast: Cast
) -> None:
    """Whoever can change an address can have the password reset: not for oneself, the admin, or other providers."""
    both = a_person(session, "Bea Both", cast.provider, "assessor")
    session.add(
        Member(
            provider_id=cast.other_provider.id, person_id=both.id, role="mentor", rights=[], created_at=NOW
        )
    )
    commit(session)
    page = browser(cast.priya)
    for person in (both, cast.priya):
        before = person_now(database, person)
        assert details(cast, person) not in page.get(f"/providers/{cast.provider.id}/people/{person.id}").text
        assert page.get(details(cast, person)).status_code == 409
        answer = page.post(details(cast, person), data={"name": "X", "email": "x@example.org"})
        assert answer.status_code == 409
        assert person_now(database, person) == before
    assert browser(cast.noor).get(details(cast, cast.amina)).status_code == 404
    assert browser(cast.asha).get(details(cast, cast.amina)).status_code == 403
