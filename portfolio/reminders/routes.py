"""One's own reminders, and the link in a digest that stops it without signing in."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Viewer
from portfolio.database import ReadSession, WriteSession, narrow
from portfolio.people import mail
from portfolio.people.models import Person
from portfolio.people.sessions import SignedIn
from portfolio.refusals import NotFound
from portfolio.reminders import actions, queries_people, rules, tokens, view
from portfolio.reminders.forms import DAY_CHOICES, Reminders
from portfolio.reminders.jobs import limits_of
from portfolio.reminders.queries_training import everything_for
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter()
Form = Annotated[Submitted[Reminders], Depends(submitted(Reminders))]


@router.get("/account/reminders", name="reminders.settings")
def reminders_page(page: PageDep, session: ReadSession, viewer: SignedIn, done: str = "") -> Response:
    """What this person chose, what the last digest said, and what one would say now. Nobody sees another's."""
    choice = queries_people.choice_of(session, viewer.person_id)
    wanted = [line.value for line in rules.Line if line.value not in choice.muted]
    form = filled(weekly=choice.weekly, weekday=choice.weekday, lines=wanted)
    return _page(page, session, viewer, form, done=done == "saved")


@router.post("/account/reminders", name="reminders.save")
def save(form: Form, page: PageDep, session: WriteSession, viewer: SignedIn) -> Response:
    offered = view.lines_for(viewer)
    if form.value is not None and form.value.weekly and not set(form.value.lines) & set(offered):
        form.refuse("lines", "Tick at least one, or take the tick off “Send me the weekly digest”.")
    if form.value is None:
        return _page(page, session, viewer, form, status=422)
    actions.choose(
        session,
        viewer.person_id,
        weekly=form.value.weekly,
        weekday=form.value.weekday,
        wanted=form.value.lines,
        offered=offered,
        now=utc_now(),
    )
    return page.go_to("reminders.settings", query={"done": "saved"})


def _page(
    page: Page,
    session: Session,
    viewer: Viewer,
    form: Submitted[Any],
    *,
    status: int = 200,
    done: bool = False,
) -> Response:
    state, now = page.request.app.state, utc_now()
    limits = limits_of(state.settings)
    choice = queries_people.choice_of(session, viewer.person_id)
    last = queries_people.last_sent(session, viewer.person_id)
    facts = everything_for(session, state.catalogue, [viewer.person_id], limits, now)[viewer.person_id]
    return page(
        "reminders/settings.html",
        fragment="reminders_form",
        status=status,
        form=form,
        done=done,
        lines=view.described(viewer, limits, state.catalogue.default().words.gateway),
        day_choices=DAY_CHOICES,
        place_of=view.place_of,
        choice=choice,
        last=last,
        said=rules.digest(facts, choice, limits, london_day(now)),
        next_on=rules.next_on(choice, now, last.week if last else ""),
        reached=mail.open_mailer(state.settings).reached.value,
    )


@router.get("/reminders/stop/{token}", name="reminders.stop")
def stop_page(page: PageDep, session: ReadSession, request: Request, token: str) -> Response:
    """Looking stops nothing: mail programs open links to check them."""
    return page("reminders/stop.html", token=token, stopped=not _choice(session, request, token).weekly)


@router.post("/reminders/stop/{token}", name="reminders.stop_now")
def stop(page: PageDep, session: WriteSession, request: Request, token: str) -> Response:
    """By the button on our page, or by the mail program itself (RFC 8058), which sends no cookie and follows no
    redirect: the answer is the page."""
    _choice(session, request, token)
    actions.stop(session, _whose(request, token), utc_now())
    return page("reminders/stop.html", token=token, stopped=True)


def _choice(session: Session, request: Request, token: str) -> rules.Choice:
    person_id = _whose(request, token)
    if session.get(Person, person_id) is None:
        raise NotFound
    narrow(session, (), person_id)  # the token says whose they are; nobody has signed in
    return queries_people.choice_of(session, person_id)


def _whose(request: Request, token: str) -> UUID:
    person_id = tokens.person_in(request.app.state.settings, token)
    if person_id is None:
        raise NotFound
    return person_id
