"""Jobs are added with the row they belong to, done once, tried again after a wait, and left for the admin at last."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.jobs import actions
from portfolio.jobs.models import Job
from portfolio.jobs.work import GiveUp, Handler, Payload, Recurring, Work
from portfolio.jobs.worker import Worker
from portfolio.settings import Settings
from storage.memory import MemoryStore
from tests.builders import NOW
from tests.counting import queries


class Clock:
    def __init__(self) -> None:
        self.now = NOW

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)


MakeWorker = Callable[..., Worker]


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def make_worker(database: Database, settings: Settings, catalogue: Catalogue, clock: Clock) -> MakeWorker:
    work = Work(database, MemoryStore(), settings, catalogue, NOW)

    def make(handlers: dict[str, Handler], *recurring: Recurring) -> Worker:
        return Worker(work, handlers, recurring, clock)

    return make


def jobs(database: Database) -> list[Job]:
    with database.reading() as session:
        return list(session.scalars(select(Job).order_by(Job.id)))


def add(database: Database, kind: str = "count", **more: object) -> None:
    with database.writing() as session:
        actions.enqueue(session, kind, now=NOW, **more)


def test_a_job_of_a_transaction_that_failed_was_never_there(database: Database) -> None:
    with database.session(write=True) as session:
        actions.enqueue(session, "count", now=NOW)
        session.rollback()
    assert jobs(database) == []


def test_a_job_is_done_once_and_its_key_keeps_a_repeat_away(
    database: Database, make_worker: MakeWorker
) -> None:
    seen: list[Payload] = []
    worker = make_worker({"count": lambda work, payload: seen.append(payload)})
    for _ in range(2):
        add(database, key="count:7", number=7)
    assert worker.work_off() == 1
    add(database, key="count:7", number=7)
    assert worker.work_off() == 0
    assert seen == [{"number": 7}]


def test_a_job_waits_until_its_time(database: Database, make_worker: MakeWorker, clock: Clock) -> None:
    worker = make_worker({"count": lambda work, payload: None})
    add(database, run_at=NOW + timedelta(hours=1))
    assert worker.work_off() == 0
    clock.pass_by(hours=1)
    assert worker.work_off() == 1


def test_a_job_that_fails_is_tried_again_later_and_left_for_the_admin_at_last(
    database: Database, make_worker: MakeWorker, clock: Clock, settings: Settings
) -> None:
    def fail(work: Work, payload: Payload) -> None:
        raise OSError("the name of Child A must not be kept")

    worker = make_worker({"count": fail})
    add(database)
    waits = []
    for _ in range(settings.job_attempts):
        assert worker.work_off() == 1
        (job,) = jobs(database)
        assert job.last_error == "OSError"
        waits.append(job.run_at - clock.now)
        clock.now = max(clock.now, job.run_at)
    assert waits[:3] == [timedelta(seconds=10), timedelta(seconds=20), timedelta(seconds=40)]
    assert job.dead_at == clock.now
    clock.pass_by(days=30)
    assert worker.work_off() == 0
    with database.writing() as session:
        assert actions.retry(session, job.id, now=clock.now)
    assert worker.work_off() == 1


def test_a_handler_that_gives_up_and_a_kind_without_handler_are_not_tried_again(
    database: Database, make_worker: MakeWorker
) -> None:
    def give_up(work: Work, payload: Payload) -> None:
        raise GiveUp("broken_file")

    worker = make_worker({"count": give_up})
    add(database)
    add(database, "nobody_knows")
    assert worker.work_off() == 2
    assert [job.last_error for job in jobs(database)] == ["broken_file", "no_handler"]
    assert all(job.dead_at for job in jobs(database))


def test_what_a_dead_worker_had_is_taken_up_when_its_lease_runs_out(
    database: Database, make_worker: MakeWorker, clock: Clock
) -> None:
    add(database)
    with database.writing() as session:
        assert actions.claim(session, worker="died", now=clock.now, lease=timedelta(seconds=120))
    seen: list[Payload] = []
    worker = make_worker({"count": lambda work, payload: seen.append(payload)})
    clock.pass_by(seconds=119)
    assert worker.work_off() == 0
    clock.pass_by(seconds=2)
    assert worker.work_off() == 1
    with database.writing() as session:  # the dead one was only slow: its word no longer counts
        actions.finish(session, jobs(database)[0].id, worker="died", now=clock.now)
    assert jobs(database)[0].leased_by == worker.name


def test_a_job_that_ends_its_worker_each_time_is_left_for_the_admin_too(
    database: Database, make_worker: MakeWorker, clock: Clock, settings: Settings
) -> None:
    """Killed by the kernel for want of memory, it never says that it failed: the tries are counted all the same."""
    add(database)
    for _ in range(settings.job_attempts):
        with database.writing() as session:
            assert actions.claim(session, worker="killed", now=clock.now, lease=timedelta(seconds=120))
        clock.pass_by(seconds=121)
    seen: list[Payload] = []
    worker = make_worker({"count": lambda work, payload: seen.append(payload)})
    worker.work_off()
    (job,) = jobs(database)
    assert (seen, job.last_error, job.dead_at) == ([], "worker_died", clock.now)
    with database.writing() as session:
        assert actions.retry(session, job.id, now=clock.now)
    worker.work_off()
    assert len(seen) == 1


def test_what_is_wanted_again_and_again_is_one_job(
    database: Database, make_worker: MakeWorker, clock: Clock
) -> None:
    done: list[Payload] = []

    def count(work: Work, payload: Payload) -> None:
        done.append(payload)
        if payload["number"] == 2:
            raise GiveUp("broken_file")

    worker = make_worker({"count": count})

    def want(number: int) -> None:
        with database.writing() as session:
            actions.enqueue_again(session, "count", now=clock.now, key="count:file", number=number)

    want(1)
    want(9)  # it waits already: left as it is
    assert worker.work_off() == 1
    want(2)  # done before: once more
    assert worker.work_off() == 1
    (job,) = jobs(database)
    assert (job.last_error, bool(job.dead_at)) == ("broken_file", True)
    want(3)  # given up before: begun anew
    assert worker.work_off() == 1
    assert [one["number"] for one in done] == [1, 2, 3]
    (job,) = jobs(database)
    assert (job.dead_at, bool(job.done_at), job.attempts, job.last_error) == (None, True, 1, "")


def test_many_workers_do_each_job_once(database: Database, make_worker: MakeWorker) -> None:
    done: Counter[int] = Counter()
    lock = threading.Lock()

    def count(work: Work, payload: Payload) -> None:
        with lock:
            done[payload["number"]] += 1

    for number in range(60):
        add(database, number=number)
    workers = [make_worker({"count": count}) for _ in range(4)]
    threads = [threading.Thread(target=worker.work_off) for worker in workers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert done == dict.fromkeys(range(60), 1)


def test_what_recurs_is_added_once_a_period_by_whoever_comes_first(
    database: Database, make_worker: MakeWorker, clock: Clock
) -> None:
    seen: list[Payload] = []
    daily = Recurring("daily", lambda now: now.date().isoformat())
    never = Recurring("never", lambda now: None)
    handlers: dict[str, Handler] = {"daily": lambda work, payload: seen.append(payload)}
    workers = [make_worker(handlers, daily, never) for _ in range(2)]
    for _ in range(3):
        for worker in workers:
            worker.work_off()
        clock.pass_by(hours=16)
    assert [payload["period"] for payload in seen] == ["2026-11-02", "2026-11-03"]


def test_done_jobs_are_forgotten_after_a_while(
    database: Database, make_worker: MakeWorker, clock: Clock
) -> None:
    worker = make_worker({"count": lambda work, payload: None})
    add(database)
    worker.work_off()
    clock.pass_by(days=36)
    worker.work_off()
    assert jobs(database) == []


def test_done_jobs_are_looked_through_once_an_hour(
    make_worker: MakeWorker, database: Database, clock: Clock
) -> None:
    """Which reads the whole table, and on SQLite nobody else writes meanwhile."""
    worker = make_worker({})
    with queries(database) as count:
        for _ in range(60):
            worker.work_off()
            clock.pass_by(minutes=1)
        assert sum(one.startswith("DELETE FROM job") for one in count.statements) == 1
        worker.work_off()
    assert sum(one.startswith("DELETE FROM job") for one in count.statements) == 2


def test_a_clock_that_was_set_back_is_looked_at_again_at_once(
    make_worker: MakeWorker, database: Database, clock: Clock
) -> None:
    """Otherwise nothing that recurs would be added until it has caught up."""
    worker = make_worker({"tick": lambda *_: None}, Recurring("tick", lambda now: f"{now:%Y-%m-%dT%H:%M}"))
    worker.work_off()
    clock.pass_by(minutes=-30)
    worker.work_off()
    assert len(jobs(database)) == 2
    clock.pass_by(seconds=59)
    worker.work_off()
    assert len(jobs(database)) == 2, "not more than once a minute"
