"""Published reviews that an apprentice learnt from, and what they changed."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.development import answering
from portfolio.development.forms import PieceForm, ReviewForm
from portfolio.development.queries import record_in
from portfolio.development.records import REVIEW
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/reviews")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_DEVELOPMENT))]
Keeping = Annotated[Opened, Depends(Needs(Permission.KEEP_DEVELOPMENT))]
Entered = Annotated[Submitted[ReviewForm], Depends(submitted(ReviewForm))]
Making = Annotated[Submitted[PieceForm], Depends(submitted(PieceForm))]


@router.get("", name="development.reviews")
def list_page(
    page: PageDep, session: ReadSession, opened: Viewed, number: PageNumber = 1, done: str = ""
) -> Response:
    return answering.list_page(page, session, opened, REVIEW, number=number, done=done)


@router.post("", name="development.enter_review")
def enter(form: Entered, page: PageDep, session: WriteSession, opened: Keeping) -> Response:
    return answering.enter(form, page, session, opened, REVIEW)


@router.get("/new", name="development.new_review")
def new(page: PageDep, opened: Keeping) -> Response:
    return answering.new_page(page, opened, REVIEW)


@router.get("/{review_id}", name="development.show_review")
def show(page: PageDep, session: ReadSession, opened: Viewed, review_id: UUID, done: str = "") -> Response:
    record = record_in(session, opened, REVIEW, review_id)
    return answering.show_page(page, session, opened, REVIEW, record, done)


@router.get("/{review_id}/edit", name="development.edit_review")
def edit(page: PageDep, session: ReadSession, opened: Keeping, review_id: UUID) -> Response:
    record = record_in(session, opened, REVIEW, review_id)
    return answering.edit_page(page, session, opened, REVIEW, record)


@router.post("/{review_id}/edit", name="development.change_review")
def change(form: Entered, page: PageDep, session: WriteSession, opened: Keeping, review_id: UUID) -> Response:
    record = record_in(session, opened, REVIEW, review_id)
    return answering.change(form, page, session, opened, REVIEW, record)


@router.post("/{review_id}/remove", name="development.remove_review")
def remove(page: PageDep, session: WriteSession, opened: Keeping, review_id: UUID) -> Response:
    record = record_in(session, opened, REVIEW, review_id)
    return answering.remove(page, session, opened, REVIEW, record)


@router.post("/{review_id}/evidence", name="development.evidence_of_review")
def make_evidence(
    form: Making, page: PageDep, session: WriteSession, opened: Keeping, request: Request, review_id: UUID
) -> Response:
    record = record_in(session, opened, REVIEW, review_id)
    return answering.make_evidence(form, page, session, opened, REVIEW, record, request)
