"""Entries are written in the transaction of the rows they are about: no such row can be without its entry.

`notice` collects, after each flush, what will have to enter; `keep` writes the entries just before the commit, when
everything that hangs on the rows is there. Nobody who decides, signs or locks calls anything of this.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, inspect, select
from sqlalchemy.orm import Session

from portfolio.database import Database, new_id
from portfolio.ledger.chain import (
    BACK,
    CARRIED_OVER,
    START,
    VERSION,
    Words,
    canonical,
    commitment,
    hash_of,
    moment,
    new_salt,
)
from portfolio.ledger.gathering import EVERYWHERE, around, body
from portfolio.ledger.kinds import BY_MODEL, Row
from portfolio.ledger.models import LedgerEntry, LedgerSalt
from portfolio.ledger.roles import role_of
from portfolio.web.formats import utc_now

NOTED = "ledger_noted"


def join(database: Database) -> None:
    """Keep the ledger of this database with every commit. After the other keepers: its lock is taken last."""
    database.watchers.append(notice)
    database.keepers.append(keep)


def notice(session: Session) -> None:
    """After a flush: rows that will enter, in the order in which they were written."""
    noted: list[Row] = session.info.setdefault(NOTED, [])
    for row in session.new:
        kind = BY_MODEL.get(type(row))
        if kind is not None and kind.enters(row):
            noted.append(row)
    for row in session.dirty:
        kind = BY_MODEL.get(type(row))
        if kind is not None and kind.turns and kind.enters(row) and _turned(row, kind.turns):
            noted.append(row)


def _turned(row: Row, column: str) -> bool:
    return bool(inspect(row).attrs[column].history.has_changes())


def keep(session: Session, _apprenticeship_ids: set[UUID]) -> None:
    """Before a commit: an entry for each row that was noticed. What was rolled back meanwhile is left out."""
    noted: list[Row] = session.info.get(NOTED, [])
    rows = [row for row in noted if row in session and BY_MODEL[type(row)].enters(row)]
    noted.clear()
    if rows:
        append(session, rows)


def append(session: Session, rows: Sequence[Row], *, carried_over: bool = False) -> None:
    """Entries for these rows at the end of their providers' chains. Holds each chain until the commit."""
    found = around(session, rows)
    by_provider: dict[UUID, list[Row]] = defaultdict(list)
    for row in rows:
        by_provider[row.provider_id].append(row)
    for provider_id in sorted(by_provider):  # always in the same order: no two commits wait for each other
        _hold(session, provider_id)
        end = _end(session, provider_id)
        now = utc_now()  # read while the chain is held, or two entries could stand against the clock
        for row in by_provider[provider_id]:
            said = body(row, found)
            suffix = CARRIED_OVER if carried_over else ""
            more = {"action": said.said["action"] + suffix, "role": role_of(session, row, said.said["actor"])}
            end = _add(session, provider_id, end, now, {**said.said, **more}, said.texts)
    session.flush()


@dataclass(frozen=True)
class _End:
    seq: int = 0
    hash: str = START
    utc: datetime | None = None


_NEWEST = (
    select(LedgerEntry.seq, LedgerEntry.hash, LedgerEntry.utc)
    .where(LedgerEntry.provider_id == bindparam("one"))
    .order_by(LedgerEntry.seq.desc())
    .limit(1)
    .execution_options(**EVERYWHERE)
)


def _hold(session: Session, provider_id: UUID) -> None:
    """One at a time at the end of a provider's chain. SQLite has one writer at a time anyway."""
    if session.get_bind().dialect.name != "sqlite":
        key = int.from_bytes(provider_id.bytes[8:], "big", signed=True)
        session.execute(select(func.pg_advisory_xact_lock(key)))


def _end(session: Session, provider_id: UUID) -> _End:
    row = session.execute(_NEWEST, {"one": provider_id}).first()
    return _End(*row) if row else _End()


def _add(
    session: Session,
    provider_id: UUID,
    end: _End,
    now: datetime,
    said: dict[str, Any],
    texts: dict[str, Words] | Any,
) -> _End:
    salts = {name: new_salt() for name, one in texts.items() if not one.blank}
    back = end.utc is not None and now < end.utc
    text = canonical(
        {
            **said,
            "v": VERSION,
            "provider": str(provider_id),
            "seq": end.seq + 1,
            "prev": end.hash,
            "utc": moment(now),
            "clock": BACK if back else None,
            "commitments": {
                name: commitment(salts[name], one.text) if name in salts else None
                for name, one in texts.items()
            },
        }
    )
    entry = LedgerEntry(
        id=new_id(),
        provider_id=provider_id,
        seq=end.seq + 1,
        prev=end.hash,
        hash=hash_of(text),
        utc=now,
        record=said["record"]["table"],
        record_id=UUID(said["record"]["id"]),
        entry=text,
    )
    session.add(entry)
    for name, salt in salts.items():
        session.add(LedgerSalt(provider_id=provider_id, entry_id=entry.id, field=name, salt=salt))
    return _End(entry.seq, entry.hash, now)
