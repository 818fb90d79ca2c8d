"""Several processes behind one listening socket: one that dies is replaced, all are stopped together."""

from __future__ import annotations

import logging
import multiprocessing
import signal
import sys
import time
from collections.abc import Callable
from multiprocessing import connection
from multiprocessing.process import BaseProcess
from typing import Any

logger = logging.getLogger("portfolio.serving")
LOOK = 0.5
QUICK = 5.0
"""A process that ends sooner than this after its start is broken by what it was started with …"""
MOST_QUICK = 5
"""… and after so many of them in a row, starting again is given up."""


class Children:
    """`run` starts them, and returns the exit code after SIGTERM or SIGINT, or when none can live."""

    def __init__(
        self, number: int, target: Callable[..., None], arguments: tuple[Any, ...], *, patience: float
    ) -> None:
        self.number, self.target, self.arguments, self.patience = number, target, arguments, patience
        self._context = multiprocessing.get_context("spawn")  # threads and connections are not inherited
        self._alive: dict[BaseProcess, float] = {}
        self._stopping = False
        self._quick = 0

    def run(self, *, before_stop: Callable[[], None] = lambda: None) -> int:
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask_to_stop)
        while not self._stopping and self._quick < MOST_QUICK:
            while len(self._alive) < self.number and not self._stopping:
                self._start()
            connection.wait([process.sentinel for process in self._alive], timeout=LOOK)
            self._bury()
        before_stop()
        self._stop_all()
        return 0 if self._stopping else 1

    def _ask_to_stop(self, *_: object) -> None:
        self._stopping = True

    def _start(self) -> None:
        process = self._context.Process(target=_quietly, args=(self.target, self.arguments))
        process.start()
        self._alive[process] = time.monotonic()
        logger.info("serving.process_started", extra={"child": process.pid})

    def _bury(self) -> None:
        for process, started in tuple(self._alive.items()):
            if process.is_alive():
                continue
            del self._alive[process]
            quick = time.monotonic() - started < QUICK
            self._quick = self._quick + 1 if quick else 0
            if not self._stopping:
                logger.error("serving.process_ended", extra={"child": process.pid, "code": process.exitcode})

    def _stop_all(self) -> None:
        for process in self._alive:
            process.terminate()
        until = time.monotonic() + self.patience
        for process in self._alive:
            process.join(max(0.1, until - time.monotonic()))
            if process.is_alive():
                logger.error("serving.process_killed", extra={"child": process.pid})
                process.kill()
                process.join()


def _quietly(target: Callable[..., None], arguments: tuple[Any, ...]) -> None:
    """A fault of a child goes to the log like any other, not as text of its own."""
    try:
        target(*arguments)
    except Exception:  # whatever ended it: said once, and the parent starts another or ends
        logging.getLogger("portfolio.serving").exception("serving.crashed")
        sys.exit(1)
