"""What waits for this person, by what they are: a handful of queries, however much there is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ColumnElement, and_, func, select
from sqlalchemy.orm import Session, joinedload

from kbs.catalogue import Catalogue
from kbs.coverage import CoverageMap, ItemState
from kbs.statements import Item, Standard
from portfolio.access import Role, Viewer
from portfolio.apprenticeships.models import Apprenticeship, Progress
from portfolio.assessment.models import Decision
from portfolio.courses.evaluations_due import due_for_own as evaluations_due
from portfolio.courses.queries_due import due_for_own as courses_due
from portfolio.development.due import OfMentor, due_for_mentor, due_for_own
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.evidence.queries import newest_submitted
from portfolio.feedback.models import Comment, Testimony
from portfolio.feedback.queries import assigned_to
from portfolio.gateway.models import UnlockRequest
from portfolio.gateway.requirements import GAP_LABELS
from portfolio.people.models import Person
from portfolio.training.due import DueLine, most_urgent_first
from portfolio.training.rules.report import STILL_LEARNING
from portfolio.web.formats import london_day

FEW = 5
"""How many of a kind a home page lists before it leads to the whole list."""


@dataclass(frozen=True)
class PieceToDo:
    """A piece of one's own that wants something: returned, or still a draft."""

    evidence_id: UUID
    title: str
    state: str
    since: datetime
    missing: tuple[str, ...]
    """What the assessor says is missing, with the item: "S16: say which referral you supported"."""


@dataclass(frozen=True)
class OwnPortfolio:
    """An apprentice's own apprenticeship, as their home page shows it."""

    apprenticeship: Apprenticeship
    standard: Standard
    progress: Progress
    coverage: CoverageMap
    to_do: Sequence[PieceToDo]
    next_items: Sequence[Item]
    """A few items that nothing shows yet, statements first."""
    gaps: Sequence[str]
    """Gateway requirements that somebody has to put on record: DBS, English, maths."""


def own_portfolios(session: Session, catalogue: Catalogue, viewer: Viewer) -> list[OwnPortfolio]:
    """Newest first. Four queries for each; nobody has more than two or three."""
    rows = session.execute(
        select(Apprenticeship, Progress)
        .join(Progress, Progress.apprenticeship_id == Apprenticeship.id)
        .where(Apprenticeship.apprentice_id == viewer.person_id)
        .options(joinedload(Apprenticeship.employer))
        .order_by(Apprenticeship.start_on.desc(), Apprenticeship.id)
    ).all()
    return [_own(session, catalogue, at, progress) for at, progress in rows]


def _own(session: Session, catalogue: Catalogue, at: Apprenticeship, progress: Progress) -> OwnPortfolio:
    standard = catalogue.get(at.standard_reference, at.standard_version)
    coverage = CoverageMap.from_text(standard, progress.map)
    next_items = [standard.item(code) for code in coverage.codes_in(ItemState.NONE)[:3]]
    gaps = [GAP_LABELS[code] for code in progress.gaps.split(",") if code in ("dbs", "english", "maths")]
    return OwnPortfolio(at, standard, progress, coverage, _to_do(session, at.id), next_items, gaps)


def _to_do(session: Session, apprenticeship_id: UUID) -> list[PieceToDo]:
    """Returned pieces first, oldest first, then drafts. A draft made of a returned piece counts as a draft."""
    rows = session.execute(
        select(Evidence, EvidenceVersion)
        .join(EvidenceVersion, and_(EvidenceVersion.evidence_id == Evidence.id, EvidenceVersion.is_latest))
        .where(Evidence.apprenticeship_id == apprenticeship_id, Evidence.state.in_(("returned", "draft")))
        .order_by(Evidence.state.desc(), Evidence.state_since, Evidence.id)
        .limit(FEW)
    ).all()
    returned = [evidence.id for evidence, _ in rows if evidence.state == "returned"]
    missing = _missing(session, returned)
    return [
        PieceToDo(
            evidence.id,
            version.title,
            evidence.state,
            evidence.state_since,
            tuple(missing.get(evidence.id, ())),
        )
        for evidence, version in rows
    ]


def _missing(session: Session, evidence_ids: list[UUID]) -> dict[UUID, list[str]]:
    """What is missing, from the newest decision on each item of these pieces."""
    newest: dict[tuple[UUID, str], Decision] = {}
    for decision in session.scalars(
        select(Decision).where(Decision.evidence_id.in_(evidence_ids)).order_by(Decision.id)
    ):
        newest[decision.evidence_id, decision.item_code] = decision
    found: dict[UUID, list[str]] = {}
    for (evidence_id, code), decision in newest.items():
        if decision.missing:
            found.setdefault(evidence_id, []).append(f"{code}: {decision.missing}")
    return found


@dataclass(frozen=True)
class NewPiece:
    """A piece of one of a mentor's apprentices about which the mentor has said nothing yet."""

    apprenticeship_id: UUID
    evidence_id: UUID
    title: str
    apprentice: str
    since: datetime


def new_to_mentor(session: Session, viewer: Viewer) -> list[NewPiece]:
    """Submitted pieces without a comment or testimony of this mentor, newest first: a minute's work each."""
    said = select(Comment.evidence_id).where(Comment.author_id == viewer.person_id)
    signed = select(Testimony.evidence_id).where(Testimony.author_id == viewer.person_id)
    rows = session.execute(
        select(Evidence, EvidenceVersion.title, Person.name)
        .select_from(Evidence)
        .join(EvidenceVersion, and_(EvidenceVersion.evidence_id == Evidence.id, newest_submitted()))
        .join(Apprenticeship, Apprenticeship.id == Evidence.apprenticeship_id)
        .join(Person, Person.id == Apprenticeship.apprentice_id)
        .where(
            Evidence.state == "submitted",
            Evidence.apprenticeship_id.in_(assigned_to(viewer, Role.MENTOR)),
            Evidence.id.not_in(said),
            Evidence.id.not_in(signed),
        )
        .order_by(Evidence.state_since.desc(), Evidence.id)
        .limit(FEW)
    ).all()
    return [
        NewPiece(piece.apprenticeship_id, piece.id, title, name, piece.state_since)
        for piece, title, name in rows
    ]


@dataclass(frozen=True)
class Beside:
    """An apprentice beside their summary, in a short list."""

    apprenticeship_id: UUID
    name: str
    progress: Progress


def apprentices_around(session: Session, viewer: Viewer) -> list[Beside]:
    """The apprentices this person is assigned to, those waiting longest first; a short list."""
    rows = session.execute(
        select(Progress, Person.name)
        .join(Person, Person.id == Progress.apprentice_id)
        .where(
            Progress.apprenticeship_id.in_(assigned_to(viewer, Role.MENTOR, Role.ASSESSOR, Role.IQA)),
            Progress.stage.in_(("active", "break", "through")),
        )
        .order_by(Progress.pieces_waiting.desc(), Progress.sort_name, Progress.id)
        .limit(FEW + 3)
    ).all()
    return [Beside(progress.apprenticeship_id, name, progress) for progress, name in rows]


@dataclass(frozen=True)
class ManagerWork:
    """What waits for a provider manager: gates to declare or lock, unlocks to approve, silence to look into."""

    to_lock: Sequence[Beside]
    to_declare: Sequence[Beside]
    unlocks: int
    stages: dict[str, int]


def work_of_manager(session: Session, viewer: Viewer, today: int) -> ManagerWork:
    """`today` as an ordinal. Over all providers that this person manages."""
    managed = [membership.provider_id for membership in viewer.managed]
    own = Progress.provider_id.in_(managed)
    ready = and_(own, Progress.stage == "active", Progress.gaps == "", Progress.earliest_gateway_day <= today)
    stages = session.execute(select(Progress.stage, func.count()).where(own).group_by(Progress.stage)).all()
    asked = session.scalar(
        select(func.count(UnlockRequest.id))
        .join(Progress, Progress.apprenticeship_id == UnlockRequest.apprenticeship_id)
        .where(own, Progress.stage.in_(("through", "assessed")))
    )
    return ManagerWork(
        _ready(session, and_(ready, Progress.declarations == 3)),
        _ready(session, and_(ready, Progress.declarations < 3)),
        asked or 0,
        {stage: number for stage, number in stages},  # noqa: C416  # rows are not pairs to mypy
    )


def _ready(session: Session, which: ColumnElement[bool]) -> list[Beside]:
    rows = session.execute(
        select(Progress, Person.name)
        .join(Person, Person.id == Progress.apprentice_id)
        .where(which)
        .order_by(Progress.sort_name, Progress.id)
        .limit(FEW)
    ).all()
    return [Beside(progress.apprenticeship_id, name, progress) for progress, name in rows]


def due_for(session: Session, own: Sequence[OwnPortfolio], now: datetime) -> dict[UUID, list[DueLine]]:
    """What is due in each of one's own apprenticeships, the most urgent first: a refresher, courses, evaluations."""
    going_on = [one.apprenticeship for one in own if one.progress.stage in STILL_LEARNING]
    if not going_on:
        return {}
    ids, today = [one.id for one in going_on], london_day(now)
    lines = most_urgent_first(
        [
            *due_for_own(session, going_on, today),
            *courses_due(session, ids, today),
            *evaluations_due(session, ids, today, now),
        ]
    )
    return {one: [line for line in lines if f"/apprenticeships/{one}/" in line.address] for one in ids}


def training_of_mentor(session: Session, viewer: Viewer, today: date) -> list[OfMentor]:
    """Entries of the training log to look at, and refreshers that are overdue, of a mentor's own apprentices."""
    providers = [one.provider_id for one in viewer.memberships if Role.MENTOR in one.roles]
    if not providers:
        return []
    return due_for_mentor(session, providers, assigned_to(viewer, Role.MENTOR), today)[:FEW]
