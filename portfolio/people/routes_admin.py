"""The installation admin: providers as numbers, a new provider, and the end of somebody's sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Viewer
from portfolio.database import ReadSession, WriteSession
from portfolio.people import actions, queries, sessions
from portfolio.people.forms import NewProvider, OneAddress
from portfolio.people.guards import NeedsAdmin
from portfolio.people.models import Person
from portfolio.people.passing_on import tell
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, problems_on, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/admin")
Admin = Annotated[Viewer, Depends(NeedsAdmin())]
ProviderForm = Annotated[Submitted[NewProvider], Depends(submitted(NewProvider))]
AddressForm = Annotated[Submitted[OneAddress], Depends(submitted(OneAddress))]
SIGNED_OUT = "Every device of this person is signed out."


@router.get("", name="people.admin")
def admin_page(
    page: PageDep, session: ReadSession, admin: Admin, number: PageNumber = 1, done: str = ""
) -> Response:
    return _overview(page, session, empty(), number=number, done=SIGNED_OUT if done == "sessions" else "")


@router.get("/new-provider", name="people.new_provider")
def new_provider_page(page: PageDep, admin: Admin) -> Response:
    return page("people/new_provider.html", form=empty())


@router.post("/new-provider", name="people.create_provider")
def create_provider(
    form: ProviderForm, page: PageDep, session: WriteSession, admin: Admin, request: Request
) -> Response:
    settings: Settings = request.app.state.settings
    now, lasts = utc_now(), timedelta(days=settings.invitation_days)
    made: actions.CreatedProvider | None = None
    if form.value is not None:
        with problems_on(form):
            made = actions.create_provider(
                session, **form.value.model_dump(), by=admin.person_id, now=now, valid_for=lasts
            )
    if made is None:
        session.rollback()  # the provider may have been written before its manager was refused
        return page("people/new_provider.html", fragment="new_provider_form", status=422, form=form)
    sent = tell(page, session, made.invited, made.provider.name, admin.name, now + lasts)
    return page(
        "people/provider_created.html",
        fragment="provider_created",
        provider=made.provider,
        invited=made.invited,
        sent=sent,
    )


@router.post("/end-sessions", name="people.end_sessions_by_email")
def end_sessions_by_email(form: AddressForm, page: PageDep, session: WriteSession, admin: Admin) -> Response:
    """All sessions of the person with this address; the admin's own present one goes on."""
    if form.value is not None:
        person = session.scalar(select(Person).where(Person.email == form.value.email))
        if person is not None:
            own = admin.session_id if person.id == admin.person_id else None
            sessions.end_sessions(session, person.id, by=admin.person_id, now=utc_now(), keep=own)
            return page.go_to("people.admin", query={"done": "sessions"})
        form.refuse("email", "There is no account with this address. Check it for a slip.")
    return _overview(page, session, form, status=422)


def _overview(
    page: Page,
    session: Session,
    form: Submitted[OneAddress],
    *,
    number: int = 1,
    done: str = "",
    status: int = 200,
) -> Response:
    providers = queries.providers_with_people(session, number)
    count = page.request.app.state.apprenticeships_per_provider
    return page(
        "people/admin.html",
        fragment="admin",
        status=status,
        form=form,
        providers=providers,
        apprenticeships=count(session, [row.provider.id for row in providers.rows]),
        done=done,
    )
