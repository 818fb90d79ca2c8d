"""A provider's ledger as a file that `verify_export.py` checks without us. It holds ids, codes and hashes: no names,
no texts and no salts."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import select

from portfolio.database import Database, narrow
from portfolio.ledger.chain import Head, moment
from portfolio.ledger.models import LedgerEntry

FORMAT = "ksb-ledger-export-1"
AT_A_TIME = 500


def export(database: Database, head: Head, now: datetime) -> Iterator[bytes]:
    """The file, piece by piece, up to and with `head`; what is added meanwhile is not in it."""
    opening = {
        "format": FORMAT,
        "provider": str(head.provider_id),
        "exported": moment(now),
        "head": {"seq": head.seq, "hash": head.hash},
    }
    yield (json.dumps(opening)[:-1] + ', "entries": [').encode()
    for number, part in enumerate(_parts(database, head)):
        lines = (json.dumps({"hash": hash_, "entry": entry}, ensure_ascii=False) for hash_, entry in part)
        yield ((",\n" if number else "\n") + ",\n".join(lines)).encode()
    yield b"\n]}\n"


def _parts(database: Database, head: Head) -> Iterator[list[tuple[str, str]]]:
    """A short session for each part: a slow download holds no connection."""
    after = 0
    while after < head.seq:
        with database.reading() as session:
            narrow(session, {head.provider_id})
            rows = session.execute(
                select(LedgerEntry.seq, LedgerEntry.hash, LedgerEntry.entry)
                .where(LedgerEntry.provider_id == head.provider_id)
                .where(LedgerEntry.seq > after, LedgerEntry.seq <= head.seq)
                .order_by(LedgerEntry.seq)
                .limit(AT_A_TIME)
            ).all()
        if not rows:
            return
        yield [(row.hash, row.entry) for row in rows]
        after = rows[-1].seq
