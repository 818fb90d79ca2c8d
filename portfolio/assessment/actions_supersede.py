"""Putting a new decision in the place of one that stands: the item and the piece follow."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.coverage import Outcome
from portfolio.apprenticeships.guards import Opened
from portfolio.assessment import queries, queries_review, rules
from portfolio.assessment.models import Decision
from portfolio.assessment.records import add_decision, add_sign_off
from portfolio.assessment.rules import Answer
from portfolio.audit import actions as audit
from portfolio.evidence.models import Claim, Evidence
from portfolio.evidence.queries import take_turn
from portfolio.refusals import Refused, SentBefore


def supersede(
    session: Session,
    opened: Opened,
    evidence: Evidence,
    decision: Decision,
    answer: Answer,
    *,
    reason: str,
    form_key: str,
    now: datetime,
) -> Decision:
    """Put a new decision in the place of one that stands, with the reason. The sign-off of the item and the
    state of the piece follow.

    Once per `form_key`; SentBefore if it came with other content. Raises Refused; of two at once, the second is
    told who was first.
    """
    take_turn(session, opened.id)
    session.refresh(evidence)
    done = session.scalar(
        select(Decision).where(Decision.supersedes_id == decision.id, Decision.form_key == form_key)
    )
    if done is not None:
        says = (queries_review.answer_of(done), done.reason, done.decided_by_id)
        if says != (answer, reason, opened.viewer.person_id):
            raise SentBefore
        return done
    if why_not := why_not_supersede(session, opened, evidence, decision):
        raise Refused(why_not)
    if form_key == decision.form_key:
        raise Refused("This form was used before. Open the page again and send it anew.")
    claim = session.get_one(Claim, decision.claim_id)
    newer = add_decision(
        session, opened, claim, evidence, answer, form_key, now, supersedes=decision, reason=reason
    )
    sign_off = _sign_off_follows(session, newer, reason=reason, now=now)
    _piece_follows(session, opened, evidence, now)
    audit.record(
        session,
        "assessment.superseded",
        by=opened.viewer.person_id,
        now=now,
        record="decision",
        record_id=newer.id,
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        item=newer.item_code,
        outcome=newer.outcome,
        before=decision.outcome,
        sign_off=sign_off,
        evidence_id=str(evidence.id),
        state=evidence.state,
    )
    return newer


def why_not_supersede(session: Session, opened: Opened, evidence: Evidence, decision: Decision) -> str:
    """Why this viewer cannot supersede this decision now; empty if they can. For the page and the action."""
    standing = queries.standing_decisions(session, [evidence.id]).get((evidence.id, decision.item_code))
    return rules.why_not_supersede(
        queries_review.facts_for(session, opened, evidence),
        superseded_by=queries_review.superseded_by(session, decision),
        stands=standing is not None and standing.id == decision.id,
    )


def _sign_off_follows(session: Session, newer: Decision, *, reason: str, now: datetime) -> str:
    """Sign the item off, or take the sign-off back, as the superseding decision asks. What it did, or ""."""
    newest = queries.newest_sign_off(session, newer.apprenticeship_id, newer.item_code)
    signed_off = newest is not None and newest.kind == "signed_off"
    if newer.outcome == Outcome.COVERED:
        if not signed_off:
            add_sign_off(session, newer, kind="signed_off", basis="decision", reason=reason, now=now)
        return "" if signed_off else "signed_off"
    elsewhere = any(
        shown.stands and shown.outcome is Outcome.COVERED
        for shown in queries.decisions_on_item(session, newer.apprenticeship_id, newer.item_code)
    )
    basis = newest.basis if newest is not None else ""
    if not rules.withdraws_sign_off(signed_off=signed_off, basis=basis, covered_elsewhere=elsewhere):
        return ""
    add_sign_off(session, newer, kind="withdrawn", basis="superseded", reason=reason, now=now)
    return "withdrawn"


def _piece_follows(session: Session, opened: Opened, evidence: Evidence, now: datetime) -> None:
    """Bring the piece to the state that its standing decisions ask for.

    A piece with other claims still waiting stays with the assessor, and one whose author has begun a new
    version stays with the author.
    """
    review = queries_review.review(session, opened, evidence)
    outcomes = [one.outcome for one in review.claims]
    evidence.part_covered = Outcome.COVERED in outcomes or evidence.part_covered
    if review.waiting or evidence.state == "draft" or not review.version.is_latest:
        return
    state = rules.state_after(outcome for outcome in outcomes if outcome is not None)
    if state != evidence.state:
        evidence.state, evidence.state_since = state, now
    session.flush()
