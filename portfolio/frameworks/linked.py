"""Evidence and entries of the training log that are linked to competencies, and those that may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, joinedload

from kbs.framework import Framework
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.evidence.queries import newest_submitted
from portfolio.frameworks.models import CompetencyLink
from portfolio.refusals import NotFound
from portfolio.training.models import TrainingEntry
from portfolio.web.paging import PER_PAGE, Slice, cut

EVIDENCE, TRAINING = "evidence", "training"
LINKABLE = ("submitted", "returned", "decided")
"""States of a piece: a draft is its apprentice's alone, and a withdrawn one shows nothing any more."""


def link_counts(session: Session, apprenticeship_id: UUID, framework_id: str) -> dict[str, int]:
    """How much is linked to each competency."""
    rows = session.execute(
        select(CompetencyLink.competency_id, func.count(CompetencyLink.id))
        .where(
            CompetencyLink.apprenticeship_id == apprenticeship_id,
            CompetencyLink.framework_id == framework_id,
        )
        .group_by(CompetencyLink.competency_id)
    )
    return {one: count for one, count in rows}  # noqa: C416  # rows are no pairs to a type checker


@dataclass(frozen=True)
class Linked:
    """A link with what it leads to, in a few words."""

    link: CompetencyLink
    what: str
    day: date | None
    state: str
    """Of a piece of evidence; empty for an entry of the training log."""


def links_page(
    session: Session, apprenticeship_id: UUID, framework_id: str, competency_id: str, number: int
) -> Slice[Linked]:
    """A page of what is linked to one competency, newest first."""
    which = (CompetencyLink.framework_id == framework_id) & (CompetencyLink.competency_id == competency_id)
    return _page(session, apprenticeship_id, which, number)


def earlier_page(
    session: Session, apprenticeship_id: UUID, framework: Framework | None, number: int
) -> Slice[Linked]:
    """A page of what is linked to no competency of this framework, the one that is chosen now; newest first.
    None: it is not at hand, so no link is shown elsewhere."""
    return _page(session, apprenticeship_id, _earlier(framework), number)


def any_earlier(session: Session, apprenticeship_id: UUID, framework: Framework | None) -> bool:
    """Whether `earlier_page` shows anything."""
    row = select(CompetencyLink.id).where(
        CompetencyLink.apprenticeship_id == apprenticeship_id, _earlier(framework)
    )
    return session.scalar(row.limit(1)) is not None


def _earlier(framework: Framework | None) -> ColumnElement[bool]:
    """Also of a competency that a framework no longer has."""
    if framework is None:
        return true()
    has = {one.id for level in framework.levels for one in level.competencies}
    return (CompetencyLink.framework_id != framework.id) | CompetencyLink.competency_id.not_in(has)


def _page(
    session: Session, apprenticeship_id: UUID, which: ColumnElement[bool], number: int
) -> Slice[Linked]:
    rows = session.execute(
        select(
            CompetencyLink,
            EvidenceVersion.title,
            EvidenceVersion.happened_on,
            Evidence.state,
            TrainingEntry.what,
            TrainingEntry.day,
        )
        .outerjoin(Evidence, Evidence.id == CompetencyLink.evidence_id)
        .outerjoin(EvidenceVersion, (EvidenceVersion.evidence_id == Evidence.id) & newest_submitted())
        .outerjoin(TrainingEntry, TrainingEntry.id == CompetencyLink.entry_id)
        .where(CompetencyLink.apprenticeship_id == apprenticeship_id, which)
        .options(joinedload(CompetencyLink.by))
        .order_by(CompetencyLink.id.desc())
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    found = [
        Linked(link, title or what or "A piece of evidence", happened or day, state or "")
        for link, title, happened, state, what, day in rows
    ]
    return cut(found, number)


def link_in(session: Session, apprenticeship_id: UUID, link_id: UUID) -> CompetencyLink:
    """One link of this apprenticeship. Raises NotFound."""
    found = session.scalar(
        select(CompetencyLink).where(
            CompetencyLink.id == link_id, CompetencyLink.apprenticeship_id == apprenticeship_id
        )
    )
    if found is None:
        raise NotFound
    return found


@dataclass(frozen=True)
class Candidate:
    """A piece or an entry that may be linked. `linked`: it is already."""

    id: UUID
    what: str
    day: date | None
    linked: bool


def candidates(
    session: Session,
    apprenticeship_id: UUID,
    framework_id: str,
    competency_id: str,
    *,
    kind: str,
    find: str,
    number: int,
) -> Slice[Candidate]:
    """A page of submitted pieces, or of entries of the training log, whose title or words have `find` in them."""
    column = CompetencyLink.entry_id if kind == TRAINING else CompetencyLink.evidence_id
    linked = select(column).where(
        CompetencyLink.apprenticeship_id == apprenticeship_id,
        CompetencyLink.framework_id == framework_id,
        CompetencyLink.competency_id == competency_id,
        column.is_not(None),
    )
    if kind == TRAINING:
        words: ColumnElement[str] = TrainingEntry.what.expression
        rows: Any = (
            select(TrainingEntry.id, words, TrainingEntry.day, TrainingEntry.id.in_(linked))
            .where(TrainingEntry.apprenticeship_id == apprenticeship_id)
            .order_by(TrainingEntry.day.desc(), TrainingEntry.id.desc())
        )
    else:
        words = EvidenceVersion.title.expression
        rows = (
            select(Evidence.id, words, EvidenceVersion.happened_on, Evidence.id.in_(linked))
            .join(EvidenceVersion, EvidenceVersion.evidence_id == Evidence.id)
            .where(
                Evidence.apprenticeship_id == apprenticeship_id,
                Evidence.state.in_(LINKABLE),
                newest_submitted(),
            )
            .order_by(Evidence.id.desc())
        )
    if find:
        rows = rows.where(words.icontains(find, autoescape=True))
    found = session.execute(rows.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1))
    return cut([Candidate(*one) for one in found], number)


def linkable(session: Session, apprenticeship_id: UUID, kind: str, record_id: UUID) -> bool:
    """Whether this piece or entry belongs to this apprenticeship and may be linked."""
    if kind == TRAINING:
        of = TrainingEntry.apprenticeship_id == apprenticeship_id
        return session.scalar(select(TrainingEntry.id).where(TrainingEntry.id == record_id, of)) is not None
    of = Evidence.apprenticeship_id == apprenticeship_id
    row = select(Evidence.id).where(Evidence.id == record_id, of, Evidence.state.in_(LINKABLE))
    return session.scalar(row) is not None


def link_to(
    session: Session,
    apprenticeship_id: UUID,
    framework_id: str,
    competency_id: str,
    kind: str,
    record_id: UUID,
) -> CompetencyLink | None:
    """The link that is there already."""
    column = CompetencyLink.entry_id if kind == TRAINING else CompetencyLink.evidence_id
    return session.scalar(
        select(CompetencyLink).where(
            CompetencyLink.apprenticeship_id == apprenticeship_id,
            CompetencyLink.framework_id == framework_id,
            CompetencyLink.competency_id == competency_id,
            column == record_id,
        )
    )
