"""The rule in Python and the rule in SQL say the same, over generated summaries in the real database."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Progress
from portfolio.cohorts import rules
from portfolio.cohorts.rules import COVERAGE_GAPS, Limits
from portfolio.cohorts.standing import StandingSql, facts_of
from portfolio.database import Database
from portfolio.gateway.rules import GAP_LABELS
from tests.builders import Cast
from tests.cohorts.crowd import a_crowd

ROWS = 25
TODAY = 739_000
near = st.integers(-700, 700).map(lambda days: TODAY + days)
close = st.integers(-60, 60).map(lambda days: TODAY + days)


@dataclass
class Drawn:
    summaries: list[dict[str, Any]]
    limits: Limits


@st.composite
def a_summary(draw: st.DrawFn) -> dict[str, Any]:
    statements, duties = draw(st.integers(0, 90)), draw(st.integers(0, 20))
    start = draw(st.one_of(close, near))
    breaks = draw(st.sampled_from((0, 0, 10, 90)))
    stage = draw(st.sampled_from(("active", "active", "active", "break", "through", "assessed", "withdrawn")))
    whole = draw(st.integers(1, 900))
    done, done_duties = draw(st.integers(0, statements)), draw(st.integers(0, duties))
    gaps = draw(st.lists(st.sampled_from(sorted(GAP_LABELS)), unique=True, max_size=3))
    return {
        "stage": stage,
        "statements": statements,
        "statements_covered": done,
        "duties": duties,
        "duties_covered": done_duties,
        "signed_share": rules.signed_share(done + done_duties, statements + duties),
        "earned": rules.earned(done + done_duties, statements + duties, whole),
        "start_day": start,
        "planned_gateway_day": start + breaks + whole,
        "break_days": breaks,
        "break_began_day": draw(close) if stage == "break" else None,
        "back_day": draw(st.none() | close),
        "last_activity_day": draw(st.none() | close),
        "earliest_gateway_day": draw(st.none() | close),
        "gaps": ",".join(gaps),
        "dbs_due_day": draw(st.none() | close),
        "hours_confirmed": draw(st.integers(0, 40_000)),
        "hours_planned": draw(st.sampled_from((0, 6_000, 30_000, 600_000))),
        "refresher_due_day": draw(st.none() | st.just(0) | close),
        "through_day": draw(close) if stage in ("through", "assessed") else None,
    }


drawn = st.builds(
    Drawn,
    st.lists(a_summary(), min_size=ROWS, max_size=ROWS),
    st.builds(Limits, st.integers(0, 1200), st.integers(0, 1200), st.integers(0, 90)),
)


@pytest.fixture
def crowd(session: Session, cast: Cast, database: Database) -> Iterator[list[UUID]]:
    yield a_crowd(session, cast.cohort, [cast.employer], ROWS)
    session.rollback()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(drawn=drawn)
def test_rule_and_sql_say_the_same(session: Session, crowd: list[UUID], drawn: Drawn) -> None:
    ids = session.execute(
        select(Progress.id, Progress.apprenticeship_id)
        .where(Progress.apprenticeship_id.in_(crowd))
        .order_by(Progress.apprenticeship_id)
    ).all()
    session.execute(
        update(Progress),
        [{"id": row.id} | values for row, values in zip(ids, drawn.summaries, strict=True)],
    )
    sql, limits = StandingSql(TODAY, drawn.limits), drawn.limits
    expressions = [sql.standing, sql.rank, sql.pace, sql.forecast, sql.other_gaps, sql.has_gaps]
    expressions += [sql.behind_with_hours, sql.hours_share, sql.refresher_overdue]
    expressions += list(sql.has_gap.values())
    found = session.execute(
        select(Progress, *expressions)
        .where(Progress.apprenticeship_id.in_(crowd))
        .execution_options(populate_existing=True),
        sql.parameters,
    ).all()
    assert len(found) == ROWS
    for row, standing, rank, pace, forecast, other_gaps, has_gaps, behind, share, overdue, *each in found:
        facts = facts_of(row)
        expected = rules.standing(facts, TODAY, limits)
        gaps = rules.open_gaps(facts, TODAY)
        assert (standing, rank) == (expected.value, expected.rank), facts
        assert pace == rules.pace(facts, TODAY), facts
        assert forecast == rules.forecast(facts, TODAY), facts
        assert other_gaps == sum(code not in COVERAGE_GAPS for code in gaps), facts
        assert bool(behind) == rules.behind_with_hours(facts, TODAY), facts
        assert bool(overdue) == rules.refresher_overdue(facts, TODAY), facts
        planned = facts.hours_planned
        assert share == (facts.hours_confirmed * 1000 // planned if planned else None), facts
        assert bool(has_gaps) == bool(gaps), facts
        assert [bool(one) for one in each] == [code in gaps for code in GAP_LABELS], facts
