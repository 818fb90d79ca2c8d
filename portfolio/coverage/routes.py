"""The statement map and duty list of one apprenticeship, and the page of each statement and duty."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from kbs.coverage import CoverageMap, ItemState
from kbs.statements import Duty, UnknownItem
from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.assessment import queries as assessment
from portfolio.audit.marks import ledger_marks
from portfolio.coverage.queries import coverage_of, learning_for
from portfolio.database import ReadSession
from portfolio.refusals import NotFound
from portfolio.sightings import queries as sightings
from portfolio.training.rules.words import length
from portfolio.web.page import PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
STATES = (ItemState.RETURNED, ItemState.PARTLY, ItemState.NONE, ItemState.WITH_ASSESSOR, ItemState.COVERED)
"""In the order in which they ask for something to be done."""


@router.get("/statements", name="coverage.map")
def statement_map(page: PageDep, session: ReadSession, opened: Viewed, show: str = "") -> Response:
    """One look says how each statement and duty stands; `show` lists those of one state, or all, in words."""
    coverage = coverage_of(session, opened.id, opened.standard)
    return page(
        "coverage/map.html", fragment="item_list", opened=opened, coverage=coverage, show=show, states=STATES
    )


@router.get("/items/{code}", name="coverage.item")
def item_page(page: PageDep, session: ReadSession, opened: Viewed, code: str) -> Response:
    """Official wording, the evidence claimed, the decisions, what is missing, and what to do next."""
    try:
        item = opened.standard.item(code.upper())
    except UnknownItem:
        raise NotFound from None
    coverage = coverage_of(session, opened.id, opened.standard)
    history = assessment.sign_off_history(session, opened.id, item.code)
    pieces = assessment.evidence_for_item(session, opened.id, item.code)
    return page(
        "coverage/item.html",
        opened=opened,
        item=item,
        coverage=coverage,
        state=coverage.state(item.code),
        standing=coverage.duty_standing(item) if isinstance(item, Duty) else None,
        naming=None if isinstance(item, Duty) else opened.standard.duties_for(item.code),
        neighbours=neighbours(coverage, item.code),
        pieces=pieces,
        seen=sightings.of_pieces(session, [one.evidence.id for one in pieces]),
        history=history,
        marks=ledger_marks(page, session, "sign_off", [shown.sign_off.id for shown in history[:1]]),
        decisions=assessment.decisions_on_item(session, opened.id, item.code),
        learning=learning_for(
            session, opened.id, item.known_codes if isinstance(item, Duty) else (item.code,)
        ),
        length=length,
    )


def neighbours(coverage: CoverageMap, code: str) -> tuple[str, str]:
    """The item before and the one after in the standard's order; "" at either end."""
    codes = coverage.standard.codes
    place = coverage.standard.position(code)
    return (codes[place - 1] if place else "", codes[place + 1] if place + 1 < len(codes) else "")
