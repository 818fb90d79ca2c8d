"""The plan of off-the-job hours, as a manager sets it from the training plan that was signed."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import checking
from portfolio.findings import queries as findings
from portfolio.refusals import Refused
from portfolio.training import actions, queries
from portfolio.training.forms import PlanForm, hours_and_minutes
from portfolio.training.models import HoursPlan
from portfolio.training.rules.hours_facts import Delivery
from portfolio.training.rules.log import minutes_typed
from portfolio.training.rules.words import length
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter()
Managed = Annotated[Opened, Depends(Needs(Permission.MANAGE_APPRENTICESHIP))]
Planned = Annotated[Submitted[PlanForm], Depends(submitted(PlanForm))]
REASON = {"reason": "Why it is set so"}
MOST_WEEK, MOST_PLAN, MOST_LEAVE = 60 * 60, 10_000 * 60, 260


@router.get("/plan", name="training.plan")
def plan_page(page: PageDep, session: ReadSession, opened: Managed) -> Response:
    return _shown(page, session, opened, _as_form(queries.plan_of(session, opened.id)))


@router.post("/plan", name="training.set_plan")
def set_plan(form: Planned, page: PageDep, session: WriteSession, opened: Managed) -> Response:
    plan, now = _read(form), utc_now()
    found = checking.found_in_form(session, opened, form, REASON)
    if not checking.stopped(form, found) and form.value is not None:
        try:
            row = actions.set_plan(session, opened, plan, now=now)
            checking.keep_once(session, opened, "hours_plan", row.id, found, now=now)
        except Refused as refusal:
            form.refuse("", refusal.reason)
    if form.errors:
        return _shown(page, session, opened, form, status=422)
    return page.go_to("training.log", query={"done": "plan"}, apprenticeship_id=opened.id)


def _shown(
    page: Page, session: Session, opened: Opened, form: Submitted[Any], *, status: int = 200
) -> Response:
    plans = queries.plans_of(session, opened.id)
    return page(
        "training/plan.html",
        fragment="plan_form",
        status=status,
        opened=opened,
        form=form,
        plans=plans,
        kept=findings.shown_in(session, {one.id: {"reason": one.reason} for one in plans}),
        log=queries.log_of(session, opened, london_day(utc_now())),
        deliveries=[(key, one.value.capitalize()) for key, one in queries.DELIVERIES.items()],
        delivery_words={key: one.value for key, one in queries.DELIVERIES.items()},
        length=length,
    )


def _as_form(plan: HoursPlan | None) -> Submitted[Any]:
    if plan is None:
        return filled(delivery=Delivery.SPREAD.name.lower())
    return filled(
        weekly_hours=_hours(plan.weekly_paid_minutes),
        planned_hours=_hours(plan.planned_minutes),
        delivery=plan.delivery,
        prior_hours=_hours(plan.prior_learning_minutes),
        leave_weeks=plan.leave_weeks,
    )


def _hours(minutes: int) -> str:
    hours, rest = hours_and_minutes(minutes)
    return f"{minutes / 60:g}" if rest else hours or "0"


def _read(form: Submitted[PlanForm]) -> dict[str, Any]:
    """The plan as columns; what is no number, or too much, is noted at its field."""
    typed = form.value
    if typed is None:
        return {}
    weekly = _amount(form, "weekly_hours", 1, MOST_WEEK, "Give the paid hours of a usual week, 1 to 60.")
    planned = _amount(
        form, "planned_hours", 1, MOST_PLAN, "Give the planned hours of the whole training plan."
    )
    prior = _amount(form, "prior_hours", 0, MOST_PLAN, "Give the hours taken off for prior learning, or 0.")
    leave = form.text("leave_weeks").strip() or "0"
    if not (leave.isascii() and leave.isdigit() and len(leave) < 4 and int(leave) <= MOST_LEAVE):
        form.refuse("leave_weeks", "Give whole weeks of statutory leave, or 0.")
        leave = "0"
    return {
        "weekly_paid_minutes": weekly,
        "planned_minutes": planned,
        "delivery": typed.delivery,
        "prior_learning_minutes": prior,
        "leave_weeks": int(leave),
        "reason": typed.reason,
    }


def _amount(form: Submitted[Any], name: str, least: int, most: int, sentence: str) -> int:
    minutes = minutes_typed(form.text(name), "")
    if minutes is None or not least <= minutes <= most:
        form.refuse(name, sentence)
        return 0
    return minutes
