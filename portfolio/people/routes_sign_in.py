"""Sign in and sign out."""

from __future__ import annotations

import logging
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from starlette.responses import Response

from portfolio.database import Database, WriteSession, narrow
from portfolio.people import attempts, kept_forms, passwords, sessions
from portfolio.people.addresses import own_address
from portfolio.people.forms import SignIn
from portfolio.people.models import Person
from portfolio.people.sessions import MaybeSignedIn, SignedIn
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, submitted
from portfolio.web.page import Page, PageDep

logger = logging.getLogger("portfolio.people")
router = APIRouter()
SignInForm = Annotated[Submitted[SignIn], Depends(submitted(SignIn))]
WRONG = "This e-mail address and password do not belong together. Check both, or choose a new password."


@router.get("/sign-in", name="people.sign_in")
def sign_in_page(page: PageDep, viewer: MaybeSignedIn, next: str = "/") -> Response:  # noqa: A002
    if viewer is not None:
        return page.go_to_address(own_address(next))
    return _form_page(page, empty(), own_address(next), 200)


@router.post("/sign-in", name="people.sign_in_now")
def sign_in(form: SignInForm, page: PageDep, session: WriteSession, request: Request) -> Response:
    """Unknown, suspended and mistyped get one and the same answer, after the same work."""
    address, now = own_address(form.text("next", "/")), utc_now()
    if form.value is None:
        return _form_page(page, form, address, 422)
    email = form.value.email
    if minutes := attempts.take(request, email, now):
        form.refuse("", f"{attempts.too_many(minutes)} You can also choose a new password.")
        return _form_page(page, form, address, 429)
    person_id = _who_has(request.app.state.database, email, form.value.password)
    person = session.get(Person, person_id) if person_id is not None else None
    if person is None:
        logger.info("sign_in.refused")
        form.refuse("password", WRONG)
        return _form_page(page, form, address, 422)
    attempts.forgive(session, request, email, now)
    narrow(session, (), person.id)
    address = kept_forms.address_for(session, person.id, address, now)
    token = sessions.renew_session(request, session, person, now=now)
    response = page.go_to_address(address)
    sessions.set_cookie(response, request.app.state.settings, token)
    return response


@router.post("/sign-out", name="people.sign_out")
def sign_out(page: PageDep, session: WriteSession, viewer: SignedIn, request: Request) -> Response:
    sessions.end_session_of(request, session, utc_now())
    response = page.go_to("people.sign_in")
    sessions.clear_cookie(response, request.app.state.settings)
    return response


def _who_has(database: Database, email: str, password: str) -> UUID | None:
    """The person of this address and password. The check takes a fifth of a second, so nothing is open
    meanwhile: on SQLite a writing transaction would keep everybody else from writing."""
    with database.reading() as session:
        found = session.execute(
            select(Person.id, Person.password_hash).where(
                Person.email == email, Person.suspended_at.is_(None)
            )
        ).one_or_none()
    right = passwords.check_password(password, found.password_hash if found else "")
    return found.id if found and right else None


def _form_page(page: Page, form: Submitted[SignIn], address: str, status: int) -> Response:
    return page(
        "people/sign_in.html",
        fragment="sign_in_form",
        status=status,
        form=form,
        next=address,
        kept=kept_forms.leads_to_kept_form(address),
    )
