"""Who confirmed which originals: for the page of a piece, and for lists of pieces in one query."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.access import Role
from portfolio.sightings.models import Sighting
from portfolio.sightings.rules import for_version


@dataclass(frozen=True)
class Shown:
    """A confirmation with who signed it."""

    sighting: Sighting

    @property
    def name(self) -> str:
        return self.sighting.signed_by.name

    @property
    def role(self) -> str:
        return Role(self.sighting.role).label.lower()

    def elsewhere(self, number: int) -> str:
        """For which version it was signed, if not for the one with this number."""
        return for_version(self.sighting.version_number, number)


@dataclass(frozen=True)
class Sightings:
    """All confirmations on one piece, newest first."""

    rows: Sequence[Shown] = ()

    def of(self, number: int) -> Shown | None:
        """The newest one that speaks for this version."""
        return next((one for one in self.rows if one.sighting.version_number == number), None)

    def by(self, person_id: UUID, number: int) -> bool:
        """Whether this person has confirmed this version."""
        return any(
            (one.sighting.signed_by_id, one.sighting.version_number) == (person_id, number)
            for one in self.rows
        )

    @property
    def ids(self) -> list[UUID]:
        return [one.sighting.id for one in self.rows]


def of_pieces(session: Session, evidence_ids: Iterable[UUID]) -> dict[UUID, Sightings]:
    """The confirmations on each of these pieces; every piece has an entry. One query, none for no piece."""
    wanted = list(evidence_ids)
    found: dict[UUID, list[Shown]] = defaultdict(list)
    if wanted:
        rows = session.scalars(
            select(Sighting)
            .where(Sighting.evidence_id.in_(wanted))
            .options(joinedload(Sighting.signed_by))
            .order_by(Sighting.signed_at.desc(), Sighting.id.desc())
        )
        for row in rows:
            found[row.evidence_id].append(Shown(row))
    return {evidence_id: Sightings(tuple(found[evidence_id])) for evidence_id in wanted}


def of_piece(session: Session, evidence_id: UUID) -> Sightings:
    return of_pieces(session, [evidence_id])[evidence_id]
