"""Rows of a release that had no ledger enter it once, while the database is brought up to date. So do rows of a kind
that entered with a later release.

Their entries end in `:carried_over` and stand before all others of their provider (of a later kind: before all others
of that kind), in the order of the moments in the rows. Later nothing is carried over: a row that was written past the
product stays without an entry, and is found.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portfolio.ledger.gathering import EVERYWHERE
from portfolio.ledger.keeping import append
from portfolio.ledger.kinds import ALL, BY_TABLE, Kind, Row
from portfolio.ledger.models import LedgerEntry

AT_A_TIME = 500

Key = tuple[Any, UUID, str]
"""When, which row, of which table."""


def after_migrating(session: Session, before: str | None) -> None:
    """For `migrate`: in the transaction of the upgrade, the kinds of which the release before entered nothing."""
    if before is not None:
        carry_over(session, [kind for kind in ALL if before < kind.since])


def carry_over(session: Session, kinds: Sequence[Kind] = ALL) -> int:
    """Enter every row that has no entry. Doing it again does nothing. Returns how many entered."""
    waiting = _waiting(session, kinds)
    for keys in waiting.values():
        keys.sort()
        for start in range(0, len(keys), AT_A_TIME):
            append(session, list(_rows(session, keys[start : start + AT_A_TIME])), carried_over=True)
            session.expunge_all()
    return sum(len(keys) for keys in waiting.values())


def _waiting(session: Session, kinds: Sequence[Kind]) -> dict[UUID, list[Key]]:
    """By provider: rows without an entry. A few dozen bytes each, so that they can be put in order."""
    found: dict[UUID, list[Key]] = defaultdict(list)
    for kind in kinds:
        model: Any = kind.model
        entered = and_(LedgerEntry.record == kind.table, LedgerEntry.record_id == model.id)
        statement = (
            select(model.provider_id, getattr(model, kind.at), model.id)
            .outerjoin(LedgerEntry, entered)
            .where(LedgerEntry.id.is_(None))
            .execution_options(**EVERYWHERE)
        )
        if kind.where is not None:
            statement = statement.where(kind.where())
        for provider_id, at, row_id in session.execute(statement):
            found[provider_id].append((at, row_id, kind.table))
    return found


def _rows(session: Session, keys: list[Key]) -> Iterator[Row]:
    """These rows in this order, in a query per table."""
    by_table: dict[str, list[UUID]] = defaultdict(list)
    for _, row_id, table in keys:
        by_table[table].append(row_id)
    rows: dict[UUID, Row] = {}
    for table, ids in by_table.items():
        model: Any = BY_TABLE[table].model
        found = session.scalars(select(model).where(model.id.in_(ids)).execution_options(**EVERYWHERE))
        rows |= {row.id: row for row in found}
    return (rows[row_id] for _, row_id, _ in keys)
