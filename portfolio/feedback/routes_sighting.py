"""Confirming by signature that the original of a piece was seen: what is signed stands on the page."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence.models import Evidence
from portfolio.evidence.rules import CONFIDENTIALITY
from portfolio.evidence.types import label_of
from portfolio.feedback import queries
from portfolio.feedback.actions_sighting import confirm_original, why_not
from portfolio.feedback.rules import version_sha256
from portfolio.findings import checking
from portfolio.people.signing import signed_form
from portfolio.refusals import Refused
from portfolio.sightings import queries as sightings
from portfolio.sightings import rules
from portfolio.sightings.forms import ConfirmOriginal
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, filled
from portfolio.web.page import Page, PageDep
from storage.kinds import KINDS

router = APIRouter()
Seer = Annotated[Opened, Depends(Needs(Permission.CONFIRM_ORIGINAL))]
ConfirmForm = Annotated[Submitted[ConfirmOriginal], Depends(signed_form(ConfirmOriginal))]
NOT_SAID = "Tick this if it is so. If it is not, do not sign: say in a comment what is wrong."


@router.get("/original", name="sightings.confirm")
def confirm_page(page: PageDep, session: ReadSession, opened: Seer, evidence_id: UUID) -> Response:
    evidence = queries.find_piece(session, opened, evidence_id)
    version = queries.newest_submitted(session, evidence.id)
    form: Submitted[ConfirmOriginal] = filled(seen_where=version.original_kept_at if version else "")
    return _shown(page, session, opened, evidence, form)


@router.post("/original", name="sightings.confirm_now")
def confirm(
    form: ConfirmForm, page: PageDep, session: WriteSession, opened: Seer, evidence_id: UUID
) -> Response:
    evidence, now = queries.find_piece(session, opened, evidence_id, taken_back=True), utc_now()
    signed = form.value
    if signed is not None and (reason := rules.why_not_seen_on(signed.seen_on, today=london_day(now))):
        form.refuse("seen_on", reason)
    if signed is not None and not signed.is_so:
        form.refuse("is_so", NOT_SAID)
    found = checking.found_in_form(session, opened, form, {"seen_where": "Where you saw it"})
    if not checking.stopped(form, found) and form.value is not None:
        try:
            seen = confirm_original(session, opened, evidence, form.value, now=now)
            checking.keep_once(session, opened, "sighting", seen.id, found, now=now)
        except Refused as refusal:
            form.refuse("", refusal.reason)
    if form.errors:
        return _shown(page, session, opened, evidence, form, status=422)
    return page.go_to(
        "evidence.show", anchor="original", apprenticeship_id=opened.id, evidence_id=evidence_id
    )


def _shown(
    page: Page,
    session: Session,
    opened: Opened,
    evidence: Evidence,
    form: Submitted[Any],
    *,
    status: int = 200,
) -> Response:
    version = queries.newest_submitted(session, evidence.id) if evidence.state != "draft" else None
    seen = sightings.of_piece(session, evidence.id)
    me = opened.viewer.person_id
    has_signed = version is not None and any(
        (one.sighting.signed_by_id, one.sighting.version_id) == (me, version.id) for one in seen.rows
    )
    return page(
        "sightings/confirm.html",
        fragment="confirm",
        status=status,
        opened=opened,
        evidence=evidence,
        version=version,
        sha256=version_sha256(queries.content_of(version)) if version else "",
        type_label=label_of(version.type) if version else "",
        protection=CONFIDENTIALITY,
        kinds=KINDS,
        why_not=why_not(session, opened, evidence, has_signed=has_signed),
        form=form,
    )
