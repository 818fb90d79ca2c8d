"""A real server process (`python -m portfolio serve`) on loopback, over a database and a store of its own."""

from __future__ import annotations

import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx2

from portfolio.people.sessions import start_session
from portfolio.settings import Settings
from portfolio.web.formats import utc_now

ROOT = Path(__file__).resolve().parent.parent.parent
PATIENCE = 240
"""Seconds that anything may take before a test gives up on it: a busy machine is slow, not wrong."""


@dataclass
class Running:
    """One server process: where it is, and what it has said so far."""

    process: subprocess.Popen[bytes]
    port: int
    said: Path

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def log(self) -> list[str]:
        return self.said.read_text().splitlines()

    def memory(self) -> int:
        """Resident bytes of the process and its children."""
        pids = [self.process.pid, *children_of(self.process.pid)]
        return sum(resident(pid) for pid in pids)

    def stop(self) -> int:
        """SIGTERM, and the exit code."""
        self.process.send_signal(signal.SIGTERM)
        return self.process.wait(PATIENCE)


def environment(database_url: str, folder: Path, port: int, **settings: object) -> dict[str, str]:
    """The settings as variables; nothing of this machine's own settings gets in."""
    values: dict[str, object] = {
        "secret": secrets.token_urlsafe(48),
        "database_url": database_url,
        "storage_url": f"folder:{folder / 'files'}",
        "mail_folder": folder / "mail",
        "standards_folder": folder / "standards",
        "public_url": f"http://127.0.0.1:{port}",
        "port": port,
    } | settings
    kept = {key: value for key, value in os.environ.items() if not key.startswith("PORTFOLIO_")}
    return kept | {f"PORTFOLIO_{name.upper()}": str(value) for name, value in values.items()}


@contextmanager
def serving(variables: dict[str, str], folder: Path, *arguments: str) -> Iterator[Running]:
    """Start it, wait until it answers, and end it whatever happens."""
    port = int(variables["PORTFOLIO_PORT"])
    folder.mkdir(exist_ok=True)
    said = folder / f"said-{port}-{secrets.token_hex(3)}.txt"
    with said.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, "-m", "portfolio", "serve", *arguments],
            cwd=ROOT,
            env=variables,
            stdout=out,
            stderr=out,
        )
    running = Running(process, port, said)
    try:
        wait_until_up(running)
        yield running
    finally:
        if process.poll() is None:
            process.terminate()
        try:
            process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            for pid in children_of(process.pid):
                os.kill(pid, signal.SIGKILL)
            process.kill()
            process.wait()


def wait_until_up(running: Running) -> None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        assert running.process.poll() is None, running.said.read_text()
        try:
            if httpx2.get(running.address + "/healthz", timeout=5).status_code == 200:
                return
        except httpx2.TransportError:
            time.sleep(0.05)
    raise AssertionError(f"it does not answer: {running.said.read_text()}")


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def children_of(pid: int) -> list[int]:
    """Processes that this one started, and theirs."""
    found = []
    for line in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        found += [int(line), *children_of(int(line))]
    return found


def resident(pid: int) -> int:
    try:
        status = Path(f"/proc/{pid}/status").read_text()
    except FileNotFoundError:
        return 0
    line = next((line for line in status.splitlines() if line.startswith("VmRSS:")), "VmRSS: 0 kB")
    return int(line.split()[1]) * 1024


def session_for(database: object, person: object) -> str:
    """The Cookie header of somebody who is signed in; signing in has tests of its own."""
    from portfolio.people.models import Person

    with database.writing() as session:  # type: ignore[attr-defined]
        row = session.get(Person, person.id)  # type: ignore[attr-defined]
        token = start_session(session, row, device="test", now=utc_now())
    from portfolio.people.sessions import cookie_name

    plain = Settings(secret=secrets.token_urlsafe(48), public_url="http://127.0.0.1")
    return f"{cookie_name(plain)}={token}"


def client(running: Running, cookie: str = "") -> httpx2.Client:
    headers = {"Sec-Fetch-Site": "same-origin"} | ({"Cookie": cookie} if cookie else {})
    return httpx2.Client(base_url=running.address, headers=headers, follow_redirects=False, timeout=PATIENCE)


def wait_until(happens: Callable[[], object], what: str) -> None:
    """Look again and again until it is so."""
    until = time.monotonic() + PATIENCE
    while not happens():
        assert time.monotonic() < until, f"this did not happen: {what}"
        time.sleep(0.02)
