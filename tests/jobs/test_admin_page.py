"""The admin's page of background work: numbers, kinds and codes; what was given up is tried again with a button."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select, update

from portfolio.audit.models import AuditEvent
from portfolio.background import handlers
from portfolio.database import Database
from portfolio.jobs import actions
from portfolio.jobs.models import Job
from portfolio.upkeep.wording import kind_words
from portfolio.web.formats import utc_now
from tests.builders import Cast
from tests.client import Browser
from tests.counting import queries

Open = Callable[..., Browser]
SECRET = "01a20093-518b-7000-84e7-54c93f3fda6e"


def given_up(database: Database, *kinds: str, error: str = "ScannerAway") -> list[Job]:
    """Dead jobs of these kinds; each was tried eight times."""
    now = utc_now()
    with database.writing() as session:
        for kind in kinds:
            actions.enqueue(session, kind, now=now - timedelta(hours=3), file=SECRET)
        session.execute(update(Job).values(dead_at=now, attempts=8, last_error=error))
    with database.reading() as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def test_an_empty_page_says_that_nothing_is_to_do(browser: Open, cast: Cast) -> None:
    text = browser(cast.admin).get("/admin/jobs").text
    assert "There is nothing to do." in text
    assert "Nothing was given up." in text
    assert "No virus scanner is set up" in text
    assert "/admin/jobs" in browser(cast.admin).get("/admin").text


def test_it_shows_numbers_by_kind_and_never_what_is_in_a_job(
    browser: Open, cast: Cast, database: Database
) -> None:
    given_up(database, "preparation.prepare", "preparation.prepare", "objects.remove")
    with database.writing() as session:
        for hours in (1, -1):
            run_at = utc_now() - timedelta(hours=hours)
            actions.enqueue(session, "preparation.prepare", now=utc_now(), run_at=run_at, file=SECRET)
        actions.enqueue(session, "some.new_kind", now=utc_now(), run_at=utc_now() + timedelta(days=1))
    text = browser(cast.admin).get("/admin/jobs").text
    assert 'Check, scan and draw a file</b></td><td data-label="To do" class="n">2<' in text
    assert 'Remove bytes that nothing names</b></td><td data-label="To do" class="n">0<' in text
    assert 'some.new_kind</b></td><td data-label="To do" class="n">1<' in text
    assert "Nothing is due" in text
    assert text.count("the virus scanner did not answer") == 3
    assert text.count('data-label="Tried">8 times<') == 3
    assert SECRET not in text


def test_every_kind_of_work_has_words() -> None:
    assert [kind for kind in handlers() if kind_words(kind) == kind] == []


def test_one_job_is_tried_again_and_that_is_on_record(browser: Open, cast: Cast, database: Database) -> None:
    job, other = given_up(database, "preparation.prepare", "preparation.prepare")
    page = browser(cast.admin)
    answer = page.post(f"/admin/jobs/{job.id}/retry")
    assert answer.headers["location"] == "/admin/jobs?again=1"
    assert "1 job will be tried again now." in page.get(answer.headers["location"]).text
    with database.reading() as session:
        tried, left = session.get_one(Job, job.id), session.get_one(Job, other.id)
        [event] = session.scalars(select(AuditEvent).where(AuditEvent.action == "jobs.retried"))
    assert (tried.dead_at, tried.attempts) == (None, 0)
    assert left.dead_at
    assert (event.by_id, event.record_id, event.detail) == (
        cast.admin.id, job.id, {"job": "preparation.prepare", "count": 1},
    )  # fmt: skip
    again = page.post(f"/admin/jobs/{job.id}/retry")  # a double tap: nothing is dead any more
    assert again.headers["location"] == "/admin/jobs?again=0"
    with database.reading() as session:
        assert len(session.scalars(select(AuditEvent).where(AuditEvent.action == "jobs.retried")).all()) == 1


def test_all_of_one_kind_are_tried_again_and_others_stay(
    browser: Open, cast: Cast, database: Database
) -> None:
    given_up(database, "preparation.prepare", "preparation.prepare", "objects.remove")
    answer = browser(cast.admin).post("/admin/jobs/retry", data={"kind": "preparation.prepare"})
    assert answer.headers["location"] == "/admin/jobs?again=2"
    with database.reading() as session:
        dead = session.scalars(select(Job.kind).where(Job.dead_at.is_not(None))).all()
    assert dead == ["objects.remove"]


@pytest.mark.parametrize("who", ["amina", "marek", "asha", "ines", "priya", "noor"])
def test_to_everybody_else_there_is_no_such_page(
    browser: Open, cast: Cast, database: Database, who: str
) -> None:
    [job] = given_up(database, "preparation.prepare")
    page = browser(getattr(cast, who))
    assert page.get("/admin/jobs").status_code == 404
    assert page.post(f"/admin/jobs/{job.id}/retry").status_code == 404
    assert page.post("/admin/jobs/retry", data={"kind": job.kind}).status_code == 404
    with database.reading() as session:
        assert session.get_one(Job, job.id).dead_at


def test_odd_requests_are_no_pages(browser: Open, cast: Cast) -> None:
    page = browser(cast.admin)
    assert page.post(f"/admin/jobs/{SECRET}/retry").status_code == 404
    assert page.post("/admin/jobs/nonsense/retry").status_code == 404
    assert page.post("/admin/jobs/retry", data={}).status_code == 404


def test_the_page_asks_as_often_for_many_jobs_as_for_one(
    browser: Open, cast: Cast, database: Database
) -> None:
    page = browser(cast.admin)
    numbers = []
    for count in (1, 60):
        given_up(database, *["preparation.prepare"] * count)
        page.get("/admin/jobs")
        with queries(database) as counted:
            text = page.get("/admin/jobs").text
        numbers.append(counted.number)
    assert numbers[0] == numbers[1]
    assert 'rel="next"' in text
