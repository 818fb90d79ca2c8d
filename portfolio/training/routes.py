"""The training log of an apprenticeship: enter, change, confirm, make it evidence, audit it, take it away as a file."""

from __future__ import annotations

import csv
import io
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.refusals import Refused, SentBefore
from portfolio.training import actions, queries, routes_answers, routes_plan
from portfolio.training.answering import (
    TEXTS,
    csv_lines,
    entry_page,
    form_page,
    known_to,
    list_page,
    new_form,
    says,
)
from portfolio.training.forms import EntryForm, PieceForm, from_entry
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep
from portfolio.web.paging import PER_PAGE, PageNumber, cut

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/training")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
Logging = Annotated[Opened, Depends(Needs(Permission.LOG_TRAINING))]
Entered = Annotated[Submitted[EntryForm], Depends(submitted(EntryForm))]
Making = Annotated[Submitted[PieceForm], Depends(submitted(PieceForm))]


@router.get("", name="training.log")
def log_page(
    page: PageDep,
    session: ReadSession,
    opened: Viewed,
    show: str = "",
    item: str = "",
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    return list_page(page, session, opened, show=show, item=item, number=number, done=done)


@router.post("", name="training.enter")
def enter(form: Entered, page: PageDep, session: WriteSession, opened: Logging) -> Response:
    """Keep an entry. Sent twice, it makes one."""
    said, now = says(form, session, opened), utc_now()
    found = checking.found_in_form(session, opened, form, TEXTS)
    if not checking.stopped(form, found) and form.value is not None:
        try:
            entry = actions.enter(session, opened, said, form_key=form.value.form_key, now=now)
            checking.keep_once(session, opened, "training_entry", entry.id, found, now=now)
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return form_page(page, session, opened, form, status=422)
    return page.go_to("training.log", query={"done": "entered"}, apprenticeship_id=opened.id)


@router.get("/new", name="training.new")
def new(page: PageDep, session: ReadSession, opened: Logging) -> Response:
    if closed := queries.log_of(session, opened, london_day(utc_now())).closed:
        raise Refused(closed)
    return form_page(page, session, opened, new_form())


@router.get("/audit", name="training.audit")
def audit(page: PageDep, session: ReadSession, opened: Viewed, number: PageNumber = 1) -> Response:
    """The whole log as an auditor reads it."""
    log = queries.log_of(session, opened, london_day(utc_now()))
    first, entries = (number - 1) * PER_PAGE, {str(one.id): one for one in log.entries}
    found = cut(log.findings[first : first + PER_PAGE + 1], number)
    return page("training/audit.html", opened=opened, log=log, found=found, entries=entries)


@router.get("/log.csv", name="training.csv")
def csv_file(session: ReadSession, opened: Viewed) -> Response:
    out = io.StringIO()
    csv.writer(out).writerows(
        csv_lines(queries.log_of(session, opened, london_day(utc_now())), known_to(session, opened))
    )
    headers = {"Content-Disposition": 'attachment; filename="training-log.csv"', "Cache-Control": "no-store"}
    return Response("\ufeff" + out.getvalue(), media_type="text/csv; charset=utf-8", headers=headers)


router.include_router(routes_plan.router)
router.include_router(routes_answers.several)


@router.get("/{entry_id}", name="training.show")
def show(page: PageDep, session: ReadSession, opened: Viewed, entry_id: UUID, done: str = "") -> Response:
    return entry_page(page, session, opened, queries.entry_in(session, opened, entry_id), done=done)


@router.get("/{entry_id}/edit", name="training.edit")
def edit(page: PageDep, session: ReadSession, opened: Logging, entry_id: UUID) -> Response:
    entry = queries.entry_in(session, opened, entry_id)
    log = queries.log_of(session, opened, london_day(utc_now()))
    if reason := actions.why_not_change(session, log, entry):
        raise Refused(reason)
    form: Submitted[Any] = from_entry(entry)
    checking.show_kept(session, opened, entry.id, form, TEXTS)
    return form_page(page, session, opened, form, entry=entry)


@router.post("/{entry_id}/edit", name="training.change")
def change(form: Entered, page: PageDep, session: WriteSession, opened: Logging, entry_id: UUID) -> Response:
    entry, now = queries.entry_in(session, opened, entry_id), utc_now()
    said = says(form, session, opened, entry)
    found = checking.found_in_form(session, opened, form, TEXTS)
    if not checking.stopped(form, found) and form.value is not None:
        try:
            actions.change(session, opened, entry, said, now=now)
            checking.keep(session, opened, "training_entry", entry.id, found, now=now)
        except Refused as refusal:
            form.refuse("", refusal.reason)
    if form.errors:
        return form_page(page, session, opened, form, entry=entry, status=422)
    return page.go_to(
        "training.show", query={"done": "changed"}, apprenticeship_id=opened.id, entry_id=entry.id
    )


@router.post("/{entry_id}/remove", name="training.remove")
def remove(page: PageDep, session: WriteSession, opened: Logging, entry_id: UUID) -> Response:
    actions.remove(session, opened, queries.entry_in(session, opened, entry_id), now=utc_now())
    return page.go_to("training.log", query={"done": "removed"}, apprenticeship_id=opened.id)


@router.post("/{entry_id}/evidence", name="training.make_evidence")
def make_evidence(
    form: Making, page: PageDep, session: WriteSession, opened: Logging, request: Request, entry_id: UUID
) -> Response:
    """A draft of evidence from the entry; it opens to be looked through and submitted."""
    entry = queries.entry_in(session, opened, entry_id)
    evidence_id = actions.make_piece(
        session,
        opened,
        entry,
        form.value.claim if form.value else (),
        most_files=request.app.state.settings.files_per_piece,
        now=utc_now(),
    )
    return page.go_to("evidence.show", apprenticeship_id=opened.id, evidence_id=evidence_id)


router.include_router(routes_answers.one)
