"""The training report of a provider: induction, supervision, refresher and level of everybody on programme."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Membership, Permission, Viewer
from portfolio.apprenticeships.models import Cohort, Employer
from portfolio.audit import actions as audit
from portfolio.cohorts.routes_exports import XLSX, download
from portfolio.cohorts.training_files import csv_file, xlsx_file
from portfolio.cohorts.training_lines import (
    TOTALS,
    Asked,
    AskedFor,
    added_up,
    everybody,
    staff_asked_for,
    total_cells,
)
from portfolio.database import ReadSession, WriteSession
from portfolio.development.standing import Standing
from portfolio.development.wording import INDUCTION_TAGS, LEVEL_TAGS, TAGS
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.staff.standing import overdue_of
from portfolio.training.rules.report import By
from portfolio.web.formats import date_words, london_day, utc_now
from portfolio.web.page import PageDep
from portfolio.web.paging import PER_PAGE, PageNumber, cut

router = APIRouter(prefix="/providers/{provider_id}/training-report")
Reporting = Annotated[Membership, Depends(NeedsInProvider(Permission.VIEW_COHORTS))]
ABOUT = (
    "Induction: the first one on record that covered the procedures. Due: as the employer asks, from the start.",
    "Supervision: the last one on record. Due: as the employer asks.",
    "Refresher: the last entry of the training log at the framework and level chosen. Due: by the rule of that edition, or by the employer’s own interval.",
    "Level: held from the first entry at it. Where neither a source nor the employer says anything there is no due day.",
)

ABOUT_STAFF = "Staff: people of the employers who are no apprentices, by name, with the same rules for refresher and level. They are in no cohort, and nothing of induction or supervision is recorded for them."


@router.get("", name="cohorts.training")
def report(
    page: PageDep, session: ReadSession, held: Reporting, asked: AskedFor, number: PageNumber = 1
) -> Response:
    today = london_day(utc_now())
    every = everybody(session, held.provider_id, today)
    first, last = (number - 1) * PER_PAGE, number * PER_PAGE + 1
    people = [one for one in every if asked.wants(one)]
    lines: list[Any] = (
        people
        if asked.by == "people"
        else added_up(people, By.EMPLOYER if asked.by == "employer" else By.COHORT)
    )
    return page(
        "cohorts/training.html",
        provider=held,
        asked=asked,
        found=cut(lines[first:last], number),
        people=len(people),
        overdue=sum(1 for one in people if one.row.overdue),
        staff=overdue_of(session, held.provider_id, today),
        employers=_names(session, Employer, held),
        cohorts=_names(session, Cohort, held),
        totals=TOTALS,
        total_cells=total_cells,
        tags=TAGS,
        induction_tags=INDUCTION_TAGS,
        level_tags=LEVEL_TAGS,
        about=ABOUT,
    )


@router.post("/export.csv", name="cohorts.training_csv")
def csv_export(session: WriteSession, held: Reporting, asked: AskedFor, viewer: SignedIn) -> Response:
    people = _taken(session, held, asked, viewer, "csv")
    return download(csv_file(people), _name("csv"), "text/csv; charset=utf-8")


@router.post("/export.xlsx", name="cohorts.training_xlsx")
def xlsx_export(session: WriteSession, held: Reporting, asked: AskedFor, viewer: SignedIn) -> Response:
    today = london_day(utc_now())
    staff = staff_asked_for(session, held.provider_id, asked, today)
    people = _taken(session, held, asked, viewer, "xlsx", staff=len(staff))
    about = [
        f"Training report of {held.provider_name}, as it stood on {date_words(today)}.",
        *ABOUT,
        ABOUT_STAFF,
    ]
    return download(xlsx_file(people, staff, about), _name("xlsx"), XLSX)


def _taken(
    session: Session, held: Membership, asked: Asked, viewer: Viewer, form: str, **more: Any
) -> list[Standing]:
    """The people asked for; who took them away is on record."""
    now = utc_now()
    people = [one for one in everybody(session, held.provider_id, london_day(now)) if asked.wants(one)]
    audit.record(
        session,
        "training_report.exported",
        by=viewer.person_id,
        now=now,
        record="provider",
        record_id=held.provider_id,
        provider_id=held.provider_id,
        form=form,
        people=len(people),
        **more,
    )
    return people


def _name(ending: str) -> str:
    return f"training-report-{london_day(utc_now()).isoformat()}.{ending}"


def _names(session: Session, model: Any, held: Membership) -> list[tuple[str, str]]:
    rows = session.execute(
        select(model.id, model.name).where(model.provider_id == held.provider_id).order_by(model.name)
    )
    return [(str(found), name) for found, name in rows]
