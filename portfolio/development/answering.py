"""The pages of supervision and of reviews, as the routes of both show them."""

from __future__ import annotations

from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Opened
from portfolio.development import actions, queries, suggestions
from portfolio.development.forms import PieceForm, ReviewForm, SupervisionForm, from_record
from portfolio.development.records import Kind, Record
from portfolio.development.rules import KINDS, WITH_WHOM, why_not_link, year_typed
from portfolio.findings import checking
from portfolio.findings import queries as findings
from portfolio.refusals import Refused, SentBefore
from portfolio.sealing.queries import is_sealed
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, filled, new_form_key
from portfolio.web.page import Page

DONE = {
    "entered": "It is in your record.",
    "changed": "The record was changed.",
    "removed": "The record was removed.",
}


def list_page(
    page: Page, session: Session, opened: Opened, kind: Kind, *, number: int, done: str
) -> Response:
    return page(
        kind.list_page,
        opened=opened,
        found=queries.records_of(session, opened, kind, number),
        keeps=Permission.KEEP_DEVELOPMENT in opened.may,
        kinds=KINDS,
        with_whom=WITH_WHOM,
        said=DONE.get(done, ""),
    )


def show_page(
    page: Page, session: Session, opened: Opened, kind: Kind, record: Record, done: str
) -> Response:
    texts = {record.id: {name: getattr(record, name) for name in kind.texts}}
    keeps = Permission.KEEP_DEVELOPMENT in opened.may
    sealed = record.evidence_id is not None and is_sealed(session, record.id)
    return page(
        kind.one_page,
        opened=opened,
        record=record,
        keeps=keeps,
        why_not_change=actions.SEALED if sealed else "",
        kept=findings.shown_in(session, texts),
        offered=suggestions.offered(opened.standard, kind.activity),
        sees_piece=queries.sees_piece(session, opened, record),
        kinds=KINDS,
        with_whom=WITH_WHOM,
        said=DONE.get(done, ""),
    )


def form_page(
    page: Page,
    opened: Opened,
    kind: Kind,
    form: Submitted[Any],
    *,
    record: Record | None = None,
    status: int = 200,
) -> Response:
    return page(
        kind.form_page,
        fragment="record_form",
        status=status,
        opened=opened,
        record=record,
        form=form,
        key=new_form_key(),
        kinds=list(KINDS.items()),
        with_whom=list(WITH_WHOM.items()),
    )


def new_page(page: Page, opened: Opened, kind: Kind) -> Response:
    return form_page(page, opened, kind, filled(day=london_day(utc_now())))


def edit_page(page: Page, session: Session, opened: Opened, kind: Kind, record: Record) -> Response:
    actions.refuse_sealed(session, record)
    form = from_record(record)
    checking.show_kept(session, opened, record.id, form, kind.texts)
    return form_page(page, opened, kind, form, record=record)


def enter(form: Submitted[Any], page: Page, session: Session, opened: Opened, kind: Kind) -> Response:
    """Keep a record. Sent twice, it makes one."""
    said, now = says(form, kind), utc_now()
    found = checking.found_in_form(session, opened, form, kind.texts)
    if not checking.stopped(form, found) and form.value is not None:
        try:
            record = actions.enter(session, opened, kind, said, form_key=form.value.form_key, now=now)
            checking.keep_once(session, opened, kind.table, record.id, found, now=now)
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return form_page(page, opened, kind, form, status=422)
    return page.go_to(f"development.{kind.part}", query={"done": "entered"}, apprenticeship_id=opened.id)


def change(
    form: Submitted[Any], page: Page, session: Session, opened: Opened, kind: Kind, record: Record
) -> Response:
    said, now = says(form, kind), utc_now()
    found = checking.found_in_form(session, opened, form, kind.texts)
    if not checking.stopped(form, found) and form.value is not None:
        try:
            actions.change(session, opened, kind, record.id, said, now=now)
            checking.keep(session, opened, kind.table, record.id, found, now=now)
        except Refused as refusal:
            form.refuse("", refusal.reason)
    if form.errors:
        return form_page(page, opened, kind, form, record=record, status=422)
    return _to_record(page, opened, kind, record, "changed")


def remove(page: Page, session: Session, opened: Opened, kind: Kind, record: Record) -> Response:
    actions.remove(session, opened, kind, record.id, now=utc_now())
    return page.go_to(f"development.{kind.part}", query={"done": "removed"}, apprenticeship_id=opened.id)


def make_evidence(
    form: Submitted[PieceForm],
    page: Page,
    session: Session,
    opened: Opened,
    kind: Kind,
    record: Record,
    request: Request,
) -> Response:
    """A draft of evidence; it opens to be looked through and submitted."""
    evidence_id = actions.make_piece(
        session,
        opened,
        kind,
        record.id,
        form.value.claim if form.value else (),
        most_files=request.app.state.settings.files_per_piece,
        now=utc_now(),
    )
    return page.go_to("evidence.show", apprenticeship_id=opened.id, evidence_id=evidence_id)


def _to_record(page: Page, opened: Opened, kind: Kind, record: Record, done: str) -> Response:
    gaps: dict[str, Any] = {"apprenticeship_id": opened.id, f"{kind.name}_id": record.id}
    return page.go_to(f"development.show_{kind.name}", query={"done": done}, **gaps)


def says(form: Submitted[Any], kind: Kind) -> dict[str, Any]:
    """What the form says, as columns; what cannot be kept is noted at its field. Empty if anything is wrong already."""
    typed = form.value
    if not isinstance(typed, SupervisionForm | ReviewForm):
        return {}
    today = london_day(utc_now())
    values = {name: getattr(typed, name) for name in kind.says}
    if typed.day > today:
        form.refuse(
            "day", f"{typed.day.day} {typed.day:%B %Y} is still to come. Today is {today.day} {today:%B %Y}."
        )
    if isinstance(typed, ReviewForm):
        year = year_typed(typed.year, today.year)
        if year is None:
            form.refuse("year", f"Give the year in which it was published, for example {today.year}.")
        if reason := why_not_link(typed.link):
            form.refuse("link", reason)
        values["year"] = year
    return values
