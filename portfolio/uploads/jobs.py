"""Once an hour: uploads that nobody went on with for two weeks are given up, and their pieces removed."""

from __future__ import annotations

import logging
from datetime import datetime

from portfolio.jobs.work import Handler, Payload, Recurring, Work
from portfolio.uploads import actions

logger = logging.getLogger("portfolio.uploads")


def expire(work: Work, payload: Payload) -> None:
    with work.database.writing() as session:
        count = actions.expire(session, now=work.now)
    if count:
        logger.info("uploads.expired", extra={"count": count})


def _each_hour(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"


HANDLERS: dict[str, Handler] = {"uploads.expire": expire}
RECURRING = [Recurring("uploads.expire", _each_hour)]
