"""Sealing the words of a piece, putting them back, and purging them. Plain statements: no summary counts them."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CursorResult, Table, cast, delete, func, insert, select, update
from sqlalchemy.orm import Session
from sqlalchemy.types import Text

from portfolio.database import across, new_id
from portfolio.evidence import quotas
from portfolio.evidence.models import EvidenceFile
from portfolio.findings.models import FileReading
from portfolio.ledger.models import LedgerEntry, LedgerSalt
from portfolio.objects import actions as objects
from portfolio.people.models import KeptForm
from portfolio.preparation.models import FilePreparation
from portfolio.sealing.models import SealedWords, Tombstone
from portfolio.sealing.rules import CLOSED, GONE, REMOVED, is_gone
from portfolio.slips.places import BY_NAME, PLACES, Place

AT_A_TIME = 500


@dataclass(frozen=True)
class Piece:
    """Whose words these are."""

    provider_id: UUID
    evidence_id: UUID


def seal(session: Session, piece: Piece, slip_id: UUID, *, now: datetime) -> int:
    """Move every word of the piece that is not sealed yet under this slip's seal; returns how many rows had some."""
    before = set(
        session.scalars(select(SealedWords.record_id).where(SealedWords.evidence_id == piece.evidence_id))
    )
    session.flush()
    count = 0
    for place in PLACES:
        for row in session.execute(_unsealed(place, piece)).mappings().all():
            if row["id"] not in before:
                count += _seal_row(session, place, row, piece, slip_id, now)
    session.expire_all()  # what was read before says what is out of sight now
    return count


def _unsealed(place: Place, piece: Piece) -> Any:
    table = place.table
    columns = [table.c[name] for name in place.columns]
    return select(table.c.id, *columns).where(
        table.c.provider_id == piece.provider_id, place.find(table, piece.evidence_id)
    )


def _seal_row(session: Session, place: Place, row: Any, piece: Piece, slip_id: UUID, now: datetime) -> bool:
    fields = [name for name in place.columns if row[name] or name == place.always]
    if not fields:
        return False
    copies = [
        {
            "id": new_id(),
            "provider_id": piece.provider_id,
            "evidence_id": piece.evidence_id,
            "slip_id": slip_id,
            "record": place.name,
            "record_id": row["id"],
            "field": name,
            "words": row[name],
            "sealed_at": now,
            "purged_at": None,
        }
        for name in fields
    ]
    session.execute(insert(SealedWords), copies)
    _put(session, place.table, row["id"], dict.fromkeys(fields, CLOSED))
    return True


def _put(session: Session, table: Table, row_id: UUID, values: dict[str, str]) -> None:
    changed: CursorResult[Any] = session.connection().execute(
        update(table).where(table.c.id == row_id).values(values)
    )
    if changed.rowcount != 1:
        raise LookupError(f"{table.name} {row_id} is not there to be sealed")


def put_back(session: Session, slip_id: UUID) -> None:
    """Everything under this seal stands again where it stood. The slip must say already that it is restored."""
    for (record, record_id), fields in _under(session, slip_id).items():
        _put(session, BY_NAME[record].table, record_id, fields)
    session.execute(
        delete(SealedWords).where(SealedWords.slip_id == slip_id).execution_options(synchronize_session=False)
    )
    session.expire_all()


def _under(session: Session, slip_id: UUID) -> dict[tuple[str, UUID], dict[str, str]]:
    """The words under this seal, by table and row."""
    found: dict[tuple[str, UUID], dict[str, str]] = defaultdict(dict)
    rows = session.execute(
        select(SealedWords.record, SealedWords.record_id, SealedWords.field, SealedWords.words)
        .where(SealedWords.slip_id == slip_id, SealedWords.purged_at.is_(None))
        .order_by(SealedWords.id)
    )
    for record, record_id, field, words in rows:
        found[record, record_id][field] = words
    return found


def purge(session: Session, piece: Piece, stone: Tombstone, *, now: datetime) -> None:
    """Lay the tombstone, and let go of everything under the seal of its slip: words, files, pictures, and the salts
    of the ledger, without which what it committed to cannot be guessed. Bytes leave the store after the commit."""
    under = _under(session, stone.slip_id)
    files = _files(session, under)
    stone.files = [[str(one.id), one.sha256_received, one.sha256_stored, one.size] for one in files]
    session.add(stone)
    session.flush()
    for (record, record_id), fields in under.items():
        values = dict.fromkeys(fields, REMOVED)
        if record == EvidenceFile.__tablename__:
            values["storage_key"] = f"{GONE}{record_id.hex}"
        _put(session, BY_NAME[record].table, record_id, values)
    session.execute(
        update(SealedWords)
        .where(SealedWords.slip_id == stone.slip_id, SealedWords.purged_at.is_(None))
        .values(words="", purged_at=now)
        .execution_options(synchronize_session=False)
    )
    _forget_salts(session, [record_id for _, record_id in under])
    kept = [quotas.Purged(one.uploaded_by_id, one.size) for one in files if not is_gone(one.storage_key)]
    quotas.let_go(session, piece.provider_id, kept)
    keys = [one.storage_key for one in files] + _forget_pictures(session, [one.id for one in files])
    objects.remove_later(session, sorted(key for key in keys if not is_gone(key)), now)
    _forget_kept_forms(session, piece.evidence_id)
    session.expire_all()


def _files(session: Session, under: dict[tuple[str, UUID], dict[str, str]]) -> list[Any]:
    ids = [record_id for record, record_id in under if record == EvidenceFile.__tablename__]
    columns = (
        EvidenceFile.id,
        EvidenceFile.storage_key,
        EvidenceFile.sha256_received,
        EvidenceFile.sha256_stored,
        EvidenceFile.size,
        EvidenceFile.uploaded_by_id,
    )
    return list(session.execute(select(*columns).where(EvidenceFile.id.in_(ids)).order_by(EvidenceFile.id)))


def _forget_salts(session: Session, records: list[UUID]) -> None:
    for start in range(0, len(records), AT_A_TIME):
        entries = select(LedgerEntry.id).where(LedgerEntry.record_id.in_(records[start : start + AT_A_TIME]))
        session.execute(
            delete(LedgerSalt)
            .where(LedgerSalt.entry_id.in_(entries))
            .execution_options(synchronize_session=False)
        )


def _forget_pictures(session: Session, files: list[UUID]) -> list[str]:
    rows = session.scalars(select(FilePreparation).where(FilePreparation.file_id.in_(files))).all()
    keys = [key for row in rows for key in row.keys]
    for model in (FilePreparation, FileReading):
        session.execute(
            delete(model).where(model.file_id.in_(files)).execution_options(synchronize_session=False)
        )
    return keys


def _forget_kept_forms(session: Session, evidence_id: UUID) -> None:
    """What waited for somebody to sign in again, and was on its way to this piece."""
    with across(session):
        session.execute(
            delete(KeptForm)
            .where(func.lower(cast(KeptForm.path, Text)).like(f"%{evidence_id}%"))
            .execution_options(synchronize_session=False)
        )
