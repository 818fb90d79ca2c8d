"""The placement helper, and the framework and level as they are chosen for a member of staff, for the employer."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from kbs.framework import Framework
from portfolio.access import Membership
from portfolio.database import ReadSession, WriteSession
from portfolio.findings.checking import stopped
from portfolio.frameworks import helper
from portfolio.frameworks.answering import REASON
from portfolio.frameworks.forms import says_choice
from portfolio.library.queries import frameworks_for
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused, SentBefore
from portfolio.staff import actions, checking, queries
from portfolio.staff.answering import Keeping
from portfolio.staff.forms import StaffChoiceForm
from portfolio.staff.models import StaffChoice, StaffMember
from portfolio.staff.standing import held_levels
from portfolio.staff.wording import NEED_WORDS
from portfolio.training import levels
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, filled, new_form_key, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/{staff_id}/choose")
Chosen = Annotated[Submitted[StaffChoiceForm], Depends(submitted(StaffChoiceForm))]
STRANDS = [("child", "Children"), ("adult", "Adults"), ("both", "Children and adults")]


@router.get("", name="staff.choose")
def choose(page: PageDep, session: ReadSession, managed: Keeping, staff_id: UUID) -> Response:
    """The answers of the helper stand in the address, and nowhere else."""
    member = queries.member_in(session, managed.provider_id, staff_id)
    return _choose_page(page, session, managed, member, None)


@router.post("", name="staff.choose_now")
def choose_now(
    form: Chosen,
    page: PageDep,
    session: WriteSession,
    managed: Keeping,
    viewer: SignedIn,
    staff_id: UUID,
) -> Response:
    member, now = queries.member_in(session, managed.provider_id, staff_id), utc_now()
    says: dict[str, Any] = {**says_choice(form, frameworks_for(session, member.provider_id).all())}
    found = checking.found_in_form(session, member, viewer, form, REASON)
    if not stopped(form, found) and form.value is not None and not form.errors:
        says["designated_lead"] = form.value.lead == "yes"
        key, by = form.value.form_key, viewer.person_id
        try:
            row = actions.choose(session, member, says, by=by, form_key=key, now=now)
            checking.keep_once(session, row, found, by=by, now=now)
        except Refused as refusal:
            if isinstance(refusal, SentBefore):
                form.typed.pop("form_key", None)
            form.refuse("", refusal.reason)
    if form.errors:
        return _choose_page(page, session, managed, member, form, status=422)
    gaps: dict[str, Any] = {"provider_id": member.provider_id, "staff_id": member.id}
    return page.go_to("staff.show", query={"done": "chosen"}, **gaps)


def _choose_page(
    page: Page,
    session: Session,
    managed: Membership,
    member: StaffMember,
    form: Submitted[Any] | None,
    *,
    status: int = 200,
) -> Response:
    """The helper with the levels that are held already, and the choice. `form`: as it was sent, or None."""
    known = frameworks_for(session, member.provider_id)
    stands = next(iter(queries.choices_of(session, member)), None)
    asked = dict(page.request.query_params.items())
    framework = _framework(known.all(), asked.get("framework", ""), stands)
    held, today = held_levels(session, member, framework.id), london_day(utc_now())
    helped = helper.helped(framework, helper.role_from(asked), "", held, member.started_on, today)
    if form is None:
        form = _as_stands(stands)
        if helped.answered and helped.advice.level:
            form.typed["level"] = [f"{framework.id}:{helped.advice.level.id}"]
    return page(
        "staff/choose.html",
        fragment="choice_form",
        status=status,
        provider=managed,
        member=member,
        frameworks=known.all(),
        framework=framework,
        asked=asked,
        questions=helper.questions(),
        helped=helped,
        need_words=NEED_WORDS,
        levels=levels.choices(known),
        strands=STRANDS,
        has_left=member.has_left(today),
        left_words=actions.HAS_LEFT,
        key=new_form_key(),
        form=form,
    )


def _framework(offered: tuple[Framework, ...], asked: str, stands: StaffChoice | None) -> Framework:
    """The one asked for, else the one that was chosen, else the first on offer."""
    named = asked or (stands.framework_id if stands else "")
    return next((one for one in offered if one.id == named), offered[0])


def _as_stands(stands: StaffChoice | None) -> Submitted[Any]:
    """The form as it is first shown: what stands, to be changed; a new choice needs a reason of its own."""
    if stands is None:
        return filled(lead="no")
    return filled(
        level=f"{stands.framework_id}:{stands.level_id}",
        strand=stands.strand,
        lead="yes" if stands.designated_lead else "no",
    )
