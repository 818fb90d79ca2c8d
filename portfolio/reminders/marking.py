"""The rule `rules.marks` once more, as SQL over the progress summary, added up for those who look after many.

Rule and SQL are proved equal over generated rows by tests/reminders/test_marking.py.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, and_, bindparam, case, func, or_, select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Role
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Progress
from portfolio.cohorts.rules import COVERAGE_GAPS
from portfolio.cohorts.standing import StandingSql
from portfolio.reminders.queries_pieces import ON_PROGRAMME, running
from portfolio.reminders.rules import NEAR_REQUIREMENTS, SOON_DAYS, Limits, Marks


@dataclass(frozen=True)
class Measure:
    """The day and the limits to measure by, and the words of the standards."""

    catalogue: Catalogue
    limits: Limits
    today: int

    def word(self, reference: str, version: str) -> str:
        """What this version of the assessment plan calls the gateway."""
        return self.catalogue.get(reference, version).words.gateway

    @property
    def parameters(self) -> dict[str, int]:
        return {
            "today": self.today,
            "quiet_until": self.today - self.limits.quiet_days,
            "waiting_before": self.today - self.limits.long_wait_days,
            "soon": self.today + SOON_DAYS,
        }


@dataclass
class Tally:
    """Apprenticeships added up: how many are quiet, wait long, have a check due, are nearly ready."""

    quiet: int = 0
    waits_long: int = 0
    dbs_due: int = 0
    nearly_ready: Counter[str] = field(default_factory=Counter)

    def add(self, other: Tally, *, dbs: bool = False) -> None:
        """`dbs`: whether whoever it is added up for may see when a check falls due."""
        self.quiet += other.quiet
        self.waits_long += other.waits_long
        self.dbs_due += other.dbs_due if dbs else 0
        self.nearly_ready.update(other.nearly_ready)

    def take_away(self, word: str, marks: Marks, *, dbs: bool) -> None:
        """One apprenticeship less."""
        self.quiet -= marks.quiet
        self.waits_long -= marks.waits_long
        self.dbs_due -= marks.dbs_due and dbs
        self.nearly_ready[word] -= marks.nearly_ready


_today = bindparam("today", type_=Integer)
_quiet_until = bindparam("quiet_until", type_=Integer)
_waiting_before = bindparam("waiting_before", type_=Integer)
_soon = bindparam("soon", type_=Integer)

_is_active = or_(
    Progress.stage == "active", and_(Progress.stage == "break", Progress.break_began_day > _today)
)
_time_left: ColumnElement[int] = case((Progress.earliest_gateway_day > _today, 1), else_=0)

QUIET = and_(
    _is_active,
    or_(
        StandingSql.has_gaps,
        Progress.earliest_gateway_day.is_(None),
        Progress.earliest_gateway_day > _today,
    ),
    Progress.start_day <= _quiet_until,
    func.coalesce(Progress.last_activity_day, 0) <= _quiet_until,
    func.coalesce(Progress.back_day, 0) <= _quiet_until,
)
WAITS_LONG = and_(Progress.stage.in_(ON_PROGRAMME), Progress.waiting_day < _waiting_before)
DBS_DUE = and_(Progress.stage.in_(ON_PROGRAMME), Progress.dbs_due_day <= _soon)
NEARLY_READY = and_(
    _is_active,
    *(~StandingSql.has_gap[code] for code in COVERAGE_GAPS),
    Progress.earliest_gateway_day <= _soon,
    StandingSql.other_gaps + _time_left <= NEAR_REQUIREMENTS,
)


def around(session: Session, measure: Measure, ids: list[UUID]) -> dict[UUID, dict[UUID, Tally]]:
    """By person and provider, over the apprenticeships to which they are assigned: as an assessor how many are quiet,
    as an assessor or mentor how many are nearly ready. One query."""
    counted = select(
        Assignment.person_id,
        Assignment.provider_id,
        *_standard(),
        _how_many(and_(Assignment.role == Role.ASSESSOR.value, QUIET)),
        _how_many(NEARLY_READY),
    )
    rows = session.execute(
        running(counted, ids, Role.ASSESSOR, Role.MENTOR).group_by(
            Assignment.person_id, Assignment.provider_id, *_standard()
        ),
        measure.parameters,
    )
    found: dict[UUID, dict[UUID, Tally]] = {}
    for person, provider_id, reference, version, quiet, nearly in rows:
        tally = found.setdefault(person, {}).setdefault(provider_id, Tally())
        tally.add(Tally(quiet=quiet, nearly_ready=Counter({measure.word(reference, version): nearly})))
    return found


def managed(session: Session, measure: Measure, provider_ids: Collection[UUID]) -> dict[UUID, Tally]:
    """Over everybody in these providers, once for all of their managers. One query."""
    counted: Select[Any] = (
        select(
            Progress.provider_id,
            *_standard(),
            *(func.count(case((mark, 1))) for mark in (QUIET, WAITS_LONG, DBS_DUE, NEARLY_READY)),
        )
        .join(Apprenticeship, Apprenticeship.id == Progress.apprenticeship_id)
        .where(Progress.provider_id.in_(list(provider_ids)), Progress.stage.in_(ON_PROGRAMME))
        .group_by(Progress.provider_id, *_standard())
    )
    found: dict[UUID, Tally] = {}
    for provider_id, reference, version, quiet, waits, dbs, nearly in session.execute(
        counted, measure.parameters
    ):
        more = Tally(quiet, waits, dbs, Counter({measure.word(reference, version): nearly}))
        found.setdefault(provider_id, Tally()).add(more, dbs=True)
    return found


def _standard() -> tuple[Any, Any]:
    return Apprenticeship.standard_reference, Apprenticeship.standard_version


def _how_many(mark: ColumnElement[bool]) -> ColumnElement[int]:
    """Each apprenticeship once, also for somebody who is assigned to it twice."""
    return func.count(case((mark, Progress.apprenticeship_id)).distinct())
