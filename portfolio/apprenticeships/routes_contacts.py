"""Whom to turn to when somebody may be at risk: the provider's own contact, and each employer's safeguarding lead."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission
from portfolio.apprenticeships import queries_contacts, queries_setup
from portfolio.apprenticeships.actions_contacts import as_contact, put_on_record
from portfolio.apprenticeships.forms import ContactForm
from portfolio.apprenticeships.models import Employer
from portfolio.apprenticeships.rules_contacts import CONTACT_ROLE, LEAD_ROLE
from portfolio.database import ReadSession, WriteSession
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/providers/{provider_id}")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COHORTS))]
Entry = Annotated[Submitted[ContactForm], Depends(submitted(ContactForm))]


@router.get("/safeguarding", name="apprenticeships.contact")
def contact(page: PageDep, session: ReadSession, managed: Managed, done: str = "") -> Response:
    return _page(page, session, managed, None, done=done)


@router.post("/safeguarding", name="apprenticeships.set_contact")
def set_contact(
    form: Entry, page: PageDep, session: WriteSession, managed: Managed, viewer: SignedIn
) -> Response:
    if form.value is None:
        return _page(page, session, managed, None, form=form)
    put_on_record(session, managed.provider_id, None, form.value.contact, by=viewer.person_id, now=utc_now())
    return page.go_to("apprenticeships.contact", provider_id=managed.provider_id, query={"done": "saved"})


@router.get("/employers/{employer_id}/safeguarding", name="apprenticeships.lead")
def lead(
    page: PageDep, session: ReadSession, managed: Managed, employer_id: UUID, done: str = ""
) -> Response:
    employer = queries_setup.the_employer(session, managed.provider_id, employer_id)
    return _page(page, session, managed, employer, done=done)


@router.post("/employers/{employer_id}/safeguarding", name="apprenticeships.set_lead")
def set_lead(
    form: Entry,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    employer_id: UUID,
) -> Response:
    employer = queries_setup.the_employer(session, managed.provider_id, employer_id)
    if form.value is None:
        return _page(page, session, managed, employer, form=form)
    put_on_record(
        session, managed.provider_id, employer.id, form.value.contact, by=viewer.person_id, now=utc_now()
    )
    return page.go_to(
        "apprenticeships.lead",
        provider_id=managed.provider_id,
        employer_id=employer.id,
        query={"done": "saved"},
    )


def _page(
    page: Page,
    session: Session,
    managed: Membership,
    employer: Employer | None,
    *,
    form: Submitted[Any] | None = None,
    done: str = "",
) -> Response:
    """The form with what is on record, or as it was typed; on the provider's page also who is still missing."""
    found = queries_contacts.contacts_of(session, managed.provider_id, employer.id if employer else None)
    row = found.lead if employer else found.of_provider
    missing = [] if employer else queries_contacts.unreachable(session, [managed.provider_id])
    if form is None:
        role = LEAD_ROLE if employer else CONTACT_ROLE
        form = filled(**asdict(as_contact(row))) if row else filled(role=role)
        status = 200
    else:
        status = 422
    return page(
        "apprenticeships/contact.html",
        fragment="contact_form",
        status=status,
        provider=managed,
        employer=employer,
        form=form,
        row=row,
        missing=missing[0] if missing else None,
        just_saved=done == "saved",
    )
