"""Taking objects out of the store that nothing names, and giving up keys that were reserved and never used."""

from __future__ import annotations

import logging
from datetime import datetime

from portfolio.jobs.actions import enqueue
from portfolio.jobs.work import Handler, Payload, Recurring, Work
from portfolio.objects import actions, queries

logger = logging.getLogger("portfolio.objects")


def remove(work: Work, payload: Payload) -> None:
    """Delete these objects, unless a row names one of them again. Waits while something holds the store."""
    keys = list(payload["keys"])
    with work.database.writing() as session:
        held = queries.held_until(session, work.now)
        if held is not None:  # a job of its own, so that waiting does not count as failing
            enqueue(session, actions.REMOVE, now=work.now, run_at=held, keys=keys)
            return
        used = queries.named(session, keys) | queries.pending(session, keys)
    if used:
        logger.error("objects.removal_refused", extra={"count": len(used)})
    for key in keys:
        if key not in used:
            work.store.delete(key)


def sweep(work: Work, payload: Payload) -> None:
    """Give up what was reserved more than two days ago: a server that died, or a sender that never came back."""
    with work.database.writing() as session:
        if queries.held_until(session, work.now) is None:
            count = actions.sweep(session, before=work.now - queries.GRACE, now=work.now)
            logger.info("objects.swept", extra={"count": count})


def _each_hour(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"


HANDLERS: dict[str, Handler] = {actions.REMOVE: remove, "objects.sweep": sweep}
RECURRING = [Recurring("objects.sweep", _each_hour)]
