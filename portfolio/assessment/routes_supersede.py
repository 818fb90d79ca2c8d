"""Putting a new decision in the place of one that was wrong. Both stay on record."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.assessment import actions_supersede, checked, queries, queries_review
from portfolio.assessment.forms import Supersede, read_answers
from portfolio.assessment.models import Decision
from portfolio.assessment.rules import QUESTIONS
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence.models import Evidence
from portfolio.feedback.queries import find_piece
from portfolio.findings import checking
from portfolio.refusals import Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, filled, new_form_key, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(
    prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}/decisions/{decision_id}"
)
Deciding = Annotated[Opened, Depends(Needs(Permission.DECIDE))]
SupersedeForm = Annotated[Submitted[Supersede], Depends(submitted(Supersede))]


@router.get("/supersede", name="assessment.supersede")
def supersede_page(
    page: PageDep, session: ReadSession, opened: Deciding, evidence_id: UUID, decision_id: UUID
) -> Response:
    evidence = find_piece(session, opened, evidence_id)
    decision = queries_review.find_decision(session, evidence, decision_id)
    five = {name: "yes" if getattr(decision, name) else "no" for name in QUESTIONS}
    return _shown(page, session, opened, evidence, decision, filled(**five))


@router.post("/supersede", name="assessment.supersede_now")
def supersede(
    form: SupersedeForm,
    page: PageDep,
    session: WriteSession,
    opened: Deciding,
    evidence_id: UUID,
    decision_id: UUID,
) -> Response:
    evidence = find_piece(session, opened, evidence_id)
    decision = queries_review.find_decision(session, evidence, decision_id)
    code, typed = decision.item_code, form.value
    answers = read_answers(form, {code: opened.standard.item(code).label})
    found = checked.found_in(session, opened, form, [code])
    status = 422 if form.errors or checking.stopped(form, found) else 0
    if typed is not None and not status:
        try:
            actions_supersede.supersede(
                session,
                opened,
                evidence,
                decision,
                answers[code],
                reason=typed.reason,
                form_key=typed.form_key,
                now=utc_now(),
            )
            checked.keep(session, opened, evidence, typed.form_key, found, now=utc_now())
        except Refused as refusal:
            form.refuse("", refusal.reason)
            form.typed.pop("form_key", None)  # what is sent from the page that follows is meant anew
            status = 409
    if status:
        return _shown(page, session, opened, evidence, decision, form, status=status)
    return page.go_to(
        "assessment.piece_decisions", anchor="decisions", apprenticeship_id=opened.id, evidence_id=evidence_id
    )


def _shown(
    page: Page,
    session: Session,
    opened: Opened,
    evidence: Evidence,
    decision: Decision,
    form: Submitted[Any],
    *,
    status: int = 200,
) -> Response:
    newest = queries.newest_sign_off(session, opened.id, decision.item_code)
    return page(
        "assessment/supersede.html",
        fragment="supersede",
        status=status,
        opened=opened,
        evidence=evidence,
        item=opened.standard.item(decision.item_code),
        shown=next(
            one for one in queries.decisions_on_piece(session, evidence.id) if one.decision.id == decision.id
        ),
        why_not=actions_supersede.why_not_supersede(session, opened, evidence, decision),
        several_pieces=newest is not None and (newest.kind, newest.basis) == ("signed_off", "several_pieces"),
        questions=QUESTIONS,
        form=form,
        form_key=new_form_key(),
    )
