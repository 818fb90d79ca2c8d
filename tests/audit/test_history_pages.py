"""Who may read what was written down, and how it reads."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from portfolio.audit.actions import record
from portfolio.database import Database
from tests.builders import NOW, Cast, commit
from tests.client import Browser
from tests.counting import queries

Open = Callable[..., Browser]


def some_events(session: Session, cast: Cast, number: int = 1) -> None:
    for index in range(number):
        record(
            session,
            "evidence.submitted",
            by=cast.amina.id,
            now=NOW + timedelta(minutes=index),
            record="evidence",
            record_id=cast.amina_at.id,
            provider_id=cast.provider.id,
            apprenticeship_id=cast.amina_at.id,
            person_id=cast.amina.id,
            codes=[f"K{index + 1}"],
        )
    commit(session)


def path(cast: Cast) -> str:
    return f"/apprenticeships/{cast.amina_at.id}/history"


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("name", ["amina", "priya"])
def test_the_person_and_their_managers_read_the_history(
    browser: Open, cast: Cast, session: Session, name: str, htmx: bool
) -> None:
    some_events(session, cast)
    text = browser(getattr(cast, name), htmx=htmx).get(path(cast)).text
    for part in (
        "<b>Evidence submitted</b>", "Amina Archer, 2 November 2026 at 09:30", "piece of evidence", "items: K1",
    ):  # fmt: skip
        assert part in text


def test_mentors_assessors_and_iqas_do_not_and_strangers_find_nothing(browser: Open, cast: Cast) -> None:
    for insider in (cast.marek, cast.asha, cast.ines):
        assert browser(insider).get(path(cast)).status_code == 403
    for stranger in (cast.noor, cast.otto, cast.olu, cast.admin):
        assert browser(stranger).get(path(cast)).status_code == 404


def test_the_newest_stands_first_and_pages_hold_fifty(
    browser: Open, cast: Cast, session: Session, database: Database
) -> None:
    some_events(session, cast, 2)
    amina = browser(cast.amina)
    amina.get(path(cast))
    with queries(database) as few:
        text = amina.get(path(cast)).text
    assert text.index("items: K2") < text.index("items: K1<")
    some_events(session, cast, 60)
    with queries(database) as many:
        first = amina.get(path(cast)).text
    assert many.number == few.number
    assert "items: K60<" in first
    assert "Next page" in first
    assert "items: K1<" in amina.get(path(cast) + "?page=2").text
    assert "Nothing is written down here any more" in amina.get(path(cast) + "?page=9").text


@pytest.mark.parametrize("htmx", [False, True])
def test_ones_own_history_holds_what_one_did_and_what_concerned_one(
    browser: Open, cast: Cast, session: Session, htmx: bool
) -> None:
    some_events(session, cast)
    record(
        session, "role.given", by=cast.priya.id, now=NOW, record="person", record_id=cast.marek.id,
        provider_id=cast.provider.id, person_id=cast.marek.id, role="mentor",
    )  # fmt: skip
    commit(session)
    amina = browser(cast.amina, htmx=htmx).get("/account/history").text
    assert "Evidence submitted" in amina
    assert "Role given" not in amina
    marek = browser(cast.marek, htmx=htmx).get("/account/history").text
    assert "<b>Role given</b>: Marek Mason" in marek
    assert "Priya Parker," in marek
    assert "role: workplace mentor" in marek
    assert "Evidence submitted" not in marek
    assert "Role given" in browser(cast.priya, htmx=htmx).get("/account/history").text


def test_nobody_signed_in_is_sent_to_sign_in(browser: Open, cast: Cast) -> None:
    for address in ("/account/history", path(cast)):
        answer = browser().get(address)
        assert answer.status_code == 303
        assert answer.headers["location"].startswith("/sign-in")
