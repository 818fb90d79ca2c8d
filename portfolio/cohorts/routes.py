"""Cohort reports: the list of cohorts, one cohort or all together, and the picture of coverage."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.queries_contacts import unreachable
from portfolio.cohorts import heat, queries, routes_exports, routes_training
from portfolio.cohorts.asked import COLUMNS, Asked, AskedFor
from portfolio.cohorts.exports import day
from portfolio.cohorts.guards import NeedsInAllCohorts, NeedsInCohort, NeedsSomewhere
from portfolio.cohorts.lines import lines
from portfolio.cohorts.measures import catalogue_of, gateway_word, rules_of_today, standards_of
from portfolio.cohorts.picture import picture
from portfolio.cohorts.rules import Standing, definitions
from portfolio.cohorts.scope import Scope
from portfolio.database import ReadSession
from portfolio.gateway.rules import GAP_LABELS
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PageNumber

router = APIRouter()
one = APIRouter(prefix="/cohorts/{cohort_id}")
together = APIRouter(prefix="/providers/{provider_id}/cohorts-together")
Reporting = Annotated[tuple[Scope, ...], Depends(NeedsSomewhere(Permission.VIEW_COHORTS))]
OneCohort = Annotated[Scope, Depends(NeedsInCohort(Permission.VIEW_COHORTS))]
AllCohorts = Annotated[Scope, Depends(NeedsInAllCohorts(Permission.VIEW_COHORTS))]


@router.get("/cohorts", name="cohorts.list")
def cohort_list(page: PageDep, session: ReadSession, held: Reporting, number: PageNumber = 1) -> Response:
    """The cohorts of every provider in which the viewer may see reports, each with its headline."""
    found = queries.cohorts(session, [scope.provider_id for scope in held], number)
    catalogue = catalogue_of(page)
    return page(
        "cohorts/list.html",
        held=held,
        cohorts=found,
        numbers=queries.numbers_of_cohorts(session, found.rows, rules_of_today(page)),
        standards={
            cohort.id: catalogue.get(cohort.standard_reference, cohort.standard_version)
            for cohort in found.rows
        },
        Standing=Standing,
    )


@one.get("", name="cohorts.show")
def one_cohort(page: PageDep, session: ReadSession, scope: OneCohort, asked: AskedFor) -> Response:
    return report(page, session, scope, asked)


@together.get("", name="cohorts.all")
def all_cohorts(page: PageDep, session: ReadSession, scope: AllCohorts, asked: AskedFor) -> Response:
    return report(page, session, scope, asked)


def report(page: Page, session: Session, scope: Scope, asked: Asked) -> Response:
    """The headline, and one page of the table."""
    sql = rules_of_today(page)
    numbers = queries.numbers(session, scope, sql)
    known = numbers.by_standing[asked.standing] if asked.standing else numbers.total
    standards = standards_of(page, session, scope)
    gateway = gateway_word(page, standards)
    return page(
        "cohorts/show.html",
        fragment="cohort_report",
        scope=scope,
        asked=asked,
        columns=COLUMNS,
        numbers=numbers,
        unreachable=lambda: unreachable(
            session, [scope.provider_id], cohort_id=scope.cohort.id if scope.cohort else None
        ),
        lines=lines(session, scope, asked, sql, known=known),
        employers=queries.employers(session, scope),
        gap_labels=GAP_LABELS,
        standards=standards,
        definitions=definitions(sql.limits, gateway),
        gateway=gateway,
        day=day,
        ordinal=sql.today,
        Standing=Standing,
    )


@one.get("/coverage", name="cohorts.picture")
def coverage_of_cohort(
    page: PageDep, session: ReadSession, scope: OneCohort, number: PageNumber = 1
) -> Response:
    return coverage(page, session, scope, number)


@together.get("/coverage", name="cohorts.all_picture")
def coverage_of_all(
    page: PageDep, session: ReadSession, scope: AllCohorts, number: PageNumber = 1
) -> Response:
    return coverage(page, session, scope, number)


def coverage(page: Page, session: Session, scope: Scope, number: int) -> Response:
    """Where teaching is thin: one picture for each standard version, and one page of people below it."""
    standards = standards_of(page, session, scope)
    return page(
        "cohorts/picture.html",
        fragment="coverage_picture",
        scope=scope,
        pictures=[(picture(session, scope, standard), heat.Grid.of(standard)) for standard in standards],
        people=heat.people(session, scope, number),
    )


one.include_router(routes_exports.one)
together.include_router(routes_exports.together)
router.include_router(one)
router.include_router(together)
router.include_router(routes_training.router)
