"""The rules of `rules.py` once more, as SQL over the columns of the progress summary: to filter, sort, count.

Rule and SQL are proved equal over generated rows by tests/cohorts/test_standing.py.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Integer,
    and_,
    bindparam,
    case,
    cast,
    func,
    literal,
    null,
    or_,
)

from portfolio.apprenticeships.models import Progress
from portfolio.cohorts.rules import (
    COVERAGE_GAPS,
    FINISHED,
    LAST_DAY,
    ON_PROGRAMME,
    Limits,
    ProgressFacts,
    Standing,
)
from portfolio.gateway.rules import GAP_LABELS
from portfolio.training.rules.report import STILL_LEARNING


def facts_of(row: Progress | Any) -> ProgressFacts:
    """The facts of the rules from a summary row, or from a result row with the same columns."""
    return ProgressFacts(
        stage=row.stage,
        items=row.statements + row.duties,
        covered=row.statements_covered + row.duties_covered,
        start_day=row.start_day,
        planned_gateway_day=row.planned_gateway_day,
        break_days=row.break_days,
        break_began_day=row.break_began_day,
        back_day=row.back_day,
        last_activity_day=row.last_activity_day,
        earliest_gateway_day=row.earliest_gateway_day,
        gaps=row.gaps,
        dbs_due_day=row.dbs_due_day,
        through_day=row.through_day,
        hours_confirmed=row.hours_confirmed,
        hours_planned=row.hours_planned,
        refresher_due_day=row.refresher_due_day,
    )


_today = bindparam("today", type_=Integer)
_quiet_until = bindparam("quiet_until", type_=Integer)
"""Nothing newer than this day is too quiet."""
_settled_after = bindparam("settled_after", type_=Integer)
_quiet_days = bindparam("quiet_days", type_=Integer)
_at_risk_below = bindparam("at_risk_below", type_=BigInteger)
_behind_below = bindparam("behind_below", type_=BigInteger)

_items: ColumnElement[int] = Progress.statements + Progress.duties
_covered: ColumnElement[int] = Progress.statements_covered + Progress.duties_covered
_whole: ColumnElement[int] = Progress.planned_gateway_day - Progress.break_days - Progress.start_day
"""Days from start to planned gateway; the table of apprenticeships sees to it that there is one at least."""
_days: ColumnElement[int] = _today - Progress.start_day - Progress.break_days
"""Days on programme, of those who are not away; negative before the start."""


def _at_least_0(number: ColumnElement[int]) -> ColumnElement[int]:
    return case((number > 0, number), else_=0)


def _unless_0(number: ColumnElement[int]) -> ColumnElement[int]:
    """A divisor: null instead of 0. (`nullif` has no type, and the division would no longer be one of integers.)"""
    return case((number != 0, number))


def _kept_below(thousandths: ColumnElement[int]) -> ColumnElement[bool]:
    """Less than this share of an even pace; after the planned gateway, of everything."""
    return and_(Progress.earned < thousandths * _days, Progress.signed_share < thousandths)


_is_away = and_(Progress.stage == "break", Progress.break_began_day <= _today)
_goes_away_later = and_(Progress.stage == "break", Progress.break_began_day > _today)
_until: ColumnElement[int] = case((Progress.break_began_day < _today, Progress.break_began_day), else_=_today)
_own_days = _at_least_0(_until - Progress.start_day - Progress.break_days)
_so_far: ColumnElement[int] = case((_own_days < _whole, _own_days), else_=_whole)
_is_quiet = and_(
    Progress.start_day <= _quiet_until,
    func.coalesce(Progress.last_activity_day, 0) <= _quiet_until,
    func.coalesce(Progress.back_day, 0) <= _quiet_until,
)
_dbs_is_due = func.coalesce(Progress.dbs_due_day, LAST_DAY) < _today
_has_gaps = or_(Progress.gaps != "", _dbs_is_due)


def _by_standing(values: Mapping[Standing, Any]) -> ColumnElement[Any]:
    """Most people are active: they are asked first, in the order of the rule."""
    on_programme: ColumnElement[Any] = case(
        (and_(~_has_gaps, Progress.earliest_gateway_day <= _today), values[Standing.READY]),
        (_is_quiet, values[Standing.AT_RISK]),
        (or_(_days < _settled_after, _whole < _quiet_days), values[Standing.ON_TRACK]),
        (_kept_below(_at_risk_below), values[Standing.AT_RISK]),
        (_kept_below(_behind_below), values[Standing.BEHIND]),
        else_=values[Standing.ON_TRACK],
    )
    return case(
        (or_(Progress.stage == "active", _goes_away_later), on_programme),
        *((Progress.stage == stage, values[one]) for stage, one in FINISHED.items()),
        else_=values[Standing.BREAK],
    )


def _pace() -> ColumnElement[int | None]:
    return case(
        (Progress.stage.in_(tuple(FINISHED)), null()),
        else_=Progress.earned // _unless_0(_so_far),
    )


def _forecast() -> ColumnElement[int | None]:
    left = (_items - _covered) * _own_days
    reached = _today + (left + _covered - 1) // _unless_0(_covered)
    earliest = func.coalesce(Progress.earliest_gateway_day, 0)
    later: ColumnElement[int] = case((reached > earliest, reached), else_=earliest)
    return case(
        (Progress.stage.in_(("through", "assessed")), Progress.through_day),
        (or_(Progress.stage == "withdrawn", _is_away), null()),
        (or_(_covered == 0, _own_days == 0), null()),
        else_=case((later < LAST_DAY, later), else_=LAST_DAY),
    )


def _behind_with_hours() -> ColumnElement[bool]:
    due = cast(Progress.hours_planned, BigInteger) * _so_far // _unless_0(_whole)
    return and_(Progress.stage.in_(ON_PROGRAMME), Progress.hours_confirmed < func.coalesce(due, 0))


def _refresher_overdue() -> ColumnElement[bool]:
    return and_(
        Progress.stage.in_(STILL_LEARNING), func.coalesce(Progress.refresher_due_day, LAST_DAY) < _today
    )


def _has_gap(code: str) -> ColumnElement[bool]:
    stored = literal(",").concat(Progress.gaps).concat(",").like(f"%,{code},%")
    return or_(stored, _dbs_is_due) if code == "dbs" else stored


def _sum(parts: Iterable[ColumnElement[int]]) -> ColumnElement[int]:
    first, *rest = parts
    for part in rest:
        first = first + part
    return first


@dataclass(frozen=True)
class StandingSql:
    """The rules as expressions, for one day and these limits. They are made once; day and limits go along as
    `parameters` of each statement that uses one: making them anew would cost more than running them."""

    today: int
    limits: Limits

    standing: ClassVar[ColumnElement[str]] = _by_standing({one: one.value for one in Standing})
    rank: ClassVar[ColumnElement[int]] = _by_standing({one: one.rank for one in Standing})
    """The most urgent first: `Standing.rank`."""
    pace: ClassVar[ColumnElement[int | None]] = _pace()
    """Items signed off against an even pace, in thousandths."""
    forecast: ClassVar[ColumnElement[int | None]] = _forecast()
    """The day of the gateway by their own pace."""
    has_gaps: ClassVar[ColumnElement[bool]] = _has_gaps
    has_gap: ClassVar[Mapping[str, ColumnElement[bool]]] = {code: _has_gap(code) for code in GAP_LABELS}
    """Whether this requirement of the gateway is open."""
    other_gaps: ClassVar[ColumnElement[int]] = _sum(
        case((_has_gap(code), 1), else_=0) for code in GAP_LABELS if code not in COVERAGE_GAPS
    )
    """How many requirements are open besides coverage."""
    behind_with_hours: ClassVar[ColumnElement[bool]] = _behind_with_hours()
    hours_share: ClassVar[ColumnElement[Any]] = (
        cast(Progress.hours_confirmed, BigInteger) * 1000 // _unless_0(Progress.hours_planned.expression)
    )
    """Confirmed of planned hours, in thousandths; null without a plan."""
    refresher_overdue: ClassVar[ColumnElement[bool]] = _refresher_overdue()
    quiet_for: ClassVar[ColumnElement[int]] = _today - Progress.last_activity_day
    waited: ClassVar[ColumnElement[int]] = _today - Progress.waiting_day

    @property
    def parameters(self) -> dict[str, int]:
        return {
            "today": self.today,
            "quiet_days": self.limits.quiet_days,
            "quiet_until": self.today - self.limits.quiet_days,
            "settled_after": max(self.limits.quiet_days, 1),
            "at_risk_below": self.limits.at_risk_below,
            "behind_below": self.limits.behind_below,
        }
