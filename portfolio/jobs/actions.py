"""Add a job, take the next one, finish it. Adding happens inside the business transaction: no row, no job."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, delete, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portfolio.database import new_id
from portfolio.jobs.models import Job

LONGEST_WAIT = timedelta(hours=6)
FIRST_WAIT = timedelta(seconds=10)


def enqueue(
    session: Session,
    kind: str,
    *,
    now: datetime,
    run_at: datetime | None = None,
    key: str | None = None,
    **payload: Any,
) -> None:
    """Add a job in this transaction. With a `key` that was used before, nothing is added."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(
        dialect.insert(Job)
        .values(
            id=new_id(),
            kind=kind,
            payload=payload,
            key=key,
            created_at=now,
            run_at=run_at or now,
            attempts=0,
            leased_by="",
            last_error="",
        )
        .on_conflict_do_nothing(index_elements=["key"])
    )


def enqueue_again(session: Session, kind: str, *, now: datetime, key: str, **payload: Any) -> None:
    """Have the one job of this key done: added if there is none, begun anew if it is done or given up, left alone
    while it waits or runs. So something that is wanted again and again is one row, however long it cannot be done."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    fresh = {
        "kind": kind, "payload": payload, "run_at": now, "attempts": 0, "leased_by": "", "lease_until": None,
        "done_at": None, "dead_at": None, "last_error": "",
    }  # fmt: skip
    session.execute(
        dialect.insert(Job)
        .values(id=new_id(), key=key, created_at=now, **fresh)
        .on_conflict_do_update(
            index_elements=["key"], set_=fresh, where=or_(Job.done_at.is_not(None), Job.dead_at.is_not(None))
        )
    )


def claim(session: Session, *, worker: str, now: datetime, lease: timedelta) -> Job | None:
    """Take the job that has waited longest, for the time of the lease. On PostgreSQL others' jobs are skipped,
    not waited for."""
    waiting = (
        select(Job.id)
        .where(_is_open(), Job.run_at <= now, or_(Job.lease_until.is_(None), Job.lease_until < now))
        .order_by(Job.run_at, Job.id)
        .limit(1)
    )
    if session.get_bind().dialect.name != "sqlite":  # SQLite has one writer at a time
        waiting = waiting.with_for_update(skip_locked=True)
    return session.scalars(
        update(Job)
        .where(Job.id == waiting.scalar_subquery())
        .values(lease_until=now + lease, leased_by=worker, attempts=Job.attempts + 1)
        .returning(Job)
        .execution_options(synchronize_session=False, populate_existing=True)
    ).one_or_none()


def extend(session: Session, job_id: UUID, *, worker: str, now: datetime, lease: timedelta) -> bool:
    """The worker is still at it. False if the lease was lost to another worker."""
    return (
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.leased_by == worker, _is_open())
            .values(lease_until=now + lease)
            .execution_options(synchronize_session=False)
            .returning(Job.id)
        ).first()
        is not None
    )


def finish(session: Session, job_id: UUID, *, worker: str, now: datetime) -> None:
    """It is done. A worker that lost its lease says nothing: the other one will."""
    _settle(session, job_id, worker, done_at=now, lease_until=None, last_error="")


def fail(
    session: Session, job: Job, *, worker: str, error: str, now: datetime, most: int, give_up: bool = False
) -> None:
    """Not done: try again after a wait that doubles each time, or leave it for the admin after `most` tries."""
    if give_up or job.attempts >= most:
        _settle(session, job.id, worker, dead_at=now, lease_until=None, last_error=error[:80])
    else:
        wait = min(FIRST_WAIT * 2 ** min(job.attempts - 1, 20), LONGEST_WAIT)
        _settle(session, job.id, worker, run_at=now + wait, lease_until=None, last_error=error[:80])


def retry(session: Session, job_id: UUID, *, now: datetime) -> bool:
    """The admin wants a dead job tried again, from the start. False if there is no such dead job."""
    return (
        session.execute(
            update(Job)
            .where(Job.id == job_id, Job.dead_at.is_not(None))
            .values(dead_at=None, run_at=now, attempts=0, leased_by="", lease_until=None)
            .execution_options(synchronize_session=False)
            .returning(Job.id)
        ).first()
        is not None
    )


def retry_dead(session: Session, kind: str, *, error: str, since: datetime, now: datetime) -> None:
    """Every job of a kind that died of this error and was added since: tried again, from the start."""
    session.execute(
        update(Job)
        .where(Job.kind == kind, Job.dead_at.is_not(None), Job.last_error == error, Job.created_at >= since)
        .values(dead_at=None, run_at=now, attempts=0, leased_by="", lease_until=None)
        .execution_options(synchronize_session=False)
    )


def retry_all(session: Session, kind: str, *, now: datetime) -> int:
    """Every dead job of this kind, as above; how many."""
    again = session.scalars(
        update(Job)
        .where(Job.kind == kind, Job.dead_at.is_not(None))
        .values(dead_at=None, run_at=now, attempts=0, leased_by="", lease_until=None)
        .execution_options(synchronize_session=False)
        .returning(Job.id)
    )
    return len(again.all())


def forget_done(session: Session, *, before: datetime) -> None:
    """Done jobs are kept for a while, since their keys keep a repeat from being added; then they go."""
    session.execute(delete(Job).where(Job.done_at < before).execution_options(synchronize_session=False))


def _is_open() -> Any:
    return and_(Job.done_at.is_(None), Job.dead_at.is_(None))


def _settle(session: Session, job_id: UUID, worker: str, **values: Any) -> None:
    session.execute(
        update(Job)
        .where(Job.id == job_id, Job.leased_by == worker, _is_open())
        .values(**values)
        .execution_options(synchronize_session=False)
    )
