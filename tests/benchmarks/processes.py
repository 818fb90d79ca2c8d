"""A server process of its own, as `serve` starts it, so that its memory is its own and nobody shares its time."""

from __future__ import annotations

import http.client
import os
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from portfolio.database import Database
from portfolio.people.models import Person
from portfolio.people.sessions import cookie_name, start_session
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from tests.benchmarks.measuring import Client
from tests.browser.serving import free_port


@dataclass
class Process:
    """One serving process: where it listens, and what the kernel says about its memory."""

    port: int
    pid: int
    settings: Settings
    database: Database

    def client(self, person_id: Any) -> Client:
        with self.database.writing() as session:
            person = session.get_one(Person, person_id)
            token = start_session(session, person, device="benchmark", now=utc_now())
        return Client(self.port, f"{cookie_name(self.settings)}={token}")

    def forget_peak(self) -> None:
        """From now on the peak is counted anew (proc(5), clear_refs)."""
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def memory(self, line: str = "VmRSS") -> int:
        """Bytes in memory now (VmRSS) or at most since `forget_peak` (VmHWM)."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        found = next(one for one in status.splitlines() if one.startswith(f"{line}:"))
        return int(found.split()[1]) * 1024


@contextmanager
def process(database: Database, folder: Path, **more: str) -> Iterator[Process]:
    """`python -m portfolio serve` over this database and a folder; ended at the end."""
    port = free_port()
    environment = {
        "PORTFOLIO_SECRET": secrets.token_urlsafe(48),
        "PORTFOLIO_DATABASE_URL": database.engine.url.render_as_string(hide_password=False),
        "PORTFOLIO_STORAGE_URL": f"folder:{folder / 'files'}",
        "PORTFOLIO_STANDARDS_FOLDER": str(folder / "standards"),
        "PORTFOLIO_MAIL_FOLDER": str(folder / "mail"),
        "PORTFOLIO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        "PORTFOLIO_PORT": str(port),
        **more,
    }
    settings = Settings(
        secret=environment["PORTFOLIO_SECRET"], public_url=environment["PORTFOLIO_PUBLIC_URL"]
    )
    log = (folder / "server.log").open("w")
    served = subprocess.Popen(
        [sys.executable, "-m", "portfolio", "serve"], env=os.environ | environment, stderr=log
    )
    try:
        wait_for(port, served)
        yield Process(port, served.pid, settings, database)
    finally:
        served.terminate()
        served.wait(60)
        log.close()


def wait_for(port: int, served: subprocess.Popen[bytes]) -> None:
    for _ in range(600):
        if served.poll() is not None:
            raise SystemExit("the server ended by itself: its log is in the folder beside the files")
        try:
            connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
            connection.request("GET", "/sign-in")
            connection.getresponse().read()
            connection.close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise SystemExit("the server did not start")
