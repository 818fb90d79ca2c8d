"""How long the oldest due job waits, and how many are dead: what readiness and metrics report."""

from __future__ import annotations

import re
from datetime import timedelta

from sqlalchemy import update

from portfolio.database import Database
from portfolio.jobs import actions
from portfolio.jobs.models import Job
from portfolio.jobs.queries import Lag, lag
from tests.builders import NOW
from tests.counting import queries


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


def test_done_jobs_are_not_read_to_find_the_oldest(database: Database) -> None:
    """The plan says so: their number grows with every week, and readiness is asked every few seconds."""
    with queries(database) as count:
        standing(database)
    statement = count.statements[-1]
    with database.reading() as session:
        connection = session.connection()
        if database.is_sqlite:
            asked = f"EXPLAIN QUERY PLAN {statement}", (str(NOW), str(NOW))
            plan = [row[3] for row in connection.exec_driver_sql(*asked)]
        else:
            connection.exec_driver_sql("SET LOCAL enable_seqscan = off")  # an empty table would be read whole
            asked = f"EXPLAIN {statement}", dict.fromkeys(re.findall(r"%\((\w+)\)s", statement), NOW)
            plan = [row[0] for row in connection.exec_driver_sql(*asked)]
    for index in ("ix_job_open", "ix_job_dead"):
        assert any(index in line for line in plan), plan


def test_a_clock_that_was_set_back_gives_no_negative_age(database: Database) -> None:
    with database.writing() as session:
        actions.enqueue(session, "count", now=NOW)
    assert standing(database, timedelta(hours=-1)) == Lag(0, 0)
