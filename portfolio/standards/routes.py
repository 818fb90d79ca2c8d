"""The standards at hand. Open to everybody: they are public, and nothing official can be edited on screen."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from kbs.catalogue import Catalogue, UnknownStandard
from kbs.suggest import search
from portfolio.people.sessions import MaybeSignedIn
from portfolio.refusals import NotFound
from portfolio.web.page import PageDep

router = APIRouter(prefix="/standards")


@router.get("", name="standards.list")
def standards_list(page: PageDep, viewer: MaybeSignedIn, request: Request) -> Response:
    catalogue: Catalogue = request.app.state.catalogue
    return page("standards/list.html", standards=catalogue.all())


@router.get("/{reference}/{version}", name="standards.show")
def standard_show(
    page: PageDep, viewer: MaybeSignedIn, request: Request, reference: str, version: str, q: str = ""
) -> Response:
    catalogue: Catalogue = request.app.state.catalogue
    try:
        standard = catalogue.get(reference, version)
    except UnknownStandard:
        raise NotFound from None
    found = search(standard, q) if q.strip() else list(standard.items)
    return page("standards/show.html", fragment="standard_items", standard=standard, q=q, found=found)
