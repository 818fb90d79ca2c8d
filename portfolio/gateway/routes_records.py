"""Recording the DBS check, English and maths, and plan or statement status; reading them with the right to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.gateway import actions_records, history
from portfolio.gateway.english_maths import Subject
from portfolio.gateway.forms_records import RecordDbs, RecordQualification, RecordSupport, submitted_dbs
from portfolio.gateway.models import QualificationRecord, SupportRecord
from portfolio.gateway.queries import standing_lock
from portfolio.gateway.record_choices import CHOICES, said, values_of
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter()
ReadsDbs = Annotated[Opened, Depends(Needs(Permission.VIEW_DBS_DETAIL))]
RecordsDbs = Annotated[Opened, Depends(Needs(Permission.RECORD_DBS))]
RecordsQualifications = Annotated[Opened, Depends(Needs(Permission.RECORD_QUALIFICATIONS))]
ReadsSupport = Annotated[Opened, Depends(Needs(Permission.VIEW_SUPPORT_STATUS))]
RecordsSupport = Annotated[Opened, Depends(Needs(Permission.RECORD_SUPPORT_STATUS))]
DbsForm = Annotated[Submitted[RecordDbs], Depends(submitted_dbs())]
QualificationForm = Annotated[Submitted[RecordQualification], Depends(submitted(RecordQualification))]
SupportForm = Annotated[Submitted[RecordSupport], Depends(submitted(RecordSupport))]


@router.get("/dbs", name="gateway.dbs")
def dbs_page(page: PageDep, session: ReadSession, opened: ReadsDbs) -> Response:
    """Says what is kept and who sees it. The record itself is shown on asking, and the asking is written down."""
    return page("gateway/dbs.html", fragment="dbs_record", opened=opened, records=None, said=said)


@router.post("/dbs/show", name="gateway.dbs_show")
def show_dbs(page: PageDep, session: WriteSession, opened: ReadsDbs) -> Response:
    found = actions_records.show_dbs(session, opened, now=utc_now())
    return page("gateway/dbs.html", fragment="dbs_record", opened=opened, records=found, said=said)


@router.get("/dbs/record", name="gateway.dbs_form")
def dbs_form(page: PageDep, session: ReadSession, opened: RecordsDbs) -> Response:
    return _dbs_form(page, session, opened, empty())


@router.post("/dbs/record", name="gateway.record_dbs")
def record_dbs(form: DbsForm, page: PageDep, session: WriteSession, opened: RecordsDbs) -> Response:
    if form.value is not None:
        entry = form.value.entry()
        _try(form, lambda: actions_records.record_dbs(session, opened, entry, now=utc_now()))
    if form.errors:
        return _dbs_form(page, session, opened, form, status=422)
    return page.go_to("gateway.show", anchor="dbs", apprenticeship_id=opened.id)


@router.get("/qualifications/{subject}", name="gateway.qualification")
def qualification_page(
    page: PageDep, session: ReadSession, opened: RecordsQualifications, subject: Subject
) -> Response:
    return _qualification_form(page, session, opened, subject, None)


@router.post("/qualifications/{subject}", name="gateway.record_qualification")
def record_qualification(
    form: QualificationForm,
    page: PageDep,
    session: WriteSession,
    opened: RecordsQualifications,
    subject: Subject,
) -> Response:
    if form.value is not None:
        entry = form.value.entry()
        _try(
            form,
            lambda: actions_records.record_qualification(
                session, opened, subject.value, entry, now=utc_now()
            ),
        )
    if form.errors:
        return _qualification_form(page, session, opened, subject, form, status=422)
    return page.go_to("gateway.show", anchor=subject.value, apprenticeship_id=opened.id)


@router.get("/support", name="gateway.support")
def support_page(page: PageDep, session: ReadSession, opened: ReadsSupport) -> Response:
    return _support_form(page, session, opened, None)


@router.post("/support", name="gateway.record_support")
def record_support(
    form: SupportForm, page: PageDep, session: WriteSession, opened: RecordsSupport
) -> Response:
    if form.value is not None:
        entry = form.value.entry()
        _try(form, lambda: actions_records.record_support(session, opened, entry, now=utc_now()))
    if form.errors:
        return _support_form(page, session, opened, form, status=422)
    return page.go_to("gateway.show", anchor="english", apprenticeship_id=opened.id)


def _try(form: Submitted[Any], act: Callable[[], object]) -> None:
    """Mistakes that only the rules find go beside their fields; any other refusal is a page of its own."""
    try:
        act()
    except actions_records.Mistakes as mistakes:
        for name, sentence in mistakes.fields.items():
            form.refuse(name, sentence)


def _locked(session: Session, opened: Opened) -> bool:
    return standing_lock(session, opened.apprenticeship) is not None


def _dbs_form(
    page: Page, session: Session, opened: Opened, form: Submitted[Any], *, status: int = 200
) -> Response:
    return page(
        "gateway/dbs_form.html",
        fragment="dbs_form",
        status=status,
        opened=opened,
        form=form,
        choices=CHOICES,
        locked=_locked(session, opened),
    )


def _qualification_form(
    page: Page,
    session: Session,
    opened: Opened,
    subject: Subject,
    form: Submitted[Any] | None,
    *,
    status: int = 200,
) -> Response:
    found = history.records(session, QualificationRecord, opened.id, subject.value)
    return page(
        "gateway/qualification.html",
        fragment="qualification_form",
        status=status,
        opened=opened,
        subject=subject,
        records=found,
        said=said,
        form=form or (filled(**values_of(found[0])) if found else empty()),
        choices=CHOICES,
        locked=_locked(session, opened),
    )


def _support_form(
    page: Page, session: Session, opened: Opened, form: Submitted[Any] | None, *, status: int = 200
) -> Response:
    found = history.records(session, SupportRecord, opened.id)
    return page(
        "gateway/support.html",
        fragment="support_form",
        status=status,
        opened=opened,
        records=found,
        said=said,
        form=form or (filled(**values_of(found[0])) if found else empty()),
        choices=CHOICES,
        locked=_locked(session, opened),
    )
