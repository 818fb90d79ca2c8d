"""The picture of coverage over a cohort: for each item how many people have it covered, and who has what.

A map is one character per item (`kbs.coverage.ItemState`). The maps of a cohort are read as one long text, one
column of one row, and counted by slices: every n-th character belongs to the same item.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from kbs.coverage import ItemState
from kbs.statements import Item, ItemKind, Standard
from portfolio.apprenticeships.models import Cohort, Progress
from portfolio.cohorts.scope import Scope

THINNEST = 10
BAR = 200


@dataclass(frozen=True)
class ItemPicture:
    """How many people have one item in each state."""

    item: Item
    counts: dict[ItemState, int]

    @property
    def covered(self) -> int:
        return self.counts[ItemState.COVERED]

    @property
    def people(self) -> int:
        return sum(self.counts.values())

    @property
    def rest(self) -> list[tuple[str, int]]:
        """The other states by their slugs, the furthest first."""
        others = (ItemState.PARTLY, ItemState.WITH_ASSESSOR, ItemState.RETURNED, ItemState.NONE)
        return [(state.slug, self.counts[state]) for state in others]

    @property
    def segments(self) -> list[tuple[str, float, float]]:
        """What a bar of length BAR is made of: slug, where it begins, how long it is. Where nobody has anything yet,
        it stays empty."""
        found, start = [], 0.0
        for slug, count in ((ItemState.COVERED.slug, self.covered), *self.rest[:-1]):
            if count:
                length = round(BAR * count / self.people, 2)
                found.append((slug, start, length))
                start = round(start + length, 2)
        return found

    @property
    def under_way(self) -> int:
        return self.counts[ItemState.PARTLY] + self.counts[ItemState.WITH_ASSESSOR]


@dataclass(frozen=True)
class Picture:
    """All items of one standard version over the people who are on it."""

    standard: Standard
    people: int
    items: tuple[ItemPicture, ...]
    left_out: int = 0
    """Summaries whose map has another length: people who are pinned to another version than their cohort."""

    def of_kind(self, kind: ItemKind) -> list[ItemPicture]:
        return [one for one in self.items if one.item.kind is kind]

    @property
    def thinnest(self) -> list[ItemPicture]:
        """Where teaching is thin: covered by the fewest, then with the least under way, in the standard's order."""
        behind = [one for one in self.items if one.covered < self.people]
        return sorted(behind, key=lambda one: (one.covered, one.under_way))[:THINNEST]


def count_states(maps: bytes, standard: Standard) -> Iterator[ItemPicture]:
    """From the maps of many people, one after the other: the counts of each item."""
    length = len(standard.items)
    for place, item in enumerate(standard.items):
        of_item = maps[place::length]
        yield ItemPicture(item, {state: of_item.count(state.value.encode()) for state in ItemState})


def picture(session: Session, scope: Scope, standard: Standard) -> Picture:
    """The picture of the people in this report who are on this standard; those who withdrew are left out."""
    cohorts = select(Cohort.id).where(
        Cohort.provider_id == scope.provider_id,
        Cohort.standard_reference == standard.reference,
        Cohort.standard_version == standard.version,
    )
    fits = func.length(Progress.map) == len(standard.items)
    text, people, everybody = session.execute(
        select(
            func.aggregate_strings(Progress.map, "").filter(fits),
            func.count().filter(fits),
            func.count(),
        ).where(*scope.conditions, Progress.stage != "withdrawn", Progress.cohort_id.in_(cohorts))
    ).one()
    return Picture(standard, people, tuple(count_states((text or "").encode(), standard)), everybody - people)
