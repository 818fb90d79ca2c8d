"""The worker: takes jobs one after another until it is asked to stop. A thread, or a process of its own."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import datetime, timedelta

from portfolio.jobs import actions
from portfolio.jobs.models import Job
from portfolio.jobs.work import GiveUp, Handler, Recurring, Work
from portfolio.web.logs import job_id

logger = logging.getLogger("portfolio.jobs")
KEEP_DONE = timedelta(days=35)
LOOK_AT_CLOCK = timedelta(minutes=1)
FORGET_DONE = timedelta(hours=1)


class Worker:
    """`run` works until `stop` is called; `work_off` does what is due now and returns, for tests and commands."""

    def __init__(
        self,
        work: Work,
        handlers: Mapping[str, Handler],
        recurring: Iterable[Recurring],
        clock: Callable[[], datetime],
    ) -> None:
        self.work, self.handlers, self.recurring, self.clock = work, handlers, tuple(recurring), clock
        self.name = f"{socket.gethostname()[:30]}-{os.getpid()}-{secrets.token_hex(4)}"
        self.lease = timedelta(seconds=work.settings.job_lease_seconds)
        self.looked_at_clock: datetime | None = None
        self.forgot_done: datetime | None = None
        self._stopping = threading.Event()

    def run(self) -> None:
        """Work until stopped. A database that does not answer is waited for, never given up on."""
        while not self._stopping.is_set():
            try:
                busy = self.one()
            except Exception:  # the database is away: the jobs are safe there, so wait and look again
                logger.exception("jobs.database_away")
                self._stopping.wait(5)
                continue
            if not busy:
                self._stopping.wait(self.work.settings.job_pause_seconds)

    def stop(self) -> None:
        """After the job at hand; a job that is not done by then is taken up by another worker later."""
        self._stopping.set()

    def work_off(self) -> int:
        """Everything that is due now; returns how many jobs were tried."""
        tried = 0
        while self.one():
            tried += 1
        return tried

    def one(self) -> bool:
        """Take one job and do it. False if none is due."""
        now = self.clock()
        self._add_recurring(now)
        with self.work.database.writing() as session:
            job = actions.claim(session, worker=self.name, now=now, lease=self.lease)
        if job is None:
            return False
        token = job_id.set(str(job.id))
        try:
            self._do(job)
        finally:
            job_id.reset(token)
        return True

    def _do(self, job: Job) -> None:
        work = replace(self.work, now=self.clock())
        handler = self.handlers.get(job.kind)
        try:
            if job.attempts > work.settings.job_attempts:  # it never came back to say how it ended
                raise GiveUp("worker_died")
            if handler is None:
                raise GiveUp("no_handler")
            with _Heartbeat(self, job):
                handler(work, job.payload)
        except Exception as error:  # whatever it was: the job is tried again, and its kind of error is shown
            given_up = isinstance(error, GiveUp)
            code = str(error) if given_up else type(error).__name__
            logger.warning("jobs.failed", extra={"job": job.id, "kind": job.kind, "error_kind": code})
            most = work.settings.job_attempts
            with self.work.database.writing() as session:
                actions.fail(
                    session, job, worker=self.name, error=code, now=self.clock(), most=most, give_up=given_up
                )
            return
        with self.work.database.writing() as session:
            actions.finish(session, job.id, worker=self.name, now=self.clock())
        logger.info("jobs.done", extra={"job": job.id, "kind": job.kind, "attempts": job.attempts})

    def _add_recurring(self, now: datetime) -> None:
        """Once a minute: add what the clock asks for. The key sees to it that many workers add it once. A clock that
        was set back is looked at again at once."""
        if self.looked_at_clock is not None and timedelta(0) <= now - self.looked_at_clock < LOOK_AT_CLOCK:
            return
        self.looked_at_clock = now
        with self.work.database.writing() as session:
            for one in self.recurring:
                period = one.period(now)
                if period is not None:
                    actions.enqueue(session, one.kind, now=now, key=f"{one.kind}:{period}", period=period)
        self._forget_done(now)

    def _forget_done(self, now: datetime) -> None:
        """Once an hour, since it reads the whole table while SQLite's only writer waits."""
        if self.forgot_done is not None and timedelta(0) <= now - self.forgot_done < FORGET_DONE:
            return
        self.forgot_done = now
        with self.work.database.writing() as session:
            actions.forget_done(session, before=now - KEEP_DONE)


class _Heartbeat:
    """While a long job runs, a thread renews its lease, so that nobody else begins it as well."""

    def __init__(self, worker: Worker, job: Job) -> None:
        self.worker, self.job = worker, job
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._beat, daemon=True, name="job-heartbeat")

    def __enter__(self) -> None:
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _beat(self) -> None:
        worker = self.worker
        while not self._over.wait(worker.lease.total_seconds() / 3):
            try:
                with worker.work.database.writing() as session:
                    actions.extend(
                        session, self.job.id, worker=worker.name, now=worker.clock(), lease=worker.lease
                    )
            except Exception:  # the next beat tries again; a lost lease only means that it is done twice
                logger.warning("jobs.heartbeat_failed", extra={"job": self.job.id})
