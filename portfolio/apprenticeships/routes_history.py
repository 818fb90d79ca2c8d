"""The audit trail on screen: of one apprenticeship, and of one's own doing.

The pages stand here and not in portfolio.audit, since every capability writes to the trail and so stands
above it: the trail itself knows neither people nor apprenticeships.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from sqlalchemy import Select
from sqlalchemy.orm import Session, aliased
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.audit import queries, wording
from portfolio.audit.models import AuditEvent
from portfolio.database import ReadSession
from portfolio.people.models import Person
from portfolio.people.sessions import SignedIn
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber, Slice, cut

router = APIRouter()
of_one = APIRouter(prefix="/apprenticeships/{apprenticeship_id}")
Read = Annotated[Opened, Depends(Needs(Permission.VIEW_AUDIT_TRAIL))]
PER_PAGE = 50


@dataclass(frozen=True)
class Line:
    """One event: who, what, to which record and whom, when. `by` is empty for the system itself."""

    event: AuditEvent
    by: str
    about: str

    @property
    def what(self) -> str:
        return wording.action_words(self.event.action)

    @property
    def record(self) -> str:
        return wording.record_words(self.event.record)

    @property
    def details(self) -> list[str]:
        return list(wording.detail_words(self.event.detail))


def lines(session: Session, events: Select[AuditEvent], number: int) -> Slice[Line]:
    """One page of events with the names of who did it and whom it concerns, in one query."""
    doer, concerned = aliased(Person), aliased(Person)
    rows = session.execute(
        events.add_columns(doer.name, concerned.name)
        .outerjoin(doer, doer.id == AuditEvent.by_id)
        .outerjoin(concerned, concerned.id == AuditEvent.about_person_id)
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    ).all()
    return cut([Line(event, by or "", about or "") for event, by, about in rows], number, per_page=PER_PAGE)


@of_one.get("/history", name="audit.apprenticeship")
def history(page: PageDep, session: ReadSession, opened: Read, number: PageNumber = 1) -> Response:
    rows = lines(session, queries.about_apprenticeship(opened.id), number)
    return page("audit/apprenticeship.html", fragment="events", opened=opened, here="about", rows=rows)


@router.get("/account/history", name="audit.own")
def own_history(page: PageDep, session: ReadSession, viewer: SignedIn, number: PageNumber = 1) -> Response:
    rows = lines(session, queries.by_or_about(viewer.person_id), number)
    return page("audit/own.html", fragment="events", rows=rows)


router.include_router(of_one)
