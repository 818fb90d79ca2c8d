"""Once an hour: files whose preparation was given up or got lost are taken up again, so that a scanner or a store
that was away for long needs nobody's hand; and what came in before there was a scanner is scanned, little by little.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from portfolio.jobs.actions import enqueue_again
from portfolio.jobs.work import Handler, Payload, Recurring, Work
from portfolio.preparation.actions import PREPARE, key_of
from portfolio.preparation.models import FilePreparation

LATE = timedelta(hours=1)
AT_ONCE, NOT_YET_SCANNED = 500, 1_000


def catch_up(work: Work, payload: Payload) -> None:
    """In random order, so that files which can never be done do not keep the others from their turn."""
    with work.database.writing() as session:
        late = select(FilePreparation.file_id).where(
            FilePreparation.still_open(), FilePreparation.began_at < work.now - LATE
        )
        files = list(session.scalars(late.order_by(func.random()).limit(AT_ONCE)))
        if work.settings.clamav_socket:
            unscanned = select(FilePreparation.file_id).where(
                FilePreparation.scan_state == "off",
                FilePreparation.check_state == "passed",
                FilePreparation.done_at.is_not(None),
            )
            files += session.scalars(unscanned.order_by(func.random()).limit(NOT_YET_SCANNED))
        for file_id in files:
            enqueue_again(session, PREPARE, now=work.now, key=key_of(file_id), file=str(file_id))


def _each_hour(now: datetime) -> str:
    return f"{now:%Y-%m-%dT%H}"


HANDLERS: dict[str, Handler] = {"preparation.catch_up": catch_up}
RECURRING = [Recurring("preparation.catch_up", _each_hour)]
