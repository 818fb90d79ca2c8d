"""The rows that deciding adds: decisions and sign-offs, never changed afterwards."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.assessment.models import Decision, SignOff
from portfolio.assessment.rules import Answer
from portfolio.evidence.models import Claim, Evidence


def add_decision(
    session: Session,
    opened: Opened,
    claim: Claim,
    evidence: Evidence,
    answer: Answer,
    form_key: str,
    now: datetime,
    *,
    supersedes: Decision | None = None,
    reason: str = "",
) -> Decision:
    """One decision on one claim, by the viewer. Flushes."""
    decision = Decision(
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        evidence_id=evidence.id,
        version_id=claim.version_id,
        claim_id=claim.id,
        item_code=claim.item_code,
        outcome=answer.outcome.value,
        missing=answer.missing,
        supersedes_id=supersedes.id if supersedes else None,
        reason=reason,
        decided_by_id=opened.viewer.person_id,
        decided_at=now,
        form_key=form_key,
        **answer.five,
    )
    session.add(decision)
    session.flush()  # one by one: ids sort by time, and the order of the page is the order on record
    return decision


def add_sign_off(
    session: Session, decision: Decision, *, kind: str, basis: str, now: datetime, reason: str = ""
) -> SignOff:
    """The item of this decision stands as covered, or no longer does, by the same hand. Flushes."""
    sign_off = SignOff(
        provider_id=decision.provider_id,
        apprenticeship_id=decision.apprenticeship_id,
        item_code=decision.item_code,
        kind=kind,
        basis=basis,
        decision_id=decision.id,
        reason=reason,
        signed_by_id=decision.decided_by_id,
        signed_at=now,
        form_key=decision.id.hex,
    )
    session.add(sign_off)
    session.flush()
    return sign_off
