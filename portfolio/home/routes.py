"""The page after sign-in: what waits for me, one section for each thing that I am."""

from __future__ import annotations

from fastapi import APIRouter, Request
from starlette.responses import Response

from portfolio.access import Role
from portfolio.apprenticeships.queries_contacts import unreachable
from portfolio.assessment.queries_queue import queue_summary
from portfolio.courses.queries_due import waiting_for_mentor
from portfolio.database import ReadSession
from portfolio.evidence.quotas import said_to_manager
from portfolio.feedback.queries import unread_threads
from portfolio.home import queries
from portfolio.people.sessions import SignedIn
from portfolio.slips.queries import waiting_for
from portfolio.web.formats import london_day, utc_now
from portfolio.web.page import PageDep

router = APIRouter()


@router.get("/", name="home.show")
def home(page: PageDep, session: ReadSession, viewer: SignedIn, request: Request) -> Response:
    """Somebody who is several things sees all of it on one page, the most urgent first."""
    around = any(viewer.holds(role) for role in (Role.MENTOR, Role.ASSESSOR, Role.IQA))
    own = queries.own_portfolios(session, request.app.state.catalogue, viewer)
    now = utc_now()
    return page(
        "home/home.html",
        own=own,
        due=queries.due_for(session, own, now) if own else {},
        training=queries.training_of_mentor(session, viewer, london_day(now)),
        bookings=waiting_for_mentor(session, viewer) if viewer.holds(Role.MENTOR) else [],
        unread=unread_threads(session, viewer, per_page=queries.FEW) if around or own else None,
        queue=queue_summary(session, viewer) if viewer.holds(Role.ASSESSOR) else None,
        new=queries.new_to_mentor(session, viewer) if viewer.holds(Role.MENTOR) else [],
        around=queries.apprentices_around(session, viewer) if around else [],
        manager=queries.work_of_manager(session, viewer, london_day(now).toordinal())
        if viewer.managed
        else None,
        reported=waiting_for(session, viewer),
        unreachable=unreachable(session, [one.provider_id for one in viewer.managed])
        if viewer.managed
        else [],
        storage=said_to_manager(session, request.app.state.settings, viewer),
    )
