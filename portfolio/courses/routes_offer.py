"""Courses that an apprentice can book: what is on offer, one course with its dates, and asking for a place."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.courses import actions, queries
from portfolio.courses import queries_catalogue as catalogue
from portfolio.courses.forms import KINDS, MODES, BookForm
from portfolio.courses.models import CourseSession
from portfolio.courses.standing import rules
from portfolio.courses.words import TAGS
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.library.queries import frameworks_for
from portfolio.refusals import Refused, SentBefore
from portfolio.training import levels
from portfolio.training.rules.words import length
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, new_form_key, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/courses")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_BOOKINGS))]
Booking_ = Annotated[Opened, Depends(Needs(Permission.BOOK_TRAINING))]
Asked = Annotated[Submitted[BookForm], Depends(submitted(BookForm))]
NEEDS = {"needs": "Additional needs"}


@router.get("", name="courses.offer")
def offer(
    page: PageDep, session: ReadSession, opened: Viewed, q: str = "", number: PageNumber = 1
) -> Response:
    """Dates to come, searched by a word, with the newest of the person's own bookings."""
    word = q.strip()[:100]
    return page(
        "courses/offer.html",
        fragment="offer",
        opened=opened,
        found=catalogue.upcoming_page(
            session, opened.apprenticeship.provider_id, utc_now(), word=word, number=number
        ),
        own=queries.own_page(session, opened.id),
        q=word,
        kinds=KINDS,
        tags=TAGS,
    )


@router.get("/bookings", name="courses.own")
def own(page: PageDep, session: ReadSession, opened: Viewed, number: PageNumber = 1) -> Response:
    """Every booking of this apprenticeship."""
    return page(
        "courses/own.html",
        fragment="own",
        opened=opened,
        found=queries.own_page(session, opened.id, number),
        tags=TAGS,
    )


@router.get("/{course_id}", name="courses.offered")
def offered(
    page: PageDep, session: ReadSession, opened: Viewed, course_id: UUID, number: PageNumber = 1
) -> Response:
    course = catalogue.course_in(session, opened.apprenticeship.provider_id, course_id)
    dates = catalogue.dates_page(session, course.id, utc_now(), number=number, to_come=True)
    return page(
        "courses/offered.html",
        fragment="offered",
        opened=opened,
        course=course,
        found=dates,
        kinds=KINDS,
        modes=MODES,
        length=length,
        level=levels.words(frameworks_for(session, course.provider_id), course.framework_id, course.level_id),
        books=Permission.BOOK_TRAINING in opened.may,
    )


@router.get("/{course_id}/sessions/{session_id}", name="courses.ask")
def ask(page: PageDep, session: ReadSession, opened: Booking_, course_id: UUID, session_id: UUID) -> Response:
    one = catalogue.session_in(session, opened.apprenticeship.provider_id, course_id, session_id)
    return _form_page(page, session, opened, one, empty())


@router.post("/{course_id}/sessions/{session_id}", name="courses.book")
def book(
    form: Asked,
    page: PageDep,
    session: WriteSession,
    opened: Booking_,
    course_id: UUID,
    session_id: UUID,
) -> Response:
    """Ask for a place. Sent twice, it asks once."""
    one = catalogue.session_in(session, opened.apprenticeship.provider_id, course_id, session_id)
    now = utc_now()
    found = checking.found_in_form(session, opened, form, NEEDS)
    if not checking.stopped(form, found) and form.value is not None:
        said = form.value
        try:
            booking = actions.book(session, opened, one.id, needs=said.needs, form_key=said.form_key, now=now)
            checking.keep_once(session, opened, "booking", booking.id, found, now=now)
            return page.go_to(
                "courses.booking",
                query={"done": "booked"},
                apprenticeship_id=opened.id,
                booking_id=booking.id,
            )
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    return _form_page(page, session, opened, one, form, status=422)


def _form_page(
    page: Page,
    session: Session,
    opened: Opened,
    one: CourseSession,
    form: Submitted[Any],
    *,
    status: int = 200,
) -> Response:
    now = utc_now()
    mine = [each for each in queries.open_bookings(session, opened.id) if each.session_id == one.id]
    return page(
        "courses/book.html",
        fragment="book",
        status=status,
        opened=opened,
        course=one.course,
        offered=catalogue.with_places(session, [one], now)[0],
        form=form,
        key=new_form_key(),
        why_not=actions.why_not_book(one, opened.apprenticeship, mine, now),
        clashes=queries.clashes(session, opened.id, one),
        managers=queries.managers_of(session, opened.id),
        rules=rules(),
    )
