"""What waits for an assessor over all their apprenticeships, oldest first, and the way through it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session, joinedload, selectinload

from kbs.catalogue import Catalogue
from kbs.coverage import Outcome
from kbs.statements import in_order
from portfolio.access import Role, Viewer
from portfolio.apprenticeships.models import Apprenticeship, Progress
from portfolio.assessment import rules
from portfolio.assessment.filters import Filters
from portfolio.assessment.models import Decision
from portfolio.assessment.queries import is_decided, standing_decisions
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.evidence.types import label_of
from portfolio.feedback.models import Testimony
from portfolio.feedback.queries import assigned_to, newest_submitted
from portfolio.people.models import Person
from portfolio.sealing.queries import sealed
from portfolio.web.paging import PER_PAGE, Slice, cut

OLDEST_FIRST = (Evidence.state_since, Evidence.id)


@dataclass(frozen=True)
class QueueRow:
    """A piece that waits, and what in it waits to be decided."""

    evidence: Evidence
    version: EvidenceVersion
    apprenticeship: Apprenticeship
    labels: tuple[str, ...]
    """Of the items that wait: "K7", "Duty 8"."""

    @property
    def type_label(self) -> str:
        return label_of(self.version.type)


@dataclass(frozen=True)
class Choices:
    """What the queue can be narrowed to: pairs of value and label, only what occurs in it."""

    apprentices: Sequence[tuple[str, str]]
    items: Sequence[tuple[str, str]]
    types: Sequence[tuple[str, str]]


@dataclass(frozen=True)
class Place:
    """Where a piece stands in the queue. Neighbours are pairs of apprenticeship and evidence ids."""

    number: int
    total: int
    previous: tuple[UUID, UUID] | None
    next: tuple[UUID, UUID] | None


@dataclass(frozen=True)
class Done:
    """What the viewer has just recorded on a piece: for the confirmation on the next page."""

    apprenticeship_id: UUID
    evidence_id: UUID
    apprentice: str
    title: str
    words: str
    decision_ids: list[UUID]
    """In the order of the page."""


def _waiting(viewer: Viewer, filters: Filters) -> Select[Evidence, EvidenceVersion, Apprenticeship]:
    """Pieces with this assessor in portfolios that are open, but for those they bore witness to, and those that are
    closed since somebody reported them."""
    statement = (
        select(Evidence, EvidenceVersion, Apprenticeship)
        .join(Apprenticeship, Apprenticeship.id == Evidence.apprenticeship_id)
        .join(Progress, Progress.apprenticeship_id == Apprenticeship.id)
        .join(EvidenceVersion, EvidenceVersion.evidence_id == Evidence.id)
        .where(
            Evidence.state == "submitted",
            EvidenceVersion.is_latest,
            Evidence.apprenticeship_id.in_(assigned_to(viewer, Role.ASSESSOR)),
            Progress.stage.in_(("active", "break")),
            ~_witnessed_by(viewer),
            ~sealed(EvidenceVersion.id, "title"),
        )
    )
    if filters.apprentice:
        statement = statement.where(Evidence.apprenticeship_id == _id_or_none(filters.apprentice))
    if filters.item:
        statement = statement.where(EvidenceVersion.claims.any(Claim.item_code == filters.item))
    if filters.type:
        statement = statement.where(EvidenceVersion.type == filters.type)
    return statement


def _witnessed_by(viewer: Viewer) -> ColumnElement[bool]:
    return (
        select(Testimony.id)
        .where(Testimony.evidence_id == Evidence.id, Testimony.author_id == viewer.person_id)
        .exists()
    )


def _id_or_none(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def queue(
    session: Session, catalogue: Catalogue, viewer: Viewer, filters: Filters, *, number: int = 1
) -> Slice[QueueRow]:
    """One page of what waits, the oldest first, with the number of all. Four queries."""
    waiting = _waiting(viewer, filters)
    rows = session.execute(
        waiting.options(selectinload(EvidenceVersion.claims), joinedload(Apprenticeship.apprentice))
        .order_by(*OLDEST_FIRST)
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    ).all()
    total = session.scalar(waiting.with_only_columns(func.count(Evidence.id))) or 0
    standing = standing_decisions(session, [evidence.id for evidence, _, _ in rows])
    shown = []
    for evidence, version, apprenticeship in rows:
        standard = catalogue.get(apprenticeship.standard_reference, apprenticeship.standard_version)
        labels = tuple(
            standard.item(claim.item_code).label
            for claim in version.claims
            if not is_decided(standing, evidence_id=evidence.id, claim_id=claim.id, code=claim.item_code)
        )
        shown.append(QueueRow(evidence, version, apprenticeship, labels))
    return cut(shown, number, total=total)


@dataclass(frozen=True)
class QueueSummary:
    """How much waits for an assessor, and since when."""

    waiting: int
    oldest_since: datetime | None


def queue_summary(session: Session, viewer: Viewer) -> QueueSummary:
    """For the home page. One query."""
    number, oldest = session.execute(
        _waiting(viewer, Filters()).with_only_columns(func.count(Evidence.id), func.min(Evidence.state_since))
    ).one()
    return QueueSummary(number, oldest)


def witnessed_and_waiting(session: Session, viewer: Viewer) -> int:
    """How many pieces wait that another assessor has to decide, since this one bore witness. One query."""
    return (
        session.scalar(
            select(func.count(Evidence.id)).where(
                Evidence.state == "submitted",
                Evidence.apprenticeship_id.in_(assigned_to(viewer, Role.ASSESSOR)),
                _witnessed_by(viewer),
            )
        )
        or 0
    )


def choices(session: Session, viewer: Viewer) -> Choices:
    """What occurs in the whole queue of this assessor. Three queries."""
    waiting = _waiting(viewer, Filters())
    apprentices = session.execute(
        waiting.join(Person, Person.id == Apprenticeship.apprentice_id)
        .with_only_columns(Apprenticeship.id, Person.name)
        .distinct()
        .order_by(Person.name, Apprenticeship.id)
    ).all()
    codes = session.scalars(
        waiting.join(Claim, Claim.version_id == EvidenceVersion.id)
        .with_only_columns(Claim.item_code)
        .distinct()
        .order_by(Claim.item_code)
    ).all()
    types = session.scalars(
        waiting.with_only_columns(EvidenceVersion.type).distinct().order_by(EvidenceVersion.type)
    ).all()
    return Choices(
        [(str(at), name) for at, name in apprentices],
        [(code, f"Duty {code[1:]}" if code.startswith("D") else code) for code in in_order(codes)],
        [(one, label_of(one)) for one in types],
    )


def place_of(session: Session, viewer: Viewer, filters: Filters, evidence_id: UUID) -> Place | None:
    """Where this piece stands in the queue, with its neighbours; None if it does not wait. One query."""

    def beside(step: Any, column: Any) -> Any:
        return step(column, type_=column.type).over(
            order_by=OLDEST_FIRST
        )  # or SQLite gives ids as plain text

    placed = (
        _waiting(viewer, filters)
        .with_only_columns(
            Evidence.id.label("id"),
            func.row_number().over(order_by=OLDEST_FIRST).label("number"),
            func.count(Evidence.id).over().label("total"),
            beside(func.lag, Evidence.apprenticeship_id).label("previous_at"),
            beside(func.lag, Evidence.id).label("previous_id"),
            beside(func.lead, Evidence.apprenticeship_id).label("next_at"),
            beside(func.lead, Evidence.id).label("next_id"),
        )
        .subquery()
    )
    row = session.execute(select(placed).where(placed.c.id == evidence_id)).one_or_none()
    if row is None:
        return None
    return Place(
        row.number,
        row.total,
        (row.previous_at, row.previous_id) if row.previous_id else None,
        (row.next_at, row.next_id) if row.next_id else None,
    )


def first_waiting(session: Session, viewer: Viewer, filters: Filters) -> tuple[UUID, UUID] | None:
    """The oldest piece of the queue: ids of apprenticeship and evidence. One query."""
    row = session.execute(
        _waiting(viewer, filters)
        .with_only_columns(Evidence.apprenticeship_id, Evidence.id)
        .order_by(*OLDEST_FIRST)
        .limit(1)
    ).one_or_none()
    return (row[0], row[1]) if row else None


def just_done(session: Session, catalogue: Catalogue, viewer: Viewer, evidence_id: str) -> Done | None:
    """What this viewer recorded last on this piece, in words; None if it is not theirs to see. A constant
    number of queries."""
    found = session.execute(
        select(Evidence, Apprenticeship)
        .join(Apprenticeship, Apprenticeship.id == Evidence.apprenticeship_id)
        .where(
            Evidence.id == _id_or_none(evidence_id),
            Evidence.apprenticeship_id.in_(assigned_to(viewer, Role.ASSESSOR)),
        )
        .options(joinedload(Apprenticeship.apprentice))
    ).one_or_none()
    if found is None:
        return None
    evidence, apprenticeship = found
    version = newest_submitted(session, evidence.id)
    if version is None:
        return None
    rows = session.scalars(
        select(Decision)
        .where(Decision.version_id == version.id, Decision.decided_by_id == viewer.person_id)
        .order_by(Decision.id.desc())
        .limit(100)
    ).all()
    standard = catalogue.get(apprenticeship.standard_reference, apprenticeship.standard_version)
    last = [decision for decision in rows if decision.form_key == rows[0].form_key]
    outcomes = {standard.item(one.item_code).label: Outcome(one.outcome) for one in reversed(last)}
    if not outcomes and evidence.state != "decided":
        return None
    words = rules.in_words(outcomes) or "everything in it was covered before, so it is closed"
    ids = [one.id for one in reversed(last)]
    return Done(apprenticeship.id, evidence.id, apprenticeship.apprentice.name, version.title, words, ids)
