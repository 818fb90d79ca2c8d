"""Uploads in pieces: what the script of the evidence form speaks to. Every answer is JSON, errors included.

The plain form needs none of this, and what comes in either way is checked, cleaned and kept by the same code.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence import autosaving
from portfolio.evidence import queries as evidence
from portfolio.evidence.forms import PieceForm
from portfolio.uploads import actions, queries
from portfolio.uploads.answers import told
from portfolio.uploads.arriving import SentPiece, SentWhole
from portfolio.uploads.forms import BeginForm
from portfolio.uploads.models import Upload
from portfolio.web.errors import for_script
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep
from storage.names import safe_name

drafts = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence")
pieces = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}/uploads")
Adding = Annotated[Opened, Depends(Needs(Permission.ADD_EVIDENCE))]
BeginSent = Annotated[Submitted[BeginForm], Depends(submitted(BeginForm))]
DraftSent = Annotated[Submitted[PieceForm], Depends(submitted(PieceForm))]

NO_ROOM_NOW = "It has arrived, and could not be stored in its place just now. Nothing is lost: it is tried again by itself."


@drafts.post("/drafts", name="uploads.draft")
@for_script
def draft(
    sent: DraftSent, page: PageDep, session: WriteSession, opened: Adding, request: Request
) -> Response:
    """The draft that a new page goes to: made by its first file or its first words, found again by its own key."""
    made, kept = autosaving.keep_new(session, opened, request, sent)
    uploads = page.path_for("uploads.begin", apprenticeship_id=opened.id, evidence_id=made.id)
    return JSONResponse(autosaving.told(page, opened, made, kept) | {"uploads": uploads}, status_code=201)


@pieces.post("", name="uploads.begin")
@for_script
def begin(
    sent: BeginSent, session: WriteSession, opened: Adding, request: Request, evidence_id: UUID
) -> Response:
    """A file is announced, or found again by its key: the answer says which pieces are here already."""
    asked = sent.value
    if asked is None:
        raise HTTPException(422, " ".join(sent.errors.values()))
    evidence.take_turn(session, opened.id)
    upload = actions.begin(
        session,
        opened,
        queries.own_piece(session, opened, evidence_id),
        key=asked.key[:64],
        name=safe_name(asked.name),
        size=asked.size,
        chunk_size=asked.chunk_size,
        settings=request.app.state.settings,
        now=utc_now(),
    )
    return _told(session, upload, status=201)


@pieces.get("/{upload_id}", name="uploads.show")
@for_script
def show(session: ReadSession, opened: Adding, evidence_id: UUID, upload_id: UUID) -> Response:
    """How far it is: asked after a break, before anything is sent again."""
    return _told(session, queries.upload(session, opened, evidence_id, upload_id))


@pieces.post("/{upload_id}/chunks/{number}", name="uploads.chunk")  # noqa: FAST003 - the dependency reads it
@for_script
def chunk(
    piece: SentPiece, session: WriteSession, opened: Adding, evidence_id: UUID, upload_id: UUID
) -> Response:
    """One piece, as raw bytes with its SHA-256 in a header. Sent twice it is kept once."""
    upload = queries.upload(session, opened, evidence_id, upload_id, to_change=True)
    now = utc_now()
    piece.kept = actions.take_chunk(
        session, upload, number=piece.number, size=piece.size, sha256=piece.sha256, key=piece.key, now=now
    )
    return Response(status_code=204)


@pieces.post("/{upload_id}/finish", name="uploads.finish")
@for_script
def finish(
    whole: SentWhole,
    session: WriteSession,
    opened: Adding,
    request: Request,
    evidence_id: UUID,
    upload_id: UUID,
) -> Response:
    """All pieces are here: the file is put together, checked and kept, and its receipt is the answer. Asked again,
    the answer is the same. While pieces are missing, the answer says which are here."""
    evidence.take_turn(session, opened.id)
    upload = queries.upload(session, opened, evidence_id, upload_id, to_change=True)
    if whole.arrived is None or upload.state != "sending":
        return _told(session, upload)
    if whole.arrived.not_stored:
        raise HTTPException(503, NO_ROOM_NOW)
    piece = queries.own_piece(session, opened, evidence_id)
    settings = request.app.state.settings
    actions.finish(session, opened, piece, upload, whole.arrived, settings=settings, now=utc_now())
    return _told(session, upload)


@pieces.post("/{upload_id}/cancel", name="uploads.cancel")
@for_script
def cancel(session: WriteSession, opened: Adding, evidence_id: UUID, upload_id: UUID) -> Response:
    """Its sender wants it no more."""
    upload = queries.upload(session, opened, evidence_id, upload_id, to_change=True)
    actions.cancel(session, upload, now=utc_now())
    return _told(session, upload)


def _told(session: Session, upload: Upload, *, status: int = 200) -> Response:
    return JSONResponse(told(session, upload), status_code=status, headers={"Cache-Control": "no-store"})


router = APIRouter()
router.include_router(drafts)
router.include_router(pieces)
