"""The background work of an application in a test: done now, by the real worker with the real handlers."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from fastapi import FastAPI

from portfolio.background import make_worker


def work_off(app: FastAPI, clock: Callable[[], datetime] | None = None) -> int:
    """Every job that is due, at this clock's time if one is given; returns how many were tried."""
    worker = make_worker(app)
    if clock is not None:
        worker.clock = clock
        worker.work = replace(worker.work, now=clock())
    return worker.work_off()
