"""Rate one competency with a note, or the competencies of a level in one go."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.frameworks import actions
from portfolio.frameworks.answering import NOTE, at_hand, competency_page, rate_page
from portfolio.frameworks.forms import RATINGS, RatingForm, SeveralForm
from portfolio.refusals import NotFound, Refused, SentBefore
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter()
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_RATINGS))]
Rated = Annotated[Submitted[RatingForm], Depends(submitted(RatingForm))]
Several = Annotated[Submitted[SeveralForm], Depends(submitted(SeveralForm))]
UNREADABLE = "Choose not yet, developing or competent for each that you rate."


@router.post("/one", name="frameworks.rate")
def rate(form: Rated, page: PageDep, session: WriteSession, opened: Viewed) -> Response:
    """A rating of one competency: the apprentice's own, or the mentor's beside it."""
    chosen, known = at_hand(session, opened)
    competency_id, now = form.text("id"), utc_now()
    if competency_id not in chosen.places:
        raise NotFound
    found = checking.found_in_form(session, opened, form, NOTE)
    if not checking.stopped(form, found) and form.value is not None:
        try:
            rows = actions.rate(
                session,
                opened,
                known.framework.id,
                {competency_id: form.value.rating},
                known=frozenset(chosen.places),
                note=form.value.note,
                form_key=form.value.form_key,
                now=now,
                again=True,
            )
            checking.keep_once(session, opened, "competency_rating", rows[0].id, found, now=now)
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return competency_page(page, session, opened, competency_id, form=form, status=422)
    query = {"id": competency_id, "done": "rated"}
    return page.go_to("frameworks.competency", query=query, apprenticeship_id=opened.id)


@router.get("/rate", name="frameworks.rate_page")
def several_page(
    page: PageDep, session: ReadSession, opened: Viewed, level: str = "", number: PageNumber = 1
) -> Response:
    return rate_page(page, session, opened, level, number=number)


@router.post("/rate", name="frameworks.rate_several")
def several(
    form: Several, page: PageDep, session: WriteSession, opened: Viewed, number: PageNumber = 1
) -> Response:
    """What was changed on the page is kept; what stands there as it was is not given again."""
    chosen, known = at_hand(session, opened)
    changed = _changed(form)
    rows = []
    if form.value is not None:
        try:
            rows = actions.rate(
                session,
                opened,
                known.framework.id,
                changed,
                known=frozenset(chosen.places),
                form_key=form.value.form_key,
                now=utc_now(),
            )
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return rate_page(page, session, opened, form.text("level"), number=number, form=form, status=422)
    query = {"level": form.text("level"), "done": "several" if rows else "same"}
    return page.go_to("frameworks.overview", query=query, apprenticeship_id=opened.id)


def _changed(form: Submitted[SeveralForm]) -> dict[str, str]:
    """By competency the rating that was chosen instead of the one shown; its fields are numbered by its place."""
    found = {}
    for place, competency_id in enumerate(form.all("competency"), 1):
        rating = form.text(f"rating-{place}")
        if rating and rating not in RATINGS:
            form.refuse(f"rating-{place}", UNREADABLE)
        elif rating and rating != form.text(f"was-{place}"):
            found[competency_id] = rating
    return found
