"""Deciding on one piece: evidence and claims side by side, one answer for the whole of it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.assessment import actions, checked, queries, queries_queue, queries_review
from portfolio.assessment.filters import Filters, FiltersInAddress
from portfolio.assessment.forms import Decide, read_answers
from portfolio.assessment.queries_queue import Place
from portfolio.assessment.rules import QUESTIONS
from portfolio.audit.marks import ledger_marks
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence.checked import kept_in
from portfolio.evidence.models import Evidence
from portfolio.evidence.rules import CONFIDENTIALITY
from portfolio.feedback.queries import find_piece
from portfolio.feedback.queries_thread import conversation
from portfolio.findings import checking
from portfolio.refusals import Refused
from portfolio.sightings import queries as sightings
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, new_form_key, submitted
from portfolio.web.page import Page, PageDep
from storage.kinds import KINDS

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}")
Deciding = Annotated[Opened, Depends(Needs(Permission.DECIDE))]
DecideForm = Annotated[Submitted[Decide], Depends(submitted(Decide))]


@router.get("/review", name="assessment.review")
def review(
    page: PageDep,
    session: ReadSession,
    opened: Deciding,
    evidence_id: UUID,
    filters: FiltersInAddress,
    done: str = "",
) -> Response:
    evidence = find_piece(session, opened, evidence_id)
    return _shown(page, session, opened, evidence, empty(), filters, done=done)


@router.post("/review", name="assessment.decide")
def decide(
    form: DecideForm,
    page: PageDep,
    session: WriteSession,
    opened: Deciding,
    evidence_id: UUID,
    filters: FiltersInAddress,
) -> Response:
    evidence = find_piece(
        session, opened, evidence_id, taken_back=True
    )  # what was typed must not end in a 404
    place = queries_queue.place_of(session, opened.viewer, filters, evidence.id)
    if status := _recorded(session, opened, evidence, form):
        return _shown(page, session, opened, evidence, form, filters, status=status)
    return _onwards(page, session, opened, evidence, place, filters)


def _recorded(session: Session, opened: Opened, evidence: Evidence, form: Submitted[Decide]) -> int:
    """0 if it was recorded; else the status of the page that says why not."""
    asked = queries_review.review(session, opened, evidence)
    decided = form.value
    answers = {}
    if decided is not None and (
        before := queries_review.answered_with(session, evidence, decided.form_key, opened.viewer.person_id)
    ):
        answers = read_answers(form, {code: opened.standard.item(code).label for code in before})
    elif decided is not None and not asked.why_not and str(asked.version.id) == decided.version_id:
        answers = read_answers(form, asked.labels)
    found = checked.found_in(session, opened, form, answers)
    if decided is None or form.errors or checking.stopped(form, found):
        return 422
    try:
        actions.decide(
            session,
            opened,
            evidence,
            version_id=decided.version_id,
            answers=answers,
            form_key=decided.form_key,
            now=utc_now(),
        )
        checked.keep(session, opened, evidence, decided.form_key, found, now=utc_now())
    except Refused as refusal:
        form.refuse("", refusal.reason)
        form.typed.pop("form_key", None)  # what is sent from the page that follows is meant anew
        return 409
    return 0


def _onwards(
    page: Page,
    session: Session,
    opened: Opened,
    evidence: Evidence,
    place: Place | None,
    filters: Filters,
) -> Response:
    """To the next piece that waits, with a word about what was recorded; to the queue after the last."""
    following = (place.next if place else None) or queries_queue.first_waiting(
        session, opened.viewer, filters
    )
    query = filters.query | {"done": str(evidence.id)}
    if following is None:
        return page.go_to("assessment.queue", query=query)
    return page.go_to(
        "assessment.review", query=query, apprenticeship_id=following[0], evidence_id=following[1]
    )


def _shown(
    page: Page,
    session: Session,
    opened: Opened,
    evidence: Evidence,
    form: Submitted[Any],
    filters: Filters,
    *,
    status: int = 200,
    done: str = "",
) -> Response:
    catalogue = page.request.app.state.catalogue
    review = queries_review.review(session, opened, evidence)
    recorded = queries_queue.just_done(session, catalogue, opened.viewer, done) if done else None
    talk = conversation(session, opened, evidence)
    seen = sightings.of_piece(session, evidence.id)
    decisions = [] if review.waiting else queries.decisions_on_piece(session, evidence.id)
    shown_ids = [shown.decision.id for shown in decisions] + (recorded.decision_ids if recorded else [])
    return page(
        "assessment/review.html",
        fragment="decide",
        status=status,
        opened=opened,
        review=review,
        kept_findings=kept_in(session, review.version),
        place=queries_queue.place_of(session, opened.viewer, filters, evidence.id),
        filters=filters,
        questions=QUESTIONS,
        kinds=KINDS,
        protection=CONFIDENTIALITY,
        form=form,
        form_key=new_form_key(),
        done=recorded,
        decisions=queries.in_item_order(opened.standard, decisions),
        talk=talk,
        seen=seen,
        may_confirm=Permission.CONFIRM_ORIGINAL in opened.may
        and bool(review.version.original_kept_at)
        and not review.why_not
        and not seen.by(opened.viewer.person_id, review.version.number),
        marks={
            **ledger_marks(page, session, "decision", shown_ids),
            **ledger_marks(page, session, "testimony", talk.testimony_ids),
            **ledger_marks(page, session, "sighting", seen.ids),
        },
        comment_form=empty(),
        comment_key=new_form_key(),
        came_from="review",
        just_said=False,
    )
