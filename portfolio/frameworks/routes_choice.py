"""The placement helper, and the framework and level as mentor or manager choose them for the employer."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.frameworks import actions
from portfolio.frameworks.answering import REASON, choose_page
from portfolio.frameworks.forms import ChoiceForm, says_choice
from portfolio.library.queries import frameworks_for
from portfolio.refusals import Refused, SentBefore
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, submitted
from portfolio.web.page import PageDep

router = APIRouter()
Choosing = Annotated[Opened, Depends(Needs(Permission.CHOOSE_FRAMEWORK))]
Chosen = Annotated[Submitted[ChoiceForm], Depends(submitted(ChoiceForm))]


@router.get("/choose", name="frameworks.choose")
def choose(page: PageDep, session: ReadSession, opened: Choosing) -> Response:
    """The answers of the helper stand in the address, and nowhere else."""
    return choose_page(page, session, opened, empty())


@router.post("/choose", name="frameworks.choose_now")
def choose_now(form: Chosen, page: PageDep, session: WriteSession, opened: Choosing) -> Response:
    """The choice; those who see ratings go on to them, a manager stays."""
    offered = frameworks_for(session, opened.apprenticeship.provider_id).all()
    says, now = says_choice(form, offered), utc_now()
    found = checking.found_in_form(session, opened, form, REASON)
    if not checking.stopped(form, found) and form.value is not None:
        try:
            row = actions.choose(session, opened, says, form_key=form.value.form_key, now=now)
            checking.keep_once(session, opened, "framework_choice", row.id, found, now=now)
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return choose_page(page, session, opened, form, status=422)
    if Permission.VIEW_RATINGS in opened.may:
        return page.go_to("frameworks.overview", query={"done": "chosen"}, apprenticeship_id=opened.id)
    return page.go_to("frameworks.choose", anchor="before", apprenticeship_id=opened.id)
