"""An apprentice's record of supervision. The note on wellbeing is for its owner's eyes alone."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.development import answering
from portfolio.development.forms import PieceForm, SupervisionForm
from portfolio.development.queries import record_in
from portfolio.development.records import SUPERVISION
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/supervision")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_DEVELOPMENT))]
Keeping = Annotated[Opened, Depends(Needs(Permission.KEEP_DEVELOPMENT))]
Entered = Annotated[Submitted[SupervisionForm], Depends(submitted(SupervisionForm))]
Making = Annotated[Submitted[PieceForm], Depends(submitted(PieceForm))]


@router.get("", name="development.supervision")
def list_page(
    page: PageDep, session: ReadSession, opened: Viewed, number: PageNumber = 1, done: str = ""
) -> Response:
    return answering.list_page(page, session, opened, SUPERVISION, number=number, done=done)


@router.post("", name="development.enter_supervision")
def enter(form: Entered, page: PageDep, session: WriteSession, opened: Keeping) -> Response:
    return answering.enter(form, page, session, opened, SUPERVISION)


@router.get("/new", name="development.new_supervision")
def new(page: PageDep, opened: Keeping) -> Response:
    return answering.new_page(page, opened, SUPERVISION)


@router.get("/{supervision_id}", name="development.show_supervision")
def show(
    page: PageDep, session: ReadSession, opened: Viewed, supervision_id: UUID, done: str = ""
) -> Response:
    record = record_in(session, opened, SUPERVISION, supervision_id)
    return answering.show_page(page, session, opened, SUPERVISION, record, done)


@router.get("/{supervision_id}/edit", name="development.edit_supervision")
def edit(page: PageDep, session: ReadSession, opened: Keeping, supervision_id: UUID) -> Response:
    record = record_in(session, opened, SUPERVISION, supervision_id)
    return answering.edit_page(page, session, opened, SUPERVISION, record)


@router.post("/{supervision_id}/edit", name="development.change_supervision")
def change(
    form: Entered, page: PageDep, session: WriteSession, opened: Keeping, supervision_id: UUID
) -> Response:
    record = record_in(session, opened, SUPERVISION, supervision_id)
    return answering.change(form, page, session, opened, SUPERVISION, record)


@router.post("/{supervision_id}/remove", name="development.remove_supervision")
def remove(page: PageDep, session: WriteSession, opened: Keeping, supervision_id: UUID) -> Response:
    record = record_in(session, opened, SUPERVISION, supervision_id)
    return answering.remove(page, session, opened, SUPERVISION, record)


@router.post("/{supervision_id}/evidence", name="development.evidence_of_supervision")
def make_evidence(
    form: Making,
    page: PageDep,
    session: WriteSession,
    opened: Keeping,
    request: Request,
    supervision_id: UUID,
) -> Response:
    record = record_in(session, opened, SUPERVISION, supervision_id)
    return answering.make_evidence(form, page, session, opened, SUPERVISION, record, request)
