"""The server process of a test: started, killed, started again over the same data. Ends only what it started."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from tests.browser.serving import free_port

ROOT = Path(__file__).resolve().parent.parent.parent
LONGEST = 60.0
"""Seconds that a start may take on a busy machine."""


class ServerProcess:
    """One script (tests.durability.server) and the child of it that serves now, on one port throughout."""

    def __init__(self, settings: dict[str, str], log: Path, prefix: tuple[str, ...] = ()) -> None:
        """`settings`: PORTFOLIO_… and nothing else of this process's environment that begins so. `prefix`: a
        command to run it under."""
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        own = {name: value for name, value in os.environ.items() if not name.startswith("PORTFOLIO_")}
        self._log = log.open("ab")
        self._script = subprocess.Popen(
            [*prefix, sys.executable, "-m", "tests.durability.server"],
            cwd=ROOT,
            env=own | settings | {"PORTFOLIO_PORT": str(self.port), "PORTFOLIO_PUBLIC_URL": self.address},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        self.child = 0
        try:
            self.script = int(self._answer()["ready"])
        except BaseException:
            self.__exit__(None, None, None)
            raise

    def __enter__(self) -> ServerProcess:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.child:
            self.kill()
        assert self._script.stdin is not None
        assert self._script.stdout is not None
        with contextlib.suppress(BrokenPipeError):
            self._script.stdin.close()
        try:
            self._script.wait(20)
        except subprocess.TimeoutExpired:
            self._script.kill()
            self._script.wait()
        self._script.stdout.close()
        self._log.close()

    def start(self, step: str = "", nth: int = 1, mistake: str = "") -> None:
        """A new child over the same data; returns when it answers."""
        self.child = self._order(do="start", step=step, nth=nth, mistake=mistake)["pid"]
        until = time.monotonic() + LONGEST
        while not self._answers():
            if time.monotonic() > until:
                raise TimeoutError(f"the server does not answer; see {self._log.name}")
            time.sleep(0.01)

    def kill(self) -> int:
        """SIGKILL, unless it is dead already; returns how it ended."""
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.child, signal.SIGKILL)
        return self.wait()

    def stop(self) -> int:
        """As an operator stops it."""
        os.kill(self.child, signal.SIGTERM)
        return self.wait()

    def wait(self) -> int:
        """Until the child has ended."""
        child, self.child = self.child, 0
        return int(self._order(do="wait", pid=child)["ended"])

    def is_alive(self) -> bool:
        """Whether the child still runs: a dead one stays a zombie until it is waited for."""
        try:
            state = Path(f"/proc/{self.child}/stat").read_text().rpartition(")")[2].split()[0]
        except FileNotFoundError:
            return False
        return state != "Z"

    def _answers(self) -> bool:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def _order(self, **order: Any) -> dict[str, Any]:
        assert self._script.stdin is not None
        self._script.stdin.write(json.dumps(order) + "\n")
        self._script.stdin.flush()
        return self._answer()

    def _answer(self) -> dict[str, Any]:
        assert self._script.stdout is not None
        line = self._script.stdout.readline()
        if not line:
            raise RuntimeError(f"the server script ended; see {self._log.name}")
        found: dict[str, Any] = json.loads(line)
        return found
