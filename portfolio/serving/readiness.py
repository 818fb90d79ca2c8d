"""Whether this process can serve people now: the database, its tables, the store, and the work behind the pages."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from portfolio.database import Database
from portfolio.jobs.queries import lag
from portfolio.migrate import is_current
from portfolio.web.formats import utc_now
from storage.store import EvidenceStore

logger = logging.getLogger("portfolio.serving")
KEPT_SECONDS = 1.0
"""An answer is given out again for so long: asking often puts no load on the database or the store."""
LATE_SECONDS = 15 * 60
"""Jobs that wait longer than this are named, though pages can be served: somebody should look at the worker."""


@dataclass(frozen=True)
class Found:
    """How each part stands, in a word: "ok", or what is wrong with it."""

    ready: bool
    parts: Mapping[str, str]


NOT_YET = Found(False, {"database": "unknown", "store": "unknown", "jobs": "unknown"})
"""What those are told who ask while the very first look is under way."""


class Readiness:
    """Looks at most once a second, for one request at a time; whoever asks meanwhile gets the answer before it. Nobody
    waits for another's look: a silent store would hold up every thread that serves pages."""

    def __init__(self) -> None:
        self._looking = threading.Lock()
        self._found: Found | None = None
        self._until = 0.0

    def now(self, state: Any) -> Found:
        """`state` is the application's: its database and its store."""
        if not self._looking.acquire(blocking=False):
            return self._found or NOT_YET
        try:
            if self._found is None or time.monotonic() >= self._until:
                before, self._found = self._found, self._look(state)
                self._until = time.monotonic() + KEPT_SECONDS
                _say_changes(before, self._found)
            return self._found
        finally:
            self._looking.release()

    def _look(self, state: Any) -> Found:
        parts = {"database": _database(state.database), "store": _store(state.store)}
        ready = all(word == "ok" for word in parts.values())
        parts["jobs"] = _jobs(state.database) if parts["database"] == "ok" else "unknown"
        return Found(ready, parts)


def _database(database: Database) -> str:
    try:
        return "ok" if is_current(database) else "not migrated"
    except Exception:  # whatever the driver says: it cannot be used
        return "unavailable"


def _store(store: EvidenceStore) -> str:
    try:
        store.ready()
    except Exception:  # StoreUnavailable, or a fault of its driver
        return "unavailable"
    return "ok"


def _jobs(database: Database) -> str:
    try:
        with database.reading() as session:
            found = lag(session, utc_now())
    except Exception:  # that the database is away is said in its own line
        return "unknown"
    words = [f"late by {found.seconds / 60:.0f} minutes"] if found.seconds > LATE_SECONDS else []
    words += [f"{found.dead} given up"] if found.dead else []
    return ", ".join(words) or "ok"


def _say_changes(before: Found | None, found: Found) -> None:
    """One line when it changes, not one for each probe."""
    if before is None or before.ready != found.ready:
        broken = [part for part, word in found.parts.items() if word != "ok"]
        if found.ready:
            logger.info("serving.ready")
        else:
            logger.warning("serving.not_ready", extra={"parts": "-".join(broken)})
