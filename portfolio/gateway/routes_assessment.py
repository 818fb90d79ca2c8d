"""What happens after the gateway: the timeline, and the forms that add to it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.findings import queries as findings
from portfolio.gateway import history
from portfolio.gateway.actions_assessment import OPEN, record_step, struck_out
from portfolio.gateway.actions_records import Mistakes
from portfolio.gateway.assessment_rules import RESULTS, Attempt, Step, StepKind, may_correct, standing
from portfolio.gateway.forms_assessment import RecordStep
from portfolio.gateway.models import AssessmentEvent
from portfolio.gateway.timeline import timeline_of
from portfolio.refusals import NotFound, Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/assessment")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
Recording = Annotated[Opened, Depends(Needs(Permission.RECORD_ASSESSMENT))]
StepForm = Annotated[Submitted[RecordStep], Depends(submitted(RecordStep))]


@router.get("", name="gateway.assessment")
def timeline_page(page: PageDep, session: ReadSession, opened: Viewed) -> Response:
    """Everything since the lock, in the order it happened; corrected entries stay readable."""
    locks = history.lock_stories(session, opened.id)
    events = history.assessment_events(session, opened.id)
    return page(
        "gateway/assessment.html",
        opened=opened,
        locks=locks,
        is_locked=bool(locks) and locks[0].stands,
        timeline=timeline_of(events, locks),
        kept=findings.shown_in(session, {one.id: {"note": one.note} for one in events if one.note}),
    )


@router.get("/record/{kind}", name="gateway.step_form")
def step_form(page: PageDep, session: ReadSession, opened: Recording, kind: StepKind) -> Response:
    return _form(page, session, opened, kind, empty())


@router.post("/record/{kind}", name="gateway.record_step")
def add_step(
    form: StepForm, page: PageDep, session: WriteSession, opened: Recording, kind: StepKind
) -> Response:
    if form.value is not None:
        _record(form, session, opened, _step(kind, form.value))
    if form.errors:
        return _form(page, session, opened, kind, form, status=422)
    return page.go_to("gateway.assessment", apprenticeship_id=opened.id)


@router.get("/correct/{event_id}", name="gateway.correct_form")
def correct_form(page: PageDep, session: ReadSession, opened: Recording, event_id: UUID) -> Response:
    event = _correctable(session, opened, event_id)
    values = history.step_of(event)
    form = filled(
        organisation=values.organisation,
        component=values.component,
        attempt=values.attempt,
        on=values.on,
        result=values.result,
    )
    return _form(page, session, opened, values.kind, form, corrects=event)


@router.post("/correct/{event_id}", name="gateway.correct_step")
def correct(
    form: StepForm, page: PageDep, session: WriteSession, opened: Recording, event_id: UUID
) -> Response:
    event = _correctable(session, opened, event_id)
    old = history.step_of(event)
    if form.value is not None:
        new = (
            struck_out(old, form.value.note)
            if form.value.strike_out
            else _step(old.kind, form.value, corrects_id=event_id)
        )
        _record(form, session, opened, new)
    if form.errors:
        return _form(page, session, opened, old.kind, form, corrects=event, status=422)
    return page.go_to("gateway.assessment", apprenticeship_id=opened.id)


def _correctable(session: Session, opened: Opened, event_id: UUID) -> AssessmentEvent:
    rows = history.assessment_events(session, opened.id)
    found = next((row for row in rows if row.id == event_id), None)
    if found is None:
        raise NotFound
    if not may_correct([history.step_of(row) for row in rows], event_id):
        raise Refused("This entry was corrected already. Go back to the timeline and correct the newest one.")
    return found


def _step(kind: StepKind, typed: RecordStep, corrects_id: UUID | None = None) -> Step:
    """Only what this kind of step has: the form's other fields are not on its page."""
    with_component = kind in (StepKind.PLANNED, StepKind.RESULT)
    return Step(
        id=None,
        kind=kind,
        organisation=typed.organisation if kind is StepKind.ORGANISATION else "",
        component=typed.component if with_component else "",
        attempt=str(typed.attempt) if kind is StepKind.RESULT else "",
        on=None if kind is StepKind.ORGANISATION else typed.on,
        result=typed.result if kind in (StepKind.RESULT, StepKind.OVERALL) else "",
        note=typed.note,
        corrects_id=corrects_id,
    )


def _record(form: Submitted[Any], session: Session, opened: Opened, step: Step) -> None:
    label = "What was wrong with the entry" if step.corrects_id else "Note"
    found = checking.found_in_form(session, opened, form, {"note": label})
    if checking.stopped(form, found):
        return
    try:
        event = record_step(session, opened, step, now=utc_now())
        checking.keep_once(session, opened, "assessment_event", event.id, found, now=utc_now())
    except Mistakes as mistakes:
        for name, sentence in mistakes.fields.items():
            form.refuse(name, sentence)


def _form(
    page: Page,
    session: Session,
    opened: Opened,
    kind: StepKind,
    form: Submitted[Any],
    *,
    corrects: AssessmentEvent | None = None,
    status: int = 200,
) -> Response:
    locks = history.lock_stories(session, opened.id)
    rows = history.assessment_events(session, opened.id)
    methods = [method.name for method in opened.standard.assessment.methods or ()]
    named = [step.component for step in standing(history.step_of(row) for row in rows) if step.component]
    return page(
        "gateway/step.html",
        fragment="step_form",
        status=status,
        opened=opened,
        kind=kind,
        form=form,
        corrects=corrects,
        components=list(dict.fromkeys([*methods, *named])),
        organisations=[one.name for one in opened.standard.assessment.organisations],
        results=RESULTS,
        attempts=[(attempt.value, attempt.label) for attempt in Attempt],
        reason="" if locks and locks[0].stands else OPEN,
    )
