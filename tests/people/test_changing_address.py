"""One's own e-mail address: changed with the password, told to both addresses, and nobody else stays signed in."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio import background
from portfolio.__main__ import main
from portfolio.database import Database
from portfolio.jobs.models import Job
from portfolio.jobs.work import Work
from portfolio.jobs.worker import Worker
from portfolio.people import links
from portfolio.people.models import Person
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from storage.memory import MemoryStore
from tests.builders import Cast, commit
from tests.client import Browser
from tests.people.steps import PASSWORD, events, give_password, mails, person_of, running, sign_in
from tests.people.test_mail import smtp_server, with_smtp

Open = Callable[..., Browser]
PAGE = "/account/email"
NEW = "asha@new.example"
RIGHT = {"email": NEW, "password": PASSWORD}


@pytest.fixture
def asha(session: Session, cast: Cast) -> Person:
    give_password(session, cast.asha)
    return cast.asha


def work_off(database: Database, settings: Settings, catalogue: Catalogue, *, later: int = 0) -> None:
    def clock() -> object:
        return utc_now() + timedelta(minutes=later)

    work = Work(database, MemoryStore(), settings, catalogue, utc_now())
    Worker(work, background.handlers(), (), clock).work_off()  # type: ignore[arg-type]


@pytest.mark.parametrize("htmx", [False, True])
def test_with_the_password_the_address_changes_and_every_other_session_ends(
    browser: Open, session: Session, cast: Cast, database: Database, asha: Person, htmx: bool
) -> None:
    lost, page = browser(asha), browser(asha)
    token = links.make_link(session, asha, links.RESET, by=None, now=utc_now(), valid_for=timedelta(hours=1))
    commit(session)
    assert PAGE in page.get("/account").text
    assert page.get(PAGE).status_code == 200
    page.htmx = htmx
    answer = page.post(PAGE, data=RIGHT)
    assert answer.headers["hx-redirect" if htmx else "location"] == "/account?done=address"
    page.htmx = False
    shown = page.get("/account?done=address").text
    assert NEW in shown
    assert "Your e-mail address is changed" in shown
    assert lost.get("/account").status_code == 303
    assert running(database, asha) == 1
    assert sign_in(browser(), NEW).status_code == 303
    assert sign_in(browser(), asha.email).status_code == 422
    assert browser().get(f"/set-password/{token}").status_code == 410
    (event,) = events(database, "person.address_changed")
    assert (event.by_id, event.about_person_id, event.detail) == (asha.id, asha.id, {})


def test_both_addresses_are_told_though_mail_is_away_at_first(
    browser: Open, database: Database, asha: Person, settings: Settings, catalogue: Catalogue
) -> None:
    assert browser(asha).post(PAGE, data=RIGHT).status_code == 303
    with smtp_server(refuse="MAIL") as away:
        work_off(database, with_smtp(settings, away.port), catalogue)
    assert mails(settings.mail_folder or Path()) == []
    with smtp_server() as server:
        work_off(database, with_smtp(settings, server.port), catalogue, later=30)
        work_off(database, with_smtp(settings, server.port), catalogue, later=90)
    told = {str(one["To"]): one.get_content() for one in server.messages}
    assert len(server.messages) == 2
    old, new = told[f"Asha Abbott <{asha.email}>"], told[f"Asha Abbott <{NEW}>"]
    assert "no longer signs in" in old
    assert NEW not in old
    assert "You sign in with this address now" in new
    assert asha.email not in new


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            {"password": "wrong wrong wrong"},
            "This is not your password. Try again; the address is not changed.",
        ),
        ({"password": ""}, "Enter your password."),
        ({"email": "nonsense"}, "Enter an e-mail address"),
        ({"email": "marek.mason@example.org"}, "Somebody signs in with this address already."),
    ],
)
def test_a_mistake_changes_nothing_and_keeps_the_address_that_was_typed(
    browser: Open, database: Database, asha: Person, change: dict[str, str], sentence: str
) -> None:
    page, other = browser(asha), browser(asha)
    answer = page.post(PAGE, data=RIGHT | change)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert f'value="{(RIGHT | change)["email"]}"' in answer.text
    assert PASSWORD not in answer.text
    assert person_of(database, asha.id).email == asha.email
    assert other.get("/account").status_code == 200
    with database.reading() as fresh:
        assert fresh.scalars(select(Job)).all() == []


def test_the_password_cannot_be_tried_without_end(
    app: object, browser: Open, database: Database, asha: Person, settings: Settings
) -> None:
    app.state.settings = settings.model_copy(  # a window that does not end meanwhile
        update={"sign_in_attempts": 2, "sign_in_window_minutes": 1_000_000}
    )  # type: ignore[attr-defined]
    page = browser(asha)
    for _ in range(2):
        page.post(PAGE, data=RIGHT | {"password": "wrong wrong wrong"})
    answer = page.post(PAGE, data=RIGHT)
    assert "There were too many attempts." in answer.text
    assert "The address is not changed." in answer.text
    assert person_of(database, asha.id).email == asha.email


def test_the_same_address_again_changes_nothing(browser: Open, database: Database, asha: Person) -> None:
    page, other = browser(asha), browser(asha)
    assert page.post(PAGE, data=RIGHT | {"email": asha.email}).status_code == 303
    assert other.get("/account").status_code == 200
    assert events(database, "person.address_changed") == []


def test_a_failed_mail_never_shows_a_manager_somebodys_reset_link(
    app: object, browser: Open, cast: Cast, asha: Person, settings: Settings
) -> None:
    with smtp_server(refuse="MAIL") as server:
        app.state.settings = with_smtp(settings, server.port)  # type: ignore[attr-defined]
        answer = browser(cast.priya).post(f"/providers/{cast.provider.id}/people/{asha.id}/link")
    assert "The mail could not be sent." in answer.text
    assert "/set-password/" not in answer.text


@pytest.fixture
def terminal(database: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    monkeypatch.setenv("PORTFOLIO_SECRET", settings.secret.get_secret_value())
    monkeypatch.setenv("PORTFOLIO_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    return lambda *arguments: main(("correct-email", *arguments))


def test_from_a_terminal_for_somebody_who_lost_both(
    browser: Open,
    database: Database,
    asha: Person,
    settings: Settings,
    catalogue: Catalogue,
    terminal: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
) -> None:
    page = browser(asha)
    assert terminal(asha.email.upper(), NEW) == 0
    assert f"{NEW} signs in now" in capsys.readouterr().out
    assert page.get("/account").status_code == 303
    assert sign_in(browser(), NEW).status_code == 303
    work_off(database, settings, catalogue)
    told = mails(settings.mail_folder or Path())
    assert {str(one["To"]) for one in told} == {f"Asha Abbott <{asha.email}>", f"Asha Abbott <{NEW}>"}
    assert all("whoever runs this installation" in one.get_content() for one in told)
    (event,) = events(database, "person.address_changed")
    assert (event.by_id, event.detail) == (None, {})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (("nobody@example.org", NEW), "Nobody signs in with that address."),
        (("asha.abbott@example.org", "nonsense"), "Enter an e-mail address"),
        (
            ("asha.abbott@example.org", "marek.mason@example.org"),
            "Somebody signs in with this address already.",
        ),
        (("asha.abbott@example.org", "asha.abbott@example.org"), "The two addresses are the same."),
    ],
)
def test_a_mistake_at_the_terminal_is_a_sentence_and_changes_nothing(
    database: Database,
    asha: Person,
    terminal: Callable[..., int],
    capsys: pytest.CaptureFixture[str],
    arguments: tuple[str, str],
    sentence: str,
) -> None:
    assert terminal(*arguments) == 2
    assert sentence in capsys.readouterr().err
    assert person_of(database, asha.id).email == asha.email
    assert events(database, "person.address_changed") == []
