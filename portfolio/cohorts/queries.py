"""What the cohort pages show, read from the progress summaries: a constant number of queries each.

This is the one place that reads across capabilities; it shows counts and states, never what anybody wrote.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portfolio.apprenticeships.models import Cohort, Employer, Progress
from portfolio.cohorts import rules
from portfolio.cohorts.rules import Standing
from portfolio.cohorts.scope import Scope
from portfolio.cohorts.standing import StandingSql
from portfolio.web.paging import PER_PAGE, Slice, cut

STANDINGS = tuple(Standing)
"""By rank."""
MOST_PEOPLE = 1_000_000_000
MOST_EMPLOYERS = 300
"""In the filter's list; beyond that the search box finds them by name."""


@dataclass
class Numbers:
    """How many stand how, and how long people have been waiting for feedback: days waited -> people."""

    by_standing: Counter[Standing] = field(default_factory=Counter)
    waits: dict[int, int] = field(default_factory=dict)
    planned: set[int] = field(default_factory=set)
    """The first and the last planned day of the gateway, of all who have not withdrawn."""
    refreshers_overdue: int = 0

    def add(
        self, today: int, rank: int, since: int | None, count: int, late: int, first: int, last: int
    ) -> None:
        """So many stand alike and wait since the same day; of how many of them the refresher
        is overdue; the first and the last of their planned days."""
        standing = STANDINGS[rank]
        self.by_standing[standing] += count
        self.refreshers_overdue += late
        if standing is not Standing.WITHDRAWN:
            self.planned.update((first, last))
        if since is not None:
            days = max(0, today - since)
            self.waits[days] = self.waits.get(days, 0) + count

    @property
    def total(self) -> int:
        return self.by_standing.total()

    @property
    def median_wait(self) -> float | None:
        return rules.median(self.waits)


def numbers(session: Session, scope: Scope, sql: StandingSql) -> Numbers:
    """The headline of a report, in one pass over its summaries."""
    found = Numbers()
    for row in session.execute(_grouped(scope.conditions), sql.parameters):
        found.add(sql.today, *row)
    return found


def numbers_of_cohorts(session: Session, cohorts: Sequence[Cohort], sql: StandingSql) -> dict[UUID, Numbers]:
    """The headline of each of these cohorts, in one pass."""
    found: dict[UUID, Numbers] = {}
    of_providers = Progress.provider_id.in_({cohort.provider_id for cohort in cohorts})
    theirs = (of_providers, Progress.cohort_id.in_([cohort.id for cohort in cohorts]))
    for cohort_id, *row in session.execute(_grouped(theirs, Progress.cohort_id), sql.parameters):
        found.setdefault(cohort_id, Numbers()).add(sql.today, *row)
    return found


def _grouped(
    conditions: tuple[ColumnElement[bool], ...], *by: ColumnElement[Any] | InstrumentedAttribute[Any]
) -> Select[Any]:
    """One row per standing and day since when somebody waits: some hundreds, however many people there are. The
    limit keeps a database from computing the standing once more for each use of it."""
    each = (
        select(
            *(column.label(f"by_{place}") for place, column in enumerate(by)),
            StandingSql.rank.label("rank"),
            Progress.waiting_day.label("since"),
            Progress.planned_gateway_day.label("planned"),
            case((StandingSql.refresher_overdue, 1), else_=0).label("late"),
        )
        .where(*conditions)
        .limit(MOST_PEOPLE)
        .subquery()
    )
    *keys, planned, late = each.c
    return (
        select(*keys, func.count(), func.sum(late), func.min(planned), func.max(planned))
        .group_by(*keys)
        .order_by(*keys)
    )


def cohorts(session: Session, provider_ids: Sequence[UUID], number: int) -> Slice[Cohort]:
    """One page of the cohorts of these providers, the newest first."""
    rows = session.scalars(
        select(Cohort)
        .where(Cohort.provider_id.in_(provider_ids))
        .order_by(Cohort.provider_id, Cohort.created_at.desc(), Cohort.id.desc())
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    ).all()
    return cut(rows, number)


def standards_of(session: Session, scope: Scope) -> list[tuple[str, str]]:
    """Reference and version of each standard that the cohorts of this report are on."""
    if scope.cohort is not None:
        return [(scope.cohort.standard_reference, scope.cohort.standard_version)]
    found = session.execute(
        select(Cohort.standard_reference, Cohort.standard_version)
        .where(Cohort.provider_id == scope.provider_id)
        .distinct()
        .order_by(Cohort.standard_reference, Cohort.standard_version)
    )
    return [(reference, version) for reference, version in found]


def employers(session: Session, scope: Scope) -> list[tuple[UUID, str]]:
    """Id and name of the employers to choose from, by name: of a cohort those who have somebody in it."""
    statement = select(Employer.id, Employer.name).where(Employer.provider_id == scope.provider_id)
    if scope.cohort is not None:
        here = select(Progress.id).where(*scope.conditions, Progress.employer_id == Employer.id)
        statement = statement.where(here.exists())
    rows = session.execute(statement.order_by(Employer.name, Employer.id).limit(MOST_EMPLOYERS))
    return [(employer_id, name) for employer_id, name in rows]
