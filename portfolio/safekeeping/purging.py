"""After the rows of a backup are in: purge again what was purged after it was made. What that is, is known from the
later backups in the same place, and from the tombstones that were laid there after each purge."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from itertools import chain

from portfolio.database import Database
from portfolio.safekeeping.jobs import laid
from portfolio.safekeeping.manifest import Manifest, complete, read_manifest, table_file
from portfolio.safekeeping.packing import unpacked
from portfolio.safekeeping.places import Place
from portfolio.sealing.models import Tombstone
from portfolio.slips.again import purge_again, stone_of

TABLE = Tombstone.__tablename__


def purge_what_was_purged(place: Place, manifest: Manifest, database: Database, now: datetime) -> int:
    """By every tombstone in this place. Returns how many pieces were there and are not any more."""
    count = 0
    for stone in chain(laid(place), _later(place, manifest)):
        with database.writing() as session:
            count += purge_again(session, stone, now=now)
    return count


def _later(place: Place, manifest: Manifest) -> Iterator[Tombstone]:
    for name in complete(place):
        if name > manifest.name and any(one.name == TABLE for one in read_manifest(place, name).tables):
            yield from _stones(place, name)


def _stones(place: Place, name: str) -> Iterator[Tombstone]:
    lines = unpacked(place, table_file(name, TABLE))
    columns = [column for column, _ in json.loads(next(lines))["columns"]]
    for line in lines:
        yield stone_of(dict(zip(columns, json.loads(line), strict=True)))
