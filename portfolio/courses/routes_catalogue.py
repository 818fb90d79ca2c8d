"""A provider's own catalogue: courses and the dates of each, kept by its managers."""

from __future__ import annotations

import re
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission
from portfolio.courses import actions_catalogue as actions
from portfolio.courses import queries_catalogue as queries
from portfolio.courses.forms import (
    KINDS,
    MODES,
    MOST_MINUTES,
    ArchiveForm,
    CourseForm,
    SessionForm,
    from_course,
    whole,
)
from portfolio.courses.models import Course
from portfolio.courses.said import says_session
from portfolio.database import ReadSession, WriteSession
from portfolio.library.queries import frameworks_for
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused, SentBefore
from portfolio.training import levels
from portfolio.training.rules.words import length
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, filled, new_form_key, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/providers/{provider_id}/courses")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COURSES))]
Written = Annotated[Submitted[CourseForm], Depends(submitted(CourseForm))]
Dated = Annotated[Submitted[SessionForm], Depends(submitted(SessionForm))]
Archiving = Annotated[Submitted[ArchiveForm], Depends(submitted(ArchiveForm))]
CODE = re.compile(r"[KSBD]\d{1,2}")
DONE = {
    "added": "The course is in your catalogue. Add its first date below.",
    "taken": "The course was taken over, without its old dates. Check it, and add your own dates below.",
    "changed": "The course was changed.",
    "archived": "The course is not offered any more. What is booked takes place.",
    "offered": "The course is offered again.",
    "dated": "The date was added.",
    "imported": "The list is in your catalogue.",
}


@router.get("", name="courses.catalogue")
def catalogue(
    page: PageDep,
    session: ReadSession,
    managed: Managed,
    kind: str = "",
    archived: bool = False,
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    kind = kind if kind in KINDS else ""
    found = queries.courses_page(session, managed.provider_id, kind=kind, archived=archived, number=number)
    return page(
        "courses/catalogue.html",
        fragment="course_list",
        provider=managed,
        found=found,
        dates=queries.upcoming_by_course(session, [one.id for one in found.rows], utc_now()),
        kind=kind,
        kinds=KINDS,
        archived=archived,
        length=length,
        said=DONE.get(done, ""),
    )


@router.get("/new", name="courses.new")
def new(page: PageDep, session: ReadSession, managed: Managed) -> Response:
    return _form_page(page, session, managed, filled(kind="workshop", mode="in_person"))


@router.post("", name="courses.add")
def add(form: Written, page: PageDep, session: WriteSession, managed: Managed, viewer: SignedIn) -> Response:
    """Keep a course. Sent twice, it makes one."""
    said = says_course(form, session, managed.provider_id)
    course = None
    if form.value is not None:
        try:
            course = actions.add_course(
                session,
                managed.provider_id,
                said,
                by=viewer.person_id,
                form_key=form.value.form_key,
                now=utc_now(),
            )
        except SentBefore as refusal:
            form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if course is None:
        return _form_page(page, session, managed, form, status=422)
    return page.go_to(
        "courses.course", query={"done": "added"}, provider_id=managed.provider_id, course_id=course.id
    )


@router.get("/{course_id}", name="courses.course")
def show(
    page: PageDep,
    session: ReadSession,
    managed: Managed,
    course_id: UUID,
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    course = queries.course_in(session, managed.provider_id, course_id)
    return course_page(page, session, managed, course, empty(), number=number, done=done)


@router.get("/{course_id}/edit", name="courses.edit")
def edit(page: PageDep, session: ReadSession, managed: Managed, course_id: UUID) -> Response:
    course = queries.course_in(session, managed.provider_id, course_id)
    return _form_page(page, session, managed, from_course(course), course=course)


@router.post("/{course_id}/edit", name="courses.change")
def change(
    form: Written, page: PageDep, session: WriteSession, managed: Managed, viewer: SignedIn, course_id: UUID
) -> Response:
    course = queries.course_in(session, managed.provider_id, course_id)
    said = says_course(form, session, managed.provider_id, course)
    if form.value is None:
        return _form_page(page, session, managed, form, course=course, status=422)
    actions.change_course(session, course, said, by=viewer.person_id, now=utc_now())
    return page.go_to(
        "courses.course", query={"done": "changed"}, provider_id=managed.provider_id, course_id=course.id
    )


@router.post("/{course_id}/archive", name="courses.archive")
def archive(
    form: Archiving, page: PageDep, session: WriteSession, managed: Managed, viewer: SignedIn, course_id: UUID
) -> Response:
    """Offer a course no more, or again."""
    course = queries.course_in(session, managed.provider_id, course_id)
    if form.value is None:
        return course_page(page, session, managed, course, empty(), status=422)
    archived = form.value.archived == "yes"
    actions.archive(session, course, archived, by=viewer.person_id, now=utc_now())
    return page.go_to(
        "courses.course",
        query={"done": "archived" if archived else "offered"},
        provider_id=managed.provider_id,
        course_id=course.id,
    )


@router.post("/{course_id}/sessions", name="courses.add_session")
def add_session(
    form: Dated, page: PageDep, session: WriteSession, managed: Managed, viewer: SignedIn, course_id: UUID
) -> Response:
    """Add a date. Sent twice, it makes one."""
    course, now = queries.course_in(session, managed.provider_id, course_id), utc_now()
    said = says_session(form, now)
    if said is not None and form.value is not None:
        try:
            actions.add_session(
                session, course, said, by=viewer.person_id, form_key=form.value.form_key, now=now
            )
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return course_page(page, session, managed, course, form, status=422)
    return page.go_to(
        "courses.course", query={"done": "dated"}, provider_id=managed.provider_id, course_id=course.id
    )


def says_course(
    form: Submitted[CourseForm], session: Session, provider_id: UUID, course: Course | None = None
) -> dict[str, Any]:
    """What the form says, as the columns of a course; empty if anything is wrong. `course`: the one that is changed,
    which may keep a level that is not offered any more."""
    typed = form.value
    if typed is None:
        return {}
    minutes = whole(form, "minutes", typed.minutes, MOST_MINUTES, "the length in minutes")
    codes = typed.statements.replace(",", " ").upper().split()
    if wrong := [one for one in codes if not CODE.fullmatch(one)]:
        form.refuse(
            "statements", f"{wrong[0][:20]} is no code of a statement. Write codes such as K23 and S27."
        )
    known = levels.choices(frameworks_for(session, provider_id), _level_of(course))
    if typed.at_level and typed.at_level not in dict(known):
        form.refuse("at_level", "Choose a level from the list.")
    framework_id, _, level_id = typed.at_level.partition(":")
    return {
        "title": typed.title,
        "kind": typed.kind,
        "mode": typed.mode,
        "minutes": minutes,
        "level": typed.level,
        "framework_id": framework_id or None,
        "level_id": level_id or None,
        "about": typed.about,
        "audience": typed.audience,
        "not_for": typed.not_for,
        "outcomes": typed.outcomes,
        "statements": " ".join(dict.fromkeys(codes)),
    }


def course_page(
    page: Page,
    session: Session,
    managed: Membership,
    course: Course,
    form: Submitted[Any],
    *,
    number: int = 1,
    done: str = "",
    status: int = 200,
) -> Response:
    now = utc_now()
    return page(
        "courses/course.html",
        fragment="course",
        status=status,
        provider=managed,
        course=course,
        found=queries.dates_page(session, course.id, now, number=number),
        form=form,
        key=new_form_key(),
        kinds=KINDS,
        modes=MODES,
        length=length,
        level=levels.words(frameworks_for(session, course.provider_id), course.framework_id, course.level_id),
        now=now,
        said=DONE.get(done, ""),
    )


def _level_of(course: Course | None) -> str:
    return f"{course.framework_id}:{course.level_id}" if course is not None and course.framework_id else ""


def _form_page(
    page: Page,
    session: Session,
    managed: Membership,
    form: Submitted[Any],
    *,
    course: Course | None = None,
    status: int = 200,
) -> Response:
    return page(
        "courses/course_form.html",
        fragment="course_form",
        status=status,
        provider=managed,
        course=course,
        form=form,
        key=new_form_key(),
        kinds=list(KINDS.items()),
        modes=list(MODES.items()),
        levels=levels.choices(frameworks_for(session, managed.provider_id), _level_of(course)),
    )
