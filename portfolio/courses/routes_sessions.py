"""One date of a course, for the provider's managers: who is booked, who waits, attendance, changing and calling off."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission
from portfolio.courses import actions, certificates, queries_sessions
from portfolio.courses import actions_catalogue as catalogue
from portfolio.courses import queries_catalogue as queries
from portfolio.courses.forms import MarksForm, ReasonForm, SessionForm, from_session
from portfolio.courses.models import CourseSession
from portfolio.courses.said import says_session
from portfolio.courses.words import ATTENDED, TAGS
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PER_PAGE, PageNumber, cut

router = APIRouter(prefix="/providers/{provider_id}/courses/{course_id}/sessions/{session_id}")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COURSES))]
Dated = Annotated[Submitted[SessionForm], Depends(submitted(SessionForm))]
Reasoned = Annotated[Submitted[ReasonForm], Depends(submitted(ReasonForm))]
Marked = Annotated[Submitted[MarksForm], Depends(submitted(MarksForm))]
DONE = {
    "changed": "The date was changed.",
    "called_off": "The session is called off. Every open booking ended with your reason.",
    "marked": "Attendance is recorded.",
}
NONE_MARKED = "Choose for at least one person whether they attended."


@router.get("", name="courses.session")
def show(
    page: PageDep,
    session: ReadSession,
    managed: Managed,
    course_id: UUID,
    session_id: UUID,
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    one = queries.session_in(session, managed.provider_id, course_id, session_id)
    return _page(page, session, managed, one, empty(), number=number, done=done)


@router.get("/edit", name="courses.edit_session")
def edit(
    page: PageDep, session: ReadSession, managed: Managed, course_id: UUID, session_id: UUID
) -> Response:
    one = queries.session_in(session, managed.provider_id, course_id, session_id)
    return _form_page(page, managed, one, from_session(one))


@router.post("/edit", name="courses.change_session")
def change(
    form: Dated,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    course_id: UUID,
    session_id: UUID,
) -> Response:
    one, now = queries.session_in(session, managed.provider_id, course_id, session_id), utc_now()
    said = says_session(form, now)
    if said is not None:
        try:
            catalogue.change_session(session, one, said, by=viewer.person_id, now=now)
        except Refused as refusal:
            form.refuse("", refusal.reason)
    if form.errors:
        return _form_page(page, managed, one, form, status=422)
    return _back(page, one, "changed")


@router.post("/call-off", name="courses.call_off")
def call_off(
    form: Reasoned,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    course_id: UUID,
    session_id: UUID,
) -> Response:
    one = queries.session_in(session, managed.provider_id, course_id, session_id)
    if form.value is not None:
        try:
            actions.call_off(session, one, form.value.reason, by=viewer.person_id, now=utc_now())
        except Refused as refusal:
            form.refuse("reason", refusal.reason)
    if form.errors:
        return _page(page, session, managed, one, form, status=422)
    return _back(page, one, "called_off")


@router.post("/attendance", name="courses.attendance")
def attendance(
    form: Marked,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    course_id: UUID,
    session_id: UUID,
) -> Response:
    """Those that can be recorded are; the others are named with the reason."""
    one = queries.session_in(session, managed.provider_id, course_id, session_id)
    marks = _marks(form)
    if form.value is not None and not marks:
        form.refuse("", NONE_MARKED)
    elif form.value is not None:
        named = queries_sessions.apprenticeships_of(session, one.id, marks)
        reasons = {key: checking.left_out(session, at, form.value.reason) for key, at in named.items()}
        _, problems = actions.mark(
            session,
            one,
            {key: marks[key] for key in named},
            reasons,
            by=viewer.person_id,
            certified=certificates.issued_among(session, named),
            now=utc_now(),
        )
        for key, sentence in problems.items():
            form.refuse(f"mark-{key}", f"{named[key].apprentice.name}: {sentence}")
    if form.errors:
        return _page(page, session, managed, one, form, status=422)
    return _back(page, one, "marked")


def _marks(form: Submitted[MarksForm]) -> dict[UUID, str]:
    """What was chosen by booking; what is neither is left out."""
    found: dict[UUID, str] = {}
    for name in form.typed:
        key, word = name.removeprefix("mark-"), form.text(name)
        if not name.startswith("mark-") or word not in ATTENDED:
            continue
        try:
            found[UUID(key)] = word
        except ValueError:
            continue
    return found


def _back(page: Page, one: CourseSession, done: str) -> Response:
    return page.go_to(
        "courses.session",
        query={"done": done},
        provider_id=one.provider_id,
        course_id=one.course_id,
        session_id=one.id,
    )


def _page(
    page: Page,
    session: Session,
    managed: Membership,
    one: CourseSession,
    form: Submitted[Any],
    *,
    number: int = 1,
    done: str = "",
    status: int = 200,
) -> Response:
    now = utc_now()
    people = queries_sessions.people_of(session, one, now)
    first = (number - 1) * PER_PAGE
    return page(
        "courses/session.html",
        fragment="session",
        status=status,
        provider=managed,
        course=one.course,
        one=one,
        people=people,
        found=cut(people.rows[first : first + PER_PAGE + 1], number),
        begun=now >= one.starts_at,
        form=form,
        tags=TAGS,
        attended=ATTENDED,
        said=DONE.get(done, ""),
    )


def _form_page(
    page: Page, managed: Membership, one: CourseSession, form: Submitted[Any], *, status: int = 200
) -> Response:
    return page(
        "courses/session_form.html",
        fragment="session_form",
        status=status,
        provider=managed,
        course=one.course,
        one=one,
        form=form,
    )
