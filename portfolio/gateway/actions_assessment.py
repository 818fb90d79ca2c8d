"""Recording what happens after the gateway, step by step."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.gateway import history
from portfolio.gateway.actions_lock import hold
from portfolio.gateway.actions_records import Mistakes
from portfolio.gateway.assessment_rules import Step, may_correct, problems, standing
from portfolio.gateway.models import AssessmentEvent
from portfolio.refusals import Refused
from portfolio.web.formats import london_day

OPEN = "The portfolio is not locked. The record of what follows begins with the lock."


def record_step(session: Session, opened: Opened, step: Step, *, now: datetime) -> AssessmentEvent:
    """Add a step, or a correction of one. The same step again is the same step (a double tap).

    Raises Refused while the portfolio is not locked, Mistakes where the step cannot follow what is recorded.
    """
    hold(session, opened)
    locks = history.lock_stories(session, opened.id)
    if not locks or not locks[0].stands:
        raise Refused(OPEN)
    rows = history.assessment_events(session, opened.id)
    steps = [history.step_of(row) for row in rows]
    if step.corrects_id is None:
        same = next((one for one in standing(steps) if one.says == step.says), None)
        if same is not None:
            return next(row for row in rows if row.id == same.id)
    elif not may_correct(steps, step.corrects_id):
        raise Refused(
            "That entry was corrected meanwhile. Go back to the timeline and correct the newest one."
        )
    # a correction may speak of what happened under an earlier lock, a new step only of what followed this one
    since = locks[-1].lock if step.corrects_id is not None else locks[0].lock
    wrong = problems(step, steps, not_before=london_day(since.locked_at), today=london_day(now))
    if wrong:
        raise Mistakes(wrong)
    return _add(session, opened, step, now)


def struck_out(step: Step, note: str) -> Step:
    """The step that takes this one back: recorded in error, with nothing in its place."""
    return replace(
        step,
        id=None,
        corrects_id=step.id,
        organisation="",
        component="",
        attempt="",
        on=None,
        result="",
        note=note,
    )


def _add(session: Session, opened: Opened, step: Step, now: datetime) -> AssessmentEvent:
    row = AssessmentEvent(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        kind=step.kind.value,
        organisation=step.organisation,
        component=step.component,
        attempt=step.attempt,
        on=step.on,
        result=step.result,
        note=step.note,
        corrects_id=step.corrects_id,
        recorded_by_id=opened.viewer.person_id,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "assessment.corrected" if step.corrects_id else "assessment.recorded",
        by=opened.viewer.person_id,
        now=now,
        record="assessment_event",
        record_id=row.id,
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        kind=step.kind.value,
    )
    return row
