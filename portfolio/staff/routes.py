"""The staff of a provider's employers who are no apprentices: the list, one person, corrections, and who has left."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Query
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership
from portfolio.database import ReadSession, WriteSession
from portfolio.people.sessions import SignedIn
from portfolio.refusals import SentBefore
from portfolio.staff import actions, queries, routes_choice, routes_learning
from portfolio.staff.answering import Keeping, Seen, member_page
from portfolio.staff.forms import CorrectionForm, LeftForm, MemberForm, from_member
from portfolio.staff.models import StaffMember
from portfolio.staff.queries import Asked
from portfolio.staff.wording import DONE, LEVEL_TAGS, TAGS
from portfolio.web.formats import date_words, london_day, utc_now
from portfolio.web.forms import Submitted, empty, filled, new_form_key, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/providers/{provider_id}/staff")
Added = Annotated[Submitted[MemberForm], Depends(submitted(MemberForm))]
Corrected = Annotated[Submitted[CorrectionForm], Depends(submitted(CorrectionForm))]
Leaving = Annotated[Submitted[LeftForm], Depends(submitted(LeftForm))]


def _asked(
    q: Annotated[str, Query(max_length=100)] = "",
    employer: Annotated[str, Query(max_length=40)] = "",
    only: Annotated[str, Query(max_length=20)] = "",
) -> Asked:
    """What cannot be read asks for nothing."""
    try:
        at = UUID(employer)
    except ValueError:
        at = None
    return Asked(q.strip(), at, overdue=only == "overdue", left=only == "left")


@router.get("", name="staff.list")
def staff(
    page: PageDep,
    session: ReadSession,
    held: Seen,
    asked: Annotated[Asked, Depends(_asked)],
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    return page(
        "staff/list.html",
        fragment="staff_list",
        provider=held,
        asked=asked,
        found=queries.staff_page(session, held.provider_id, asked, london_day(utc_now()), number),
        employers=queries.employers_of(session, held.provider_id),
        tags=TAGS,
        level_tags=LEVEL_TAGS,
        said=DONE.get(done, ""),
    )


@router.get("/new", name="staff.new")
def new(
    page: PageDep,
    session: ReadSession,
    managed: Keeping,
    employer: Annotated[str, Query(max_length=40)] = "",
) -> Response:
    return _form_page(page, session, managed, filled(employer=employer))


@router.post("", name="staff.add")
def add(form: Added, page: PageDep, session: WriteSession, managed: Keeping, viewer: SignedIn) -> Response:
    """Record somebody. Sent twice, it makes one."""
    known = dict(queries.employers_of(session, managed.provider_id))
    if form.value is not None and form.value.employer not in known:
        form.refuse("employer", "Choose the employer from the list.")
    member = None
    if form.value is not None:
        says = _says(form.value) | {"employer_id": UUID(form.value.employer)}
        key, by = form.value.form_key, viewer.person_id
        try:
            member = actions.add(session, managed.provider_id, says, by=by, form_key=key, now=utc_now())
        except SentBefore as refusal:
            form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if member is None:
        return _form_page(page, session, managed, form, status=422)
    return _back(page, member, "added")


@router.get("/{staff_id}", name="staff.show")
def show(
    page: PageDep,
    session: ReadSession,
    held: Seen,
    staff_id: UUID,
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    member = queries.member_in(session, held.provider_id, staff_id)
    return member_page(page, session, held, member, number=number, done=done)


@router.get("/{staff_id}/edit", name="staff.edit")
def edit(page: PageDep, session: ReadSession, managed: Keeping, staff_id: UUID) -> Response:
    member = queries.member_in(session, managed.provider_id, staff_id)
    return _form_page(page, session, managed, from_member(member), member=member)


@router.post("/{staff_id}/edit", name="staff.correct")
def correct(
    form: Corrected,
    page: PageDep,
    session: WriteSession,
    managed: Keeping,
    viewer: SignedIn,
    staff_id: UUID,
) -> Response:
    member = queries.member_in(session, managed.provider_id, staff_id)
    if form.value is not None:
        _refuse_order(form, "started_on", form.value.started_on, member.left_on)
    if form.value is None:
        return _form_page(page, session, managed, form, member=member, status=422)
    actions.correct(session, member, _says(form.value), by=viewer.person_id, now=utc_now())
    return _back(page, member, "corrected")


@router.get("/{staff_id}/left", name="staff.left")
def left(page: PageDep, session: ReadSession, managed: Keeping, staff_id: UUID) -> Response:
    member = queries.member_in(session, managed.provider_id, staff_id)
    form = filled(left_on=member.left_on) if member.left_on else empty()
    return _left_page(page, managed, member, form)


@router.post("/{staff_id}/left", name="staff.set_left")
def set_left(
    form: Leaving,
    page: PageDep,
    session: WriteSession,
    managed: Keeping,
    viewer: SignedIn,
    staff_id: UUID,
) -> Response:
    """The last day, or none: they are still there."""
    member = queries.member_in(session, managed.provider_id, staff_id)
    if form.value is not None:
        _refuse_order(form, "left_on", member.started_on, form.value.left_on)
    if form.value is None:
        return _left_page(page, managed, member, form, status=422)
    day = form.value.left_on
    actions.set_left(session, member, day, by=viewer.person_id, now=utc_now())
    return _back(page, member, "left" if day else "there")


def _refuse_order(form: Submitted[Any], name: str, started_on: date | None, left_on: date | None) -> None:
    if started_on is not None and left_on is not None and left_on < started_on:
        form.refuse(
            name,
            f"The last day, {date_words(left_on)}, would be before the first, {date_words(started_on)}. Check both.",
        )


def _says(typed: CorrectionForm) -> dict[str, Any]:
    name, title = " ".join(typed.name.split()), " ".join(typed.title.split())
    return {"name": name, "title": title, "started_on": typed.started_on}


def _back(page: Page, member: StaffMember, done: str) -> Response:
    return page.go_to("staff.show", query={"done": done}, provider_id=member.provider_id, staff_id=member.id)


def _form_page(
    page: Page,
    session: Session,
    managed: Membership,
    form: Submitted[Any],
    *,
    member: StaffMember | None = None,
    status: int = 200,
) -> Response:
    return page(
        "staff/member_form.html",
        fragment="member_form",
        status=status,
        provider=managed,
        member=member,
        form=form,
        employers=[] if member else queries.employers_of(session, managed.provider_id),
        key=new_form_key(),
    )


def _left_page(
    page: Page, managed: Membership, member: StaffMember, form: Submitted[Any], *, status: int = 200
) -> Response:
    return page(
        "staff/left.html", fragment="left_form", status=status, provider=managed, member=member, form=form
    )


router.include_router(routes_choice.router)
router.include_router(routes_learning.router)
