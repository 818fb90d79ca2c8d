"""The conversation about a piece, and testimonies."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.apprenticeships.queries_contacts import contacts_around
from portfolio.audit.marks import ledger_marks
from portfolio.database import ReadSession, WriteSession
from portfolio.feedback import actions, queries, queries_thread
from portfolio.feedback.forms import MarkRead, WriteComment
from portfolio.feedback.routes_sighting import router as sighting_router
from portfolio.feedback.routes_testimony import router as testimony_router
from portfolio.findings import checking
from portfolio.findings.rules import Checked
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, new_form_key, problems_on, submitted
from portfolio.web.page import Page, PageDep, is_fragment_request
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
Commented = Annotated[Opened, Depends(Needs(Permission.COMMENT))]
CommentForm = Annotated[Submitted[WriteComment], Depends(submitted(WriteComment))]
ReadForm = Annotated[Submitted[MarkRead], Depends(submitted(MarkRead))]


@router.get("/comments", name="feedback.thread")
def thread(
    page: PageDep,
    session: ReadSession,
    opened: Viewed,
    evidence_id: UUID,
    number: PageNumber = 1,
) -> Response:
    evidence = queries.find_piece(session, opened, evidence_id)
    talk = queries_thread.conversation(session, opened, evidence, page=number)
    return _shown(page, session, opened, talk, empty())


@router.post("/comments", name="feedback.comment")
def comment(
    form: CommentForm, page: PageDep, session: WriteSession, opened: Commented, evidence_id: UUID
) -> Response:
    evidence = queries.find_piece(session, opened, evidence_id, taken_back=True)
    found = checking.found_in(
        session, opened, [Checked("text", "Your comment", form.text("text"))], checking.reasons_in(form)
    )
    if form.value is not None and not checking.stopped(form, found):
        with problems_on(form):
            said = actions.write_comment(
                session,
                opened,
                evidence,
                text=form.value.text,
                form_key=form.value.form_key,
                now=utc_now(),
            )
            checking.keep_once(session, opened, "comment", said.id, found, now=utc_now())
            if form.value.until:  # whoever answers has read what stood above the box
                actions.mark_read(session, opened, evidence, until=form.value.until, now=utc_now())
    if form.error(""):  # refused now: what is sent from the page that follows is meant anew
        form.typed.pop("form_key", None)
    if form.errors:
        talk = queries_thread.conversation(session, opened, evidence)
        return _shown(page, session, opened, talk, form, status=422)
    if is_fragment_request(page.request):
        talk = queries_thread.conversation(session, opened, evidence)
        return _shown(page, session, opened, talk, empty(), came_from=form.text("came_from"), just_said=True)
    return _back(page, opened, evidence_id, form.text("came_from"))


@router.post("/comments/read", name="feedback.read")
def read(form: ReadForm, page: PageDep, session: WriteSession, opened: Viewed, evidence_id: UUID) -> Response:
    evidence = queries.find_piece(session, opened, evidence_id)
    actions.mark_read(session, opened, evidence, until=form.text("until"), now=utc_now())
    if is_fragment_request(page.request):
        left = queries.unread_counts(session, opened.viewer.person_id, [evidence.id])
        return page("feedback/unread.html", fragment="unread", left=left.get(evidence.id, 0))
    return _back(page, opened, evidence_id, form.text("came_from"))


def _back(page: Page, opened: Opened, evidence_id: UUID, came_from: str) -> Response:
    """To the page on which the conversation was shown."""
    name = {"review": "assessment.review", "evidence": "evidence.show"}.get(came_from, "feedback.thread")
    return page.go_to(name, anchor="conversation", apprenticeship_id=opened.id, evidence_id=evidence_id)


def _shown(
    page: Page,
    session: Session,
    opened: Opened,
    talk: queries_thread.Conversation,
    form: Submitted[Any],
    *,
    status: int = 200,
    came_from: str = "",
    just_said: bool = False,
) -> Response:
    return page(
        "feedback/thread.html",
        fragment="conversation",
        status=status,
        opened=opened,
        contacts=lambda: contacts_around(session, opened.apprenticeship),
        talk=talk,
        marks=ledger_marks(page, session, "testimony", talk.testimony_ids),
        comment_form=form,
        comment_key=new_form_key(),
        came_from=form.text("came_from") or came_from,
        just_said=just_said,
    )


router.include_router(testimony_router)
router.include_router(sighting_router)
