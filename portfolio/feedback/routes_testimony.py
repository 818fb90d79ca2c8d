"""Signing "I saw this": the whole of what is signed stands on the page."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from fastapi import APIRouter, Depends
from sqlalchemy.orm import Session
from starlette.responses import Response

from portfolio.access import Permission
from portfolio.apprenticeships.guards import Needs, Opened
from portfolio.apprenticeships.queries_contacts import contacts_around
from portfolio.database import ReadSession, WriteSession
from portfolio.evidence.models import Evidence
from portfolio.evidence.rules import CONFIDENTIALITY
from portfolio.evidence.types import label_of
from portfolio.feedback import actions, queries, rules
from portfolio.feedback.forms import SignTestimony
from portfolio.findings import checking
from portfolio.findings.rules import Checked, Found
from portfolio.people.signing import signed_form
from portfolio.refusals import Refused
from portfolio.web.formats import london_day, utc_now
from portfolio.web.forms import Submitted, empty
from portfolio.web.page import Page, PageDep
from storage.kinds import KINDS

router = APIRouter()
Witness = Annotated[Opened, Depends(Needs(Permission.GIVE_TESTIMONY))]
TestimonyForm = Annotated[Submitted[SignTestimony], Depends(signed_form(SignTestimony))]


@router.get("/testimony", name="feedback.testify")
def testimony_page(page: PageDep, session: ReadSession, opened: Witness, evidence_id: UUID) -> Response:
    evidence = queries.find_piece(session, opened, evidence_id)
    return _shown(page, session, opened, evidence, empty())


@router.post("/testimony", name="feedback.testify_now")
def sign(
    form: TestimonyForm, page: PageDep, session: WriteSession, opened: Witness, evidence_id: UUID
) -> Response:
    evidence, now = queries.find_piece(session, opened, evidence_id, taken_back=True), utc_now()
    signed = form.value
    if signed is not None and (reason := rules.why_not_seen_on(signed.saw_on, today=london_day(now))):
        form.refuse("saw_on", reason)
    found = _found(session, opened, form)
    if form.value is not None and not checking.stopped(form, found):
        try:
            testimony = actions.sign_testimony(session, opened, evidence, form.value, now=now)
            checking.keep_once(session, opened, "testimony", testimony.id, found, now=now)
        except Refused as refusal:
            form.refuse("", refusal.reason)
    if form.errors:
        return _shown(page, session, opened, evidence, form, status=422)
    return page.go_to(
        "feedback.thread", anchor="conversation", apprenticeship_id=opened.id, evidence_id=evidence_id
    )


def _found(session: Session, opened: Opened, form: Submitted[Any]) -> list[Found]:
    labels = {"statement": "What you saw", "relation": "What you are to the apprentice"}
    texts = [Checked(name, label, form.text(name)) for name, label in labels.items()]
    return checking.found_in(session, opened, texts, checking.reasons_in(form))


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
    signed_by_me = [
        one
        for one in queries.testimonies(session, evidence.id)
        if one.testimony.author_id == opened.viewer.person_id
    ]
    facts = rules.WitnessFacts(
        evidence.state,
        queries.why_closed(session, opened.id),
        opened.is_own,
        any(one.is_valid for one in signed_by_me),
    )
    return page(
        "feedback/testify.html",
        fragment="testimony",
        status=status,
        opened=opened,
        contacts=lambda: contacts_around(session, opened.apprenticeship),
        evidence=evidence,
        version=version,
        sha256=rules.version_sha256(queries.content_of(version)) if version else "",
        type_label=label_of(version.type) if version else "",
        protection=CONFIDENTIALITY,
        kinds=KINDS,
        why_not=rules.why_no_testimony(facts),
        form=form,
    )
