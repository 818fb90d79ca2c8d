"""The links from a framework's competencies to a standard's statements, as a provider's assessors confirm them."""

from __future__ import annotations

import re
from typing import Annotated, Any
from urllib.parse import urlencode

from fastapi import APIRouter, Depends, Query, Request
from pydantic import Field
from sqlalchemy.orm import Session
from starlette.responses import Response

from kbs.catalogue import Catalogue, UnknownStandard
from kbs.framework import UNCONFIRMED, Competency, Framework
from kbs.statements import Standard
from portfolio.access import Membership, Permission, Viewer
from portfolio.database import ReadSession, WriteSession
from portfolio.frameworks.links import LinkState, links_for
from portfolio.frameworks.links_actions import OUTCOMES, say
from portfolio.frameworks.own_file import OWN_WORDING
from portfolio.frameworks.own_queries import level_named, the_framework
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import NotFound
from portfolio.web.formats import utc_now
from portfolio.web.forms import Form, Submitted, empty, problems_on, submitted
from portfolio.web.page import Page, PageDep
from portfolio.web.paging import PER_PAGE, PageNumber, cut

router = APIRouter(prefix="/{framework}/links")
Confirming = Annotated[Membership, Depends(NeedsInProvider(Permission.CONFIRM_LINKS))]
MOST_CODES = 300
UNCONFIRMED_OWN = "Suggested in the file, unconfirmed"
NONE_TYPED = "Write the codes of the statements, for example K7 S2."
NONE_TICKED = "Tick the statements that you mean first."


class AnswerForm(Form):
    """One competency, and what is said of links of it."""

    competency: str
    do: Annotated[str, Field(max_length=MOST_CODES)]
    """What the button stands for: confirmed, refused or withdrawn, and all codes that it is about, if it names any."""
    ticked: Annotated[list[str], Field(default_factory=list)]
    codes: Annotated[str | None, Field(max_length=MOST_CODES)] = None
    """Others that were typed, with spaces or commas between."""

    @property
    def outcome(self) -> str:
        return self.do.partition(" ")[0]

    @property
    def named(self) -> list[str]:
        if about := self.do.split()[1:]:
            return about
        if self.codes is None:
            return self.ticked
        return [one for one in re.split(r"[\s,;]+", self.codes.upper()) if one]


Answered = Annotated[Submitted[AnswerForm], Depends(submitted(AnswerForm))]


@router.get("", name="library.links")
def links_page(
    page: PageDep,
    session: ReadSession,
    provider: Confirming,
    request: Request,
    framework: str,
    standard: str = "",
    level: str = "",
    number: PageNumber = 1,
    opened: Annotated[str, Query(alias="open")] = "",
) -> Response:
    found = the_framework(session, provider.provider_id, framework).framework
    wanted = _standard(request, standard)
    return _shown(page, session, provider, found, wanted, level=level, number=number, opened=opened)


@router.post("", name="library.answer_link")
def answer(
    form: Answered,
    page: PageDep,
    session: WriteSession,
    provider: Confirming,
    viewer: SignedIn,
    request: Request,
    framework: str,
    standard: str = "",
    level: str = "",
    number: PageNumber = 1,
) -> Response:
    """Confirm, refuse, add or take back, and back to the place on the page."""
    found = the_framework(session, provider.provider_id, framework).framework
    wanted = _standard(request, standard)
    if form.value is not None:
        _answer(form, form.value, session, provider, viewer, found, wanted)
    if form.errors:
        return _shown(page, session, provider, found, wanted, level=level, number=number, form=form)
    query = {"standard": key_of(wanted), "level": level, "page": str(number), "open": form.text("competency")}
    return page.go_to(
        "library.links",
        query=query,
        anchor=f"c-{form.text('competency')}",
        provider_id=provider.provider_id,
        framework=framework,
    )


def _answer(
    form: Submitted[AnswerForm],
    said: AnswerForm,
    session: Session,
    provider: Membership,
    viewer: Viewer,
    framework: Framework,
    standard: Standard,
) -> None:
    """Write what was said; what cannot be written is noted at the box."""
    if said.outcome not in OUTCOMES or not _has(framework, said.competency):
        raise NotFound  # no button of the page says so
    if not said.named:
        form.refuse(*(("ticked", NONE_TICKED) if said.codes is None else ("codes", NONE_TYPED)))
        return
    with problems_on(form, "ticked" if said.codes is None else "codes"):
        say(
            session,
            provider.provider_id,
            standard,
            framework,
            said.competency,
            said.named,
            said.outcome,
            by=viewer.person_id,
            now=utc_now(),
        )


def key_of(standard: Standard) -> str:
    return f"{standard.reference} {standard.version}"


def _standard(request: Request, key: str) -> Standard:
    """The standard that the address names; the one that new cohorts begin with, if it names none."""
    catalogue: Catalogue = request.app.state.catalogue
    reference, _, version = key.partition(" ")
    try:
        return catalogue.get(reference, version) if key else catalogue.default()
    except UnknownStandard:
        raise NotFound from None


def _has(framework: Framework, competency_id: str) -> bool:
    return any(one.id == competency_id for level in framework.levels for one in level.competencies)


def _shown(
    page: Page,
    session: Session,
    provider: Membership,
    framework: Framework,
    standard: Standard,
    *,
    level: str,
    number: int,
    opened: str = "",
    form: Submitted[Any] | None = None,
) -> Response:
    catalogue: Catalogue = page.request.app.state.catalogue
    links = links_for(session, provider.provider_id, standard, framework)
    at, first = level_named(framework, level), (number - 1) * PER_PAGE
    competencies: tuple[Competency, ...] = at.competencies
    said = [one.state for each in links.values() for one in each]
    return page(
        "frameworks/links.html",
        status=422 if form else 200,
        provider=provider,
        framework=framework,
        standard=standard,
        standards=[(key_of(one), f"{one.title}, version {one.version}") for one in catalogue.all()],
        key=key_of(standard),
        level=at,
        found=cut(competencies[first : first + PER_PAGE + 1], number),
        links=links,
        texts={item.code: item.text for item in standard.items},
        query=urlencode({"standard": key_of(standard), "level": at.id, "page": number}),
        opened=opened,
        states=LinkState,
        unconfirmed=UNCONFIRMED_OWN if framework.wording == OWN_WORDING else UNCONFIRMED,
        totals={state: said.count(state) for state in LinkState},
        form=form or empty(),
    )
