"""The newest entry of each provider's ledger: what a copy must end with."""

from __future__ import annotations

from typing import TypedDict

from sqlalchemy import func, select
from sqlalchemy.engine import Connection

from portfolio.ledger.models import LedgerEntry


class Head(TypedDict):
    """Position and hash of an entry."""

    seq: int
    hash: str


def read(connection: Connection) -> dict[str, Head]:
    """By provider id. A provider for whom nothing was ever decided has none."""
    newest = (
        select(LedgerEntry.provider_id, func.max(LedgerEntry.seq).label("seq"))
        .group_by(LedgerEntry.provider_id)
        .subquery()
    )
    found = connection.execute(
        select(LedgerEntry.provider_id, LedgerEntry.seq, LedgerEntry.hash)
        .join(newest, (LedgerEntry.provider_id == newest.c.provider_id) & (LedgerEntry.seq == newest.c.seq))
        .order_by(LedgerEntry.provider_id)
    )
    return {str(provider): Head(seq=seq, hash=hash_) for provider, seq, hash_ in found}
