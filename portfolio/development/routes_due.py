"""What is due for one person, with whose rule it is; the induction, the employer's own interval, and what it asks for."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.apprenticeships.models import Employer
from portfolio.apprenticeships.queries_setup import the_employer
from portfolio.database import ReadSession, WriteSession
from portfolio.development import setting
from portfolio.development.forms import AsksForm, InductionForm, RefresherForm
from portfolio.development.rules import COVERS, number_typed
from portfolio.development.standing import standing_of
from portfolio.development.wording import INDUCTION_TAGS, LEVEL_TAGS, TAGS
from portfolio.findings import checking
from portfolio.findings import queries as findings
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/development")
of_employer = APIRouter(prefix="/providers/{provider_id}/employers/{employer_id}/development")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_DUE))]
Inducting = Annotated[Opened, Depends(Needs(Permission.RECORD_INDUCTION))]
Choosing = Annotated[Opened, Depends(Needs(Permission.CHOOSE_FRAMEWORK))]
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COHORTS))]
Inducted = Annotated[Submitted[InductionForm], Depends(submitted(InductionForm))]
Set = Annotated[Submitted[RefresherForm], Depends(submitted(RefresherForm))]
Asked = Annotated[Submitted[AsksForm], Depends(submitted(AsksForm))]
REASON = {"reason": "Why it is set so"}
DONE = {
    "induction": "The induction is on record.",
    "refresher": "The refresher is set.",
    "asks": "What the employer asks for is set.",
}


@router.get("", name="development.due")
def due(page: PageDep, session: ReadSession, opened: Viewed, done: str = "") -> Response:
    today = london_day(utc_now())
    overrides = setting.overrides_of(session, opened.id)
    return page(
        "development/due.html",
        opened=opened,
        row=standing_of(session, opened.apprenticeship, today).row,
        overrides=overrides,
        kept=findings.shown_in(session, {one.id: {"reason": one.reason} for one in overrides}),
        inductions=setting.inductions_of(session, opened.id),
        covers=COVERS,
        records=Permission.RECORD_INDUCTION in opened.may,
        chooses=Permission.CHOOSE_FRAMEWORK in opened.may,
        keeps=Permission.KEEP_DEVELOPMENT in opened.may,
        tags=TAGS,
        induction_tags=INDUCTION_TAGS,
        level_tags=LEVEL_TAGS,
        said=DONE.get(done, ""),
    )


@router.get("/induction", name="development.induction")
def induction(page: PageDep, opened: Inducting) -> Response:
    return _induction_page(page, opened, filled(day=london_day(utc_now())))


@router.post("/induction", name="development.record_induction")
def record_induction(form: Inducted, page: PageDep, session: WriteSession, opened: Inducting) -> Response:
    now = utc_now()
    if form.value is not None:
        _refuse_day(form, form.value.day, london_day(now))
    covered = [key for key in COVERS if form.has("covered", key)]
    if not covered:
        form.refuse("covered", "Tick what the induction covered.")
    if form.errors or form.value is None:
        return _induction_page(page, opened, form, status=422)
    setting.record_induction(session, opened, form.value.day, covered, now=now)
    return page.go_to("development.due", query={"done": "induction"}, apprenticeship_id=opened.id)


def _induction_page(page: Page, opened: Opened, form: Submitted[Any], *, status: int = 200) -> Response:
    return page(
        "development/induction.html",
        fragment="set_form",
        status=status,
        opened=opened,
        form=form,
        covers=COVERS,
    )


def _refuse_day(form: Submitted[Any], day: date, today: date) -> None:
    if day > today:
        words = f"{day.day} {day:%B %Y} is still to come. Today is {today.day} {today:%B %Y}."
        form.refuse("day", words)


@router.get("/refresher", name="development.refresher")
def refresher(page: PageDep, session: ReadSession, opened: Choosing) -> Response:
    before = next(iter(setting.overrides_of(session, opened.id, most=1)), None)
    form = filled(
        designated_lead="yes" if before and before.designated_lead else "no",
        months=before.months if before else None,
    )
    return _refresher_page(page, session, opened, form)


@router.post("/refresher", name="development.set_refresher")
def set_refresher(form: Set, page: PageDep, session: WriteSession, opened: Choosing) -> Response:
    typed, now = form.value, utc_now()
    found = checking.found_in_form(session, opened, form, REASON)
    months = _number(form, "months", 120, "Give the interval in whole months, 1 to 120, or leave it out.")
    if not checking.stopped(form, found) and typed is not None and not form.errors:
        row = setting.set_refresher(
            session,
            opened,
            months=months,
            designated_lead=typed.designated_lead == "yes",
            reason=typed.reason,
            now=now,
        )
        checking.keep_once(session, opened, "refresher_override", row.id, found, now=now)
        return page.go_to("development.due", query={"done": "refresher"}, apprenticeship_id=opened.id)
    return _refresher_page(page, session, opened, form, status=422)


def _refresher_page(
    page: Page, session: Session, opened: Opened, form: Submitted[Any], *, status: int = 200
) -> Response:
    today = london_day(utc_now())
    return page(
        "development/refresher.html",
        fragment="set_form",
        status=status,
        opened=opened,
        form=form,
        row=standing_of(session, opened.apprenticeship, today).row,
    )


@of_employer.get("", name="development.asks")
def asks(
    page: PageDep, session: ReadSession, managed: Managed, employer_id: UUID, done: str = ""
) -> Response:
    employer = the_employer(session, managed.provider_id, employer_id)
    now = setting.asks_of(session, employer.id)
    form = filled(
        induction_days=now.induction_days if now else None,
        supervision_months=now.supervision_months if now else None,
    )
    return _asks_page(page, session, managed, employer, form, said=DONE.get(done, ""))


@of_employer.post("", name="development.set_asks")
def set_asks(
    form: Asked,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    employer_id: UUID,
) -> Response:
    employer = the_employer(session, managed.provider_id, employer_id)
    days = _number(form, "induction_days", 365, "Give whole days, 1 to 365, or leave it out.")
    months = _number(form, "supervision_months", 24, "Give whole months, 1 to 24, or leave it out.")
    if form.errors:
        return _asks_page(page, session, managed, employer, form, status=422)
    setting.set_asks(
        session,
        employer,
        induction_days=days,
        supervision_months=months,
        by=viewer.person_id,
        now=utc_now(),
    )
    gaps: dict[str, Any] = {"provider_id": managed.provider_id, "employer_id": employer.id}
    return page.go_to("development.asks", query={"done": "asks"}, **gaps)


def _asks_page(
    page: Page,
    session: Session,
    managed: Membership,
    employer: Employer,
    form: Submitted[Any],
    *,
    said: str = "",
    status: int = 200,
) -> Response:
    return page(
        "development/asks.html",
        fragment="set_form",
        status=status,
        provider=managed,
        employer=employer,
        form=form,
        stands=setting.asks_of(session, employer.id),
        said=said,
    )


def _number(form: Submitted[Any], name: str, most: int, sentence: str) -> int | None:
    """A whole number from 1, or None where nothing was typed; anything else is noted at its field."""
    text = form.text(name).strip()
    number = number_typed(text, 1, most)
    if text and number is None:
        form.refuse(name, sentence)
    return number
