"""The list of pieces of one apprenticeship, as each viewer may see it, and how many stand in each state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session, selectinload

from portfolio.apprenticeships.guards import Opened
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.evidence.queries import newest_submitted
from portfolio.sightings import queries as sightings
from portfolio.sightings.queries import Sightings
from portfolio.web.paging import PER_PAGE, Slice, cut


@dataclass(frozen=True)
class Row:
    """One line of the list of pieces."""

    evidence: Evidence
    version: EvidenceVersion
    seen: Sightings

    @property
    def claims(self) -> list[str]:
        return [claim.item_code for claim in self.version.claims]

    @property
    def has_new_draft(self) -> bool:
        return self.evidence.state == "returned" and self.version.submitted_at is None


@dataclass(frozen=True)
class Filters:
    """What the list is narrowed to. No state means all but withdrawn."""

    state: str = ""
    item: str = ""
    type: str = ""

    @property
    def any(self) -> bool:
        return bool(self.state or self.item or self.type)


def pieces(session: Session, opened: Opened, filters: Filters, *, page: int = 1) -> Slice[Row]:
    """The pieces of one apprenticeship, newest first. Four queries, however many rows."""
    statement = (
        select(Evidence, EvidenceVersion)
        .join(EvidenceVersion, EvidenceVersion.evidence_id == Evidence.id)
        .where(Evidence.apprenticeship_id == opened.id, *_visible(opened))
        .options(selectinload(EvidenceVersion.claims), selectinload(EvidenceVersion.attachments))
        .order_by(Evidence.id.desc())
        .offset((page - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    statement = statement.where(
        Evidence.state == filters.state if filters.state else Evidence.state != "withdrawn"
    )
    if filters.type:
        statement = statement.where(EvidenceVersion.type == filters.type)
    if filters.item:
        statement = statement.where(EvidenceVersion.claims.any(Claim.item_code == filters.item))
    found = session.execute(statement).all()
    seen = sightings.of_pieces(session, [evidence.id for evidence, _ in found])
    rows: Sequence[Row] = [Row(evidence, version, seen[evidence.id]) for evidence, version in found]
    return cut(rows, page)


def _visible(opened: Opened) -> list[ColumnElement[bool]]:
    if opened.is_own:
        return [EvidenceVersion.is_latest.is_(True)]
    return [Evidence.state != "draft", newest_submitted()]


def state_counts(session: Session, opened: Opened) -> dict[str, int]:
    """How many pieces this viewer sees in each state. One query."""
    statement = (
        select(Evidence.state, func.count(Evidence.id))
        .where(Evidence.apprenticeship_id == opened.id)
        .group_by(Evidence.state)
    )
    if not opened.is_own:
        submitted = select(EvidenceVersion.id).where(
            EvidenceVersion.evidence_id == Evidence.id, EvidenceVersion.submitted_at.is_not(None)
        )
        statement = statement.where(Evidence.state != "draft", submitted.exists())
    return {state: number for state, number in session.execute(statement)}  # noqa: C416  # rows are no pairs
