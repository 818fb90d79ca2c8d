"""How long the oldest due job waits, and how many are dead: what readiness and metrics report."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import update

from portfolio.database import Database
from portfolio.jobs import actions
from portfolio.jobs.models import Job
from portfolio.jobs.queries import Lag, lag
from tests.builders import NOW


def standing(database: Database, later: timedelta = timedelta(0)) -> Lag:
    with database.reading() as session:
        return lag(session, NOW + later)


def test_nothing_waits_in_an_empty_table(database: Database) -> None:
    assert standing(database) == Lag(0, 0)


def test_only_what_is_due_and_free_lags(database: Database) -> None:
    minute = timedelta(minutes=1)
    with database.writing() as session:
        actions.enqueue(session, "count", now=NOW)
        actions.enqueue(session, "later", now=NOW, run_at=NOW + timedelta(days=1))
    assert standing(database, minute) == Lag(60, 0)
    with database.writing() as session:  # a worker has it: it does not wait for one
        actions.claim(session, worker="one", now=NOW + minute, lease=2 * minute)
    assert standing(database, 2 * minute) == Lag(0, 0)
    assert standing(database, 4 * minute) == Lag(240, 0)  # that worker died


def test_dead_jobs_are_counted_and_no_longer_wait(database: Database) -> None:
    with database.writing() as session:
        actions.enqueue(session, "count", now=NOW)
        session.execute(update(Job).values(dead_at=NOW))
    assert standing(database, timedelta(hours=5)) == Lag(0, 1)


def test_a_clock_that_was_set_back_gives_no_negative_age(database: Database) -> None:
    with database.writing() as session:
        actions.enqueue(session, "count", now=NOW)
    assert standing(database, timedelta(hours=-1)) == Lag(0, 0)
