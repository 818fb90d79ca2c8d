"""Pieces on their way in, and the whole that they make. No row of an upload is written here.

The order is that of every object: reserve its key, store its bytes, and only then the row that names it.
"""

from __future__ import annotations

import hashlib
import logging
import secrets
from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Path, Request
from starlette.concurrency import run_in_threadpool
from starlette.exceptions import HTTPException

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.evidence import drafting
from portfolio.evidence import queries as evidence
from portfolio.evidence import rules as evidence_rules
from portfolio.evidence.intake import Arrived, Intake
from portfolio.objects import actions as objects
from portfolio.people.sessions import signed_in
from portfolio.uploads import actions, queries, rules
from portfolio.uploads.models import Upload, UploadChunk
from portfolio.web.formats import utc_now
from portfolio.web.staged import StagedFile
from storage.store import Altered, EvidenceStore, NotStored, new_key, read_verified

logger = logging.getLogger("portfolio.uploads")

DIGEST = "X-Chunk-SHA256"


@dataclass
class Piece:
    """A piece that is safe in the store, under a key that no row names yet."""

    number: int
    size: int
    sha256: str
    key: str
    kept: bool = False


@dataclass
class Whole:
    """What the pieces made: nothing while some are missing, or when it was done before."""

    arrived: Arrived | None = None


@dataclass(frozen=True)
class _Found:
    opened: Opened
    upload: Upload
    chunks: Sequence[UploadChunk]


async def piece_sent(
    request: Request,
    apprenticeship_id: UUID,
    evidence_id: UUID,
    upload_id: UUID,
    number: Annotated[int, Path(ge=0)],
) -> AsyncIterator[Piece]:
    """Dependency, first parameter of its route: reads one piece, compares it with its SHA-256 and stores it."""
    found = await run_in_threadpool(_find, request, apprenticeship_id, evidence_id, upload_id)
    size = rules.size_of(number, found.upload.size, found.upload.chunk_size)
    if not size:
        raise HTTPException(422, rules.OTHER_FILE)
    state, viewer = request.app.state, found.opened.viewer
    with state.turns.upload(viewer.person_id) as no_place, state.measures.uploading():
        if no_place:
            raise HTTPException(429, no_place)
        data = await _body(request, size)
        sha256 = hashlib.sha256(data).hexdigest()
        if len(data) != size or sha256 != request.headers.get(DIGEST, "").lower():
            raise HTTPException(422, rules.DAMAGED)
        piece = Piece(number, size, sha256, new_key(str(found.upload.provider_id)))
        await run_in_threadpool(_store, request, found, piece, data)
    try:
        yield piece
    except Exception:  # nothing was committed, or it is not known: what was kept is left alone
        await run_in_threadpool(objects.release, state.database, [piece.key], utc_now())
        raise
    if not piece.kept:
        await run_in_threadpool(objects.release, state.database, [piece.key], utc_now())


async def whole_sent(
    request: Request, apprenticeship_id: UUID, evidence_id: UUID, upload_id: UUID
) -> AsyncIterator[Whole]:
    """Dependency, first parameter of its route: puts the pieces together and takes the file in, as if it had come at
    once. A piece that is not any more what was confirmed of it is let go, so that its sender is asked for it again.
    Raises `StoreUnavailable` when the store does not answer: everything stays, and can be tried again."""
    found = await run_in_threadpool(_find, request, apprenticeship_id, evidence_id, upload_id)
    upload, state = found.upload, request.app.state
    if upload.state != "sending" or len(found.chunks) < rules.chunks_of(upload.size, upload.chunk_size):
        yield Whole()
        return
    intake = Intake(
        state.database,
        state.store,
        upload.provider_id,
        found.opened.viewer.person_id,
        utc_now(),
        large=state.settings.large_file_bytes,
        scans=bool(state.settings.clamav_socket),
        remove_comments=request.query_params.get("remove_comments") == "yes",
    )
    try:
        arrived: Arrived = await state.turns.intake(_take_in, intake, state.store, upload, found.chunks)
    except _Spoilt as spoilt:
        logger.error("uploads.piece_spoilt", extra={"key": spoilt.chunk.storage_key})
        await run_in_threadpool(_let_go, request, spoilt.chunk)
        yield Whole()
        return
    try:
        yield Whole(arrived)
    except Exception:
        await run_in_threadpool(intake.let_go, arrived.reserved)
        raise
    await run_in_threadpool(intake.let_go, arrived.unused_keys())


class _Spoilt(Exception):
    """The store holds something else under the key of this piece, or nothing."""

    def __init__(self, chunk: UploadChunk) -> None:
        super().__init__(chunk.storage_key)
        self.chunk = chunk


SentPiece = Annotated[Piece, Depends(piece_sent)]
SentWhole = Annotated[Whole, Depends(whole_sent)]


def _find(request: Request, apprenticeship_id: UUID, evidence_id: UUID, upload_id: UUID) -> _Found:
    """In a transaction of its own, since what follows can take a while. Raises as the guards do."""
    with request.app.state.database.session(write=False) as session:
        viewer = signed_in(request, session)
        opened = Needs(Permission.ADD_EVIDENCE)(request, apprenticeship_id, viewer, session)
        drafting.refuse_if(evidence_rules.reasons_closed(evidence.stage_of(session, opened.id)))
        upload = queries.upload(session, opened, evidence_id, upload_id)
        actions.refuse_if_over(upload)
        return _Found(opened, upload, queries.chunks(session, upload.id))


async def _body(request: Request, size: int) -> bytes:
    data = bytearray()
    async for part in request.stream():
        data += part
        if len(data) > size:
            raise HTTPException(422, rules.DAMAGED)
    return bytes(data)


def _store(request: Request, found: _Found, piece: Piece, data: bytes) -> None:
    state, upload = request.app.state, found.upload
    objects.reserve(state.database, upload.provider_id, upload.person_id, [piece.key], utc_now())
    state.store.put(piece.key, data)


def _take_in(intake: Intake, store: EvidenceStore, upload: Upload, chunks: Sequence[UploadChunk]) -> Arrived:
    """Each piece is compared with what was confirmed of it while the whole is written and hashed."""
    path = store.staging() / f"{secrets.token_hex(16)}.part"
    digest = hashlib.sha256()
    try:
        with path.open("xb") as file:
            for chunk in chunks:
                data = _piece(store, chunk)
                digest.update(data)
                file.write(data)
        staged = StagedFile("files", upload.name, path, upload.size, digest.hexdigest())
        return intake.take_in([staged])
    finally:
        path.unlink(missing_ok=True)


def _piece(store: EvidenceStore, chunk: UploadChunk) -> bytes:
    try:
        return b"".join(read_verified(store, chunk.storage_key, chunk.sha256))
    except (Altered, NotStored) as error:
        raise _Spoilt(chunk) from error


def _let_go(request: Request, chunk: UploadChunk) -> None:
    with request.app.state.database.writing() as session:
        actions.forget_chunk(session, chunk.upload_id, chunk.number, now=utc_now())
