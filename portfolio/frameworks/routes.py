"""The competencies of an apprenticeship: where somebody stands, one competency, what was chosen and rated before."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession
from portfolio.frameworks import routes_choice, routes_links, routes_rating
from portfolio.frameworks.answering import competency_page, history_page, overview_page
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/competencies")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_RATINGS))]


@router.get("", name="frameworks.overview")
def overview(
    page: PageDep,
    session: ReadSession,
    opened: Viewed,
    strand: str = "",
    level: str = "",
    show: str = "",
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    return overview_page(
        page, session, opened, strand=strand, level=level, show=show, number=number, done=done
    )


@router.get("/one", name="frameworks.competency")
def competency(
    page: PageDep,
    session: ReadSession,
    opened: Viewed,
    competency_id: Annotated[str, Query(alias="id")] = "",
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    """The id stands in the query: a provider's own framework may use any signs in it."""
    return competency_page(page, session, opened, competency_id, number=number, done=done)


@router.get("/history", name="frameworks.history")
def history(page: PageDep, session: ReadSession, opened: Viewed, number: PageNumber = 1) -> Response:
    return history_page(page, session, opened, number)


router.include_router(routes_choice.router)
router.include_router(routes_rating.router)
router.include_router(routes_links.router)
