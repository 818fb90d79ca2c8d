"""After a purge: lay its tombstone where the backups are, so that a restore of any of them purges the piece again, also
while no backup was made since. The stone holds ids, times, hashes and sizes; never a word of the piece."""

from __future__ import annotations

import json
from collections.abc import Iterator
from uuid import UUID

from sqlalchemy import select

from portfolio.audit import actions as audit
from portfolio.evidence.models import Evidence
from portfolio.jobs.work import Handler, Payload, Work
from portfolio.safekeeping.opening import open_place
from portfolio.safekeeping.places import Place, whole
from portfolio.sealing.models import Tombstone
from portfolio.slips.again import row_of, stone_of
from portfolio.slips.jobs import LAY
from portfolio.slips.rules import NOTED

STONES = "tombstones/"


def lay(work: Work, payload: Payload) -> None:
    """Without a place for backups in the settings there is nothing to do: the leads' page says what follows from it.
    Raises `Mistyped` and `PlaceUnavailable` while the place is away: then it is tried again."""
    if not work.settings.backup_place:
        return
    slip_id = UUID(payload["slip"])
    with work.database.reading() as session:
        stone = session.scalar(select(Tombstone).where(Tombstone.slip_id == slip_id))
        if stone is None:
            return
        at = session.get_one(Evidence, stone.evidence_id).apprenticeship_id
        line = json.dumps(row_of(stone)).encode()
    place = open_place(work.settings.backup_place, work.settings)
    place.write(f"{STONES}{slip_id}.json", [line])
    with work.database.writing() as session:
        audit.record(
            session,
            NOTED,
            by=None,
            now=work.now,
            record="slip",
            record_id=slip_id,
            provider_id=stone.provider_id,
            apprenticeship_id=at,
        )


def laid(place: Place) -> Iterator[Tombstone]:
    """Every tombstone that lies beside the backups of this place."""
    for name, _ in sorted(place.sizes(STONES)):
        yield stone_of(json.loads(whole(place, name)))


HANDLERS: dict[str, Handler] = {LAY: lay}
