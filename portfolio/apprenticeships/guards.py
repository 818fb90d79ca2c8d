"""The guard of every page about one apprenticeship."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from fastapi import Request
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, joinedload
from starlette.concurrency import run_in_threadpool

from kbs.catalogue import Catalogue
from kbs.statements import Standard
from portfolio import access
from portfolio.access import Permission, Role, Viewer
from portfolio.apprenticeships.models import Apprenticeship, Assignment
from portfolio.database import Database, ReadSession
from portfolio.people.sessions import SignedIn, signed_in
from portfolio.refusals import Forbidden, NotFound, SignInNeeded
from portfolio.settings import Settings
from portfolio.web.forms import Submitted, check, read_fields
from portfolio.web.staged import NO_LIMIT, Received, Room
from portfolio.web.uploads import is_multipart, read_multipart

Model = TypeVar("Model", bound=BaseModel)


@dataclass(frozen=True)
class Opened:
    """An apprenticeship that this viewer may see: with their roles towards it and what they may do."""

    apprenticeship: Apprenticeship
    standard: Standard
    viewer: Viewer
    roles: frozenset[Role]
    may: frozenset[Permission]

    @property
    def id(self) -> UUID:
        return self.apprenticeship.id

    @property
    def is_own(self) -> bool:
        return Role.APPRENTICE in self.roles

    @property
    def role(self) -> Role:
        """The one role to show beside what they write: the nearest to the apprentice."""
        return next(role for role in Role if role in self.roles)


def open_apprenticeship(
    session: Session, catalogue: Catalogue, viewer: Viewer, apprenticeship_id: UUID
) -> Opened:
    """Load it with apprentice, cohort and employer, and say what this viewer is to it. Strangers: NotFound."""
    apprenticeship = session.scalar(
        select(Apprenticeship)
        .where(Apprenticeship.id == apprenticeship_id)
        .options(
            joinedload(Apprenticeship.apprentice),
            joinedload(Apprenticeship.cohort),
            joinedload(Apprenticeship.employer),
        )
    )
    if apprenticeship is None:
        raise NotFound
    assigned = session.scalars(
        select(Assignment.role).where(
            Assignment.apprenticeship_id == apprenticeship_id,
            Assignment.person_id == viewer.person_id,
            Assignment.until_at.is_(None),
        )
    ).all()
    roles = access.roles_towards(
        viewer,
        apprentice_id=apprenticeship.apprentice_id,
        provider_id=apprenticeship.provider_id,
        assigned=[Role(role) for role in assigned],
    )
    if not roles:
        raise NotFound  # a stranger must not learn that it exists
    membership = viewer.membership(apprenticeship.provider_id)
    may = access.permissions(roles, membership.rights if membership else ())
    standard = catalogue.get(apprenticeship.standard_reference, apprenticeship.standard_version)
    return Opened(apprenticeship, standard, viewer, roles, may)


class Needs:
    """Route guard: the apprenticeship in the URL, if this person may do that to it."""

    def __init__(self, permission: Permission) -> None:
        self.permission = permission

    def __call__(
        self, request: Request, apprenticeship_id: UUID, viewer: SignedIn, session: ReadSession
    ) -> Opened:
        opened = open_apprenticeship(session, request.app.state.catalogue, viewer, apprenticeship_id)
        if self.permission not in opened.may:
            raise Forbidden
        return opened


def submitted_with_files(
    model: type[Model],
    permission: Permission,
    field: str = "files",
    room_for: Callable[[Session, Settings, Opened], Room] = lambda *_: NO_LIMIT,
) -> Callable[[Request, UUID], AsyncIterator[tuple[Submitted[Model], Received]]]:
    """A dependency that reads a form with files: first parameter of its route, before the guard.

    Access is checked first in a short transaction of its own (its answer is `request.state.uploading_to`); then
    the files are streamed to the store's staging folder. The route takes over the files it wants; the rest is removed when the request ends.
    """

    async def read(
        request: Request, apprenticeship_id: UUID
    ) -> AsyncIterator[tuple[Submitted[Model], Received]]:
        settings, store = request.app.state.settings, request.app.state.store
        total = settings.body_limit_bytes
        try:
            opened, room = await run_in_threadpool(
                _may_upload, request, apprenticeship_id, permission, room_for
            )
        except (SignInNeeded, SQLAlchemyError):  # nobody may lose what they typed to that
            await _keep_the_text(request, total)
            raise
        request.state.uploading_to = opened
        state = request.app.state
        with state.turns.upload(opened.viewer.person_id) as no_place, state.measures.uploading():
            if is_multipart(request):
                received = await read_multipart(
                    request,
                    into=store.staging(),
                    limit=settings.file_limit_bytes,
                    most=settings.files_per_piece,
                    total=total,
                    room=Room(0, no_place) if no_place else room,
                )
            else:  # a kept form comes back without files
                received = Received(fields=await read_fields(request))
            received.files = [file for file in received.files if file.field == field]
            request.state.typed = received.fields
            request.state.had_files = bool(received.files)
            try:
                yield check(model, received.fields), received
            finally:
                await run_in_threadpool(received.discard)

    return read


def _may_upload(
    request: Request,
    apprenticeship_id: UUID,
    permission: Permission,
    room_for: Callable[[Session, Settings, Opened], Room],
) -> tuple[Opened, Room]:
    database: Database = request.app.state.database
    with database.session(write=False) as session:
        viewer = signed_in(request, session)
        opened = Needs(permission)(request, apprenticeship_id, viewer, session)
        return opened, room_for(session, request.app.state.settings, opened)


async def _keep_the_text(request: Request, total: int) -> None:
    """The session has ended, or the database is away: read the text of the form so that it can be kept or given
    back; files have to be sent again."""
    if not is_multipart(request):
        request.state.typed = await read_fields(request)
        return
    received = await read_multipart(request, into=None, limit=0, most=0, total=total)
    request.state.typed = received.fields
    request.state.had_files = bool(received.files)
