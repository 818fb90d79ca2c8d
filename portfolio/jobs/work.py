"""What a job's handler is given, and the lists in which a capability says what it handles and what recurs.

A capability with background work has a file `jobs.py` with `HANDLERS` and, if need be, `RECURRING`;
`portfolio.background` joins them.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.settings import Settings
from storage.store import EvidenceStore

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Work:
    """Everything a handler may use. It opens its own transactions, and may be called again for the same job
    after a crash: what is done already is seen in the rows and not done twice."""

    database: Database
    store: EvidenceStore
    settings: Settings
    catalogue: Catalogue
    now: datetime


Handler = Callable[[Work, Payload], None]
"""Does the job. Any exception means: not done, try again later. `GiveUp` means: trying again is of no use."""


class GiveUp(Exception):
    """The job cannot succeed, now or later. The argument is a short code without personal data."""


@dataclass(frozen=True)
class Recurring:
    """A job that is added by the clock: once per period, whichever worker comes first.

    `period` turns a moment into the name of its period ("2026-11-22" for once a day): with the kind it is the
    key of the job. None means: not now."""

    kind: str
    period: Callable[[datetime], str | None]
