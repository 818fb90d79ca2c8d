"""A backup from before a purge holds what was purged. So a restore purges it again, by the tombstones that later
backups in the same place know of."""

from __future__ import annotations

import json
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.audit import actions as audit
from portfolio.evidence.models import Evidence
from portfolio.sealing.models import Slip, Tombstone
from portfolio.slips.seal import Piece, purge, seal


def purge_again(session: Session, stone: Tombstone, *, now: datetime) -> bool:
    """Purge what this tombstone stands for, if it is there; whether it was. Doing it twice does it once."""
    known = session.scalar(select(Tombstone.id).where(Tombstone.slip_id == stone.slip_id))
    evidence = session.get(Evidence, stone.evidence_id)
    if known is not None or evidence is None:
        return False
    piece = Piece(stone.provider_id, stone.evidence_id)
    slip = session.get(Slip, stone.slip_id)
    if slip is None or slip.state != "asked":  # of an asked one only what was sealed then was purged
        seal(session, piece, stone.slip_id, now=now)
    purge(session, piece, stone, now=now)
    if slip is not None:
        slip.state, slip.note, slip.purge_asked_by_id = "purged", "", None
    audit.record(
        session,
        "slip.purged_again",
        by=None,
        now=now,
        record="slip",
        record_id=stone.slip_id,
        provider_id=stone.provider_id,
        apprenticeship_id=evidence.apprenticeship_id,
    )
    session.flush()
    return True


def row_of(stone: Tombstone) -> dict[str, object]:
    """A tombstone as it lies beside the backups: what `stone_of` reads."""
    return {
        "id": str(stone.id),
        "provider_id": str(stone.provider_id),
        "evidence_id": str(stone.evidence_id),
        "slip_id": str(stone.slip_id),
        "at": stone.at.isoformat(),
        "why": stone.why,
        "files": json.dumps(stone.files),
        "asked_by_id": str(stone.asked_by_id),
        "agreed_by_id": str(stone.agreed_by_id) if stone.agreed_by_id else None,
        "backups_until": stone.backups_until.isoformat(),
    }


def stone_of(row: dict[str, object]) -> Tombstone:
    """A tombstone as a backup holds its row, in the form of `safekeeping.rows`."""
    agreed = row["agreed_by_id"]
    return Tombstone(
        id=UUID(str(row["id"])),
        provider_id=UUID(str(row["provider_id"])),
        evidence_id=UUID(str(row["evidence_id"])),
        slip_id=UUID(str(row["slip_id"])),
        at=datetime.fromisoformat(str(row["at"])),
        why=str(row["why"]),
        files=json.loads(str(row["files"])),
        asked_by_id=UUID(str(row["asked_by_id"])),
        agreed_by_id=UUID(str(agreed)) if agreed else None,
        backups_until=datetime.fromisoformat(str(row["backups_until"])),
    )
