"""Which objects have a name, which wait for one or for their removal, and which nobody knows."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import islice

from sqlalchemy import Column, func, select
from sqlalchemy.orm import Session

from portfolio.database import Base
from portfolio.jobs.models import Job
from portfolio.objects.actions import REMOVE
from portfolio.objects.models import ObjectHold, PendingObject
from storage.store import EvidenceStore, NotStored

GRACE = timedelta(hours=48)
"""Younger objects and reservations may belong to an upload that is still on its way."""
_AT_A_TIME = 500


@dataclass(frozen=True)
class Unnamed:
    """An object that no row names and that nothing waits for."""

    key: str
    stored_at: datetime


def naming_columns() -> list[Column[str]]:
    """Every column that holds keys of objects (see models.NAMES_AN_OBJECT), in every table."""
    return [
        column
        for table in Base.metadata.sorted_tables
        for column in table.columns
        if column.info.get("names_an_object")
    ]


def named(session: Session, keys: Sequence[str]) -> set[str]:
    """Those of these keys that a row names."""
    found: set[str] = set()
    for column in naming_columns():
        found.update(session.scalars(select(column).where(column.in_(keys))))
    return found


def pending(session: Session, keys: Sequence[str]) -> set[str]:
    """Those that are reserved: bytes may come, or are there and their row is about to come."""
    return set(session.scalars(select(PendingObject.key).where(PendingObject.key.in_(keys))))


def to_be_removed(session: Session) -> set[str]:
    """Everything that a job will still take out of the store, those included that wait for the admin."""
    payloads = session.scalars(select(Job.payload).where(Job.kind == REMOVE, Job.done_at.is_(None)))
    return {key for payload in payloads for key in payload["keys"]}


def held_until(session: Session, now: datetime) -> datetime | None:
    """Until when nothing may be removed from the store; None if it may."""
    return session.scalar(select(func.max(ObjectHold.until)).where(ObjectHold.until > now))


def unnamed(session: Session, store: EvidenceStore, now: datetime, prefix: str = "") -> Iterator[Unnamed]:
    """What is in the store although no row names it, none is about to, and no job removes it; older than two
    days. Reads every key of the store. Listed, and removed only when somebody says so: `python -m portfolio orphaned`."""
    leaving = to_be_removed(session)
    for some in _in_parts(store.keys(prefix)):
        known = named(session, some) | pending(session, some) | leaving
        for key in some:
            if key not in known and (one := _old(store, key, now)):
                yield one


def _old(store: EvidenceStore, key: str, now: datetime) -> Unnamed | None:
    try:
        stored_at = store.modified(key)
    except NotStored:  # removed since it was listed
        return None
    return Unnamed(key, stored_at) if now - stored_at > GRACE else None


def _in_parts(keys: Iterable[str]) -> Iterator[list[str]]:
    keys = iter(keys)
    while part := list(islice(keys, _AT_A_TIME)):
        yield part
