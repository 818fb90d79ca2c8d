"""An employer's own words, and what the script of the pages must not flag."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import JSONResponse, Response

from portfolio.access import Membership, Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.apprenticeships.models import Employer
from portfolio.apprenticeships.queries_setup import the_employer
from portfolio.database import ReadSession, WriteSession
from portfolio.findings import actions, queries, rules
from portfolio.findings.forms import WordsForm
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.web.errors import for_script
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, filled, submitted
from portfolio.web.page import Page, PageDep

employers = APIRouter(prefix="/providers/{provider_id}/employers/{employer_id}")
portfolios = APIRouter(prefix="/apprenticeships/{apprenticeship_id}")
Managed = Annotated[Membership, Depends(NeedsInProvider(Permission.MANAGE_COHORTS))]
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
WordsSent = Annotated[Submitted[WordsForm], Depends(submitted(WordsForm))]


@portfolios.get("/known-names", name="findings.known")
@for_script
def known(session: ReadSession, opened: Viewed) -> Response:
    """Names that may stand in this portfolio, and the words of its employer that should not."""
    found = queries.known_for(session, opened)
    body = {"names": list(found.names), "words": list(found.words)}
    return JSONResponse(body, headers={"Cache-Control": "no-store"})


@employers.get("/words", name="findings.words")
def words_page(
    page: PageDep, session: ReadSession, managed: Managed, employer_id: UUID, done: str = ""
) -> Response:
    employer = the_employer(session, managed.provider_id, employer_id)
    form = filled(words="\n".join(queries.words_of(session, employer_id)))
    return _shown(page, managed, employer, form, done=done == "saved")


@employers.post("/words", name="findings.set_words")
def set_words(
    form: WordsSent,
    page: PageDep,
    session: WriteSession,
    managed: Managed,
    viewer: SignedIn,
    employer_id: UUID,
) -> Response:
    employer = the_employer(session, managed.provider_id, employer_id)
    words = rules.tidy_list(form.text("words"))
    if reason := rules.why_not_list(words):
        form.refuse("words", reason)
        return _shown(page, managed, employer, form, status=422)
    actions.set_words(session, employer, words, by=viewer.person_id, now=utc_now())
    return page.go_to(
        "findings.words",
        query={"done": "saved"},
        provider_id=managed.provider_id,
        employer_id=employer_id,
    )


def _shown(
    page: Page,
    managed: Membership,
    employer: Employer,
    form: Submitted[Any],
    *,
    status: int = 200,
    done: bool = False,
) -> Response:
    return page(
        "findings/words.html",
        fragment="words_form",
        status=status,
        provider=managed,
        employer=employer,
        form=form,
        done=done,
        most=rules.MOST_WORDS,
    )


router = APIRouter()
router.include_router(employers)
router.include_router(portfolios)
