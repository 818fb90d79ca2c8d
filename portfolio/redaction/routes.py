"""Covering parts of a file of a draft: its pages to look at, what is to become of each, and the exchange."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Path, Request
from sqlalchemy import func, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence import attaching, drafting, queries, rules
from portfolio.evidence.intake import TakenFile
from portfolio.evidence.models import EvidenceFile, EvidenceVersion, VersionFile
from portfolio.evidence.routes_files import INERT
from portfolio.objects import actions as objects
from portfolio.people.sessions import signed_in
from portfolio.redaction import work
from portfolio.redaction.rules import (
    MOST_PAGES,
    SUBMITTED_BEFORE,
    TOO_MANY_PAGES,
    TURNS,
    Page,
    read_pages,
    why_not,
)
from portfolio.redaction.work import Subject, TooLarge
from portfolio.refusals import NotFound, Refused
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, read_fields
from portfolio.web.page import Page as Shown
from portfolio.web.page import PageDep
from storage.kinds import KINDS
from storage.limited import Stopped
from storage.previews import MEDIA_TYPE
from storage.store import EvidenceStore, StoreUnavailable, new_key

logger = logging.getLogger("portfolio.redaction")
router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}/files/{file_id}/cover")
Adding = Annotated[Opened, Depends(Needs(Permission.ADD_EVIDENCE))]

NOT_READ = (
    "Its pages cannot be shown within the limits that every file has, so nothing can be covered here. Cover it on your "
    "own machine, and add that copy."
)
NOT_NOW = (
    "There was no time for all of its pages just now. Nothing was changed, and what you marked is still here: try again in a "
    "moment, or leave pages out that you do not need."
)
TOO_LARGE = (
    "The pictures of its pages are larger than a file may be. Leave pages out, or add it in two parts."
)


@dataclass
class Covering:
    """One form that came in: what is wrong with it, or the copy that was made by it."""

    form: Submitted[Any]
    subject: Subject | None
    pages: int = 0
    taken: list[TakenFile] = field(default_factory=list)


@dataclass(frozen=True)
class _Found:
    opened: Opened
    subject: Subject | None


async def covering_sent(
    request: Request, apprenticeship_id: UUID, evidence_id: UUID, file_id: UUID
) -> AsyncIterator[Covering]:
    """Dependency, first parameter of its route: reads the form and makes the copy, before any transaction begins."""
    form: Submitted[Any] = Submitted(typed=await read_fields(request))
    found = await run_in_threadpool(_find, request, apprenticeship_id, evidence_id, file_id)
    if found.subject is None:
        yield Covering(form, None)
        return
    state, provider_id = request.app.state, found.opened.apprenticeship.provider_id
    key = new_key(str(provider_id))
    covering = Covering(form, found.subject)
    person_id = found.opened.viewer.person_id
    await run_in_threadpool(objects.reserve, state.database, provider_id, person_id, [key], utc_now())
    try:
        await state.turns.intake(_make, state.store, covering, key, state.settings.file_limit_bytes)
        yield covering
    except Exception:  # nothing was committed, or it is not known: letting go is safe in either case
        await run_in_threadpool(objects.release, state.database, [key], utc_now())
        raise
    if not any(file.kept for file in covering.taken):
        await run_in_threadpool(objects.release, state.database, [key], utc_now())


CoveringSent = Annotated[Covering, Depends(covering_sent)]


@router.get("", name="redaction.cover")
def cover_page(
    page: PageDep, session: ReadSession, opened: Adding, evidence_id: UUID, file_id: UUID
) -> Response:
    """Every page with what is to become of it. Nothing is kept of this until the form is sent."""
    _refuse_if_closed(session, opened, evidence_id)
    version, file = _file(session, opened, evidence_id, file_id)
    subject, before = Subject.of(file), _submitted_before(session, file.id)
    session.rollback()  # nobody waits for the store with a connection to the database in hand
    number, problem = _pages(page.request.app.state.store, subject)
    return _shown(page, opened, version, subject, empty(), number, before=before, problem=problem)


@router.get("/pages/{number}", name="redaction.page")
def page_picture(
    request: Request,
    session: ReadSession,
    opened: Adding,
    evidence_id: UUID,
    file_id: UUID,
    number: Annotated[int, Path(ge=1, le=MOST_PAGES)],
    grid: bool = False,
) -> Response:
    """One page as a picture, drawn for this look and kept nowhere."""
    _, file = _file(session, opened, evidence_id, file_id)
    subject = Subject.of(file)
    session.close()  # nobody waits for the store with a connection to the database in hand
    try:
        data = work.picture_of(request.app.state.store, subject, number, grid=grid)
    except Stopped:
        raise NotFound from None
    return Response(data, media_type=MEDIA_TYPE, headers=INERT)


@router.post("", name="redaction.cover_now")
def cover(
    covering: CoveringSent,
    page: PageDep,
    session: WriteSession,
    opened: Adding,
    evidence_id: UUID,
    file_id: UUID,
) -> Response:
    """The copy takes the place of the file in the draft. Sent twice, the second finds the file gone and says so."""
    queries.take_turn(session, opened.id)
    _refuse_if_closed(session, opened, evidence_id)
    version = queries.piece(session, opened, evidence_id).version
    there = any(attachment.file_id == file_id for attachment in version.attachments)
    if covering.subject is None or not there:
        return _to_edit(page, opened, evidence_id, "not_there")
    before = _submitted_before(session, file_id)
    if covering.form.errors:
        subject, form = covering.subject, covering.form
        return _shown(page, opened, version, subject, form, covering.pages, before=before, status=422)
    by, now = opened.viewer.person_id, utc_now()
    attaching.exchange_file(session, version, file_id, covering.taken[0], by=by, now=now)
    return _to_edit(page, opened, evidence_id, "covered")


def _find(request: Request, apprenticeship_id: UUID, evidence_id: UUID, file_id: UUID) -> _Found:
    """In a transaction of its own, since what follows can take a while. Raises as the guards do."""
    with request.app.state.database.session(write=False) as session:
        viewer = signed_in(request, session)
        opened = Needs(Permission.ADD_EVIDENCE)(request, apprenticeship_id, viewer, session)
        _refuse_if_closed(session, opened, evidence_id)
        try:
            _, file = _file(session, opened, evidence_id, file_id)
        except NotFound:  # covered or removed already: the route says so
            return _Found(opened, None)
        return _Found(opened, Subject.of(file))


def _refuse_if_closed(session: Session, opened: Opened, evidence_id: UUID) -> None:
    evidence = queries.piece(session, opened, evidence_id).evidence
    drafting.refuse_if(rules.reasons_not_to_edit(evidence.state, queries.stage_of(session, opened.id)))


def _file(
    session: Session, opened: Opened, evidence_id: UUID, file_id: UUID
) -> tuple[EvidenceVersion, EvidenceFile]:
    """A file of the newest version of one's own piece. Raises NotFound, and Refused where it cannot be covered."""
    version = queries.piece(session, opened, evidence_id).version
    file = next((one.file for one in version.attachments if one.file_id == file_id), None)
    if file is None:
        raise NotFound
    if reason := why_not(file.kind, is_draft=version.submitted_at is None, refused=file.standing.is_refused):
        raise Refused(reason)
    return version, file


def _submitted_before(session: Session, file_id: UUID) -> bool:
    """A version that was submitted holds this file too."""
    return bool(
        session.scalar(
            select(func.count(VersionFile.id))
            .join(EvidenceVersion, EvidenceVersion.id == VersionFile.version_id)
            .where(VersionFile.file_id == file_id, EvidenceVersion.submitted_at.is_not(None))
        )
    )


def _pages(store: EvidenceStore, subject: Subject) -> tuple[int, str]:
    """How many pages there are to cover; if none can be, why."""
    try:
        number = work.pages_of(store, subject)
    except Stopped as stopped:
        return 0, NOT_NOW if stopped.cause == "busy" else NOT_READ
    return (number, "") if number <= MOST_PAGES else (0, TOO_MANY_PAGES)


def _make(store: EvidenceStore, covering: Covering, key: str, most: int) -> None:
    """In a thread: the copy, or what is wrong with the form."""
    subject, form = covering.subject, covering.form
    assert subject is not None  # noqa: S101  # asked before
    covering.pages, problem = _pages(store, subject)
    if problem:
        form.errors[""] = problem
        return
    plan, form.errors = _plan(covering.pages, form)
    if form.errors:
        return
    try:
        covering.taken.append(work.covered_copy(store, subject, plan, key, most=most))
    except Stopped as stopped:
        logger.info("redaction.stopped", extra={"cause": stopped.cause})
        form.errors[""] = NOT_NOW if stopped.cause == "busy" else NOT_READ
    except TooLarge:
        form.errors[""] = TOO_LARGE
    except (StoreUnavailable, OSError):
        logger.exception("redaction.store_unavailable")
        form.errors[""] = NOT_NOW


def _plan(number: int, form: Submitted[Any]) -> tuple[Sequence[Page], dict[str, str]]:
    return read_pages(number, form.text)


def _shown(
    page: Shown,
    opened: Opened,
    version: EvidenceVersion,
    subject: Subject,
    form: Submitted[Any],
    number: int,
    *,
    before: bool,
    problem: str = "",
    status: int = 200,
) -> Response:
    return page(
        "redaction/cover.html",
        fragment="cover",
        status=status,
        opened=opened,
        evidence_id=version.evidence_id,
        subject=subject,
        kind=KINDS[subject.kind],
        pages=number,
        turns=[(str(turn), f"{turn}° clockwise" if turn else "As it is") for turn in TURNS],
        before=SUBMITTED_BEFORE if before else "",
        problem=problem,
        form=form,
    )


def _to_edit(page: Shown, opened: Opened, evidence_id: UUID, done: str) -> Response:
    return page.go_to(
        "evidence.edit",
        anchor="files",
        query={"done": done},
        apprenticeship_id=opened.id,
        evidence_id=evidence_id,
    )
