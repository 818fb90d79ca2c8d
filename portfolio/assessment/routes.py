"""The assessor's queue, and the decisions that everybody around a portfolio may read."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from portfolio.access import Permission, Role
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.assessment import queries, queries_queue
from portfolio.assessment.filters import FiltersInAddress
from portfolio.assessment.routes_items import router as items_router
from portfolio.assessment.routes_review import router as review_router
from portfolio.assessment.routes_supersede import router as supersede_router
from portfolio.audit.marks import ledger_marks
from portfolio.database import ReadSession
from portfolio.feedback.queries import find_piece, title_of
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Forbidden
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter()
piece = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]


@router.get("/queue", name="assessment.queue")
def queue(
    page: PageDep,
    session: ReadSession,
    viewer: SignedIn,
    request: Request,
    filters: FiltersInAddress,
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    """Everything that waits for this assessor. It starts from their own assignments, so there is no stranger."""
    if not viewer.holds(Role.ASSESSOR):
        raise Forbidden("Only an assessor has a queue of evidence to decide on.")
    catalogue = request.app.state.catalogue
    recorded = queries_queue.just_done(session, catalogue, viewer, done) if done else None
    return page(
        "assessment/queue.html",
        fragment="queue",
        rows=queries_queue.queue(session, catalogue, viewer, filters, number=number),
        choices=queries_queue.choices(session, viewer),
        witnessed=queries_queue.witnessed_and_waiting(session, viewer),
        filters=filters,
        done=recorded,
        done_marks=ledger_marks(page, session, "decision", recorded.decision_ids if recorded else ()),
    )


@piece.get("/decisions", name="assessment.piece_decisions")
def piece_decisions(page: PageDep, session: ReadSession, opened: Viewed, evidence_id: UUID) -> Response:
    evidence = find_piece(session, opened, evidence_id)
    decisions = queries.in_item_order(opened.standard, queries.decisions_on_piece(session, evidence.id))
    return page(
        "assessment/piece_decisions.html",
        fragment="decisions",
        opened=opened,
        evidence=evidence,
        title=title_of(session, evidence),
        decisions=decisions,
        marks=ledger_marks(page, session, "decision", [shown.decision.id for shown in decisions]),
    )


router.include_router(piece)
router.include_router(review_router)
router.include_router(supersede_router)
router.include_router(items_router)
