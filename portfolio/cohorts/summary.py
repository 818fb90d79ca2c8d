"""The progress summary of an apprenticeship, computed from the rows on record. Reads only.

It runs inside the commit of whoever changed something, so every query looks across providers and their number
does not depend on how much evidence there is.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session, contains_eager

from kbs.catalogue import Catalogue
from kbs.coverage import CoverageMap
from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning, Progress
from portfolio.assessment.queries import item_facts
from portfolio.cohorts import rules
from portfolio.development.standing import REFRESHER_FROM, refresher_due_day
from portfolio.evidence.models import Evidence
from portfolio.feedback.models import Comment
from portfolio.gateway.hours_query import HOURS_FROM
from portfolio.gateway.queries import GatewayStanding, standing_for
from portfolio.web.formats import london_day

EVERYWHERE = {"across_providers": True}


@dataclass(frozen=True)
class Summary:
    """Everything that the progress row holds, but for its id: field names are its columns."""

    provider_id: UUID
    apprenticeship_id: UUID
    cohort_id: UUID
    employer_id: UUID
    apprentice_id: UUID
    sort_name: str
    stage: str
    map: str
    statements: int
    statements_covered: int
    duties: int
    duties_covered: int
    with_assessor: int
    returned: int
    partly: int
    signed_share: int | None
    earned: int | None
    pieces: int
    pieces_waiting: int
    waiting_since: datetime | None
    waiting_day: int | None
    last_activity_at: datetime | None
    last_activity_day: int | None
    start_day: int
    planned_gateway_day: int
    break_days: int
    break_began_day: int | None
    back_day: int | None
    earliest_gateway_day: int | None
    gaps: str
    dbs_due_day: int | None
    declarations: int
    hours_confirmed: int
    hours_planned: int
    through_day: int | None
    refresher_due_day: int | None


@dataclass(frozen=True)
class Kept:
    """The stored row of somebody, and the tables in which something of theirs has changed since. What none of these
    says is taken from the row: a whole training log is not read because a piece of evidence came in."""

    row: Progress
    changed: frozenset[str]
    """An empty name: nobody knows which."""

    def untouched(self, tables: frozenset[str]) -> bool:
        return "" not in self.changed and not self.changed & tables


_FOUND = (
    select(Apprenticeship)
    .join(Apprenticeship.apprentice)
    .join(Apprenticeship.cohort)
    .join(Apprenticeship.employer)
    .where(Apprenticeship.id.in_(bindparam("ids", expanding=True)))
    .options(
        contains_eager(Apprenticeship.apprentice),
        contains_eager(Apprenticeship.cohort),
        contains_eager(Apprenticeship.employer),  # or reading anew would unload it for whoever uses it after
    )
    .order_by(Apprenticeship.id)
    .execution_options(
        populate_existing=True, **EVERYWHERE
    )  # also what another transaction changed meanwhile
)
"""Statements that run in every commit are made once: making one costs more than running it."""


def summaries(
    session: Session, catalogue: Catalogue, ids: Iterable[UUID], kept: Mapping[UUID, Kept] | None = None
) -> Iterator[Summary]:
    """Compute the summary of each of these apprenticeships, in the order of their ids; afresh but for what is `kept`."""
    known = kept or {}
    for apprenticeship in session.scalars(_FOUND, {"ids": list(ids)}).all():
        yield _summary(session, catalogue, apprenticeship, known.get(apprenticeship.id))


def _summary(
    session: Session, catalogue: Catalogue, apprenticeship: Apprenticeship, kept: Kept | None
) -> Summary:
    standard = catalogue.get(apprenticeship.standard_reference, apprenticeship.standard_version)
    coverage = CoverageMap.from_facts(standard, item_facts(session, apprenticeship.id))
    hours = kept.row.hours_confirmed if kept and kept.untouched(HOURS_FROM) else None
    standing = standing_for(session, apprenticeship, standard, coverage, hours_confirmed=hours)
    all_items, duties, statements = coverage.tally(), coverage.duties, coverage.statements
    away, done = breaks(session, apprenticeship.id), activity(session, apprenticeship.id)
    stage = _stage(apprenticeship, standing, away)
    agreed_days = (apprenticeship.planned_gateway_on - apprenticeship.start_on).days
    return Summary(
        provider_id=apprenticeship.provider_id,
        apprenticeship_id=apprenticeship.id,
        cohort_id=apprenticeship.cohort_id,
        employer_id=apprenticeship.employer_id,
        apprentice_id=apprenticeship.apprentice_id,
        sort_name=sort_name(apprenticeship.apprentice.name),
        stage=stage,
        map=coverage.text,
        statements=statements.total,
        statements_covered=statements.covered,
        duties=duties.total,
        duties_covered=duties.covered,
        with_assessor=all_items.with_assessor,
        returned=all_items.returned,
        partly=all_items.partly,
        signed_share=rules.signed_share(all_items.covered, all_items.total),
        earned=rules.earned(all_items.covered, all_items.total, agreed_days),
        pieces=done.pieces,
        pieces_waiting=done.waiting,
        waiting_since=done.waiting_since,
        waiting_day=_day_of(done.waiting_since) if stage in rules.ON_PROGRAMME else None,
        last_activity_at=done.newest_at,
        last_activity_day=_day_of(done.newest_at),
        start_day=apprenticeship.start_on.toordinal(),
        planned_gateway_day=apprenticeship.planned_gateway_on.toordinal() + away.days,
        break_days=away.days,
        break_began_day=away.began_day,
        back_day=away.back_day,
        earliest_gateway_day=_day(standing.earliest_on),
        gaps=",".join(standing.gaps),
        dbs_due_day=_day(standing.dbs_due_on),
        declarations=standing.declarations,
        hours_confirmed=standing.hours_confirmed,
        hours_planned=standing.hours_planned,
        through_day=_day(standing.locked_on),
        refresher_due_day=(
            kept.row.refresher_due_day
            if kept and kept.untouched(REFRESHER_FROM)
            else refresher_due_day(session, apprenticeship)
        ),
    )


def _day(value: date | None) -> int | None:
    return None if value is None else value.toordinal()


def _day_of(moment: datetime | None) -> int | None:
    return None if moment is None else london_day(moment).toordinal()


def sort_name(name: str) -> str:
    """Family name first, in lower case: "Amina Archer" sorts as "archer amina"."""
    words = name.lower().split()
    return " ".join([*words[-1:], *words[:-1]])[:200]


def _stage(apprenticeship: Apprenticeship, standing: GatewayStanding, away: Breaks) -> str:
    if apprenticeship.withdrawn_on is not None:
        return "withdrawn"
    if standing.assessed:
        return "assessed"
    if standing.locked_on is not None:
        return "through"
    return "break" if away.began_day is not None else "active"


@dataclass(frozen=True)
class Breaks:
    """Time away: days of ended breaks, each day once; when a running one began; the newest first day back."""

    days: int
    began_day: int | None
    back_day: int | None


_BREAKS = (
    select(BreakInLearning.began_on, BreakInLearning.ended_on)
    .where(BreakInLearning.apprenticeship_id == bindparam("one"))
    .order_by(BreakInLearning.began_on, BreakInLearning.id)
    .execution_options(**EVERYWHERE)
)


def breaks(session: Session, apprenticeship_id: UUID) -> Breaks:
    """The breaks of one apprenticeship, added up."""
    rows = session.execute(_BREAKS, {"one": apprenticeship_id}).all()
    away: set[int] = set()
    for began_on, ended_on in rows:
        if ended_on is not None:
            away.update(range(began_on.toordinal(), ended_on.toordinal()))
    running = [began_on.toordinal() for began_on, ended_on in rows if ended_on is None]
    back = [ended_on.toordinal() for _, ended_on in rows if ended_on is not None]
    return Breaks(len(away), min(running, default=None), max(back, default=None))


@dataclass(frozen=True)
class Activity:
    """Pieces handed in, how many wait and since when, and when anything last happened."""

    pieces: int
    waiting: int
    waiting_since: datetime | None
    newest_at: datetime | None


_waiting = Evidence.state == "submitted"
_said = select(func.max(Comment.written_at)).where(Comment.apprenticeship_id == bindparam("one"))
_ACTIVITY = (
    select(
        func.count(Evidence.id),
        func.count(Evidence.id).filter(_waiting),
        func.min(Evidence.state_since).filter(_waiting),
        func.max(Evidence.state_since),
        _said.scalar_subquery(),
    )
    .where(
        Evidence.apprenticeship_id == bindparam("one"),
        Evidence.state.in_(("submitted", "returned", "decided")),
    )
    .execution_options(**EVERYWHERE)
)


def activity(session: Session, apprenticeship_id: UUID) -> Activity:
    """What happened in one apprenticeship: submissions, decisions, returns and comments. One query."""
    found = session.execute(_ACTIVITY, {"one": apprenticeship_id}).one()
    pieces, waiting, waiting_since, changed_at, said_at = found
    newest = max((moment for moment in (changed_at, said_at) if moment is not None), default=None)
    return Activity(pieces, waiting, waiting_since, newest)


def with_activity(done: Activity) -> dict[str, object]:
    """The columns that a comment can change."""
    return {"last_activity_at": done.newest_at, "last_activity_day": _day_of(done.newest_at)}
