"""Pages of evidence: the list, one piece, and what becomes of it. Writing and files have modules of their own."""

from __future__ import annotations

from functools import partial
from typing import Annotated
from uuid import UUID

from fastapi import APIRouter, Depends, Query, Request
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.audit.marks import ledger_marks
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence import (
    actions,
    checked,
    forms,
    queries,
    queries_list,
    quotas,
    routes_autosave,
    routes_files,
    routes_offline,
    routes_openings,
    routes_receipts,
    routes_writing,
    rules,
)
from portfolio.evidence.answering import form_page
from portfolio.evidence.forms import WithdrawForm
from portfolio.evidence.notices import sentence_for
from portfolio.evidence.types import TYPES, label_of
from portfolio.findings import checking
from portfolio.findings.checking import stopped
from portfolio.openings.queries import by_others
from portfolio.refusals import Refused
from portfolio.sealing.queries import cleaning_asked
from portfolio.sightings import queries as sightings
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, empty, filled, submitted
from portfolio.web.page import PageDep
from portfolio.web.paging import PageNumber
from storage.kinds import KINDS

router = APIRouter()
router.include_router(routes_writing.router)  # "/new" comes before "/{evidence_id}"
pages = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence")
Viewed = Annotated[Opened, Depends(Needs(Permission.VIEW_PORTFOLIO))]
Adding = Annotated[Opened, Depends(Needs(Permission.ADD_EVIDENCE))]
Withdrawing = Annotated[Opened, Depends(Needs(Permission.WITHDRAW_EVIDENCE))]
WithdrawSent = Annotated[Submitted[WithdrawForm], Depends(submitted(WithdrawForm))]
ASK_FIRST = "Not submitted yet: this may identify somebody"
STATES = {
    "draft": "Draft",
    "submitted": "With assessor",
    "returned": "Returned",
    "decided": "Decided",
    "withdrawn": "Withdrawn",
}


@pages.get("", name="evidence.list")
def evidence_list(
    page: PageDep,
    session: ReadSession,
    opened: Viewed,
    request: Request,
    number: PageNumber = 1,
    state: str = "",
    item: str = "",
    evidence_type: Annotated[str, Query(alias="type")] = "",
    done: str = "",
) -> Response:
    """Every piece this viewer may see, newest first, each with who has it now and since when."""
    filters = queries_list.Filters(
        state=state if state in STATES else "",
        item=item if item in opened.standard else "",
        type=evidence_type if evidence_type in TYPES else "",
    )
    counts = queries_list.state_counts(session, opened)
    closed = rules.reasons_closed(queries.stage_of(session, opened.id))
    return page(
        "evidence/list.html",
        fragment="evidence_list",
        opened=opened,
        pieces=queries_list.pieces(session, opened, filters, page=number),
        filters=filters,
        form=filled(state=filters.state, item=filters.item, type=filters.type),
        counts=counts,
        states=[(key, f"{word} ({counts[key]})") for key, word in STATES.items() if key in counts],
        items=[(one.code, f"{one.label}: {one.text[:60]}") for one in opened.standard.items],
        types=[(one.id, one.label) for one in TYPES.values()],
        type_label=label_of,
        holder=partial(
            rules.holder,
            own=opened.is_own,
            apprentice=opened.apprenticeship.apprentice.name,
            assessors=queries.assessors_of(session, opened.id),
        ),
        closed=" ".join(closed),
        use=quotas.said_to_apprentice(session, request.app.state.settings, opened),
        said=sentence_for(done),
    )


@pages.get("/{evidence_id}", name="evidence.show")
def show(
    page: PageDep,
    session: ReadSession,
    opened: Viewed,
    evidence_id: UUID,
    version: Annotated[int | None, Query(ge=1, le=100_000)] = None,
    done: str = "",
    once: str = "",
) -> Response:
    """One piece: the newest version this viewer may read, or the one asked for."""
    piece = queries.piece(session, opened, evidence_id, number=version)
    evidence, shown = piece.evidence, piece.version
    stage, coverage = queries.stage_and_coverage(session, opened.id, opened.standard)
    assessors = queries.assessors_of(session, opened.id)
    who = opened.apprenticeship.apprentice.name
    missing = piece.reasons_not_to_submit(london_day(utc_now()))
    own = opened.is_own and piece.is_newest
    seen = sightings.of_piece(session, evidence_id)
    return page(
        "evidence/show.html",
        opened=opened,
        piece=piece,
        path_of_piece=page.path_for("evidence.show", apprenticeship_id=opened.id, evidence_id=evidence_id),
        edit_address=page.path_for("evidence.edit", apprenticeship_id=opened.id, evidence_id=evidence_id),
        coverage=coverage,
        holder=rules.holder(evidence.state, own=opened.is_own, apprentice=who, assessors=assessors),
        next_step=rules.next_step(
            evidence.state, own=opened.is_own, assessors=assessors, new_draft=piece.has_new_draft
        ),
        missing=missing,
        closed=" ".join(rules.reasons_closed(stage)),
        may_edit=own and not rules.reasons_not_to_edit(evidence.state, stage),
        may_take_back=own and not rules.reasons_not_to_take_back(evidence.state, stage),
        why_not_withdraw=" ".join(
            rules.reasons_not_to_withdraw(evidence.state, stage, part_covered=evidence.part_covered)
        ),
        has_been_submitted=shown.submitted_at is not None or shown.number > 1,
        type_label=label_of(shown.type),
        choices=rules.CONFIDENTIALITY,
        kinds=KINDS,
        seen=seen,
        marks=ledger_marks(page, session, "sighting", seen.ids),
        may_confirm=Permission.CONFIRM_ORIGINAL in opened.may
        and piece.is_newest
        and not seen.by(opened.viewer.person_id, shown.number)
        and not rules.reasons_closed(stage)
        and evidence.state != "withdrawn",
        openings=by_others(session, evidence_id, opened.apprenticeship.apprentice_id)
        if Permission.VIEW_OPENINGS in opened.may
        else None,
        said=sentence_for(done, once=once),
        asked_for_cleaned=cleaning_asked(session, evidence_id) if own and shown.submitted_at is None else "",
        kept_findings=checked.kept_in(session, shown),
        kept_beside=checked.kept_beside(session, evidence, seen.rows),
        training_entry=page.request.app.state.training_entry_of(session, evidence_id),
    )


@pages.post("/{evidence_id}/submit", name="evidence.submit")
def submit(page: PageDep, session: WriteSession, opened: Adding, evidence_id: UUID) -> Response:
    """Submit the draft as it was saved. Sending it twice submits it once."""
    queries.take_turn(session, opened.id)
    evidence = queries.piece(session, opened, evidence_id).evidence
    if evidence.state != "submitted":
        now, draft = utc_now(), queries.newest(session, evidence.id)
        form = forms.from_version(draft)
        if stopped(form, checked.save_reasons(session, opened, draft, form, always=True, now=now)):
            return form_page(
                page, session, opened, form, evidence=evidence, version=draft, status=422, heading=ASK_FIRST
            )
        actions.submit(session, opened, evidence, now=now, today=london_day(now))
    return page.go_to(
        "evidence.show", apprenticeship_id=opened.id, evidence_id=evidence_id, query={"done": "submitted"}
    )


@pages.post("/{evidence_id}/take-back", name="evidence.take_back")
def take_back(page: PageDep, session: WriteSession, opened: Adding, evidence_id: UUID) -> Response:
    """From the assessor back to a draft, while nothing is decided."""
    queries.take_turn(session, opened.id)
    evidence = queries.piece(session, opened, evidence_id).evidence
    if evidence.state != "draft":
        actions.take_back(session, opened, evidence, now=utc_now())
    return page.go_to("evidence.edit", apprenticeship_id=opened.id, evidence_id=evidence_id)


@pages.get("/{evidence_id}/withdraw", name="evidence.withdraw")
def withdraw_page(page: PageDep, session: ReadSession, opened: Withdrawing, evidence_id: UUID) -> Response:
    return _withdraw_page(page, opened, _withdrawable(session, opened, evidence_id), empty())


@pages.post("/{evidence_id}/withdraw", name="evidence.withdraw_now")
def withdraw(
    form: WithdrawSent, page: PageDep, session: WriteSession, opened: Withdrawing, evidence_id: UUID
) -> Response:
    """Sending it twice withdraws it once."""
    queries.take_turn(session, opened.id)
    if form.value is None or not _withdrawn_before(session, opened, evidence_id, form.value.reason):
        piece = _withdrawable(session, opened, evidence_id)
        found = checking.found_in_form(session, opened, form, {"reason": "Why it is withdrawn"})
        if stopped(form, found) or form.value is None:
            return _withdraw_page(page, opened, piece, form, status=422)
        actions.withdraw(session, opened, piece.evidence, reason=form.value.reason, now=utc_now())
        checking.keep(session, opened, "evidence", evidence_id, found, now=utc_now())
    return page.go_to("evidence.list", apprenticeship_id=opened.id, query={"done": "withdrawn"})


def _withdrawn_before(session: ReadSession, opened: Opened, evidence_id: UUID, reason: str) -> bool:
    evidence = queries.piece(session, opened, evidence_id).evidence
    return rules.is_withdrawn_by(
        evidence.state,
        evidence.withdrawn_reason,
        queries.withdrawn_by(session, evidence) if evidence.state == "withdrawn" else None,
        same_reason=reason,
        same_person=opened.viewer.person_id,
    )


def _withdrawable(session: ReadSession, opened: Opened, evidence_id: UUID) -> queries.Piece:
    piece = queries.piece(session, opened, evidence_id)
    stage, covered = queries.stage_of(session, opened.id), piece.evidence.part_covered
    if reasons := rules.reasons_not_to_withdraw(piece.evidence.state, stage, part_covered=covered):
        raise Refused(reasons[0])
    return piece


def _withdraw_page(
    page: PageDep, opened: Opened, piece: queries.Piece, form: Submitted[WithdrawForm], status: int = 200
) -> Response:
    back = page.path_for("evidence.show", apprenticeship_id=opened.id, evidence_id=piece.id)
    return page(
        "evidence/withdraw.html",
        fragment="withdraw_form",
        status=status,
        opened=opened,
        piece=piece,
        form=form,
        back=back,
    )


router.include_router(pages)
router.include_router(routes_autosave.router)
router.include_router(routes_offline.router)
router.include_router(routes_files.lists)
router.include_router(routes_files.router)
router.include_router(routes_openings.router)
router.include_router(routes_receipts.router)
