"""The admin's page of background jobs: what waits, what nobody tries any more, and trying it again."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Viewer
from portfolio.audit import actions as audit
from portfolio.database import ReadSession, WriteSession
from portfolio.jobs import actions, queries
from portfolio.people.guards import NeedsAdmin
from portfolio.refusals import NotFound
from portfolio.upkeep.forms import OneKind
from portfolio.upkeep.wording import error_words, kind_words
from portfolio.web.formats import count_words, utc_now
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/admin/jobs")
Admin = Annotated[Viewer, Depends(NeedsAdmin())]
KindForm = Annotated[Submitted[OneKind], Depends(submitted(OneKind))]


@router.get("", name="upkeep.jobs")
def jobs(
    page: PageDep, session: ReadSession, admin: Admin, number: PageNumber = 1, again: int | None = None
) -> Response:
    """Numbers by kind, and each job that was tried as often as it may be. Ids and codes only."""
    now = utc_now()
    return page(
        "jobs/list.html",
        fragment="jobs",
        kinds=queries.by_kind(session, now),
        lag=queries.lag(session, now),
        dead=queries.dead(session, number),
        kind_words=kind_words,
        error_words=error_words,
        done="" if again is None else f"{count_words(again, 'job')} will be tried again now.",
    )


@router.post("/{job_id}/retry", name="upkeep.retry_job")
def retry_job(page: PageDep, session: WriteSession, admin: Admin, job_id: UUID) -> Response:
    """One job, from the start. One that is no longer there to be tried was done, or is being tried already."""
    kind = queries.kind_of(session, job_id)
    if kind is None:
        raise NotFound
    again = int(actions.retry(session, job_id, now=utc_now()))
    if again:
        _note(session, admin, kind, again, job_id)
    return page.go_to("upkeep.jobs", query={"again": str(again)})


@router.post("/retry", name="upkeep.retry_kind")
def retry_kind(form: KindForm, page: PageDep, session: WriteSession, admin: Admin) -> Response:
    """All of one kind, for when what was in the way is out of the way."""
    if form.value is None:
        raise NotFound
    again = actions.retry_all(session, form.value.kind, now=utc_now())
    if again:
        _note(session, admin, form.value.kind, again)
    return page.go_to("upkeep.jobs", query={"again": str(again)})


def _note(session: Session, admin: Viewer, kind: str, count: int, job_id: UUID | None = None) -> None:
    audit.record(
        session,
        "jobs.retried",
        by=admin.person_id,
        now=utc_now(),
        record="job",
        record_id=job_id,
        job=kind,
        count=count,
    )
