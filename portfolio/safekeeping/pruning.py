"""Old backups go: what was erased from the portfolio must not live on in copies for ever.

The newest complete backup always stays. An object goes when no backup that is left names it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from portfolio.safekeeping.manifest import BACKUPS, BEGAN, MANIFEST, OBJECTS, complete, read_manifest, under
from portfolio.safekeeping.packing import read_list
from portfolio.safekeeping.places import NotThere, Place, whole
from portfolio.safekeeping.register import Register

CUT_OFF = timedelta(days=2)
"""A backup that began so long ago and has no manifest is not being made any more."""


@dataclass(frozen=True)
class Pruned:
    """`waits`: nothing was removed, since another backup is being made in the same place."""

    backups: int = 0
    objects: int = 0
    waits: bool = False


def prune(place: Place, *, keep_days: int, now: datetime) -> Pruned:
    """Remove backups that are older than this many days, and the objects that only they named."""
    everything, whole_ones = _all(place), complete(place)
    cut_off = [name for name in everything if name not in whole_ones]
    if any(now - _began(place, name) < CUT_OFF for name in cut_off):
        return Pruned(waits=True)  # it may count on objects that only an old backup names
    old = [name for name in whole_ones[:-1] if now - _began(place, name) > timedelta(days=keep_days)]
    for name in (*old, *cut_off):
        _remove(place, name)
    return Pruned(len(old), _remove_objects(place))


def _all(place: Place) -> list[str]:
    return sorted({name.removeprefix(BACKUPS).partition("/")[0] for name, _ in place.sizes(BACKUPS)})


def _began(place: Place, name: str) -> datetime:
    try:
        return datetime.fromisoformat(whole(place, under(name, BEGAN)).decode())
    except (NotThere, ValueError):
        try:
            return datetime.strptime(name[:16], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
        except ValueError:
            return datetime.now(UTC)  # not of our making: left alone


def _remove(place: Place, name: str) -> None:
    """The manifest first: from then on it is no backup, whatever is left of it."""
    parts = [part for part, _ in place.sizes(under(name))]
    for part in sorted(parts, key=lambda part: not part.endswith(f"/{MANIFEST}")):
        place.remove(part)


def _remove_objects(place: Place) -> int:
    removed = 0
    with Register() as register:
        for name in complete(place):
            read_manifest(place, name)
            register.list(read_list(place, name))
        for name, _ in place.sizes(OBJECTS):
            if not register.has(name.removeprefix(OBJECTS)):
                place.remove(name)
                removed += 1
    return removed
