"""The record of what happens after the gateway, through the pages."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.audit.models import AuditEvent
from portfolio.cohorts import progress
from portfolio.database import Database
from portfolio.gateway.models import AssessmentEvent
from tests.builders import NOW, Cast, commit
from tests.client import Browser
from tests.gateway.conftest import ON
from tests.gateway.steps import date_fields
from tests.gateway.world import World, a_world

Open = Callable[..., Browser]
DAY = date(2026, 11, 10)
FIRST = {"component": "Interview", "attempt": "first", "result": "Fail"} | date_fields("on", DAY)
RIGHT: dict[str, dict[str, str]] = {
    "organisation": {"organisation": "Quay Assessments"},
    "planned": {"component": "Interview"} | date_fields("on", date(2027, 1, 12)),
    "result": FIRST,
}
WRONG: dict[str, tuple[dict[str, str], str, str]] = {
    "organisation": ({"note": "By telephone"}, "Enter the name of the organisation.", "By telephone"),
    "planned": (
        {"component": "Interview"} | date_fields("on", date(2026, 11, 1)),
        "The portfolio was locked on 2 November 2026",
        'value="Interview"',
    ),
    "result": (
        {"component": "Interview", "attempt": "resit", "result": "Pass"} | date_fields("on", DAY),
        "A resit of “Interview” needs an earlier result",
        'value="resit" checked',
    ),
    "overall": (
        {"result": "Distinction"} | date_fields("on", DAY),
        "The overall grade follows at least one result.",
        'value="Distinction"',
    ),
}


@pytest.fixture
def locked(session: Session, cast: Cast, catalogue: Catalogue) -> World:
    """Locked on 2 November 2026."""
    world = a_world(session, cast, catalogue)
    world.lock()
    commit(session)
    return world


def address(cast: Cast, rest: str = "") -> str:
    return f"/apprenticeships/{cast.amina_at.id}/gateway/assessment{rest}"


def events(database: Database) -> list[AssessmentEvent]:
    with database.reading() as session:
        return list(session.scalars(select(AssessmentEvent).order_by(AssessmentEvent.id)))


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("kind", RIGHT)
def test_each_kind_of_step_is_recorded_once(
    browser: Open, database: Database, cast: Cast, locked: World, kind: str, htmx: bool
) -> None:
    client = browser(cast.priya, htmx=htmx)
    assert client.get(address(cast, f"/record/{kind}")).status_code == 200
    for _ in range(2):  # a double tap
        answer = client.post(address(cast, f"/record/{kind}"), data=RIGHT[kind])
        assert answer.status_code == (204 if htmx else 303)
    (event,) = events(database)
    assert (event.kind, event.recorded_by_id, event.recorded_at) == (kind, cast.priya.id, ON)
    with database.reading() as session:
        trail = session.scalars(select(AuditEvent).where(AuditEvent.record_id == event.id)).one()
        assert (trail.action, trail.detail) == ("assessment.recorded", {"kind": kind})


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("kind", WRONG)
def test_a_mistake_keeps_what_was_typed(
    browser: Open, database: Database, cast: Cast, locked: World, kind: str, htmx: bool
) -> None:
    data, sentence, kept = WRONG[kind]
    answer = browser(cast.priya, htmx=htmx).post(address(cast, f"/record/{kind}"), data=data)
    assert answer.status_code == 422
    assert sentence in answer.text
    assert kept in answer.text
    assert events(database) == []


def test_everybody_around_the_apprenticeship_reads_it_and_only_managers_write(
    browser: Open, cast: Cast, locked: World
) -> None:
    browser(cast.priya).post(address(cast, "/record/result"), data=FIRST)
    for who in (cast.amina, cast.marek, cast.asha, cast.ines):
        text = browser(who).get(address(cast)).text
        assert "Interview" in text
        assert "Fail" in text
        assert "What happened next?" not in text
        assert browser(who).get(address(cast, "/record/result")).status_code == 403
        assert browser(who).post(address(cast, "/record/overall"), data=FIRST).status_code == 403
    for stranger in (cast.noor, cast.otto):
        assert browser(stranger).get(address(cast)).status_code == 404
        assert browser(stranger).post(address(cast, "/record/result"), data=FIRST).status_code == 404


def test_a_correction_is_a_new_row_and_both_can_be_read(
    browser: Open, database: Database, catalogue: Catalogue, cast: Cast, locked: World
) -> None:
    client = browser(cast.priya)
    client.post(address(cast, "/record/result"), data=FIRST)
    (event,) = events(database)
    form = client.get(address(cast, f"/correct/{event.id}")).text
    assert 'value="Interview"' in form
    assert 'value="Fail"' in form
    nothing_said = client.post(address(cast, f"/correct/{event.id}"), data=FIRST | {"result": "Pass"})
    assert nothing_said.status_code == 422
    assert "Say what was wrong" in nothing_said.text
    data = FIRST | {"result": "Pass", "note": "The letter was misread."}
    assert client.post(address(cast, f"/correct/{event.id}"), data=data).status_code == 303
    again = client.post(address(cast, f"/correct/{event.id}"), data=data)
    assert again.status_code == 409
    assert "corrected already" in again.text
    assert [(one.result, one.corrects_id) for one in events(database)] == [("Fail", None), ("Pass", event.id)]
    text = browser(cast.amina).get(address(cast)).text
    assert "The letter was misread." in text
    assert "Corrected 1 time" in text
    assert text.index("Pass") < text.index("Fail")
    with database.reading() as session:
        assert list(progress.verify(session, catalogue)) == []


def test_an_overall_grade_recorded_in_error_can_be_taken_back(
    browser: Open, database: Database, catalogue: Catalogue, cast: Cast, locked: World
) -> None:
    client = browser(cast.priya)
    client.post(address(cast, "/record/result"), data=FIRST | {"result": "Pass"})
    overall = {"result": "Pass"} | date_fields("on", DAY)
    assert client.post(address(cast, "/record/overall"), data=overall).status_code == 303
    assert _stage(database, catalogue, cast) == "assessed"
    event = events(database)[-1]
    data = {"note": "Meant for somebody else.", "strike_out": "yes"} | overall
    assert client.post(address(cast, f"/correct/{event.id}"), data=data).status_code == 303
    assert _stage(database, catalogue, cast) == "through"
    text = browser(cast.asha).get(address(cast)).text
    assert "Recorded in error" in text
    assert client.post(address(cast, "/record/overall"), data=overall).status_code == 303


def _stage(database: Database, catalogue: Catalogue, cast: Cast) -> str:
    with database.reading() as session:
        assert list(progress.verify(session, catalogue)) == []
        found = progress.summaries(session, catalogue, [cast.amina_at.id])
        return next(iter(found)).stage


def test_somebody_elses_entry_cannot_be_corrected_from_here(
    browser: Open, session: Session, database: Database, cast: Cast, locked: World
) -> None:
    other = AssessmentEvent(
        provider_id=cast.other_provider.id,
        apprenticeship_id=cast.other_at.id,
        kind="organisation",
        organisation="Elsewhere",
        recorded_by_id=cast.noor.id,
        recorded_at=NOW,
    )
    session.add(other)
    commit(session)
    assert browser(cast.priya).get(address(cast, f"/correct/{other.id}")).status_code == 404
    assert browser(cast.priya).get(address(cast, "/record/party")).status_code == 404


def test_before_the_lock_nothing_can_be_recorded_and_the_page_says_when_it_begins(
    browser: Open, session: Session, database: Database, cast: Cast, catalogue: Catalogue
) -> None:
    a_world(session, cast, catalogue)
    commit(session)
    assert "The record begins when the portfolio is locked" in browser(cast.amina).get(address(cast)).text
    form = browser(cast.priya).get(address(cast, "/record/result")).text
    assert "The record of what follows begins with the lock." in form
    assert 'name="result"' not in form
    answer = browser(cast.priya).post(address(cast, "/record/result"), data=FIRST)
    assert answer.status_code == 409
    assert "The portfolio is not locked." in answer.text
    assert events(database) == []


def test_the_names_of_things_come_from_the_plan(browser: Open, cast: Cast, locked: World) -> None:
    text = browser(cast.priya).get(address(cast)).text
    assert "<h1>End-point assessment</h1>" in text
    assert "End-point assessment organisation" in text
    form = browser(cast.priya).get(address(cast, "/record/organisation")).text
    assert "Name of the end-point assessment organisation" in form
