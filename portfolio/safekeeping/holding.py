"""While a backup copies, nothing is taken out of the store. A backup that dies holds nobody up for long."""

from __future__ import annotations

import logging
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from uuid import UUID

from portfolio.database import Database
from portfolio.objects import actions as objects

logger = logging.getLogger("portfolio.safekeeping")
AHEAD = timedelta(hours=1)
"""A hold reaches so far ahead, and is renewed long before."""
RENEW_SECONDS = 600.0


@contextmanager
def holding(database: Database) -> Iterator[None]:
    """Removals wait from here to the end, also if it takes a day."""
    now = datetime.now(UTC)
    with database.writing() as session:
        held = objects.hold(session, now + AHEAD, now=now)
    over = threading.Event()
    renewing = threading.Thread(target=_renew, args=(database, held, over), daemon=True, name="hold")
    renewing.start()
    try:
        yield
    finally:
        over.set()
        renewing.join()
        with database.writing() as session:
            objects.release_hold(session, held)


def _renew(database: Database, held: UUID, over: threading.Event) -> None:
    while not over.wait(RENEW_SECONDS):
        try:
            with database.writing() as session:
                objects.extend_hold(session, held, datetime.now(UTC) + AHEAD)
        except Exception:  # the database is away for a moment: the hold reaches an hour ahead
            logger.warning("safekeeping.hold_not_renewed")
