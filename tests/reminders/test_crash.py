"""A worker process that is killed between the mail server's yes and its own note."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.jobs import actions as jobs
from portfolio.reminders import rules
from portfolio.reminders.jobs import SEND
from portfolio.settings import Settings
from portfolio.web.formats import london_day, utc_now
from tests.builders import Cast, a_submitted, commit
from tests.people.smtp import SmtpServer, smtp_server
from tests.reminders.steps import sent, with_passwords

LONGEST = 240
"""Seconds, for what takes a few where nothing else runs."""


@contextmanager
def worker_process(
    database: Database, settings: Settings, server: SmtpServer, log: Path
) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker over the test's database, with a lease of two seconds; killed at the end."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTFOLIO_")} | {
        "PORTFOLIO_SECRET": settings.secret.get_secret_value(),
        "PORTFOLIO_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "PORTFOLIO_STORAGE_URL": settings.storage_url,
        "PORTFOLIO_STANDARDS_FOLDER": str(settings.standards_folder),
        "PORTFOLIO_SMTP_HOST": "127.0.0.1",
        "PORTFOLIO_SMTP_PORT": str(server.port),
        "PORTFOLIO_SMTP_STARTTLS": "false",
        "PORTFOLIO_SMTP_TIMEOUT_SECONDS": str(LONGEST),
        "PORTFOLIO_JOB_LEASE_SECONDS": "2",
        "PORTFOLIO_JOB_PAUSE_SECONDS": "0.1",
    }
    with log.open("ab") as output:
        process = subprocess.Popen(
            [sys.executable, "-m", "portfolio", "worker"], env=environment, stdout=output, stderr=output
        )
        try:
            yield process
        finally:
            process.kill()
            process.wait()


def test_a_worker_killed_before_its_note_sends_it_again_under_the_same_name(
    database: Database, settings: Settings, session: Session, cast: Cast, tmp_path: Path
) -> None:
    a_submitted(session, cast.other_at, "K6")
    commit(session)
    with_passwords(session)
    now, log = utc_now(), tmp_path / "worker.log"
    day = london_day(now)
    payload = {"day": day.isoformat(), "person": str(cast.otto.id)}
    jobs.enqueue(session, SEND, now=now, key=f"{SEND}:{rules.week_of(day)}:{cast.otto.id}", **payload)
    commit(session)
    with smtp_server(hold=threading.Event()) as server:
        assert server.hold is not None
        try:
            with worker_process(database, settings, server, log) as first:
                assert server.taken.wait(LONGEST), log.read_text()
                first.send_signal(signal.SIGKILL)
        finally:
            server.hold.set()
        assert sent(database, cast.otto) == [], "killed before it could note anything"
        with worker_process(database, settings, server, log):
            until = time.monotonic() + LONGEST
            while not sent(database, cast.otto) and time.monotonic() < until:
                time.sleep(0.1)
        to_otto = [message for message in server.messages if "otto" in str(message["To"])]
        assert len(to_otto) == 2, log.read_text()
        assert len({str(message["Message-ID"]) for message in to_otto}) == 1
        assert len(sent(database, cast.otto)) == 1
    assert "otto" not in log.read_text().lower()
