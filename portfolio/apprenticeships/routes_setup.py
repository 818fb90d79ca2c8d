"""What a provider sets up: employers and cohorts, and the page that leads through it."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import Response

from kbs.catalogue import Catalogue
from portfolio.access import Membership, Permission
from portfolio.apprenticeships import actions_setup, queries_contacts, queries_setup
from portfolio.apprenticeships.forms import POLICIES, CohortForm, EmployerForm, mistakes_on
from portfolio.database import ReadSession, WriteSession
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, filled, submitted
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/providers/{provider_id}")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COHORTS))]
EmployerName = Annotated[Submitted[EmployerForm], Depends(submitted(EmployerForm))]
CohortEntry = Annotated[Submitted[CohortForm], Depends(submitted(CohortForm))]


@router.get("/setup", name="apprenticeships.setup")
def setup(page: PageDep, session: ReadSession, managed: Managed) -> Response:
    totals = queries_setup.totals(session, managed.provider_id)
    newest = queries_setup.cohorts_page(session, managed.provider_id)
    return page(
        "apprenticeships/setup.html",
        provider=managed,
        totals=totals,
        newest=newest.rows[:5],
        missing=queries_contacts.unreachable(session, [managed.provider_id])[0],
    )


@router.get("/employers", name="apprenticeships.employers")
def employers(
    page: PageDep, session: ReadSession, managed: Managed, q: str = "", number: PageNumber = 1
) -> Response:
    rows = queries_setup.employers_page(session, managed.provider_id, search=q.strip(), number=number)
    led = queries_contacts.with_lead(session, managed.provider_id, [one.row.id for one in rows.rows])
    return page(
        "apprenticeships/employers.html",
        fragment="employer_list",
        provider=managed,
        rows=rows,
        led=led,
        q=q,
        form=empty(),
    )


@router.post("/employers", name="apprenticeships.add_employer")
def add_employer(
    form: EmployerName, page: PageDep, session: WriteSession, managed: Managed, viewer: SignedIn
) -> Response:
    if form.value is not None:
        with mistakes_on(form):
            added = actions_setup.add_employer(
                session, managed.provider_id, form.value.name, by=viewer.person_id, now=utc_now()
            )
            return page.go_to("apprenticeships.lead", provider_id=managed.provider_id, employer_id=added.id)
    rows = queries_setup.employers_page(session, managed.provider_id)
    led = queries_contacts.with_lead(session, managed.provider_id, [one.row.id for one in rows.rows])
    return page(
        "apprenticeships/employers.html", fragment="employer_list", status=422, provider=managed, rows=rows, q="", led=led,
        form=form,
    )  # fmt: skip


@router.get("/employers/{employer_id}", name="apprenticeships.employer")
def employer_page(page: PageDep, session: ReadSession, managed: Managed, employer_id: UUID) -> Response:
    employer = queries_setup.the_employer(session, managed.provider_id, employer_id)
    return page(
        "apprenticeships/employer.html", provider=managed, employer=employer, form=filled(name=employer.name)
    )


@router.post("/employers/{employer_id}", name="apprenticeships.rename_employer")
def rename_employer(
    form: EmployerName,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    employer_id: UUID,
) -> Response:
    employer = queries_setup.the_employer(session, managed.provider_id, employer_id)
    if form.value is not None:
        with mistakes_on(form):
            actions_setup.rename_employer(
                session, employer, form.value.name, by=viewer.person_id, now=utc_now()
            )
            return page.go_to("apprenticeships.employers", provider_id=managed.provider_id)
    return page(
        "apprenticeships/employer.html", fragment="employer_form", status=422, provider=managed, employer=employer,
        form=form,
    )  # fmt: skip


@router.get("/cohorts", name="apprenticeships.cohorts")
def cohorts(page: PageDep, session: ReadSession, managed: Managed, number: PageNumber = 1) -> Response:
    rows = queries_setup.cohorts_page(session, managed.provider_id, number=number)
    return page("apprenticeships/cohorts.html", provider=managed, rows=rows, policies=POLICIES)


@router.get("/cohorts/new", name="apprenticeships.new_cohort")
def new_cohort(page: PageDep, managed: Managed, request: Request) -> Response:
    catalogue: Catalogue = request.app.state.catalogue
    form = filled(standard=_key(catalogue.default()), english_maths_policy="standard_sentence")
    return page("apprenticeships/cohort.html", form=form, **_choices(catalogue, managed))


@router.post("/cohorts", name="apprenticeships.add_cohort")
def add_cohort(
    form: CohortEntry,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    request: Request,
) -> Response:
    catalogue: Catalogue = request.app.state.catalogue
    if form.value is not None:
        with mistakes_on(form):
            actions_setup.add_cohort(
                session,
                catalogue,
                managed.provider_id,
                name=form.value.name,
                standard=form.value.standard,
                policy=form.value.english_maths_policy,
                by=viewer.person_id,
                now=utc_now(),
            )
            return page.go_to("apprenticeships.cohorts", provider_id=managed.provider_id)
    return page(
        "apprenticeships/cohort.html",
        fragment="cohort_form",
        status=422,
        form=form,
        **_choices(catalogue, managed),
    )


@router.get("/cohorts/{cohort_id}", name="apprenticeships.cohort")
def cohort_page(
    page: PageDep, session: ReadSession, managed: Managed, request: Request, cohort_id: UUID
) -> Response:
    cohort = queries_setup.the_cohort(session, managed.provider_id, cohort_id)
    form = filled(
        name=cohort.name,
        standard=f"{cohort.standard_reference} {cohort.standard_version}",
        english_maths_policy=cohort.english_maths_policy,
    )
    pinned = queries_setup.has_apprenticeships(session, cohort.id)
    choices = _choices(request.app.state.catalogue, managed)
    missing = queries_contacts.unreachable(session, [managed.provider_id], cohort_id=cohort.id)[0]
    return page(
        "apprenticeships/cohort.html",
        form=form,
        **choices | {"cohort": cohort, "pinned": pinned, "missing": missing},
    )


@router.post("/cohorts/{cohort_id}", name="apprenticeships.change_cohort")
def change_cohort(
    form: CohortEntry,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    request: Request,
    cohort_id: UUID,
) -> Response:
    catalogue: Catalogue = request.app.state.catalogue
    cohort = queries_setup.the_cohort(session, managed.provider_id, cohort_id)
    if form.value is not None:
        with mistakes_on(form):
            actions_setup.change_cohort(
                session,
                catalogue,
                cohort,
                name=form.value.name,
                standard=form.value.standard,
                policy=form.value.english_maths_policy,
                by=viewer.person_id,
                now=utc_now(),
            )
            return page.go_to("apprenticeships.cohorts", provider_id=managed.provider_id)
    pinned = queries_setup.has_apprenticeships(session, cohort.id)
    return page(
        "apprenticeships/cohort.html", fragment="cohort_form", status=422, form=form,
        **_choices(catalogue, managed) | {"cohort": cohort, "pinned": pinned},
    )  # fmt: skip


def _key(standard: Any) -> str:
    return f"{standard.reference} {standard.version}"


def _choices(catalogue: Catalogue, managed: Membership) -> dict[str, Any]:
    return {
        "provider": managed,
        "standards": [
            (_key(one), f"{one.title} (level {one.level}), {one.reference} version {one.version}")
            for one in catalogue.all()
        ],
        "policies": [(key, title, meaning) for key, (title, meaning) in POLICIES.items()],
        "cohort": None,
        "pinned": False,
        "missing": None,
    }
