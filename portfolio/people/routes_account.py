"""One's own account: who one is, where one is signed in, the password."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from portfolio.audit import actions as audit
from portfolio.database import ReadSession, WriteSession
from portfolio.people import (
    attempts,
    correcting,
    kept_forms,
    letters,
    links,
    mail,
    passwords,
    queries,
    sessions,
)
from portfolio.people.forms import ChangedAddress, ChangedPassword, check_new_password
from portfolio.people.models import Person
from portfolio.people.sessions import SignedIn
from portfolio.people.signing import signed_form
from portfolio.refusals import NotFound
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, submitted
from portfolio.web.page import PageDep

router = APIRouter(prefix="/account")
ChangeForm = Annotated[Submitted[ChangedPassword], Depends(submitted(ChangedPassword))]
AddressForm = Annotated[
    Submitted[ChangedAddress], Depends(signed_form(ChangedAddress, "the address is not changed"))
]
SIGN_INS_SHOWN = timedelta(days=90)
DONE = {
    "password": "Your password is changed, and every other device is signed out.",
    "address": "Your e-mail address is changed, and every other device is signed out. Both addresses get a mail.",
    "ended": "That device is signed out.",
    "others": "Every other device is signed out.",
    "discarded": "The kept text is discarded.",
}


@router.get("", name="people.account")
def account_page(
    page: PageDep, session: ReadSession, viewer: SignedIn, request: Request, done: str = ""
) -> Response:
    now = utc_now()
    seen_after, started_after = sessions.running_since(request.app.state.settings, now)
    return page(
        "people/account.html",
        done=DONE.get(done, ""),
        sessions=queries.sessions_of(
            session, viewer.person_id, seen_after=seen_after, started_after=started_after
        ),
        sign_ins=queries.sign_ins_of(session, viewer.person_id, now - SIGN_INS_SHOWN),
        kept=queries.kept_forms_of(session, viewer.person_id, now - kept_forms.KEPT_FOR),
    )


@router.post("/sessions/{session_id}/end", name="people.end_session")
def end_session(
    page: PageDep, session: WriteSession, viewer: SignedIn, request: Request, session_id: UUID
) -> Response:
    """End one of one's own sessions. Ending this one is signing out."""
    ended = sessions.end_sessions(
        session, viewer.person_id, by=viewer.person_id, now=utc_now(), only=session_id
    )
    if not ended:
        raise NotFound
    if session_id != viewer.session_id:
        return page.go_to("people.account", query={"done": "ended"})
    response = page.go_to("people.sign_in")
    sessions.clear_cookie(response, request.app.state.settings)
    return response


@router.post("/sessions/end-others", name="people.end_other_sessions")
def end_other_sessions(page: PageDep, session: WriteSession, viewer: SignedIn) -> Response:
    sessions.end_sessions(
        session, viewer.person_id, by=viewer.person_id, now=utc_now(), keep=viewer.session_id
    )
    return page.go_to("people.account", query={"done": "others"})


@router.get("/password", name="people.change_password")
def change_password_page(page: PageDep, viewer: SignedIn) -> Response:
    return page("people/change_password.html", form=empty())


@router.post("/password", name="people.change_password_now")
def change_password(
    form: ChangeForm, page: PageDep, session: WriteSession, viewer: SignedIn, request: Request
) -> Response:
    """The old password is asked, and counted like a sign-in: a borrowed phone is no place to guess it."""
    settings: Settings = request.app.state.settings
    person, now = session.get_one(Person, viewer.person_id), utc_now()
    # Nothing but the time of last use was written: let go of the writer while passwords are checked.
    request.app.state.database.commit(session)
    status = _check_change(form, request, person)
    if form.value is None:
        return page("people/change_password.html", fragment="change_password_form", status=status, form=form)
    person.password_hash = passwords.hash_password(form.value.password_new)
    attempts.forgive(session, request, person.email, now)
    links.void_links(session, person.id, now)
    sessions.end_sessions(session, person.id, by=person.id, now=now, keep=viewer.session_id)
    audit.record(
        session, "password.changed", by=person.id, now=now, record="person", record_id=person.id, person_id=person.id
    )  # fmt: skip
    response = page.go_to("people.account", query={"done": "password"})
    forgotten_at = letters.address(settings, page.path_for("people.forgotten"))
    mail.send_later(response, settings, letters.password_changed(person, now, forgotten_at))
    return response


@router.get("/email", name="people.change_address")
def change_address_page(page: PageDep, viewer: SignedIn) -> Response:
    return page("people/change_address.html", form=empty())


@router.post("/email", name="people.change_address_now")
def change_address(form: AddressForm, page: PageDep, session: WriteSession, viewer: SignedIn) -> Response:
    """The password was asked before the transaction began, as for a signature."""
    if form.value is not None:
        try:
            correcting.change_own(
                session, viewer.person_id, form.value.email, keep=viewer.session_id, now=utc_now()
            )
        except correcting.AddressTaken as refusal:
            form.refuse("email", refusal.reason)
    if form.value is None:
        return page("people/change_address.html", fragment="change_address_form", status=422, form=form)
    return page.go_to("people.account", query={"done": "address"})


def _check_change(form: Submitted[ChangedPassword], request: Request, person: Person) -> int:
    """Put what is wrong onto the form; returns the status of the page that would show it."""
    old = form.text("password_old").strip()
    if form.value is not None:
        if minutes := attempts.take(request, person.email, utc_now()):
            form.refuse("", attempts.too_many(minutes))
            return 429
        if not passwords.check_password(old, person.password_hash):
            form.refuse("password_old", "This is not the password that you have now.")
    check_new_password(form, email=person.email, name=person.name)
    if form.value is not None and form.value.password_new == old:
        form.refuse("password_new", "This is the password that you have now. Choose another one.")
    return 422
