"""A provider's people: find them, invite more.

The link of an invitation or a reset is shown in the answer to the button itself, never at an address: it is
in no history and no log, and a reload only asks the browser to press the button again, which is safe: a
newer link replaces the older one, and an invitation that is repeated changes nothing.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from portfolio.access import Membership, Permission, Right, Role
from portfolio.database import ReadSession, WriteSession
from portfolio.people import actions, queries, rules
from portfolio.people.forms import Invitation
from portfolio.people.guards import NeedsInProvider
from portfolio.people.passing_on import tell
from portfolio.people.sessions import SignedIn
from portfolio.settings import Settings
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, problems_on, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/providers/{provider_id}/people")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_PEOPLE))]
InvitationForm = Annotated[Submitted[Invitation], Depends(submitted(Invitation))]
ROLE_CHOICES = [(role.value, role.label) for role in rules.GIVEN_BY_A_MANAGER]
RIGHT_CHOICES = [(right.value, right.label) for right in Right]
STANDINGS = [*ROLE_CHOICES, (queries.SUSPENDED, "Suspended here")]


@router.get("", name="people.list")
def people_list(
    page: PageDep,
    session: ReadSession,
    provider: Managed,
    search: str = "",
    standing: str = "",
    number: PageNumber = 1,
) -> Response:
    search, standing = search.strip()[:100], standing if standing in dict(STANDINGS) else ""
    people = queries.people_in(session, provider.provider_id, search=search, standing=standing, number=number)
    return page(
        "people/list.html",
        fragment="people_list",
        provider=provider,
        people=people,
        search=search,
        standing=standing,
        standings=STANDINGS,
    )


@router.get("/invite", name="people.invite")
def invite_page(page: PageDep, provider: Managed, role: str = "") -> Response:
    form = empty()
    form.typed["roles"] = [role] if role in list(Role) else []
    return _invite_page(page, form, provider, 200)


@router.post("", name="people.invite_now")
def invite(
    form: InvitationForm,
    page: PageDep,
    session: WriteSession,
    viewer: SignedIn,
    provider: Managed,
    request: Request,
) -> Response:
    settings: Settings = request.app.state.settings
    now, lasts = utc_now(), timedelta(days=settings.invitation_days)
    invited: actions.Invited | None = None
    if form.value is not None:
        with problems_on(form):
            invited = actions.invite(
                session,
                provider_id=provider.provider_id,
                **form.value.model_dump(),
                by=viewer.person_id,
                now=now,
                valid_for=lasts,
            )
    if invited is None:
        session.rollback()  # nothing stays of an invitation that was refused half way
        return _invite_page(page, form, provider, 422)
    sent = None
    if invited.given or invited.token:
        sent = tell(page, session, invited, provider.provider_name, viewer.name, now + lasts)
    return page("people/invited.html", fragment="invited", provider=provider, invited=invited, sent=sent)


def _invite_page(page: Page, form: Submitted[Invitation], provider: Membership, status: int) -> Response:
    return page(
        "people/invite.html",
        fragment="invite_form",
        status=status,
        form=form,
        provider=provider,
        role_choices=ROLE_CHOICES,
        right_choices=RIGHT_CHOICES,
    )
