"""Training of a member of staff: recorded, and removed where it was recorded by mistake."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership
from portfolio.database import ReadSession, WriteSession
from portfolio.development.rules import number_typed
from portfolio.findings.checking import stopped
from portfolio.library.queries import frameworks_for
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused, SentBefore
from portfolio.staff import actions, checking, queries
from portfolio.staff.answering import Keeping
from portfolio.staff.forms import LearningForm
from portfolio.staff.models import MOST_MINUTES, StaffMember
from portfolio.training import levels
from portfolio.web.formats import date_words, london_day, utc_now
from portfolio.web.forms import Submitted, filled, new_form_key, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/{staff_id}/training")
Learnt = Annotated[Submitted[LearningForm], Depends(submitted(LearningForm))]
TITLE = {"what": "Title of the training"}


@router.get("", name="staff.training")
def training(page: PageDep, session: ReadSession, managed: Keeping, staff_id: UUID) -> Response:
    member = queries.member_in(session, managed.provider_id, staff_id)
    return _form_page(page, session, managed, member, filled(level=_chosen(session, member)))


@router.post("", name="staff.record_training")
def record_training(
    form: Learnt,
    page: PageDep,
    session: WriteSession,
    managed: Keeping,
    viewer: SignedIn,
    staff_id: UUID,
) -> Response:
    """Sent twice, it records it once."""
    member, now = queries.member_in(session, managed.provider_id, staff_id), utc_now()
    says = _says(session, member, form, london_day(now))
    found = checking.found_in_form(session, member, viewer, form, TITLE)
    if not stopped(form, found) and form.value is not None and not form.errors:
        key, by = form.value.form_key, viewer.person_id
        try:
            row = actions.record_learning(session, member, says, by=by, form_key=key, now=now)
            checking.keep_once(session, row, found, by=by, now=now)
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return _form_page(page, session, managed, member, form, status=422)
    return _back(page, member, "training")


@router.post("/{learning_id}/remove", name="staff.remove_training")
def remove_training(
    page: PageDep,
    session: WriteSession,
    managed: Keeping,
    viewer: SignedIn,
    staff_id: UUID,
    learning_id: UUID,
) -> Response:
    member = queries.member_in(session, managed.provider_id, staff_id)
    actions.remove_learning(session, member, learning_id, by=viewer.person_id, now=utc_now())
    return _back(page, member, "removed")


def _says(
    session: Session, member: StaffMember, form: Submitted[LearningForm], today: date
) -> dict[str, Any]:
    """The training as columns; what cannot be is noted at its field."""
    typed = form.value
    if typed is None:
        return {}
    minutes = number_typed(typed.minutes, 1, MOST_MINUTES)
    if minutes is None:
        form.refuse("minutes", f"Enter how long it took in whole minutes, 1 to {MOST_MINUTES}.")
    if typed.day > today:
        form.refuse("day", f"{date_words(typed.day)} is still to come. Record the training when it is done.")
    known = levels.choices(frameworks_for(session, member.provider_id), _chosen(session, member))
    if typed.level not in dict(known):
        form.refuse("level", "Choose the framework and level from the list.")
    framework_id, _, level_id = typed.level.partition(":")
    return {
        "day": typed.day,
        "minutes": minutes,
        "what": typed.what,
        "framework_id": framework_id,
        "level_id": level_id,
    }


def _chosen(session: Session, member: StaffMember) -> str:
    """The level that was chosen, as a box to choose from names it; empty while none is."""
    stands = next(iter(queries.choices_of(session, member)), None)
    return f"{stands.framework_id}:{stands.level_id}" if stands is not None else ""


def _back(page: Page, member: StaffMember, done: str) -> Response:
    gaps: dict[str, Any] = {"provider_id": member.provider_id, "staff_id": member.id}
    return page.go_to("staff.show", query={"done": done}, **gaps)


def _form_page(
    page: Page,
    session: Session,
    managed: Membership,
    member: StaffMember,
    form: Submitted[Any],
    *,
    status: int = 200,
) -> Response:
    known = frameworks_for(session, member.provider_id)
    return page(
        "staff/learning.html",
        fragment="learning_form",
        status=status,
        provider=managed,
        member=member,
        form=form,
        levels=levels.choices(known, _chosen(session, member)),
        key=new_form_key(),
    )
