"""Report a piece; and for the confidentiality leads: what was reported, what is in it, and what becomes of it."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends, Request
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio import access
from portfolio.access import Membership, Permission
from portfolio.apprenticeships.guards import Needs, Opened, open_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence import queries as evidence
from portfolio.evidence.queries_openings import files_of_piece
from portfolio.evidence.routes_files import send
from portfolio.findings.checking import left_out
from portfolio.openings import actions as noting
from portfolio.openings import queries as openings
from portfolio.people.guards import NeedsInProvider
from portfolio.people.sessions import SignedIn
from portfolio.refusals import NotFound, Refused
from portfolio.sealing.models import Slip
from portfolio.sealing.queries import COUNTED, Shut, of_piece
from portfolio.slips import actions, queries, rules
from portfolio.slips.forms import Answer, Report
from portfolio.web.formats import utc_now
from portfolio.web.forms import Submitted, empty, new_form_key, submitted
from portfolio.web.page import Page, PageDep, is_fragment_request
from portfolio.web.paging import PageNumber
from storage.checks import KINDS, content_disposition

router = APIRouter()
pages = APIRouter(prefix="/apprenticeships/{apprenticeship_id}/evidence/{evidence_id}/report")
leads = APIRouter(prefix="/providers/{provider_id}/slips")
Reporting = Annotated[Opened, Depends(Needs(Permission.REPORT_SLIP))]
Leading = Annotated[Membership, Depends(NeedsInProvider(Permission.HANDLE_SLIPS))]
ReportSent = Annotated[Submitted[Report], Depends(submitted(Report))]
AnswerSent = Annotated[Submitted[Answer], Depends(submitted(Answer))]
SAID = {
    "restored": "It is open again, and every word stands where it stood.",
    "asked": "The apprentice is asked for a cleaned version. What was there before stays closed.",
    "purge_asked": "The other confidentiality lead is asked to agree. Until then it stays closed.",
    "purged": "It is purged. What is left is on this page.",
}
FIELDS = {
    "title": "Title", "what_happened": "What happened", "what_i_did": "What I did", "why": "Why",
    "original_what": "What the original is", "original_kept_at": "Where the original is kept",
    "original_seen_by": "Who saw the original", "note": "Note on a statement or duty", "text": "Comment",
    "relation": "How the witness knows them", "missing": "What is missing", "withdrawn_reason": "Why it was withdrawn",
    "seen_where": "Where the original was seen", "reason": "Reason", "what": "What was learnt",
    "objective": "What the training was for", "given_by": "Who gave the training",
    "certificate": "Certificate of the training", "impact": "What the training changed",
    "taken": "What was taken from a supervision", "publisher": "Who published the review",
    "words": "What was said of a course", "found": "What the review found", "changed": "What was changed after the review",
}  # fmt: skip
STATEMENTS = {"testimony": "Testimony", "sighting": "Confirmation of the original"}


def closed_page(request: Request, error: Shut) -> Response:
    """What everybody but the leads sees of a piece that was reported: since when, and what happens next."""
    page = Page(request)
    viewer = getattr(request.state, "viewer", None)
    where = request.path_params
    at_lists = {name: where[name] for name in ("apprenticeship_id",) if name in where}
    return page(
        "slips/closed.html",
        fragment="message",
        status=409,
        headers={"HX-Retarget": "#message", "HX-Reswap": "outerHTML"} if is_fragment_request(request) else {},
        reason=error.reason,
        back=page.path_for("evidence.list", **at_lists) if at_lists else "/",
        leading=[one for one in viewer.memberships if _leads(one)] if viewer else [],
    )


def _leads(membership: Membership) -> bool:
    return Permission.HANDLE_SLIPS in access.permissions(membership.roles, membership.rights)


@pages.get("", name="slips.report")
def report_page(page: PageDep, session: ReadSession, opened: Reporting, evidence_id: UUID) -> Response:
    evidence.piece(session, opened, evidence_id)
    return _report_form(page, opened, empty())


@pages.post("", name="slips.send_report")
def report(
    form: ReportSent, page: PageDep, session: WriteSession, opened: Reporting, evidence_id: UUID
) -> Response:
    """Closed at once. Whoever reports what is closed already is told so: nothing more is needed."""
    before = queries.sent_with(session, opened.viewer.person_id, form.text("form_key"))
    if before is None or before.evidence_id != evidence_id:
        evidence.piece(session, opened, evidence_id)
    if form.value is None:
        return _report_form(page, opened, form, status=422)
    note = left_out(session, opened.apprenticeship, form.value.note)
    sent = form.value.model_copy(update={"note": note})
    actions.report(session, opened, evidence_id, sent, now=utc_now())
    return page.go_to("evidence.show", apprenticeship_id=opened.id, evidence_id=evidence_id)


def _report_form(page: Page, opened: Opened, form: Submitted[Any], status: int = 200) -> Response:
    return page(
        "slips/report.html",
        fragment="report_form",
        status=status,
        opened=opened,
        form=form,
        key=new_form_key(),
        what=rules.WHAT,
        parts=rules.PART,
        counted=COUNTED,
        back=page.request.url.path.removesuffix("/report"),
    )


@leads.get("", name="slips.list")
def slip_list(
    page: PageDep, session: ReadSession, provider: Leading, number: PageNumber = 1, state: str = "open"
) -> Response:
    state = state if state in rules.STATES else "open"
    return page(
        "slips/list.html",
        fragment="slips",
        provider=provider,
        rows=queries.listed(session, provider.provider_id, state=state, page=number),
        state=state,
        states=rules.STATES,
        unknown=queries.unknown_to_restores(session, provider.provider_id, utc_now()),
    )


@leads.get("/{slip_id}", name="slips.show")
def show(
    page: PageDep,
    session: ReadSession,
    viewer: SignedIn,
    provider: Leading,
    slip_id: UUID,
    number: PageNumber = 1,
    done: str = "",
) -> Response:
    slip = queries.slip(session, provider.provider_id, slip_id)
    return _shown(
        page, session, provider, slip, viewer.person_id, empty(), number=number, said=SAID.get(done, "")
    )


@leads.post("/{slip_id}", name="slips.answer")
def answer(
    form: AnswerSent,
    page: PageDep,
    session: WriteSession,
    viewer: SignedIn,
    provider: Leading,
    slip_id: UUID,
) -> Response:
    slip = queries.slip(session, provider.provider_id, slip_id)
    if form.value is None:
        return _shown(page, session, provider, slip, viewer.person_id, form, status=422)
    try:
        done = _carry_out(page, session, slip, form.value, viewer.person_id)
    except Refused as refusal:
        if _done_before(slip, form.value, viewer.person_id):
            return page.go_to("slips.show", provider_id=provider.provider_id, slip_id=slip_id)
        form.refuse("", refusal.reason)
        return _shown(page, session, provider, slip, viewer.person_id, form, status=409)
    return page.go_to("slips.show", query={"done": done}, provider_id=provider.provider_id, slip_id=slip_id)


def _carry_out(page: Page, session: Session, slip: Slip, asked: Answer, by: UUID) -> str:
    reason = left_out(session, session.get_one(Apprenticeship, slip.apprenticeship_id), asked.reason)
    how = {"by": by, "reason": reason, "now": utc_now()}
    if asked.action == "restore":
        actions.restore(session, slip, **how)  # type: ignore[arg-type]
        return "restored"
    if asked.action == "ask":
        actions.ask_for_cleaned(session, slip, **how)  # type: ignore[arg-type]
        return "asked"
    kept = timedelta(days=page.request.app.state.settings.backups_kept_days)
    done = actions.purge_or_ask(session, slip, backups_kept=kept, **how)  # type: ignore[arg-type]
    return "purged" if done else "purge_asked"


def _done_before(slip: Slip, asked: Answer, by: UUID) -> bool:
    """Sent twice: what it asks for is how it stands."""
    wanted = {"restore": "restored", "ask": "asked", "purge": "purged"}[asked.action]
    return slip.state == wanted or (asked.action == "purge" and slip.purge_asked_by_id == by)


@leads.post("/{slip_id}/piece", name="slips.piece")
def piece(
    page: PageDep, session: WriteSession, viewer: SignedIn, provider: Leading, slip_id: UUID
) -> Response:
    """What is under the seal. POST, so that the writing session records who read it."""
    slip = queries.slip(session, provider.provider_id, slip_id)
    actions.note_piece_opened(session, slip, by=viewer.person_id, now=utc_now())
    return page(
        "slips/piece.html",
        provider=provider,
        row=queries.row_of(session, slip),
        texts=queries.texts(session, slip.id),
        files=queries.files(session, slip.id),
        kinds=KINDS,
        label=lambda one: STATEMENTS.get(one.record) or FIELDS.get(one.field, one.field),
    )


@leads.api_route("/{slip_id}/files/{file_id}", methods=["GET", "HEAD"], name="slips.file")
def file(
    request: Request,
    session: ReadSession,
    viewer: SignedIn,
    provider: Leading,
    slip_id: UUID,
    file_id: UUID,
) -> Response:
    """A file under the seal, as inert as any. Its opening is written down before the first byte."""
    slip = queries.slip(session, provider.provider_id, slip_id)
    found = next((one for one in queries.files(session, slip.id) if one.file.id == file_id), None)
    if found is None:
        raise NotFound
    opened = open_apprenticeship(session, request.app.state.catalogue, viewer, slip.apprenticeship_id)
    session.close()  # nobody waits for the store with a connection to the database in hand
    kind = KINDS[found.file.kind]
    headers = {
        "Content-Type": "text/plain; charset=utf-8" if kind.family == "text" else kind.media_type,
        "Content-Disposition": content_disposition(found.name, inline=kind.streams),
    }
    note = partial(_note, request, opened, slip.evidence_id, file_id)
    sha256 = found.file.sha256_stored
    return send(request, found.file.storage_key, found.file.size, f'"{sha256}"', headers, sha256, note=note)


def _note(request: Request, opened: Opened, evidence_id: UUID, file_id: UUID, what: str) -> None:
    noting.note(request, opened, evidence_id, file_id, what=what, now=utc_now())


def _shown(
    page: Page,
    session: Session,
    provider: Membership,
    slip: Slip,
    by: UUID,
    form: Submitted[Any],
    *,
    number: int = 1,
    said: str = "",
    status: int = 200,
) -> Response:
    facts = queries.facts_of(session, slip, by)
    sealed = of_piece(session, slip.evidence_id)
    names = {
        one.id: sealed.get((one.id, "name"), one.name) for one in files_of_piece(session, slip.evidence_id)
    }
    stone = queries.tombstone(session, slip.id)
    return page(
        "slips/show.html",
        fragment="slip",
        status=status,
        provider=provider,
        slip=slip,
        row=queries.row_of(session, slip),
        events=queries.events(session, slip.id),
        around=queries.who_could_see(session, slip),
        openings=openings.of_piece(session, slip.evidence_id, but=(), page=number, without_small=False),
        counted=openings.by_file(session, slip.evidence_id),
        name_of=lambda file_id: names.get(file_id, "A file that was taken out before"),
        stone=stone,
        copies=queries.copies(session, stone, slip.apprenticeship_id) if stone else None,
        choices=_choices(facts),
        not_possible=_not_possible(facts),
        purge_asked_by_other=facts.purge_asked_by not in (None, by),
        kept_days=page.request.app.state.settings.backups_kept_days,
        backups_until=utc_now() + timedelta(days=page.request.app.state.settings.backups_kept_days),
        form=form,
        said=said,
    )


def _choices(facts: rules.SlipFacts) -> list[tuple[str, str, str]]:
    """What this lead can do now."""
    found = []
    if not rules.reasons_not_to_restore(facts):
        found.append(("restore", "Open it again", "Nobody can be recognised. Everybody sees it as before."))
    if not rules.reasons_not_to_ask(facts):
        hint = "They make a new version. All that was there before stays closed for good. Sign-offs stay."
        found.append(("ask", "Ask the apprentice for a cleaned version", hint))
    if not rules.reasons_not_to_purge(facts):
        hint = "Words, files and pictures are removed for good. " + (
            "The other lead has asked for it: with your word it is done."
            if facts.purge_asked_by is not None
            else "You are the only lead, so your reason is enough."
            if rules.purges_now(facts)
            else "The other lead has to agree first."
        )
        found.append(("purge", "Purge it", hint))
    return found


def _not_possible(facts: rules.SlipFacts) -> list[str]:
    if facts.state == "purged":
        return []
    reasons = [*rules.reasons_not_to_ask(facts), *rules.reasons_not_to_purge(facts)]
    return list(dict.fromkeys(reasons)) if facts.state == "open" else []


router.include_router(pages)
router.include_router(leads)
