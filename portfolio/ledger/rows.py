"""Entries against the rows they are about, and rows against their entries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, select
from sqlalchemy.orm import Session

from portfolio.ledger.chain import CARRIED_OVER, Words, commitment
from portfolio.ledger.faults import Fault, Name
from portfolio.ledger.gathering import EVERYWHERE, Body, around, body
from portfolio.ledger.kinds import ALL, BY_TABLE, Kind, Row
from portfolio.ledger.links import Link
from portfolio.ledger.models import LedgerEntry, LedgerSalt
from portfolio.ledger.sealed import unseal
from portfolio.sealing import queries as sealing

NOT_IN_ROW = frozenset({"v", "provider", "seq", "prev", "utc", "clock", "role", "commitments"})
"""Fields of an entry that are not taken from its row: the hash alone stands for them."""
ABOUT_EVIDENCE = frozenset({"refs", "files"})


def row_faults(session: Session, links: Sequence[Link]) -> Iterator[Fault]:
    """What differs between these entries and their rows as they stand now. A few queries per call."""
    rows = _rows(session, links)
    found = around(session, rows.values())
    unseal(session, rows.values(), found)
    gone = sealing.purged(session, [row.id for row in rows.values()])
    salts = _salts(session, links)
    for link in links:
        if link.said is None:
            continue
        record = link.said["record"]
        row = rows.get((record.get("table", ""), UUID(record["id"])))
        if row is None:
            detail = f"{record.get('table', '')} {record['id']} is not there"
            yield Fault(Name.ROW_MISSING, detail, link.provider_id, link.seq)
            continue
        kind = BY_TABLE[record["table"]]
        faults = _compared(link, kind, row, body(row, found), salts.get(link.id, {}))
        yield from (one for one in faults if one.name is not Name.ERASED or row.id not in gone)


def _rows(session: Session, links: Sequence[Link]) -> dict[tuple[str, UUID], Row]:
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for link in links:
        if link.said is not None:
            wanted[str(link.said["record"].get("table", ""))].append(UUID(link.said["record"]["id"]))
    rows: dict[tuple[str, UUID], Row] = {}
    for table, ids in wanted.items():
        if table in BY_TABLE:
            model: Any = BY_TABLE[table].model
            found = session.scalars(select(model).where(model.id.in_(ids)).execution_options(**EVERYWHERE))
            rows |= {(table, row.id): row for row in found}
    return rows


def _salts(session: Session, links: Sequence[Link]) -> dict[UUID | None, dict[str, str]]:
    salts: dict[UUID | None, dict[str, str]] = defaultdict(dict)
    found = session.execute(
        select(LedgerSalt.entry_id, LedgerSalt.field, LedgerSalt.salt)
        .where(LedgerSalt.entry_id.in_([link.id for link in links]))
        .execution_options(**EVERYWHERE)
    )
    for entry_id, field, salt in found:
        salts[entry_id][field] = salt
    return salts


def _compared(link: Link, kind: Kind, row: Row, now: Body, salts: dict[str, str]) -> Iterator[Fault]:
    said: dict[str, Any] = link.said or {}
    what = f"{kind.table} {row.id}"

    def fault(name: Name, detail: str) -> Fault:
        return Fault(name, f"{what}: {detail}", link.provider_id, link.seq)

    then = {**said, **said["facts"], "action": said["action"].removesuffix(CARRIED_OVER)}
    stands = {**now.said, **now.said["facts"]}
    wrong = [name for name in then if name not in NOT_IN_ROW | {"facts"} and then[name] != stands.get(name)]
    altered, erased = _texts(said["commitments"], {**now.together, **now.texts}, salts)
    if "subject" in wrong or row.provider_id != link.provider_id:
        yield fault(Name.SUBJECT, f"it was written about apprenticeship {said['subject']}")
    if ABOUT_EVIDENCE & set(wrong):
        yield fault(Name.EVIDENCE, "the files of the version are not those that were there")
    if kind.at in wrong:
        yield fault(Name.ROW_BACKDATED, f"{kind.at} was {then.get(kind.at)}")
    altered += [name for name in wrong if name not in ABOUT_EVIDENCE | {"subject", kind.at}]
    if altered:
        yield fault(Name.ROW_ALTERED, ", ".join(sorted(altered)))
    if erased:
        yield fault(Name.ERASED, ", ".join(sorted(erased)))


def _texts(commitments: dict[str, Any], texts: Any, salts: dict[str, str]) -> tuple[list[str], list[str]]:
    """Names of texts that are not what was committed to, and of those that were erased with their salt."""
    altered, erased = [], []
    for name, committed in commitments.items():
        now: Words = texts.get(name, Words("", True))
        salt = salts.get(name)
        if committed is not None and salt is None and now.blank:
            erased.append(name)
        elif not _is(now, committed, salt):
            altered.append(name)
    return altered, erased


def _is(now: Words, committed: str | None, salt: str | None) -> bool:
    if committed is None:
        return now.blank
    return salt is not None and commitment(salt, now.text) == committed


def rows_without_entry(session: Session, provider_id: UUID | None) -> Iterator[Fault]:
    """Rows that should have entered and did not: written past the product."""
    for kind in ALL:
        model: Any = kind.model
        has_entry = and_(LedgerEntry.record == kind.table, LedgerEntry.record_id == model.id)
        statement = (
            select(model.provider_id, model.id)
            .outerjoin(LedgerEntry, has_entry)
            .where(LedgerEntry.id.is_(None))
            .order_by(model.provider_id, model.id)
            .execution_options(yield_per=500, **EVERYWHERE)
        )
        if kind.where is not None:
            statement = statement.where(kind.where())
        if provider_id is not None:
            statement = statement.where(model.provider_id == provider_id)
        for whose, row_id in session.execute(statement):
            yield Fault(Name.NO_ENTRY, f"{kind.table} {row_id}", whose)
