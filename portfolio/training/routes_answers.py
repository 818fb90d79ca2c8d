"""A mentor or an assessor confirms entries of the training log, or returns one with a reason."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import WriteSession
from portfolio.findings import checking
from portfolio.refusals import Refused
from portfolio.training import actions, queries
from portfolio.training.answering import entry_page, list_page
from portfolio.training.forms import AnswerForm, ChosenForm
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep

several, one = APIRouter(), APIRouter()
Confirming = Annotated[Opened, Depends(Needs(Permission.CONFIRM_HOURS))]
Answered = Annotated[Submitted[AnswerForm], Depends(submitted(AnswerForm))]
Chosen = Annotated[Submitted[ChosenForm], Depends(submitted(ChosenForm))]
NO_REASON = "Say what is to change, so that the apprentice can put it right."
NONE_CHOSEN = "Tick the entries that you confirm."


@several.post("/confirm", name="training.confirm_several")
def confirm_several(form: Chosen, page: PageDep, session: WriteSession, opened: Confirming) -> Response:
    """Those that can be confirmed are; the others are named with the reason."""
    chosen = _chosen(form.all("chosen"))
    done, problems = 0, list[str]()
    if not chosen:
        form.refuse("", NONE_CHOSEN)
    else:
        try:
            done, problems = actions.confirm_several(session, opened, chosen, now=utc_now())
        except Refused as refusal:
            problems = [refusal.reason]
    if problems:
        form.refuse("", f"{done or 'None'} confirmed. Not confirmed: {' '.join(problems)}")
    if form.errors:
        return list_page(page, session, opened, show="waiting", form=form, status=422)
    return page.go_to("training.log", query={"done": "confirmed"}, apprenticeship_id=opened.id)


def _chosen(values: list[str]) -> dict[UUID, str]:
    """Id and fingerprint of each; what is neither is left out."""
    found: dict[UUID, str] = {}
    for value in values:
        entry_id, _, sha256 = value.partition(".")
        try:
            found[UUID(entry_id)] = sha256
        except ValueError:
            continue
    return found


@one.post("/{entry_id}/answer", name="training.answer")
def answer(
    form: Answered, page: PageDep, session: WriteSession, opened: Confirming, entry_id: UUID
) -> Response:
    entry, now = queries.entry_in(session, opened, entry_id), utc_now()
    said = form.value
    returns = said is not None and said.outcome == actions.RETURNED
    if said is not None and returns and not said.reason:
        form.refuse("reason", NO_REASON)
    labels = {"reason": "What is to change"} if returns else {}
    found = checking.found_in_form(session, opened, form, labels)
    if not checking.stopped(form, found) and form.value is not None:
        try:
            row = actions.say(
                session,
                opened,
                entry,
                form.value.outcome,
                sha256=form.value.sha256,
                reason=form.value.reason if returns else "",
                now=now,
            )
            checking.keep_once(session, opened, "hours_confirmation", row.id, found, now=now)
        except Refused as refusal:
            form.refuse("", refusal.reason)
    if form.errors:
        return entry_page(page, session, opened, entry, form=form, status=422)
    done = said.outcome if said is not None else ""
    return page.go_to("training.show", query={"done": done}, apprenticeship_id=opened.id, entry_id=entry.id)
