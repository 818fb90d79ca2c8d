"""Receipts: whether a file is here, asked by whoever sent it with the code they were given."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Query
from sqlalchemy import select
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.database import ReadSession
from portfolio.evidence.models import EvidenceFile
from portfolio.people.sessions import SignedIn
from portfolio.web.page import PageDep
from storage.store import EvidenceStore

router = APIRouter()


@router.get("/receipts", name="evidence.receipt")
def receipt(
    page: PageDep, session: ReadSession, viewer: SignedIn, code: Annotated[str, Query(max_length=40)] = ""
) -> Response:
    """What is kept under this code, if this person sent it; the store itself is asked whether it has it. What somebody
    else sent is not known here."""
    asked = _tidy(code)
    file = _own_file(session, viewer.person_id, asked) if asked else None
    session.rollback()  # nobody waits for the store with a connection to the database in hand
    store: EvidenceStore = page.request.app.state.store
    held = file is not None and store.exists(file.storage_key)
    return page(
        "evidence/receipt.html", code=asked, file=file, held=held, status=404 if asked and not file else 200
    )


def _tidy(code: str) -> str:
    """As it is printed, however it was typed: 0 and 1 stand in no code, O and I do."""
    letters = "".join(sign for sign in code.upper().translate({48: "O", 49: "I"}) if sign.isalnum())[:10]
    return f"{letters[:5]}-{letters[5:]}" if len(letters) > 5 else letters


def _own_file(session: Session, person_id: UUID, code: str) -> EvidenceFile | None:
    """The code is computed from what is kept and stands in no column, so a person's files are gone through."""
    theirs = (
        select(EvidenceFile).where(EvidenceFile.uploaded_by_id == person_id).order_by(EvidenceFile.id.desc())
    )
    return next((file for file in session.scalars(theirs) if file.receipt_code == code), None)
