"""Who opened the files of a piece: for its owner and the provider's confidentiality leads."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession
from portfolio.evidence import queries
from portfolio.evidence.queries_openings import files_of_piece
from portfolio.openings import queries as openings
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}/openings")
Overseeing = Annotated[Opened, Depends(Needs(Permission.VIEW_OPENINGS))]
REMOVED = "A file that was removed"


@router.get("", name="evidence.openings")
def show(
    page: PageDep,
    session: ReadSession,
    opened: Overseeing,
    evidence_id: UUID,
    number: PageNumber = 1,
    small: str = "",
) -> Response:
    """Each opening of each file. A file that stands in a draft only is its author's alone, and so is what is written
    down of it; one that was removed has no name any more."""
    piece = queries.piece(session, opened, evidence_id)
    files = files_of_piece(session, evidence_id)
    unseen = set() if opened.is_own else {one.id for one in files if not one.submitted}
    names = {one.id: one.name for one in files if one.id not in unseen}
    counted = openings.by_file(session, evidence_id)
    return page(
        "evidence/openings.html",
        fragment="openings",
        opened=opened,
        piece=piece,
        rows=openings.of_piece(
            session, evidence_id, but=unseen, page=number, without_small=small == "without"
        ),
        without_small=small == "without",
        counted=counted,
        name_of=lambda file_id: names.get(file_id, REMOVED),
        not_opened=[name for file_id, name in names.items() if file_id not in counted],
    )
