"""Saving without being asked, from the page that edits a draft. Its answers are JSON, errors included.

It is the form that its writer sees, without files and buttons. Nothing here ever submits. What a new page sends goes
the way of its first file (portfolio.uploads).
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from starlette.responses import JSONResponse, Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import WriteSession
from portfolio.evidence import autosaving, queries
from portfolio.evidence.forms import PieceForm
from portfolio.web.errors import for_script
from portfolio.web.forms import Submitted, submitted
from portfolio.web.page import PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence")
Adding = Annotated[Opened, Depends(Needs(Permission.ADD_EVIDENCE))]
PieceSent = Annotated[Submitted[PieceForm], Depends(submitted(PieceForm))]


@router.post("/{evidence_id}/autosave", name="evidence.autosave")
@for_script
def autosave(
    sent: PieceSent,
    page: PageDep,
    session: WriteSession,
    opened: Adding,
    request: Request,
    evidence_id: UUID,
) -> Response:
    """What stands in the form goes into the draft. Sent twice it is saved once; a piece that is with the assessor
    stays as it is, and the answer says so."""
    queries.take_turn(session, opened.id)
    evidence = queries.piece(session, opened, evidence_id).evidence
    kept = autosaving.keep(session, opened, request, evidence, sent)
    return JSONResponse(autosaving.told(page, opened, evidence, kept))
