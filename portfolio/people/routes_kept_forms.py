"""The text that was kept while signed out: look at it, send it on, or discard it."""

from __future__ import annotations

from uuid import UUID

from fastapi import APIRouter
from starlette.responses import Response

from portfolio.database import ReadSession, WriteSession
from portfolio.people import kept_forms
from portfolio.people.sessions import SignedIn
from portfolio.refusals import NotFound
from portfolio.web import typed_text
from portfolio.web.formats import utc_now
from portfolio.web.page import PageDep

router = APIRouter(prefix="/kept-forms/{kept_id}")


@router.get("", name="people.kept_form")
def kept_form_page(page: PageDep, session: ReadSession, viewer: SignedIn, kept_id: UUID) -> Response:
    """What was typed when the session ended: one button sends it to where it was going."""
    kept = kept_forms.kept_form(session, viewer.person_id, kept_id, utc_now())
    if kept is None:
        raise NotFound
    return page(
        "people/kept_form.html",
        kept=kept,
        lines=typed_text.shown(kept.fields),
        until=kept.kept_at + kept_forms.KEPT_FOR,
    )


@router.post("/discard", name="people.discard_kept_form")
def discard_kept_form(page: PageDep, session: WriteSession, viewer: SignedIn, kept_id: UUID) -> Response:
    now = utc_now()
    kept = kept_forms.kept_form(session, viewer.person_id, kept_id, now)
    if kept is None:
        raise NotFound
    kept_forms.discard(session, kept, now)
    return page.go_to("people.account", query={"done": "discarded"})
