"""What the script of the form saves by itself, while somebody writes: into a draft that is there, or into a new one."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from fastapi import Request
from sqlalchemy.orm import Session
from starlette.exceptions import HTTPException

from portfolio.apprenticeships.guards import Opened
from portfolio.evidence import checked, drafting, forms, queries
from portfolio.evidence.drafting import Kept
from portfolio.evidence.forms import PieceForm, Written
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.evidence.revisions import Based
from portfolio.findings.checking import reasons_in
from portfolio.refusals import Refused
from portfolio.web.formats import clock_words, utc_now
from portfolio.web.forms import Submitted
from portfolio.web.page import Page

SENT_BEFORE = (
    "What this page made before is submitted, or was changed since, and stays as it is. "
    "What you wrote here can be kept as a new draft."
)


def keep_new(
    session: Session, opened: Opened, request: Request, sent: Submitted[PieceForm]
) -> tuple[Evidence, Kept | None]:
    """The draft of a new page: made by its first file or its first words, found again by the page's own key. Words
    come with the page's count of what it sent; without it only the draft is asked for. Raises Refused for words that
    would change what is no new draft any more."""
    queries.take_turn(session, opened.id)
    key = sent.text("form_key")
    if not key:
        raise HTTPException(422, "Load the page again, then choose the files once more.")
    made = queries.made_with_key(session, opened.id, opened.viewer.person_id, key)
    if made is None:
        kept = drafting.start(
            session,
            opened,
            _written(sent, opened),
            [],
            form_key=key,
            most_files=request.app.state.settings.files_per_piece,
            now=utc_now(),
            based=Based.of(sent, request, by_itself=True),
        )
        _keep_reasons(session, opened, sent, kept)
        return kept.evidence, kept
    if not sent.text("turn"):
        return made, None
    version = queries.newest(session, made.id)
    if made.state == "draft" and version.number == 1:
        kept = keep(session, opened, request, made, sent)
        _keep_reasons(session, opened, sent, kept)
        return made, kept
    if _says_the_same(_written(sent, opened), version):
        return made, None
    raise Refused(SENT_BEFORE)


def keep(
    session: Session, opened: Opened, request: Request, evidence: Evidence, sent: Submitted[PieceForm]
) -> Kept:
    """Into the draft, with what other pages saved meanwhile. Raises Refused for a piece that cannot be changed now."""
    return drafting.change(
        session,
        opened,
        evidence,
        _written(sent, opened),
        [],
        most_files=request.app.state.settings.files_per_piece,
        now=utc_now(),
        based=Based.of(sent, request, by_itself=True),
    )


def told(page: Page, opened: Opened, evidence: Evidence, kept: Kept | None = None) -> dict[str, Any]:
    """The addresses of the draft; when it was saved; how many texts stand beside it, and whether it says more than
    the page that sent this."""
    at = {"apprenticeship_id": opened.id, "evidence_id": evidence.id}
    return {
        "evidence": str(evidence.id),
        "save": page.path_for("evidence.save", **at),
        "files": page.path_for("evidence.files", **at),
        "autosave": page.path_for("evidence.autosave", **at),
        "edit": page.path_for("evidence.edit", **at),
        "at_words": clock_words(utc_now()),
        "beside": kept.beside if kept else 0,
        "more": kept.more if kept else False,
    }


def _written(sent: Submitted[PieceForm], opened: Opened) -> Written:
    return forms.written(sent, forms.readable(sent), opened.standard)


def _keep_reasons(session: Session, opened: Opened, sent: Submitted[PieceForm], kept: Kept) -> None:
    """Why names stay, as it was said on the page: nobody is there who would be asked again before it is a draft."""
    if any(reasons_in(sent).values()):
        checked.save_reasons(session, opened, kept.version, sent, always=False, now=utc_now())


def _says_the_same(written: Written, version: EvidenceVersion) -> bool:
    return replace(written, title=written.title or version.title) == forms.content_of(version)
