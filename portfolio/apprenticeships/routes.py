"""The list of the apprenticeships that a viewer stands around, and the way to all other pages of this capability."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from portfolio.apprenticeships import (
    queries,
    routes_about,
    routes_contacts,
    routes_history,
    routes_import,
    routes_manage,
    routes_new,
    routes_setup,
)
from portfolio.database import ReadSession
from portfolio.people.sessions import SignedIn
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter()


@router.get("/apprenticeships", name="apprenticeships.list")
def apprenticeship_list(
    page: PageDep,
    session: ReadSession,
    viewer: SignedIn,
    request: Request,
    q: str = "",
    number: PageNumber = 1,
) -> Response:
    rows = queries.standing_around(session, viewer, search=q, number=number)
    return page(
        "apprenticeships/list.html",
        fragment="apprenticeship_list",
        rows=rows,
        q=q,
        catalogue=request.app.state.catalogue,
    )


for part in (
    routes_setup,
    routes_contacts,
    routes_new,
    routes_import,
    routes_about,
    routes_manage,
    routes_history,
):
    router.include_router(part.router)
