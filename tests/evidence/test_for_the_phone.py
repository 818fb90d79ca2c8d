"""What an apprentice's phone keeps for the page without signal: answered to that apprentice alone, for no cache."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import SafeguardingContact
from tests.builders import Cast, commit
from tests.client import Browser
from tests.findings.steps import words_of

Open = Callable[..., Browser]


def test_the_apprentice_gets_contacts_names_and_words(browser: Open, cast: Cast, session: Session) -> None:
    words_of(session, cast, "blue corridor")
    commit(session)
    answer = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/for-the-phone")
    assert answer.headers["cache-control"] == "no-store"
    said = answer.json()
    assert set(said) == {"turn_to", "names", "words"}
    for shown in ("tel:999", "tel:01632960111", "tel:01632960222", f"At {cast.employer.name}"):
        assert shown in said["turn_to"]
    assert set(said["names"]) == {"Amina Archer", "Marek Mason", "Asha Abbott", "Ines Irwin"}
    assert said["words"] == ["blue corridor"]


def test_names_are_markup_nowhere(browser: Open, cast: Cast, session: Session) -> None:
    """The page puts in what it kept: nothing in it may be more than words and links."""
    of_employer = SafeguardingContact.employer_id == cast.employer.id
    session.scalars(
        select(SafeguardingContact).where(of_employer)
    ).one().name = "<img src=x onerror=alert(1)>"
    commit(session)
    said = browser(cast.amina).get(f"/apprenticeships/{cast.amina_at.id}/for-the-phone").json()
    assert "<img" not in said["turn_to"]
    assert "&lt;img" in said["turn_to"]


def test_nobody_else_gets_it(browser: Open, cast: Cast, session: Session) -> None:
    commit(session)
    address = f"/apprenticeships/{cast.amina_at.id}/for-the-phone"
    for insider in (cast.marek, cast.asha, cast.priya):
        assert browser(insider).get(address).status_code == 403, insider.name
    for stranger in (cast.noor, cast.olu):
        assert browser(stranger).get(address).status_code == 404, stranger.name


def test_camera_and_microphone_may_be_asked_for_where_there_is_no_signal_too(
    browser: Open, cast: Cast
) -> None:
    headers = browser(None).get("/evidence/offline").headers
    assert "camera=(self), microphone=(self)" in headers["permissions-policy"]
