"""The bytes of files: downloads, players with ranges, and the previews we made. Everything served is inert.

The row is read, the database is left, the opening is written down, and only then are bytes sent, straight from the
store in pieces.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from typing import Annotated, Literal
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response, StreamingResponse

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession
from portfolio.evidence import queries
from portfolio.evidence.models import EvidenceFile
from portfolio.evidence.while_open import while_open
from portfolio.evidence.whole_files import whole_file
from portfolio.openings import actions as openings
from portfolio.refusals import NotFound
from portfolio.web.formats import utc_now
from portfolio.web.page import PageDep, is_fragment_request
from storage.checks import KINDS, ByteRange, Unsatisfiable, content_disposition, parse_range
from storage.previews import MEDIA_TYPE
from storage.store import EvidenceStore

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}/files/{file_id}")
lists = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}/files")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
READ = ["GET", "HEAD"]

INERT = {
    "Content-Security-Policy": "default-src 'none'; img-src 'self'; media-src 'self'; sandbox",
    "X-Content-Type-Options": "nosniff",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Cache-Control": "no-store",
}
"""On everything that a person uploaded, and on what we made of it."""


@lists.get("", name="evidence.files")
def files(
    page: PageDep,
    session: ReadSession,
    opened: Viewed,
    evidence_id: UUID,
    version: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    state: str = "",
    removable: bool = False,
) -> Response:
    """The files of a version, asked for again and again while they are being prepared. Nothing is sent while
    nothing has changed since `state`, so that a recording goes on playing; others are led to the piece."""
    if not is_fragment_request(page.request):
        return page.go_to("evidence.show", apprenticeship_id=opened.id, evidence_id=evidence_id)
    shown = queries.piece(session, opened, evidence_id, number=version).version
    standings = [attachment.file.standing for attachment in shown.attachments]
    now_standing = "-".join(standing.code for standing in standings)
    if state == now_standing and any(standing.looks_again(utc_now()) for standing in standings):
        return Response(status_code=204)
    return page(
        "evidence/files.html",
        fragment="piece_files",
        opened=opened,
        version=shown,
        kinds=KINDS,
        removable=removable and opened.is_own and shown.submitted_at is None,
    )


@router.api_route("", methods=READ, name="evidence.file")
def file(
    request: Request, session: ReadSession, opened: Viewed, evidence_id: UUID, file_id: UUID
) -> Response:
    """The file itself: recordings play in the page, everything else downloads."""
    found = queries.file(session, opened, evidence_id, file_id)
    session.close()  # nobody waits for the store with a connection to the database in hand
    kind = KINDS[found.kind]
    headers = {
        "Content-Type": "text/plain; charset=utf-8" if kind.family == "text" else kind.media_type,
        "Content-Disposition": content_disposition(found.name, inline=kind.streams),
    }
    sha256 = found.sha256_stored
    note = partial(_note, request, opened, evidence_id, file_id)
    return send(
        request,
        found.storage_key,
        found.size,
        f'"{sha256}"',
        headers,
        sha256,
        note=note,
        file_id=file_id,
    )


@router.api_route("/preview", methods=READ, name="evidence.preview")
def preview(
    request: Request, session: ReadSession, opened: Viewed, evidence_id: UUID, file_id: UUID
) -> Response:
    """The photo, or the first page, as a picture we made."""
    found = queries.file(session, opened, evidence_id, file_id)
    session.close()  # nobody waits for the store with a connection to the database in hand
    return _picture(request, opened, evidence_id, found, "preview")


@router.api_route("/thumbnail", methods=READ, name="evidence.thumbnail")
def thumbnail(
    request: Request, session: ReadSession, opened: Viewed, evidence_id: UUID, file_id: UUID
) -> Response:
    """The same, small, for lists."""
    found = queries.file(session, opened, evidence_id, file_id)
    session.close()  # nobody waits for the store with a connection to the database in hand
    return _picture(request, opened, evidence_id, found, "thumbnail")


def _picture(
    request: Request,
    opened: Opened,
    evidence_id: UUID,
    found: EvidenceFile,
    which: Literal["preview", "thumbnail"],
) -> Response:
    key: str = getattr(found.preparation, f"{which}_key", "")
    if not key:  # there is none, or not yet
        raise NotFound
    headers = {
        "Content-Type": MEDIA_TYPE,
        "Content-Disposition": content_disposition(f"{found.name}.webp", inline=True),
    }
    store: EvidenceStore = request.app.state.store
    return send(
        request,
        key,
        store.size(key),
        f'"{found.id.hex}-{which[0]}"',
        headers,
        getattr(found.preparation, f"{which}_sha256", ""),
        note=lambda _: _note(request, opened, evidence_id, found.id, which),
        file_id=found.id,
    )


def _note(request: Request, opened: Opened, evidence_id: UUID, file_id: UUID, what: str) -> None:
    openings.note(request, opened, evidence_id, file_id, what=what, now=utc_now())


def send(
    request: Request,
    key: str,
    size: int,
    etag: str,
    headers: Mapping[str, str],
    sha256: str = "",
    *,
    note: Callable[[str], None],
    file_id: UUID | None = None,
) -> Response:
    """All of it, or the one range asked for (RFC 9110 section 14); a range of something else sends all.

    `note` writes down who opens it, before the first byte; if it cannot, nothing is sent. A HEAD, and a range that
    cannot be had (416), are not noted: nothing of what is in the file leaves. There is no 304, since nothing may be
    stored by a browser, and none is asked whether it still has it. `file_id`: it breaks off when this is closed."""
    asked = parse_range(request.headers.get("range"), size)
    if request.headers.get("if-range", etag).strip() != etag:
        asked = None
    answer = {**INERT, **headers, "Accept-Ranges": "bytes", "ETag": etag}
    if isinstance(asked, Unsatisfiable):
        return Response(status_code=416, headers={**answer, "Content-Range": asked.content_range})
    part = asked or ByteRange(0, size - 1)
    answer["Content-Length"] = str(part.length)
    if asked is not None:
        answer["Content-Range"] = part.content_range(size)
    status = 206 if asked is not None else 200
    if request.method == "HEAD":
        return Response(status_code=status, headers=answer)
    with ExitStack() as undo:
        bytes_of = _bytes(request.app.state.store, key, part, size, sha256)
        if file_id is not None:
            bytes_of = while_open(request.app.state.database, file_id, bytes_of)
        undo.callback(getattr(bytes_of, "close", lambda: None))
        note(
            "file" if asked is None else "range"
        )  # not before: of a file that is not there, nobody saw anything
        undo.pop_all()
    return StreamingResponse(bytes_of, status_code=status, headers=answer)


def _bytes(store: EvidenceStore, key: str, part: ByteRange, size: int, sha256: str) -> Iterator[bytes]:
    if sha256 and part.length == size:
        return whole_file(store, key, size, sha256)
    return store.read(key, part.start, part.length)
