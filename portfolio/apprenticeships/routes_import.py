"""Add or change the apprenticeships of a cohort from a list: paste or upload, look, confirm."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission, Viewer
from portfolio.apprenticeships import queries_setup
from portfolio.apprenticeships.lists import sending
from portfolio.apprenticeships.lists.answer import bad_rows_csv
from portfolio.apprenticeships.lists.carrying import carry_out
from portfolio.apprenticeships.lists.columns import SYNONYMS
from portfolio.apprenticeships.lists.plan import Kind, Plan, make_plan
from portfolio.apprenticeships.lists.sending import Sent, mark_of
from portfolio.apprenticeships.lists.text import MOST_ROWS
from portfolio.apprenticeships.models import Cohort
from portfolio.apprenticeships.welcome import invitation_lasts, send_later, welcomes
from portfolio.database import ReadSession, WriteSession
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused
from portfolio.web.formats import london_day, utc_now
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/providers/{provider_id}/cohorts/{cohort_id}/import")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COHORTS))]
TOO_LARGE = (
    "The file is larger than 2 MB. A list of people is smaller than that: save the cells alone, as CSV."
)
SentList = Annotated[Sent, Depends(sending.reads(Permission.MANAGE_COHORTS, TOO_LARGE))]
WRITE = "write"


@router.get("", name="apprenticeships.import_list")
def import_page(page: PageDep, session: ReadSession, managed: Managed, cohort_id: UUID) -> Response:
    cohort = queries_setup.the_cohort(session, managed.provider_id, cohort_id)
    return _list_page(page, managed, cohort, Sent(), 200)


@router.post("", name="apprenticeships.import_now")
def import_list(
    sent: SentList,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    request: Request,
    cohort_id: UUID,
) -> Response:
    """Show what the list would do; write the good rows if that is what was looked at and confirmed."""
    cohort = queries_setup.the_cohort(session, managed.provider_id, cohort_id)
    plan = None if sent.problem else _plan(request, session, cohort, sent)
    if plan is None:
        return _list_page(page, managed, cohort, sent, 422)
    if sent.do == WRITE and sent.was_checked:
        return _write(request, page, session, managed, viewer, cohort, plan)
    return page(
        "apprenticeships/preview.html",
        fragment="preview",
        provider=managed,
        cohort=cohort,
        plan=plan,
        Kind=Kind,
        text=sent.text,
        mark=mark_of(sent.text),
        altered=sent.do == WRITE,
    )


@router.post("/bad-rows", name="apprenticeships.import_bad_rows")
def bad_rows(
    sent: SentList, page: PageDep, session: WriteSession, managed: Managed, request: Request, cohort_id: UUID
) -> Response:
    """The rows that cannot be taken, with the reasons, as a file to mend and send again."""
    cohort = queries_setup.the_cohort(session, managed.provider_id, cohort_id)
    plan = None if sent.problem else _plan(request, session, cohort, sent)
    if plan is None:
        return _list_page(page, managed, cohort, sent, 422)
    rows = ((row.given.line, row.given.cells, row.reason) for row in plan.of(Kind.BAD))
    return Response(
        bad_rows_csv(plan.heading.names, rows),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="rows-to-mend.csv"'},
    )


def _plan(request: Request, session: Session, cohort: Cohort, sent: Sent) -> Plan | None:
    try:
        return make_plan(session, request.app.state.catalogue, cohort, sent.text, london_day(utc_now()))
    except Refused as refusal:
        sent.problem = refusal.reason
        return None


def _list_page(page: Page, managed: Membership, cohort: Cohort, sent: Sent, status: int) -> Response:
    if sent.problem:
        sent.form.refuse("text", sent.problem)
    return page(
        "apprenticeships/import.html", fragment="import_form", status=status, provider=managed, cohort=cohort,
        form=sent.form, synonyms=SYNONYMS, most=MOST_ROWS,
    )  # fmt: skip


def _write(
    request: Request,
    page: Page,
    session: Session,
    managed: Membership,
    viewer: Viewer,
    cohort: Cohort,
    plan: Plan,
) -> Response:
    settings, now = request.app.state.settings, utc_now()
    done = carry_out(
        session,
        request.app.state.catalogue,
        cohort,
        plan,
        by=viewer.person_id,
        now=now,
        valid_for=invitation_lasts(settings),
    )
    wanted = welcomes(page, done.invited, managed.provider_name, viewer.name, now)
    response = page(
        "apprenticeships/imported.html",
        fragment="imported",
        provider=managed,
        cohort=cohort,
        done=done,
        left_out=plan.of(Kind.BAD),
        untouched=len(plan.of(Kind.SAME)),
        welcomes=wanted,
        until=now + invitation_lasts(settings),
        mailed=bool(settings.smtp_host),
    )
    send_later(response, settings, wanted)
    return response
