"""The gateway page; its forms, locks and the record of the assessment stand in modules beside this one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession
from portfolio.gateway import routes_assessment, routes_declarations, routes_lock, routes_records
from portfolio.gateway.originals import originals_of
from portfolio.gateway.sight import NOT_SHOWN
from portfolio.gateway.view import view_of
from portfolio.web.formats import london_day, utc_now
from portfolio.web.page import PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/gateway")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_GATEWAY))]


@router.get("", name="gateway.show")
def gateway_page(page: PageDep, session: ReadSession, opened: Viewed) -> Response:
    """How this apprenticeship stands towards the gateway, line by line, each with its reason and its rule."""
    view = view_of(session, opened, london_day(utc_now()))
    originals = originals_of(session, opened.id)
    return page("gateway/show.html", opened=opened, view=view, not_shown=NOT_SHOWN, originals=originals)


for _part in (routes_records, routes_declarations, routes_lock, routes_assessment):
    router.include_router(_part.router)
