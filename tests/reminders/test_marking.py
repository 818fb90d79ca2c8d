"""The rule and its SQL say the same of every apprenticeship, over generated summaries in the real database."""

from __future__ import annotations

from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import case, select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Progress
from portfolio.cohorts.standing import facts_of
from portfolio.gateway.rules import GAP_LABELS
from portfolio.reminders import rules
from portfolio.reminders.marking import DBS_DUE, NEARLY_READY, QUIET, WAITS_LONG, Measure
from portfolio.reminders.rules import Limits, Marks
from tests.builders import Cast
from tests.cohorts.crowd import a_crowd

ROWS, TODAY = 25, 739_000
close = st.integers(-50, 50).map(lambda days: TODAY + days)


@st.composite
def a_summary(draw: st.DrawFn) -> dict[str, Any]:
    stage = draw(st.sampled_from(("active", "active", "active", "break", "through", "assessed", "withdrawn")))
    gaps = draw(st.lists(st.sampled_from(sorted(GAP_LABELS)), unique=True, max_size=5))
    return {
        "stage": stage,
        "start_day": draw(close),
        "break_began_day": draw(close) if stage == "break" else None,
        "back_day": draw(st.none() | close),
        "last_activity_day": draw(st.none() | close),
        "waiting_day": draw(st.none() | close),
        "earliest_gateway_day": draw(st.none() | close),
        "gaps": ",".join(gaps),
        "dbs_due_day": draw(st.none() | close),
    }


drawn_marks: set[Marks] = set()


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    drawn=st.lists(a_summary(), min_size=ROWS, max_size=ROWS),
    limits=st.builds(Limits, st.integers(0, 60), st.integers(0, 30)),
)
def test_rule_and_sql_say_the_same(
    session: Session, cast: Cast, catalogue: Catalogue, drawn: list[dict[str, Any]], limits: Limits
) -> None:
    crowd = a_crowd(session, cast.cohort, [cast.employer], ROWS)
    ids = session.scalars(
        select(Progress.id).where(Progress.apprenticeship_id.in_(crowd)).order_by(Progress.id)
    ).all()
    session.execute(update(Progress), [{"id": one} | values for one, values in zip(ids, drawn, strict=True)])
    expressions = [case((mark, True), else_=False) for mark in (QUIET, WAITS_LONG, DBS_DUE, NEARLY_READY)]
    found = session.execute(
        select(Progress, *expressions)
        .where(Progress.apprenticeship_id.in_(crowd))
        .execution_options(populate_existing=True),
        Measure(catalogue, limits, TODAY).parameters,
    ).all()
    assert len(found) == ROWS
    for row, *marked in found:
        expected = rules.marks(facts_of(row), row.waiting_day, TODAY, limits)
        assert Marks(*(bool(one) for one in marked)) == expected, (facts_of(row), limits)
        drawn_marks.add(expected)
    session.rollback()


def test_the_generated_summaries_had_every_mark_and_none() -> None:
    """Runs after the property, in the same worker: equal answers prove little if they were all no."""
    assert Marks() in drawn_marks
    for name in ("quiet", "waits_long", "dbs_due", "nearly_ready"):
        assert {getattr(one, name) for one in drawn_marks} == {True, False}, name
