"""A clock that stands on a Monday morning, and a worker that goes by it."""

from __future__ import annotations

import pytest

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.jobs.worker import Worker
from portfolio.settings import Settings
from tests.reminders.steps import Clock, a_worker


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(database: Database, settings: Settings, catalogue: Catalogue, clock: Clock) -> Worker:
    return a_worker(database, settings, catalogue, clock)
