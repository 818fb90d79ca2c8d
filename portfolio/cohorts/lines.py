"""The table of a report: which apprentices, in which order, one page at a time or all of them for an export."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Employer, Progress
from portfolio.cohorts import rules
from portfolio.cohorts.asked import Asked
from portfolio.cohorts.rules import Standing
from portfolio.cohorts.scope import Scope
from portfolio.cohorts.standing import StandingSql, facts_of
from portfolio.cohorts.summary import Summary
from portfolio.people.models import Person
from portfolio.web.paging import PER_PAGE, Slice, cut


@dataclass(frozen=True)
class Line:
    """One apprentice in a report, as they stand on the day of the report."""

    progress: Progress | Any
    """The summary, or a result row with those of its columns that a report shows."""
    name: str
    employer: str
    standing: Standing
    gaps: tuple[str, ...]
    due: int
    pace: int | None
    forecast: int | None
    hours_due: int
    behind_with_hours: bool
    refresher_overdue: bool

    @property
    def items(self) -> int:
        return self.progress.statements + self.progress.duties

    @property
    def covered(self) -> int:
        return self.progress.statements_covered + self.progress.duties_covered

    @property
    def other_gaps(self) -> tuple[str, ...]:
        """The gaps that the bar of signed off items does not show already."""
        return tuple(code for code in self.gaps if code not in rules.COVERAGE_GAPS)


_SHOWN = [
    getattr(Progress, field.name)
    for field in fields(Summary)
    if field.name not in ("map", "provider_id", "cohort_id", "sort_name", "signed_share", "earned")
]
"""Plain columns: a page of them costs half of what a page of objects does."""


def line(progress: Progress | Any, name: str, employer: str, sql: StandingSql) -> Line:
    """What the rules say of one summary: a row, or a result row with the same columns."""
    facts, today = facts_of(progress), sql.today
    return Line(
        progress,
        name,
        employer,
        rules.standing(facts, today, sql.limits),
        rules.open_gaps(facts, today),
        rules.due(facts, today),
        rules.pace(facts, today),
        rules.forecast(facts, today),
        rules.hours_due(facts, today),
        rules.behind_with_hours(facts, today),
        rules.refresher_overdue(facts, today),
    )


def lines(session: Session, scope: Scope, asked: Asked, sql: StandingSql, *, known: int) -> Slice[Line]:
    """One page of the table. Three queries, and a fourth for the total when a filter is set.

    `known`: how many there are under the standing that was asked for, if nothing else narrows the list.
    """
    wanted = conditions(scope, asked, sql)
    total = known
    if asked.filters:
        total = session.scalar(select(func.count()).select_from(Progress).where(*wanted), sql.parameters) or 0
    statement = select(*_SHOWN).where(*wanted).order_by(*order(asked, sql))
    statement = statement.offset((asked.number - 1) * PER_PAGE).limit(PER_PAGE + 1)
    rows = session.execute(statement, sql.parameters).all()
    page = cut(rows, asked.number, total=total)
    return Slice(named(session, page.rows, sql), page.number, page.has_next, total=total)


_NAMES = {
    table: select(table.id, table.name)
    .where(table.id.in_(bindparam("ids", expanding=True)))
    .order_by(table.id)
    for table in (Person, Employer)
}


def named(session: Session, rows: Sequence[Progress | Any], sql: StandingSql) -> list[Line]:
    """The lines of these summaries, with the names of apprentices and employers: two queries."""
    names = _names(session, Person, {row.apprentice_id for row in rows})
    employers = _names(session, Employer, {row.employer_id for row in rows})
    return [line(row, names[row.apprentice_id], employers[row.employer_id], sql) for row in rows]


def _names(session: Session, table: type[Person] | type[Employer], ids: Iterable[UUID]) -> dict[UUID, str]:
    rows = session.execute(_NAMES[table], {"ids": list(ids)})
    return {found: text for found, text in rows}  # noqa: C416  # a row is no pair to the type checker


def conditions(scope: Scope, asked: Asked, sql: StandingSql) -> list[ColumnElement[bool]]:
    """Everything that narrows the list."""
    wanted: list[ColumnElement[bool]] = list(scope.conditions)
    if asked.standing is not None:
        wanted.append(sql.standing == asked.standing.value)
    if asked.employer is not None:
        wanted.append(Progress.employer_id == asked.employer)
    if asked.gap:
        wanted.append(sql.has_gap[asked.gap])
    if asked.hours_behind:
        wanted.append(sql.behind_with_hours)
    if asked.refresher_overdue:
        wanted.append(sql.refresher_overdue)
    wanted.extend(_named_like(scope, word) for word in asked.words)
    return wanted


def _named_like(scope: Scope, word: str) -> ColumnElement[bool]:
    """Each word searched for is part of the apprentice's name or of the employer's."""
    theirs = select(Employer.id).where(
        Employer.provider_id == scope.provider_id, Employer.name.icontains(word, autoescape=True)
    )
    return or_(Progress.sort_name.contains(word, autoescape=True), Progress.employer_id.in_(theirs))


def order(asked: Asked, sql: StandingSql) -> list[ColumnElement[Any]]:
    """The column asked for, what has no value last; then the name, then the id: never the same place twice."""
    by_name: list[ColumnElement[Any]] = [Progress.sort_name.asc(), Progress.apprenticeship_id.asc()]
    if asked.sort == "name":
        backwards: list[ColumnElement[Any]] = [Progress.sort_name.desc(), Progress.apprenticeship_id.desc()]
        return backwards if asked.descending else by_name
    column = _sort_value(asked.sort, sql)
    return [(column.desc() if asked.descending else column.asc()).nulls_last(), *by_name]


def _sort_value(column: str, sql: StandingSql) -> ColumnElement[Any]:
    if column == "employer":
        name = select(func.lower(Employer.name)).where(Employer.id == Progress.employer_id)
        return name.correlate(Progress).scalar_subquery()
    values: dict[str, ColumnElement[Any]] = {
        "signed": Progress.signed_share.expression,
        "pace": sql.pace,
        "hours": sql.hours_share,
        "activity": sql.quiet_for,
        "waiting": sql.waited,
        "gaps": sql.other_gaps,
        "forecast": sql.forecast,
        "standing": sql.rank,
    }
    return values[column]
