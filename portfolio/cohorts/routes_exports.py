"""The report as a file. POST, so that the writing session records who took it away."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response, StreamingResponse

from portfolio.access import Permission, Viewer
from portfolio.cohorts import actions, exports, queries
from portfolio.cohorts.asked import Asked, AskedFor
from portfolio.cohorts.guards import NeedsInAllCohorts, NeedsInCohort
from portfolio.cohorts.measures import gateway_word, rules_of_today, standards_of
from portfolio.cohorts.rules import definitions
from portfolio.cohorts.scope import Scope
from portfolio.database import WriteSession
from portfolio.ledger.queries import head as ledger_head
from portfolio.people.sessions import SignedIn
from portfolio.refusals import Refused
from portfolio.web.formats import date_words, utc_now
from portfolio.web.page import Page, PageDep

one, together = APIRouter(), APIRouter()
OneCohort = Annotated[Scope, Depends(NeedsInCohort(Permission.VIEW_COHORTS))]
AllCohorts = Annotated[Scope, Depends(NeedsInAllCohorts(Permission.VIEW_COHORTS))]
XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@one.post("/export.csv", name="cohorts.export_csv")
def csv_of_cohort(
    page: PageDep, session: WriteSession, scope: OneCohort, asked: AskedFor, viewer: SignedIn
) -> Response:
    return csv_export(page, session, scope, asked, viewer)


@together.post("/export.csv", name="cohorts.all_export_csv")
def csv_of_all(
    page: PageDep, session: WriteSession, scope: AllCohorts, asked: AskedFor, viewer: SignedIn
) -> Response:
    return csv_export(page, session, scope, asked, viewer)


def csv_export(page: Page, session: Session, scope: Scope, asked: Asked, viewer: Viewer) -> Response:
    actions.record_export(session, scope, asked, form="csv", by=viewer.person_id, now=utc_now())
    export = exports.Export(scope, asked, rules_of_today(page), _ledger(session, scope))
    stream = exports.csv_file(page.request.app.state.database, export)
    return download(stream, export.file_name("csv"), "text/csv; charset=utf-8")


@one.post("/export.xlsx", name="cohorts.export_xlsx")
def xlsx_of_cohort(
    page: PageDep, session: WriteSession, scope: OneCohort, asked: AskedFor, viewer: SignedIn
) -> Response:
    return xlsx_export(page, session, scope, asked, viewer)


@together.post("/export.xlsx", name="cohorts.all_export_xlsx")
def xlsx_of_all(
    page: PageDep, session: WriteSession, scope: AllCohorts, asked: AskedFor, viewer: SignedIn
) -> Response:
    return xlsx_export(page, session, scope, asked, viewer)


def xlsx_export(page: Page, session: Session, scope: Scope, asked: Asked, viewer: Viewer) -> Response:
    export = exports.Export(scope, asked, rules_of_today(page))
    if queries.numbers(session, scope, export.sql).total > exports.MOST_XLSX_ROWS:
        raise Refused("A sheet cannot hold that many apprentices. Take the CSV, or one cohort at a time.")
    actions.record_export(session, scope, asked, form="xlsx", by=viewer.person_id, now=utc_now())
    gateway = gateway_word(page, standards_of(page, session, scope))
    about = [f"{scope.title}, {scope.provider_name}, as it stood on {date_words(export.today)}."]
    about += [f"{standing.label}: {words}" for standing, words in definitions(export.sql.limits, gateway)]
    about += [ledger] if (ledger := _ledger(session, scope)) else []
    stream = exports.xlsx_file(page.request.app.state.database, export, about)
    return download(stream, export.file_name("xlsx"), XLSX)


def _ledger(session: Session, scope: Scope) -> str:
    """Where the provider's ledger ends as the file is made: one more place outside in which its head is kept."""
    head = ledger_head(session, scope.provider_id)
    return f"Ledger of {scope.provider_name}: entry {head.seq}:{head.hash}" if head else ""


def download(stream: Iterator[bytes], name: str, media_type: str) -> Response:
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return StreamingResponse(stream, media_type=media_type, headers=headers)
