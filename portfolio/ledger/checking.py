"""Is every chain whole, and does every row still say what its entry says? Each fault by its name.

    for line in faults(session): print(line)

Two things cannot be seen from inside: that the newest entries were cut off together with their rows, and that the
whole chain was written anew from some place on. Both are found with a head that left the system before (`heads`).
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.ledger.chain import Head
from portfolio.ledger.faults import Fault, Name
from portfolio.ledger.gathering import EVERYWHERE
from portfolio.ledger.links import Link, late_faults, link_faults
from portfolio.ledger.models import LedgerEntry
from portfolio.ledger.rows import row_faults, rows_without_entry
from portfolio.ledger.triggers import trigger_faults

AT_A_TIME = 500


def faults(
    session: Session,
    provider_id: UUID | None = None,
    heads: Sequence[Head] = (),
    *,
    rows: bool = True,
) -> Iterator[str]:
    """A line for each fault in all providers' ledgers, or in one; none if everything is as it was written.

    `heads`: entries as they were mailed, printed or exported, also several with one number: letters repeat themselves,
    and if two of them differ, the chain was written anew in between. `rows=False` looks at the chains alone, which is fast.
    Reads in parts: memory does not grow with the ledger. The session must see all providers that are checked."""
    for fault in find(session, provider_id, heads, rows=rows):
        yield str(fault)


def find(
    session: Session,
    provider_id: UUID | None = None,
    heads: Sequence[Head] = (),
    *,
    rows: bool = True,
) -> Iterator[Fault]:
    """The same as values, for tests and pages."""
    yield from trigger_faults(session)
    for one in _providers(session, provider_id, heads):
        known: dict[int, set[str]] = defaultdict(set)
        for head in heads:
            if head.provider_id == one:
                known[head.seq].add(head.hash)
        yield from _contradicting(one, known)
        yield from _chain(session, one, dict(known), rows=rows)
    if rows:
        yield from rows_without_entry(session, provider_id)


def _providers(session: Session, provider_id: UUID | None, heads: Sequence[Head]) -> list[UUID]:
    if provider_id is not None:
        return [provider_id]
    found = session.scalars(select(LedgerEntry.provider_id).distinct().execution_options(**EVERYWHERE))
    return sorted({*found, *(head.provider_id for head in heads)})


def _contradicting(provider_id: UUID, heads: Mapping[int, set[str]]) -> Iterator[Fault]:
    """Whatever the chain says now: it cannot have led to two hashes with one number."""
    for seq in sorted(seq for seq, hashes in heads.items() if len(hashes) > 1):
        detail = f"it left with {len(heads[seq])} hashes: {', '.join(sorted(heads[seq]))}"
        yield Fault(Name.HEADS, detail, provider_id, seq)


def _chain(
    session: Session, provider_id: UUID, heads: Mapping[int, set[str]], *, rows: bool
) -> Iterator[Fault]:
    last, read = Link.start(provider_id), 0
    begun: set[str] = set()
    while part := _part(session, provider_id, last.seq):
        links = [Link.of(entry) for entry in part]
        for link in links:
            yield from link_faults(last, link)
            yield from late_faults(begun, link)
            for known in sorted(heads.get(link.seq, set()) - {link.hash}):
                yield Fault(Name.RECHAINED, f"its hash was {known} when it left", provider_id, link.seq)
            last = link
        read += len(links)
        if rows:
            yield from row_faults(session, links)
        session.expunge_all()
    yield from _end(session, provider_id, last, read, heads)


def _part(session: Session, provider_id: UUID, after: int) -> Sequence[LedgerEntry]:
    return session.scalars(
        select(LedgerEntry)
        .where(LedgerEntry.provider_id == provider_id, LedgerEntry.seq > after)
        .order_by(LedgerEntry.seq)
        .limit(AT_A_TIME)
        .execution_options(**EVERYWHERE)
    ).all()


def _end(
    session: Session, provider_id: UUID, last: Link, read: int, heads: Mapping[int, set[str]]
) -> Iterator[Fault]:
    """What the end of a chain tells: entries that left and are not there, and entries that nothing led to."""
    for seq in sorted(seq for seq in heads if seq > last.seq):
        yield Fault(
            Name.CUT, f"the chain ends at entry {last.seq}, but this entry has left", provider_id, seq
        )
    stored = session.scalar(
        select(func.count(LedgerEntry.id))
        .where(LedgerEntry.provider_id == provider_id)
        .execution_options(**EVERYWHERE)
    )
    if stored != read:
        yield Fault(Name.ENTRY_INSERTED, f"{stored} entries are stored, {read} stand in a row", provider_id)
