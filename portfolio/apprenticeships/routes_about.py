"""The About page of an apprenticeship, and the correction of its dates and numbers."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships import actions, queries, queries_contacts, queries_setup
from portfolio.apprenticeships.forms import POLICIES, DetailsForm, mistakes_on
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.apprenticeships.rules import age_on
from portfolio.database import ReadSession, WriteSession
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
Managed = Annotated[Opened, Depends(Needs(Permission.MANAGE_APPRENTICESHIP))]
Details = Annotated[Submitted[DetailsForm], Depends(submitted(DetailsForm))]


@router.get("/about", name="apprenticeships.show")
def show(page: PageDep, session: ReadSession, opened: Viewed) -> Response:
    born_on, start_on = opened.apprenticeship.date_of_birth, opened.apprenticeship.start_on
    return page(
        "apprenticeships/about.html",
        opened=opened,
        here="about",
        about=queries.about(session, opened.id),
        contacts=queries_contacts.contacts_around(session, opened.apprenticeship),
        personal=sees_personal(opened),
        age_at_start=age_on(born_on, start_on) if born_on else None,
        policy=POLICIES[opened.apprenticeship.cohort.english_maths_policy],
    )


def sees_personal(opened: Opened) -> bool:
    """ULN, date of birth, and the reasons of breaks and withdrawal: for the person and the managers alone."""
    return opened.is_own or Permission.MANAGE_APPRENTICESHIP in opened.may


@router.get("/edit", name="apprenticeships.edit")
def edit(page: PageDep, session: ReadSession, opened: Managed) -> Response:
    one = opened.apprenticeship
    form = filled(
        start_on=one.start_on,
        planned_gateway_on=one.planned_gateway_on,
        date_of_birth=one.date_of_birth,
        uln=one.uln,
        provider_reference=one.provider_reference,
        employer_id=one.employer_id,
        cohort_id=one.cohort_id,
    )
    return _edit_page(page, session, opened, form, 200)


@router.post("/edit", name="apprenticeships.change")
def change(
    form: Details, page: PageDep, session: WriteSession, opened: Managed, request: Request
) -> Response:
    one = opened.apprenticeship
    if form.value is not None:
        employer = queries_setup.employer_in(session, one.provider_id, form.value.employer_id)
        cohort = queries_setup.cohort_in(session, one.provider_id, form.value.cohort_id)
        if employer is None:
            form.refuse("employer_id", "Choose one from the list.")
        elif cohort is None:
            form.refuse("cohort_id", "Choose one from the list.")
        else:
            with mistakes_on(form):
                actions.change(
                    session,
                    request.app.state.catalogue,
                    one,
                    cohort=cohort,
                    employer=employer,
                    details=form.value.details,
                    by=opened.viewer.person_id,
                    now=utc_now(),
                )
                return page.go_to("apprenticeships.show", apprenticeship_id=opened.id)
    return _edit_page(page, session, opened, form, 422)


def _edit_page(page: Page, session: Session, opened: Opened, form: Submitted[Any], status: int) -> Response:
    provider_id = opened.apprenticeship.provider_id
    pinned = (opened.standard.reference, opened.standard.version)
    cohorts = queries_setup.all_cohorts(session, provider_id)
    return page(
        "apprenticeships/edit.html",
        fragment="edit_form",
        status=status,
        opened=opened,
        here="about",
        form=form,
        locked=queries.is_locked(session, opened.id),
        missing=queries_contacts.starting(session, provider_id, form.text("employer_id")),
        employers=[(one.id, one.name) for one in queries_setup.all_employers(session, provider_id)],
        cohorts=[
            (one.id, one.name) for one in cohorts if (one.standard_reference, one.standard_version) == pinned
        ],
    )
