"""The picture of people and items: one row per person, one cell per item, drawn as a few SVG paths."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.coverage import ItemState
from kbs.statements import Standard
from portfolio.apprenticeships.models import Cohort, Progress
from portfolio.cohorts.scope import Scope
from portfolio.people.models import Person
from portfolio.web.paging import PER_PAGE, Slice, cut

CELL, HIGH, GAP = 11, 16, 7
"""Pixels: width of a cell, its height, the space before the next kind of item."""
SHAPES = {
    ItemState.COVERED: "0h10v16h-10z",  # full
    ItemState.WITH_ASSESSOR: "0h10v16h-10z",  # full too, but striped
    ItemState.PARTLY: "8h10v8h-10z",  # the lower half
    ItemState.RETURNED: "3l10 10m0-10l-10 10",  # a cross
    ItemState.NONE: "7h10v2h-10z",  # a thin line
}
"""A shape for each state, so that colour is not what tells them apart. Each follows "M", the place and a space."""

_DRAWN = {state.value: (state.slug, shape) for state, shape in SHAPES.items()}


@dataclass(frozen=True)
class Row:
    """One person: who, which standard, and what they have, as drawn and in words."""

    apprenticeship_id: UUID
    name: str
    reference: str
    version: str
    map: str

    @property
    def words(self) -> str:
        """27 covered, 3 with assessor, 51 no evidence yet."""
        counts = [(state, self.map.count(state.value)) for state in reversed(list(ItemState))]
        return ", ".join(f"{count} {state.word.lower()}" for state, count in counts if count)


@dataclass(frozen=True)
class Grid:
    """Where the cells of a standard's items stand in a row."""

    standard: Standard
    places: tuple[int, ...]

    @classmethod
    def of(cls, standard: Standard) -> Grid:
        kinds = list(standard.kinds_present)
        return cls(
            standard,
            tuple(i * CELL + kinds.index(item.kind) * GAP for i, item in enumerate(standard.items)),
        )

    @property
    def width(self) -> int:
        return self.places[-1] + CELL if self.places else CELL

    def those(self, rows: Sequence[Row]) -> list[Row]:
        """The people who are on this standard, with a map of its length."""
        own = (self.standard.reference, self.standard.version, len(self.standard.items))
        return [row for row in rows if (row.reference, row.version, len(row.map)) == own]

    def paths(self, row: Row) -> dict[str, str]:
        """For each state, by its slug: the SVG path of all cells in it."""
        found: dict[str, list[str]] = {}
        for place, character in zip(self.places, row.map, strict=True):
            slug, shape = _DRAWN[character]
            found.setdefault(slug, []).append(f"M{place} {shape}")
        return {slug: "".join(parts) for slug, parts in found.items()}


def people(session: Session, scope: Scope, number: int) -> Slice[Row]:
    """One page of people by name; those who withdrew are left out."""
    rows = session.execute(
        select(
            Progress.apprenticeship_id,
            Person.name,
            Cohort.standard_reference,
            Cohort.standard_version,
            Progress.map,
        )
        .join(Person, Person.id == Progress.apprentice_id)
        .join(Cohort, Cohort.id == Progress.cohort_id)
        .where(*scope.conditions, Progress.stage != "withdrawn")
        .order_by(Progress.sort_name, Progress.apprenticeship_id)
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    return cut([Row(*row) for row in rows], number)
