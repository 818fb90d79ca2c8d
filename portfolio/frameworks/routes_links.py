"""Link evidence and entries of the training log to a competency, and remove one's own links."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.frameworks import actions, linked
from portfolio.frameworks.answering import at_hand, earlier_links_page, link_page
from portfolio.frameworks.forms import LinkForm
from portfolio.frameworks.standing import chosen_for
from portfolio.refusals import NotFound, Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter()
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_RATINGS))]
Linking = Annotated[Submitted[LinkForm], Depends(submitted(LinkForm))]
LONGEST_FIND = 100


@router.get("/link", name="frameworks.link_page")
def choose_link(
    page: PageDep,
    session: ReadSession,
    opened: Viewed,
    competency_id: Annotated[str, Query(alias="id")] = "",
    kind: str = linked.EVIDENCE,
    find: str = "",
    number: PageNumber = 1,
) -> Response:
    return link_page(
        page, session, opened, competency_id, kind=kind, find=find.strip()[:LONGEST_FIND], number=number
    )


@router.post("/link", name="frameworks.link")
def link(form: Linking, page: PageDep, session: WriteSession, opened: Viewed) -> Response:
    chosen, known = at_hand(session, opened)
    competency_id = form.text("id")
    if competency_id not in chosen.places:
        raise NotFound
    if form.value is not None:
        try:
            actions.link(
                session,
                opened,
                known.framework.id,
                competency_id,
                kind=form.value.kind,
                record_id=form.value.record,
                now=utc_now(),
            )
        except Refused as refusal:
            form.refuse("", refusal.reason)
    else:
        form.errors = {"": actions.NOT_LINKABLE}
    if form.errors:
        kind = form.text("kind")
        return link_page(
            page, session, opened, competency_id, kind=kind, find="", number=1, form=form, status=422
        )
    query = {"id": competency_id, "done": "linked"}
    return page.go_to("frameworks.competency", query=query, anchor="linked", apprenticeship_id=opened.id)


@router.get("/earlier", name="frameworks.earlier")
def earlier(
    page: PageDep, session: ReadSession, opened: Viewed, number: PageNumber = 1, done: str = ""
) -> Response:
    return earlier_links_page(page, session, opened, number=number, done=done)


@router.post("/links/{link_id}/remove", name="frameworks.unlink")
def unlink(
    page: PageDep, session: WriteSession, opened: Viewed, link_id: UUID, number: PageNumber = 1
) -> Response:
    """Back to the competency, or to the list of links under earlier frameworks."""
    row = linked.link_in(session, opened.id, link_id)
    framework_id, competency_id = row.framework_id, row.competency_id
    chosen = chosen_for(session, opened.apprenticeship.provider_id, opened.id)
    actions.remove_link(session, opened, row, now=utc_now())
    if chosen is not None and chosen.has(framework_id, competency_id):
        query = {"id": competency_id, "done": "unlinked"}
        return page.go_to("frameworks.competency", query=query, anchor="linked", apprenticeship_id=opened.id)
    query = {"done": "unlinked"} | ({"page": str(number)} if number > 1 else {})
    return page.go_to("frameworks.earlier", query=query, apprenticeship_id=opened.id)
