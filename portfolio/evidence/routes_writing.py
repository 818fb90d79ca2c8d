"""Adding a piece and editing a draft: one page, one form, and nothing typed is ever lost.

A draft is saved first; only then are mistakes, refused files and what is missing for submitting shown, on the
edit page of that draft with status 422.
"""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence import checked, drafting, forms, queries, quotas, rules
from portfolio.evidence.answering import Answer, form_page
from portfolio.evidence.finding import preselected
from portfolio.evidence.forms import PieceForm
from portfolio.evidence.intake import SentPiece
from portfolio.evidence.models import Evidence
from portfolio.evidence.types import TYPES
from portfolio.web.forms import Submitted, filled
from portfolio.web.page import PageDep

router = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence")
Adding = Annotated[Opened, Depends(Needs(Permission.ADD_EVIDENCE))]


@router.get("/new", name="evidence.new")
def new(
    page: PageDep,
    session: ReadSession,
    opened: Adding,
    item: Annotated[list[str] | None, Query()] = None,
    evidence_type: Annotated[str, Query(alias="type")] = "",
) -> Response:
    """An empty page, with the items that a link names chosen already."""
    drafting.refuse_if(rules.reasons_closed(queries.stage_of(session, opened.id)))
    form: Submitted[PieceForm] = filled(
        claim=list(preselected(opened.standard, item or [])),
        type=evidence_type if evidence_type in TYPES else "",
    )
    return form_page(page, session, opened, form)


@router.post("", name="evidence.create")
def create(
    sent: SentPiece, page: PageDep, session: WriteSession, opened: Adding, request: Request
) -> Response:
    """Keep what came as a draft, then submit it if that was asked for. Sent twice, it makes one piece."""
    answer = Answer.begin(sent, page, session, opened, request)
    if answer.only_finds:
        return answer.page_as_typed(None)
    queries.take_turn(session, opened.id)
    quotas.keep_within(session, request.app.state.settings, opened, sent.arrived)
    made = queries.made_with_key(session, opened.id, opened.viewer.person_id, sent.form.text("form_key"))
    if made is not None:
        return _sent_again(answer, made)
    if answer.written.is_empty and not sent.arrived.files:
        heading = "There is nothing to save yet"
        sent.form.refuse("title", "Write a title, or anything else, or add a file: then it can be saved.")
        return answer.page_as_typed(None, status=422, heading=heading, problems=sent.arrived.problems)
    return answer.after(_start(answer, sent.form.text("form_key")))


@router.get("/{evidence_id}/edit", name="evidence.edit")
def edit(page: PageDep, session: ReadSession, opened: Adding, evidence_id: UUID, done: str = "") -> Response:
    """The draft as it was saved. A returned piece shows its last version, and saving begins the next one."""
    piece = queries.piece(session, opened, evidence_id)
    drafting.refuse_if(rules.reasons_not_to_edit(piece.evidence.state, queries.stage_of(session, opened.id)))
    form = forms.from_version(piece.version, anew=piece.version.submitted_at is not None)
    checked.show_kept(session, opened, piece.version, form)
    return form_page(page, session, opened, form, evidence=piece.evidence, version=piece.version, done=done)


@router.post("/{evidence_id}/edit", name="evidence.save")
def save(
    sent: SentPiece, page: PageDep, session: WriteSession, opened: Adding, request: Request, evidence_id: UUID
) -> Response:
    """Save the draft again, then submit it if that was asked for."""
    answer = Answer.begin(sent, page, session, opened, request)
    if not answer.only_finds:
        queries.take_turn(session, opened.id)
        quotas.keep_within(session, request.app.state.settings, opened, sent.arrived)
    piece = queries.piece(session, opened, evidence_id)
    if answer.only_finds:
        return answer.page_as_typed(piece)
    if piece.evidence.state == "submitted" and answer.says_the_same(piece.version):
        return answer.go_to_piece(piece.evidence, "submitted")
    return answer.after(_change(answer, piece.evidence))


def _sent_again(answer: Answer, made: Evidence) -> Response:
    """The same page sent twice. The same content is the same piece: nothing is done again.

    Other content is saved into the piece while it is still the draft that this page began: going back and saving
    again is one person working on one draft. Once it was submitted, or taken back to be changed elsewhere, it is
    refused: the page says so, and keeps what was typed under a key of its own."""
    version = queries.newest(answer.session, made.id)
    same = answer.says_the_same(version)
    if same and (version.submitted_at or not answer.wants_more):
        return answer.go_to_piece(made, "submitted" if version.submitted_at else "saved")
    if version.submitted_at is None and version.number == 1 and made.state == "draft":
        return answer.after(_change(answer, made))
    return answer.page_sent_before()


def _start(answer: Answer, form_key: str) -> drafting.Kept:
    return drafting.start(
        answer.session,
        answer.opened,
        answer.written,
        answer.sent.arrived.files,
        form_key=form_key,
        most_files=answer.most_files,
        now=answer.now,
        based=answer.based,
    )


def _change(answer: Answer, evidence: Evidence) -> drafting.Kept:
    return drafting.change(
        answer.session,
        answer.opened,
        evidence,
        answer.written,
        answer.sent.arrived.files,
        most_files=answer.most_files,
        now=answer.now,
        based=answer.based,
    )
