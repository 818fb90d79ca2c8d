"""Courses from a list (paste or upload, look, confirm) and from the dated examples that ship."""

from __future__ import annotations

import csv
import io
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission
from portfolio.apprenticeships.actions_setup import hold
from portfolio.apprenticeships.lists import sending
from portfolio.apprenticeships.lists.sending import Sent, mark_of
from portfolio.apprenticeships.lists.text import MOST_ROWS, lines_of
from portfolio.courses import queries_catalogue as queries
from portfolio.courses.course_list import COLUMNS, EXAMPLE, Does, Row, decide, rows_of
from portfolio.courses.forms import TakeForm
from portfolio.courses.importing import carry_out, known_courses
from portfolio.courses.standing import catalogues
from portfolio.courses.taking_over import source_of, take_over
from portfolio.database import ReadSession, WriteSession
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PER_PAGE, PageNumber, cut

router = APIRouter(prefix="/providers/{provider_id}/courses")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COURSES))]
TOO_LARGE = (
    "The file is larger than 2 MB. A list of courses is smaller than that: save the cells alone, as CSV."
)
SentList = Annotated[Sent, Depends(sending.reads(Permission.MANAGE_COURSES, TOO_LARGE))]
Taken = Annotated[Submitted[TakeForm], Depends(submitted(TakeForm))]
WRITE = "write"


@router.get("/examples", name="courses.examples")
def examples(page: PageDep, session: ReadSession, managed: Managed, number: PageNumber = 1) -> Response:
    """The dated examples, each with its edition: what can be taken over, and what was."""
    shown = [(one, course, source_of(one, course)) for one in catalogues() for course in one.courses]
    first = (number - 1) * PER_PAGE
    return page(
        "courses/examples.html",
        provider=managed,
        found=cut(shown[first : first + PER_PAGE + 1], number),
        catalogues=catalogues(),
        taken=queries.taken_from(session, managed.provider_id),
    )


@router.post("/examples", name="courses.take_over")
def take(form: Taken, page: PageDep, session: WriteSession, managed: Managed, viewer: SignedIn) -> Response:
    """Take a course over, without its old dates. Sent twice, it is taken once."""
    course = take_over(session, managed.provider_id, form.text("course"), by=viewer.person_id, now=utc_now())
    return page.go_to(
        "courses.course", query={"done": "taken"}, provider_id=managed.provider_id, course_id=course.id
    )


@router.get("/import", name="courses.import_list")
def import_page(page: PageDep, managed: Managed) -> Response:
    return _list_page(page, managed, Sent(), 200)


@router.get("/import/template.csv", name="courses.import_template")
def template(managed: Managed) -> Response:
    """A file to fill in: the names of the columns, and one row to overwrite."""
    out = io.StringIO()
    csv.writer(out).writerows([tuple(COLUMNS), EXAMPLE])
    return Response(
        "\ufeff" + out.getvalue(),
        media_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": 'attachment; filename="courses.csv"'},
    )


@router.post("/import", name="courses.import_now")
def import_list(
    sent: SentList, page: PageDep, session: WriteSession, managed: Managed, viewer: SignedIn
) -> Response:
    """Show what the list would do; write the good rows if that is what was looked at and confirmed."""
    hold(session, managed.provider_id)
    rows = [] if sent.problem else _plan(session, managed, sent)
    if sent.problem:
        return _list_page(page, managed, sent, 422)
    good = [one for one in rows if one.does not in (Does.BAD, Does.SAME)]
    if sent.do == WRITE and sent.was_checked:
        carry_out(session, managed.provider_id, good, by=viewer.person_id, now=utc_now())
    return page(
        "courses/preview.html",
        fragment="preview",
        provider=managed,
        good=good,
        same=[one for one in rows if one.does is Does.SAME],
        bad=[one for one in rows if one.does is Does.BAD],
        text=sent.text,
        mark=mark_of(sent.text),
        written=sent.do == WRITE and sent.was_checked,
        altered=sent.do == WRITE and not sent.was_checked,
    )


def _plan(session: Session, managed: Membership, sent: Sent) -> list[Row]:
    try:
        rows = rows_of(lines_of(sent.text))
    except Refused as refusal:
        sent.problem = refusal.reason
        return []
    decide(rows, *known_courses(session, managed.provider_id))
    return rows


def _list_page(page: Page, managed: Membership, sent: Sent, status: int) -> Response:
    if sent.problem:
        sent.form.refuse("text", sent.problem)
    return page(
        "courses/import.html",
        fragment="import_form",
        status=status,
        provider=managed,
        form=sent.form,
        columns=COLUMNS,
        most=MOST_ROWS,
    )
