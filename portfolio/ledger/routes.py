"""A provider's ledger: how it stands, the file to take away, where its head is mailed, the script to check it with."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import FileResponse, Response, StreamingResponse

from portfolio import access
from portfolio.access import Membership, Permission, Viewer
from portfolio.audit.marks import Mark
from portfolio.database import ReadSession, WriteSession
from portfolio.ledger import actions, exporting, queries
from portfolio.ledger.forms import HeadAddress
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/providers/{provider_id}/ledger")
Viewed = Annotated[Membership, Depends(NeedsInProvider(Permission.VIEW_LEDGER))]
Addressed = Annotated[Membership, Depends(NeedsInProvider(Permission.SET_LEDGER_ADDRESS))]
AddressForm = Annotated[Submitted[HeadAddress], Depends(submitted(HeadAddress))]
SCRIPT = Path(__file__).with_name("verify_export.py")
SAID = {"set": "The head is mailed there every day from now on.", "removed": "The head is no longer mailed."}


@router.get("", name="ledger.show")
def ledger_page(
    page: PageDep,
    session: ReadSession,
    viewer: SignedIn,
    provider: Viewed,
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    row = queries.address(session, provider.provider_id)
    form = filled(email=row.email if row else "")
    return _shown(page, session, viewer, provider, form, number=number, said=SAID.get(done, ""))


@router.post("/address", name="ledger.set_address")
def set_address(
    form: AddressForm,
    page: PageDep,
    session: WriteSession,
    viewer: SignedIn,
    provider: Addressed,
) -> Response:
    if form.value is None:
        return _shown(page, session, viewer, provider, form, status=422)
    email = form.value.email
    actions.set_address(session, provider.provider_id, email, by=viewer.person_id, now=utc_now())
    return page.go_to(
        "ledger.show", query={"done": "set" if email else "removed"}, provider_id=provider.provider_id
    )


@router.post("/export.json", name="ledger.export")
def export(session: WriteSession, viewer: SignedIn, provider: Viewed, request: Request) -> Response:
    """POST, so that the writing session records who took it away."""
    head = queries.head(session, provider.provider_id)
    if head is None:
        raise Refused("The ledger has no entry yet, so there is nothing to take away.")
    now = utc_now()
    actions.record_export(session, head, by=viewer.person_id, now=now)
    stream = exporting.export(request.app.state.database, head, now)
    name = f"ledger-{now:%Y-%m-%d}-entry-{head.seq}.json"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(stream, media_type="application/json", headers=headers)


@router.get("/verify_export.py", name="ledger.script")
def script(provider: Viewed) -> Response:
    return FileResponse(SCRIPT, media_type="text/x-python; charset=utf-8", filename=SCRIPT.name)


def _shown(
    page: Page,
    session: Session,
    viewer: Viewer,
    provider: Membership,
    form: Submitted[Any],
    *,
    number: int = 1,
    said: str = "",
    status: int = 200,
) -> Response:
    head = queries.head(session, provider.provider_id)
    may = access.permissions_in(viewer, provider.provider_id)
    others = [
        one
        for one in viewer.memberships
        if one.provider_id != provider.provider_id
        and Permission.VIEW_LEDGER in access.permissions_in(viewer, one.provider_id)
    ]
    return page(
        "ledger/show.html",
        fragment="ledger",
        status=status,
        provider=provider,
        others=others,
        head=Mark(head.seq, head.hash) if head else None,
        head_whole=head.whole if head else "",
        entries=queries.entries(session, provider.provider_id, number),
        address=queries.address(session, provider.provider_id),
        may_set=Permission.SET_LEDGER_ADDRESS in may,
        form=form,
        said=said,
    )
