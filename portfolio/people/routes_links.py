"""A forgotten password, and the page behind the link of an invitation or a reset."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.audit import actions as audit
from portfolio.database import Database, ReadSession, WriteSession
from portfolio.people import attempts, letters, links, mail, passwords, sessions
from portfolio.people.forms import NewPassword, OneAddress, check_new_password
from portfolio.people.models import Person
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter()
AddressForm = Annotated[Submitted[OneAddress], Depends(submitted(OneAddress))]
PasswordForm = Annotated[Submitted[NewPassword], Depends(submitted(NewPassword))]


@router.get("/forgotten-password", name="people.forgotten")
def forgotten_page(page: PageDep) -> Response:
    return page("people/forgotten.html", form=empty())


@router.post("/forgotten-password", name="people.forgotten_now")
def forgotten(form: AddressForm, page: PageDep, session: WriteSession, request: Request) -> Response:
    """The same answer whether there is such an account or not; the mail leaves after the answer."""
    settings: Settings = request.app.state.settings
    now = utc_now()
    if form.value is None:
        return page("people/forgotten.html", fragment="forgotten_form", status=422, form=form)
    if minutes := attempts.take(request, form.value.email, now, attempts.FORGOTTEN):
        form.refuse("", attempts.too_many(minutes))
        return page("people/forgotten.html", fragment="forgotten_form", status=429, form=form)
    person = session.scalar(
        select(Person).where(Person.email == form.value.email, Person.suspended_at.is_(None))
    )
    response = page(
        "people/forgotten_sent.html",
        fragment="forgotten_sent",
        email=form.value.email,
        mail_is_sent=mail.open_mailer(settings).reached is mail.Delivery.SENT,
    )
    if person is not None:
        lasts = timedelta(minutes=settings.reset_minutes)
        token = links.make_link(session, person, links.RESET, by=None, now=now, valid_for=lasts)
        audit.record(
            session, "reset.started", by=None, now=now, record="person", record_id=person.id, person_id=person.id
        )  # fmt: skip
        link = letters.address(settings, page.path_for("people.set_password", token=token))
        mail.send_later(response, settings, letters.reset(person, link, now + lasts))
    return response


@router.get("/set-password/{token}", name="people.set_password")
def set_password_page(page: PageDep, session: ReadSession, token: str) -> Response:
    """Looking at it uses nothing up: mail programs open links to check them."""
    person = links.person_of(session, token, utc_now())
    if person is None:
        return page("people/link_dead.html", status=410)
    return page("people/set_password.html", form=empty(), person=person, token=token)


@router.post("/set-password/{token}", name="people.set_password_now")
def set_password(
    form: PasswordForm, page: PageDep, session: WriteSession, request: Request, token: str
) -> Response:
    """Once: the password is set, every other session ends, this browser is signed in."""
    now = utc_now()
    person_id, hashed = _checked(request.app.state.database, form, token)
    if person_id is None:
        return page("people/link_dead.html", status=410)
    if not hashed:
        person = session.get_one(Person, person_id)
        return page(
            "people/set_password.html",
            fragment="set_password_form",
            status=422,
            form=form,
            person=person,
            token=token,
        )
    if not links.use_link(session, token, now):
        return page("people/link_dead.html", status=410)  # somebody was faster with the same link
    return _signed_in_with(page, session, session.get_one(Person, person_id), hashed)


def _checked(database: Database, form: Submitted[NewPassword], token: str) -> tuple[UUID | None, str]:
    """Whose link it is, and the new password hashed, if it will do. Done before any writing transaction is
    open, since hashing takes a fifth of a second."""
    with database.reading() as session:
        person = links.person_of(session, token, utc_now())
    if person is None:
        return None, ""
    check_new_password(form, email=person.email, name=person.name)
    return person.id, passwords.hash_password(form.value.password_new) if form.value else ""


def _signed_in_with(page: Page, session: Session, person: Person, hashed: str) -> Response:
    request, now = page.request, utc_now()
    settings: Settings = request.app.state.settings
    had_one = bool(person.password_hash)
    person.password_hash = hashed
    links.void_links(session, person.id, now)
    sessions.end_sessions(session, person.id, by=person.id, now=now)
    attempts.forgive(session, request, person.email, now)
    audit.record(
        session, "password.set", by=person.id, now=now, record="person", record_id=person.id, person_id=person.id
    )  # fmt: skip
    token = sessions.renew_session(request, session, person, now=now)
    response = page.go_to_address("/")
    sessions.set_cookie(response, settings, token)
    if had_one:  # nobody needs a notice that their first password is set
        forgotten_at = letters.address(settings, page.path_for("people.forgotten"))
        mail.send_later(response, settings, letters.password_changed(person, now, forgotten_at))
    return response
