"""What managers do around one apprenticeship: people, breaks in learning, withdrawal."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission, Role
from portfolio.apprenticeships import actions_around, actions_time, queries, queries_setup
from portfolio.apprenticeships.forms import AssignForm, BreakForm, ReasonForm, WithdrawalForm, mistakes_on
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.apprenticeships.models import Assignment, BreakInLearning
from portfolio.database import ReadSession, WriteSession
from portfolio.refusals import NotFound
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}")
Managed = Annotated[Opened, Depends(Needs(Permission.MANAGE_APPRENTICESHIP))]
Assigning = Annotated[Submitted[AssignForm], Depends(submitted(AssignForm))]
BreakEntry = Annotated[Submitted[BreakForm], Depends(submitted(BreakForm))]
Withdrawing = Annotated[Submitted[WithdrawalForm], Depends(submitted(WithdrawalForm))]
Undoing = Annotated[Submitted[ReasonForm], Depends(submitted(ReasonForm))]


@router.get("/people", name="apprenticeships.people")
def people(page: PageDep, session: ReadSession, opened: Managed, role: str = "", q: str = "") -> Response:
    return _people_page(page, session, opened, role, q, empty(), 200)


@router.post("/people", name="apprenticeships.assign")
def assign(form: Assigning, page: PageDep, session: WriteSession, opened: Managed) -> Response:
    if form.value is not None:
        role = Role(form.value.role)
        person = queries_setup.holder(session, opened.apprenticeship.provider_id, role, form.value.person_id)
        if person is None:
            form.refuse("", f"Choose somebody who holds the role of {role.label.lower()} here.")
        else:
            with mistakes_on(form):
                actions_around.assign(
                    session, opened.apprenticeship, person, role, by=opened.viewer.person_id, now=utc_now()
                )
                return page.go_to("apprenticeships.people", apprenticeship_id=opened.id)
    return _people_page(page, session, opened, form.text("role"), "", form, 422)


@router.post("/people/{assignment_id}/end", name="apprenticeships.end_assignment")
def end_assignment(page: PageDep, session: WriteSession, opened: Managed, assignment_id: UUID) -> Response:
    assignment = session.scalar(
        select(Assignment).where(Assignment.id == assignment_id, Assignment.apprenticeship_id == opened.id)
    )
    if assignment is None:
        raise NotFound
    actions_around.end_assignment(session, assignment, by=opened.viewer.person_id, now=utc_now())
    return page.go_to("apprenticeships.people", apprenticeship_id=opened.id)


def _people_page(
    page: Page, session: Session, opened: Opened, role: str, q: str, form: Submitted[Any], status: int
) -> Response:
    """Who is there, and for one role at a time who could be."""
    chosen = next((one for one in queries.ASSIGNED_ROLES if one.value == role), Role.MENTOR)
    around = queries.running_assignments(session, opened.id)
    there = {one.person_id for one in around if one.role == chosen.value}
    found = queries_setup.find_holders(session, opened.apprenticeship.provider_id, chosen, q)
    unfit = there | {opened.apprenticeship.apprentice_id}
    return page(
        "apprenticeships/people.html",
        fragment="people",
        status=status,
        opened=opened,
        here="about",
        around=around,
        roles=queries.ASSIGNED_ROLES,
        chosen=chosen,
        q=q,
        found=[person for person in found if person.id not in unfit][: queries_setup.TO_CHOOSE],
        more=len(found) > queries_setup.TO_CHOOSE,
        form=form,
    )


@router.get("/breaks/new", name="apprenticeships.new_break")
def new_break(page: PageDep, session: ReadSession, opened: Managed) -> Response:
    return _break_page(page, session, opened, None, empty(), 200)


@router.post("/breaks", name="apprenticeships.record_break")
def record_break(form: BreakEntry, page: PageDep, session: WriteSession, opened: Managed) -> Response:
    if form.value is not None:
        with mistakes_on(form):
            actions_time.record_break(
                session,
                opened.apprenticeship,
                form.value.away,
                form.value.reason,
                by=opened.viewer.person_id,
                now=utc_now(),
            )
            return page.go_to("apprenticeships.show", anchor="breaks", apprenticeship_id=opened.id)
    return _break_page(page, session, opened, None, form, 422)


@router.get("/breaks/{break_id}", name="apprenticeships.break")
def break_page(page: PageDep, session: ReadSession, opened: Managed, break_id: UUID) -> Response:
    row = _the_break(session, opened, break_id)
    form = filled(
        began_on=row.began_on, expected_back_on=row.expected_back_on, ended_on=row.ended_on, reason=row.reason
    )
    return _break_page(page, session, opened, row, form, 200)


@router.post("/breaks/{break_id}", name="apprenticeships.change_break")
def change_break(
    form: BreakEntry, page: PageDep, session: WriteSession, opened: Managed, break_id: UUID
) -> Response:
    row = _the_break(session, opened, break_id)
    if form.value is not None:
        with mistakes_on(form):
            actions_time.change_break(
                session,
                opened.apprenticeship,
                row,
                form.value.away,
                form.value.reason,
                by=opened.viewer.person_id,
                now=utc_now(),
            )
            return page.go_to("apprenticeships.show", anchor="breaks", apprenticeship_id=opened.id)
    return _break_page(page, session, opened, row, form, 422)


@router.post("/breaks/{break_id}/remove", name="apprenticeships.remove_break")
def remove_break(page: PageDep, session: WriteSession, opened: Managed, break_id: UUID) -> Response:
    row = _the_break(session, opened, break_id)
    actions_time.remove_break(session, opened.apprenticeship, row, by=opened.viewer.person_id, now=utc_now())
    return page.go_to("apprenticeships.show", anchor="breaks", apprenticeship_id=opened.id)


def _the_break(session: Session, opened: Opened, break_id: UUID) -> BreakInLearning:
    row = session.scalar(
        select(BreakInLearning).where(
            BreakInLearning.id == break_id, BreakInLearning.apprenticeship_id == opened.id
        )
    )
    if row is None:
        raise NotFound
    return row


def _break_page(
    page: Page,
    session: Session,
    opened: Opened,
    row: BreakInLearning | None,
    form: Submitted[Any],
    status: int,
) -> Response:
    return page(
        "apprenticeships/break.html", fragment="break_form", status=status, opened=opened, here="about", form=form,
        row=row, locked=queries.is_locked(session, opened.id),
    )  # fmt: skip


@router.get("/withdrawal", name="apprenticeships.withdrawal")
def withdrawal_page(page: PageDep, opened: Managed) -> Response:
    return page(
        "apprenticeships/withdrawal.html", fragment="withdrawal", opened=opened, here="about", form=empty()
    )


@router.post("/withdrawal", name="apprenticeships.withdraw")
def withdraw(form: Withdrawing, page: PageDep, session: WriteSession, opened: Managed) -> Response:
    if form.value is not None:
        with mistakes_on(form):
            actions_time.withdraw(
                session,
                opened.apprenticeship,
                form.value.withdrawn_on,
                form.value.reason,
                by=opened.viewer.person_id,
                now=utc_now(),
            )
            return page.go_to("apprenticeships.show", apprenticeship_id=opened.id)
    return page(
        "apprenticeships/withdrawal.html",
        fragment="withdrawal",
        status=422,
        opened=opened,
        here="about",
        form=form,
    )


@router.post("/withdrawal/undo", name="apprenticeships.undo_withdrawal")
def undo_withdrawal(form: Undoing, page: PageDep, session: WriteSession, opened: Managed) -> Response:
    if form.value is not None:
        actions_time.undo_withdrawal(
            session, opened.apprenticeship, form.value.reason, by=opened.viewer.person_id, now=utc_now()
        )
        return page.go_to("apprenticeships.show", apprenticeship_id=opened.id)
    return page(
        "apprenticeships/withdrawal.html",
        fragment="withdrawal",
        status=422,
        opened=opened,
        here="about",
        form=form,
    )
