"""The frameworks of a provider: those that ship and its own, each on its page."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from portfolio.access import Membership, Permission, permissions_in
from portfolio.database import ReadSession, WriteSession
from portfolio.frameworks import links_routes, own_actions, own_adding
from portfolio.frameworks.own_guards import NeedsFrameworks
from portfolio.frameworks.own_queries import level_named, library_of, text_of, the_framework
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import NotFound
from portfolio.web.formats import utc_now
from portfolio.web.page import PageDep
from portfolio.web.paging import PER_PAGE, PageNumber, cut

router = APIRouter(prefix="/providers/{provider_id}/frameworks")
Reading = Annotated[Membership, Depends(NeedsFrameworks())]
Managing = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_FRAMEWORKS))]
SAID = {
    "added": "Added. It can be chosen for apprentices from now on.",
    "withdrawn": "No longer offered for new choices. Those that were made keep it.",
}


@router.get("", name="library.list")
def library(
    page: PageDep,
    session: ReadSession,
    provider: Reading,
    viewer: SignedIn,
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    shipped, own = library_of(session, provider.provider_id)
    first = (number - 1) * PER_PAGE
    return page(
        "frameworks/library.html",
        provider=provider,
        shipped=shipped,
        own=cut(own[first : first + PER_PAGE + 1], number),
        may=permissions_in(viewer, provider.provider_id),
        said=SAID.get(done, ""),
    )


router.include_router(own_adding.router)
router.include_router(links_routes.router)


@router.get("/{framework}", name="library.show")
def show(
    page: PageDep,
    session: ReadSession,
    provider: Reading,
    viewer: SignedIn,
    framework: str,
    level: str = "",
    done: str = "",
) -> Response:
    shown = the_framework(session, provider.provider_id, framework)
    return page(
        "frameworks/framework.html",
        provider=provider,
        shown=shown,
        level=level_named(shown.framework, level),
        may=permissions_in(viewer, provider.provider_id),
        said=SAID.get(done, ""),
    )


@router.get("/{framework}/file.yaml", name="library.file")
def file(session: ReadSession, provider: Reading, framework: str) -> Response:
    """The file that an own framework was added from, letter by letter."""
    row = the_framework(session, provider.provider_id, framework).row
    if row is None:
        raise NotFound
    return own_adding.as_file(text_of(session, row), f"{row.framework_id}.yaml")


@router.post("/{framework}/withdraw", name="library.withdraw")
def withdraw(
    page: PageDep, session: WriteSession, provider: Managing, viewer: SignedIn, framework: str
) -> Response:
    row = the_framework(session, provider.provider_id, framework).row
    if row is None:
        raise NotFound
    own_actions.withdraw(session, row, by=viewer.person_id, now=utc_now())
    return page.go_to("library.list", query={"done": "withdrawn"}, provider_id=provider.provider_id)
