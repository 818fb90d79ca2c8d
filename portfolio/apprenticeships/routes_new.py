"""One new apprenticeship, with the people it brings in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission, Role, Viewer
from portfolio.apprenticeships import queries_contacts, queries_setup
from portfolio.apprenticeships.actions_around import Bringing, Enrolled, Enrolment, Named, enrol
from portfolio.apprenticeships.actions_setup import hold
from portfolio.apprenticeships.forms import NewApprenticeship, mistakes_on
from portfolio.apprenticeships.rules import Mistakes
from portfolio.apprenticeships.welcome import invitation_lasts, send_now, welcomes
from portfolio.database import ReadSession, WriteSession
from portfolio.people.guards import NeedsInProvider
from portfolio.people.models import Person
from portfolio.people.queries import people_with_role
from portfolio.people.sessions import SignedIn
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/providers/{provider_id}/apprenticeships")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COHORTS))]
NewForm = Annotated[Submitted[NewApprenticeship], Depends(submitted(NewApprenticeship))]
NOT_IN_LIST = "Choose one from the list."


@router.get("/new", name="apprenticeships.new")
def new_apprenticeship(page: PageDep, session: ReadSession, managed: Managed, cohort: str = "") -> Response:
    return _page(page, session, managed, filled(cohort_id=cohort), 200)


@router.post("/new", name="apprenticeships.create")
def create_apprenticeship(
    form: NewForm,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    request: Request,
) -> Response:
    if form.value is not None:
        with mistakes_on(form):
            enrolled = _enrol(request, session, managed, viewer, form.value)
            return _answer(request, page, session, managed, viewer, enrolled)
    return _page(page, session, managed, form, 422)


def _enrol(
    request: Request, session: Session, managed: Membership, viewer: Viewer, value: NewApprenticeship
) -> Enrolled:
    """Look up inside the provider whatever the form names by id; raises Mistakes."""
    provider_id, wrong = managed.provider_id, {}
    cohort = queries_setup.cohort_in(session, provider_id, value.cohort_id)
    employer = queries_setup.employer_in(session, provider_id, value.employer_id)
    apprentice: Person | Named | None = Named(
        value.apprentice_email, value.apprentice_name, "apprentice_email"
    )
    if value.apprentice_id is not None:
        apprentice = queries_setup.holder(session, provider_id, Role.APPRENTICE, value.apprentice_id)
    around: list[tuple[Role, Person | Named]] = []
    if value.mentor_email:
        around.append((Role.MENTOR, Named(value.mentor_email, value.mentor_name, "mentor_email")))
    if value.assessor_id is not None:
        assessor = queries_setup.holder(session, provider_id, Role.ASSESSOR, value.assessor_id)
        if assessor is None:
            wrong["assessor_id"] = NOT_IN_LIST
        else:
            around.append((Role.ASSESSOR, assessor))
    for name, found in (("cohort_id", cohort), ("employer_id", employer), ("apprentice_id", apprentice)):
        if found is None:
            wrong[name] = NOT_IN_LIST
    if wrong or cohort is None or employer is None or apprentice is None:
        raise Mistakes(wrong)
    hold(session, provider_id)
    lasts = invitation_lasts(request.app.state.settings)
    return enrol(
        session,
        request.app.state.catalogue,
        Enrolment(cohort, employer, value.details, apprentice, around),
        who=Bringing(session, provider_id, viewer.person_id, utc_now(), lasts),
    )


def _answer(
    request: Request, page: Page, session: Session, managed: Membership, viewer: Viewer, enrolled: Enrolled
) -> Response:
    """Straight to the new page, unless somebody was invited: then what they got, and the links to pass on."""
    apprenticeship_id = enrolled.apprenticeship.id
    if not enrolled.invited:
        return page.go_to("apprenticeships.show", apprenticeship_id=apprenticeship_id)
    wanted = welcomes(page, enrolled.invited, managed.provider_name, viewer.name, utc_now())
    return page(
        "apprenticeships/created.html",
        fragment="created",
        provider=managed,
        apprenticeship_id=apprenticeship_id,
        welcomes=send_now(request, session, wanted),
    )


def _page(page: Page, session: Session, managed: Membership, form: Submitted[Any], status: int) -> Response:
    provider_id = managed.provider_id
    return page(
        "apprenticeships/new.html",
        fragment="new_form",
        status=status,
        provider=managed,
        form=form,
        missing=queries_contacts.starting(session, provider_id, form.text("employer_id")),
        apprentices=_people(queries_setup.unplaced(session, provider_id)),
        assessors=_people(people_with_role(session, provider_id, Role.ASSESSOR)),
        employers=[(one.id, one.name) for one in queries_setup.all_employers(session, provider_id)],
        cohorts=[
            (one.id, f"{one.name} ({one.standard_reference} version {one.standard_version})")
            for one in queries_setup.all_cohorts(session, provider_id)
        ],
    )


def _people(people: Sequence[Person]) -> list[tuple[UUID, str]]:
    """To choose from: two people may have one name, but not one address."""
    return [(person.id, f"{person.name}, {person.email}") for person in people]
