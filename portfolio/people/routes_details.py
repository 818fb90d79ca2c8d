"""A manager puts a mistyped name or e-mail address right."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.database import ReadSession, WriteSession
from portfolio.people import correcting, membership, rules
from portfolio.people.forms import Details
from portfolio.people.queries import PersonHere
from portfolio.people.routes_person import Here, Managed
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/providers/{provider_id}/people/{person_id}/details")
DetailsForm = Annotated[Submitted[Details], Depends(submitted(Details))]


@router.get("", name="people.details")
def details_page(
    page: PageDep, session: ReadSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:
    account = membership.account(session, here.person, provider.provider_id)
    if reason := rules.reason_against_correcting(viewer.person_id, account):
        raise Refused(reason)
    return _shown(page, session, provider, here, filled(name=here.person.name, email=here.person.email))


@router.post("", name="people.correct")
def correct(
    form: DetailsForm, page: PageDep, session: WriteSession, provider: Managed, viewer: SignedIn, here: Here
) -> Response:  # fmt: skip
    if form.value is None:
        return _shown(page, session, provider, here, form, status=422)
    old = _correct(form, session, provider, viewer, here)
    if old is None:
        return _shown(page, session, provider, here, form, status=422)
    return page.go_to(
        "people.person",
        query={"done": "corrected-address" if old else "corrected"},
        provider_id=provider.provider_id,
        person_id=here.person.id,
    )


def _correct(
    form: DetailsForm, session: Session, provider: Managed, viewer: SignedIn, here: PersonHere
) -> str | None:
    """The address that was replaced, "" if none was, None if the new one cannot be: that is on the form then."""
    assert form.value is not None  # noqa: S101  # for mypy; the caller has asked
    name, email = form.value.name, form.value.email or here.person.email
    try:
        return correcting.correct(
            session,
            provider.provider_id,
            here.person,
            name=name,
            email=email,
            by=viewer.person_id,
            now=utc_now(),
        )
    except (correcting.AddressTaken, correcting.AddressInUse) as refusal:
        form.refuse("email", refusal.reason)
        return None


def _shown(
    page: Page, session: Session, provider: Any, here: PersonHere, form: Submitted[Any], *, status: int = 200
) -> Response:
    account = membership.account(session, here.person, provider.provider_id)
    return page(
        "people/details.html",
        fragment="details_form",
        status=status,
        provider=provider,
        here=here,
        form=form,
        against_address=rules.reason_against_correcting_address(account),
    )
