"""One person of a provider: roles and rights, suspension, and what touches the account (see rules.py)."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated, TypeVar
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission, Right
from portfolio.audit import actions as audit
from portfolio.database import ReadSession, WriteSession
from portfolio.people import letters, links, mail, membership, queries, rules, sessions
from portfolio.people.forms import OneRight, OneRole
from portfolio.people.guards import NeedsInProvider
from portfolio.people.passing_on import PassedOn
from portfolio.people.queries import PersonHere
from portfolio.people.sessions import SignedIn
from portfolio.refusals import NotFound, Refused
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/providers/{provider_id}/people/{person_id}")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_PEOPLE))]
RoleForm = Annotated[Submitted[OneRole], Depends(submitted(OneRole))]
RightForm = Annotated[Submitted[OneRight], Depends(submitted(OneRight))]
Choice = TypeVar("Choice", OneRole, OneRight)
DONE = {
    "role-given": "The role is given. It counts from their next page.",
    "role-ended": "The role has ended. It counts from their next page; what they wrote stays, with their name.",
    "right-given": "The right is given.",
    "right-ended": "The right has ended.",
    "suspended": "This person is suspended here: from their next page on they see nothing of this provider.",
    "back": "This person is back, with the roles that the suspension ended.",
    "corrected": "The name is corrected.",
    "corrected-address": "The address is corrected. Links that were sent to the old one are void.",
    "sessions": "Every device of this person is signed out.",
}


def person_here(provider: Managed, session: ReadSession, person_id: UUID) -> PersonHere:
    """The person in the URL, if they are or were a member of the provider in the URL."""
    here = queries.person_in(session, provider.provider_id, person_id)
    if here is None:
        raise NotFound
    return here


Here = Annotated[PersonHere, Depends(person_here)]


@router.get("", name="people.person")
def person_page(
    page: PageDep, session: ReadSession, provider: Managed, viewer: SignedIn, here: Here, done: str = ""
) -> Response:
    now = utc_now()
    account = membership.account(session, here.person, provider.provider_id)
    seen_after, started_after = sessions.running_since(page.request.app.state.settings, now)
    running = queries.sessions_of(session, here.person.id, seen_after=seen_after, started_after=started_after)
    return page(
        "people/person.html",
        provider=provider,
        here=here,
        done=DONE.get(done, ""),
        against_roles=rules.reason_against_changing_roles(viewer.person_id, account),
        against_correcting=rules.reason_against_correcting(viewer.person_id, account),
        against_address=rules.reason_against_correcting_address(account),
        against_reset=rules.reason_against_reset(viewer.person_id, account),
        against_sessions=rules.reason_against_ending_sessions(viewer.person_id, account),
        sessions_running=len(running),
        link_until=links.open_until(session, here.person.id, _purpose(here), now),
        other_roles=[(role.value, role.label) for role in rules.GIVEN_BY_A_MANAGER if role not in here.roles],
        other_rights=[right for right in Right if right not in here.rights],
    )


@router.post("/roles", name="people.give_role")
def give_role(
    form: RoleForm, page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:
    role = _chosen(form).role
    membership.give_role(session, provider.provider_id, here.person, role, by=viewer.person_id, now=utc_now())
    return _back(page, provider, here, "role-given")


@router.post("/roles/end", name="people.end_role")
def end_role(
    form: RoleForm, page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:
    role = _chosen(form).role
    membership.end_role(session, provider.provider_id, here.person, role, by=viewer.person_id, now=utc_now())
    return _back(page, provider, here, "role-ended")


@router.post("/rights", name="people.give_right")
def give_right(
    form: RightForm, page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:
    right = _chosen(form).right
    membership.give_right(
        session, provider.provider_id, here.person, right, by=viewer.person_id, now=utc_now()
    )
    return _back(page, provider, here, "right-given")


@router.post("/rights/end", name="people.end_right")
def end_right(
    form: RightForm, page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:
    right = _chosen(form).right
    membership.end_right(
        session, provider.provider_id, here.person, right, by=viewer.person_id, now=utc_now()
    )
    return _back(page, provider, here, "right-ended")


@router.post("/suspend", name="people.suspend")
def suspend(
    page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:
    membership.suspend(session, provider.provider_id, here.person, by=viewer.person_id, now=utc_now())
    return _back(page, provider, here, "suspended")


@router.post("/bring-back", name="people.bring_back")
def bring_back(
    page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:
    membership.bring_back(session, provider.provider_id, here.person, by=viewer.person_id, now=utc_now())
    return _back(page, provider, here, "back")


@router.post("/end-sessions", name="people.end_sessions_of")
def end_sessions(
    page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:
    account = membership.account(session, here.person, provider.provider_id)
    _refuse(rules.reason_against_ending_sessions(viewer.person_id, account))
    sessions.end_sessions(
        session, here.person.id, by=viewer.person_id, now=utc_now(), provider_id=provider.provider_id
    )
    return _back(page, provider, here, "sessions")


@router.post("/link", name="people.make_link")
def make_link(
    page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here, request: Request
) -> Response:
    """A new invitation while no password is set, otherwise a reset. Older links of that kind become void."""
    account = membership.account(session, here.person, provider.provider_id)
    _refuse(rules.reason_against_reset(viewer.person_id, account))
    if here.is_suspended:
        raise Refused("This person is suspended here. Bring them back first.")
    settings: Settings = request.app.state.settings
    purpose, now = _purpose(here), utc_now()
    lasts = _lasts(settings, purpose)
    token = links.make_link(session, here.person, purpose, by=viewer.person_id, now=now, valid_for=lasts)
    _note_link(session, provider, viewer.person_id, here, purpose, now)
    link = letters.address(settings, page.path_for("people.set_password", token=token))
    if purpose == links.INVITATION:
        letter = letters.invitation(here.person, provider.provider_name, viewer.name, link, now + lasts)
    else:
        letter = letters.reset(here.person, link, now + lasts)
    delivery = mail.send_now(request, session, letter)
    if purpose == links.RESET and delivery is mail.Delivery.FAILED and settings.smtp_host:
        link = ""  # with it the manager could sign as this person: only mail brings it where there is mail
    sent = PassedOn(link, now + lasts, delivery)
    return page(
        "people/link_made.html",
        fragment="link_made",
        provider=provider,
        person=here.person,
        is_invitation=purpose == links.INVITATION,
        sent=sent,
    )


def _purpose(here: PersonHere) -> str:
    return links.INVITATION if here.is_waiting else links.RESET


def _lasts(settings: Settings, purpose: str) -> timedelta:
    if purpose == links.INVITATION:
        return timedelta(days=settings.invitation_days)
    return timedelta(minutes=settings.reset_minutes)


def _note_link(
    session: Session, provider: Membership, by: UUID, here: PersonHere, purpose: str, now: datetime
) -> None:
    action = "invitation.renewed" if purpose == links.INVITATION else "reset.started"
    audit.record(
        session, action, by=by, now=now, record="person", record_id=here.person.id,
        provider_id=provider.provider_id, person_id=here.person.id,
    )  # fmt: skip


def _chosen(form: Submitted[Choice]) -> Choice:
    if form.value is None:
        raise Refused("Choose one of the entries on the page.")
    return form.value


def _refuse(reason: str) -> None:
    if reason:
        raise Refused(reason)


def _back(page: Page, provider: Membership, here: PersonHere, done: str) -> Response:
    return page.go_to(
        "people.person",
        query={"done": done},
        provider_id=provider.provider_id,
        person_id=here.person.id,
    )
