"""Each party reads what it declares, ticks, and signs with the password."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.gateway import history
from portfolio.gateway.actions_lock import declare, facts_now, of_round, words_for
from portfolio.gateway.declarations import reason_of_person, reasons_not_to_declare
from portfolio.gateway.facts import Party
from portfolio.gateway.forms import Confirm
from portfolio.gateway.put_right import PARTY_PERMISSIONS
from portfolio.gateway.queries import current_round, standing_lock
from portfolio.gateway.rules import check
from portfolio.people.sessions import SignedIn
from portfolio.people.signing import signed_form
from portfolio.refusals import Forbidden
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, empty
from portfolio.web.page import Page, PageDep

router = APIRouter()
ConfirmForm = Annotated[Submitted[Confirm], Depends(signed_form(Confirm))]


class NeedsParty(Needs):
    """Route guard: may see the gateway, and may declare for the party in the address."""

    def __init__(self) -> None:
        super().__init__(Permission.VIEW_GATEWAY)

    def __call__(  # type: ignore[override]  # one more part of the address than the guard it refines
        self, request: Request, apprenticeship_id: UUID, party: Party, viewer: SignedIn, session: ReadSession
    ) -> Opened:
        opened = super().__call__(request, apprenticeship_id, viewer, session)
        if PARTY_PERMISSIONS[party] not in opened.may:
            raise Forbidden
        return opened


Declaring = Annotated[Opened, Depends(NeedsParty())]


@router.get("/declarations/{party}", name="gateway.declaration")
def declaration_page(page: PageDep, session: ReadSession, opened: Declaring, party: Party) -> Response:
    return _shown(page, session, opened, party, empty())


@router.post("/declarations/{party}", name="gateway.declare")
def sign(
    form: ConfirmForm, page: PageDep, session: WriteSession, opened: Declaring, party: Party
) -> Response:
    if form.value is None:
        return _shown(page, session, opened, party, form, status=422)
    declare(session, opened, party, now=utc_now())
    return page.go_to("gateway.show", anchor=f"declaration_{party}", apprenticeship_id=opened.id)


def _shown(
    page: Page, session: Session, opened: Opened, party: Party, form: Submitted[Any], *, status: int = 200
) -> Response:
    """Exactly what would be signed, and why it cannot be signed yet, if so."""
    locked = standing_lock(session, opened.apprenticeship) is not None
    made = of_round(history.declarations(session, opened.id), current_round(session, opened.apprenticeship))
    checked = check(facts_now(session, opened), london_day(utc_now()))
    reasons = reasons_not_to_declare(checked, party, set(made) - {party}, locked=locked)
    reasons += reason_of_person(
        party, {one: row.signed_by_id for one, row in made.items()}, opened.viewer.person_id
    )
    return page(
        "gateway/declaration.html",
        fragment="declaration",
        status=status,
        opened=opened,
        party=party,
        text=words_for(opened, party),
        made=made.get(party),
        reasons=reasons,
        form=form,
    )
