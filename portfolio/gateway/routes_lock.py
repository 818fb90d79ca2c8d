"""Locking the portfolio, what a lock holds, and the two people it takes to open one."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.audit.marks import ledger_marks
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.gateway import actions_lock, history
from portfolio.gateway.fingerprint import fingerprint
from portfolio.gateway.forms import AskToUnlock, Confirm
from portfolio.gateway.portfolio_query import portfolio_parts
from portfolio.gateway.sight import NOT_SHOWN, lines_of, sight_of
from portfolio.gateway.view import GatewayView, read_back, view_of
from portfolio.people.signing import signed_form
from portfolio.refusals import NotFound
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, empty
from portfolio.web.page import Page, PageDep

router = APIRouter()
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_GATEWAY))]
Locking = Annotated[Opened, Depends(Needs(Permission.LOCK_GATEWAY))]
Unlocking = Annotated[Opened, Depends(Needs(Permission.UNLOCK_GATEWAY))]
ConfirmForm = Annotated[Submitted[Confirm], Depends(signed_form(Confirm))]
AskForm = Annotated[Submitted[AskToUnlock], Depends(signed_form(AskToUnlock))]


@router.get("/lock", name="gateway.lock_form")
def lock_page(page: PageDep, session: ReadSession, opened: Locking) -> Response:
    return _lock_form(page, session, opened, empty())


@router.post("/lock", name="gateway.lock")
def lock(form: ConfirmForm, page: PageDep, session: WriteSession, opened: Locking) -> Response:
    if form.value is None:
        return _lock_form(page, session, opened, form, status=422)
    actions_lock.lock(session, opened, now=utc_now())
    return page.go_to("gateway.show", apprenticeship_id=opened.id)


@router.get("/locks/{lock_id}", name="gateway.lock_record")
def lock_record(page: PageDep, session: ReadSession, opened: Viewed, lock_id: UUID) -> Response:
    """The check as it stood, and whether the portfolio still has the fingerprint it was locked with."""
    story = next((one for one in history.lock_stories(session, opened.id) if one.lock.id == lock_id), None)
    if story is None:
        raise NotFound
    sight = sight_of(opened.may)
    kept = read_back(story.lock.check_text, sight)
    return page(
        "gateway/lock_record.html",
        opened=opened,
        story=story,
        checked=kept,
        lines=lines_of(kept.requirements, sight),
        not_shown=NOT_SHOWN,
        declarations=[
            row for row in history.declarations(session, opened.id) if row.round == story.lock.round
        ],
        sha256_now=fingerprint(portfolio_parts(session, opened.id)),
        mark=ledger_marks(page, session, "gateway_lock", [lock_id]).get(lock_id),
    )


@router.get("/unlock", name="gateway.unlock")
def unlock_page(page: PageDep, session: ReadSession, opened: Unlocking) -> Response:
    return _unlock_form(page, session, opened, empty())


@router.post("/unlock/ask", name="gateway.ask_to_unlock")
def ask(form: AskForm, page: PageDep, session: WriteSession, opened: Unlocking) -> Response:
    found = checking.found_in_form(session, opened, form, {"reason": "Why it has to be unlocked"})
    if checking.stopped(form, found) or form.value is None:
        return _unlock_form(page, session, opened, form, status=422)
    asked = actions_lock.ask_to_unlock(session, opened, form.value.reason, now=utc_now())
    checking.keep_once(session, opened, "unlock_request", asked.id, found, now=utc_now())
    return page.go_to("gateway.unlock", apprenticeship_id=opened.id)


@router.post("/unlock/approve", name="gateway.approve_unlock")
def approve(form: ConfirmForm, page: PageDep, session: WriteSession, opened: Unlocking) -> Response:
    if form.value is None:
        return _unlock_form(page, session, opened, form, status=422)
    actions_lock.approve_unlock(session, opened, now=utc_now())
    return page.go_to("gateway.show", apprenticeship_id=opened.id)


def _view(session: Session, opened: Opened) -> GatewayView:
    return view_of(session, opened, london_day(utc_now()))


def _lock_form(
    page: Page, session: Session, opened: Opened, form: Submitted[Any], *, status: int = 200
) -> Response:
    view = _view(session, opened)
    return page("gateway/lock.html", fragment="lock_form", status=status, opened=opened, view=view, form=form)


def _unlock_form(
    page: Page, session: Session, opened: Opened, form: Submitted[Any], *, status: int = 200
) -> Response:
    view = _view(session, opened)
    return page(
        "gateway/unlock.html", fragment="unlock_form", status=status, opened=opened, view=view, form=form
    )
