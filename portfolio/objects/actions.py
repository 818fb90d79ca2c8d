"""The way of an object: reserve its key, store its bytes, keep it with the row that names it; or let it go.

    reserve(database, provider_id, person_id, keys, now)   # commits: before the first byte
    store.adopt(key, path)                                 # the bytes are safe
    keep(session, keys)                                    # with the row that names them
    …commit…                                               # only now is anything confirmed

A crash in between leaves a reserved key, with or without bytes; nothing points at it, and it is swept after two
days. Nothing is ever taken out of the store directly: removing is a job of the transaction that stops naming it.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from portfolio.database import Database
from portfolio.jobs.actions import enqueue
from portfolio.objects.models import ObjectHold, PendingObject
from portfolio.refusals import Refused

REMOVE = "objects.remove"
KEYS_PER_JOB = 500
TOO_LATE = (
    "The files were on their way for so long that their place was given up. "
    "Nothing was saved. Choose the files again and send the form once more."
)


def reserve(
    database: Database, provider_id: UUID, person_id: UUID | None, keys: Sequence[str], now: datetime
) -> None:
    """Note these fresh keys in a short transaction of its own. Only then may bytes be stored under them."""
    if not keys:
        return
    with database.writing() as session:
        session.execute(
            insert(PendingObject),
            [
                {"provider_id": provider_id, "person_id": person_id, "key": key, "created_at": now}
                for key in keys
            ],
        )


def keep(session: Session, keys: Sequence[str]) -> None:
    """A row of this transaction names these objects now. Raises Refused if one of them was given up meanwhile
    (swept, or let go): its bytes are about to be removed, and nothing may point at them."""
    wanted = {key for key in keys if key}
    if wanted and _take(session, wanted) != wanted:
        raise Refused(TOO_LATE)


def release(database: Database, keys: Sequence[str], now: datetime) -> None:
    """Let go of what no row came to name, in a transaction of its own.

    Safe also when it is not known whether the business transaction was committed: what that kept is reserved
    no more, so it is left alone."""
    if not keys:
        return
    with database.writing() as session:
        remove_later(session, sorted(_take(session, set(keys))), now)


def remove_later(session: Session, keys: Sequence[str], now: datetime) -> None:
    """The rows of this transaction name these objects no more: a job takes them out of the store after the
    commit. No commit, no removal."""
    for start in range(0, len(keys), KEYS_PER_JOB):
        enqueue(session, REMOVE, now=now, keys=list(keys[start : start + KEYS_PER_JOB]))


def sweep(session: Session, *, before: datetime, now: datetime, most: int = 5_000) -> int:
    """Give up keys that were reserved before that moment; returns how many. Their bytes are removed by a job."""
    old = select(PendingObject.key).where(PendingObject.created_at < before)
    keys = session.scalars(old.order_by(PendingObject.created_at).limit(most)).all()
    remove_later(session, sorted(_take(session, set(keys))), now)
    return len(keys)


def hold(session: Session, until: datetime, *, now: datetime) -> UUID:
    """From the commit on and until then, nothing is removed from the store. A forgotten hold ends by itself."""
    held = ObjectHold(until=until, created_at=now)
    session.add(held)
    session.flush()
    return held.id


def extend_hold(session: Session, hold_id: UUID, until: datetime) -> None:
    """Whoever holds needs longer."""
    session.get_one(ObjectHold, hold_id).until = until
    session.flush()


def release_hold(session: Session, hold_id: UUID) -> None:
    """Removing may go on. Releasing twice is no error."""
    session.execute(delete(ObjectHold).where(ObjectHold.id == hold_id))


def _take(session: Session, keys: Iterable[str]) -> set[str]:
    """Delete these pending rows; returns the keys that were still pending. Two cannot both get the same one."""
    gone = delete(PendingObject).where(PendingObject.key.in_(list(keys))).returning(PendingObject.key)
    return set(session.scalars(gone.execution_options(synchronize_session=False)))
