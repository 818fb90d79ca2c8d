"""Confirm that the original of a piece was seen where it is kept. Flushes; the request commits."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.audit import actions as audit
from portfolio.evidence.models import Evidence
from portfolio.evidence.queries import take_turn
from portfolio.feedback import queries
from portfolio.feedback.actions import ChangedMeanwhile
from portfolio.feedback.rules import version_sha256
from portfolio.refusals import Refused
from portfolio.sightings import rules
from portfolio.sightings.forms import ConfirmOriginal
from portfolio.sightings.models import Sighting
from portfolio.web.formats import london_day

CHANGED = (
    "The apprentice has submitted a new version since you opened this page. It is shown below: read it, and sign if "
    "it is about the original that you saw. What you wrote is still here."
)


def confirm_original(
    session: Session, opened: Opened, evidence: Evidence, signed: ConfirmOriginal, *, now: datetime
) -> Sighting:
    """Sign on the newest submitted version, which must be the one that was shown. The same twice does it once.

    Raises Refused, and ChangedMeanwhile if another version was submitted since the page was opened."""
    take_turn(session, opened.id)
    session.refresh(evidence)
    version = queries.newest_submitted(session, evidence.id)
    person_id = opened.viewer.person_id
    already = session.scalar(
        select(Sighting).where(
            Sighting.signed_by_id == person_id, Sighting.version_id == (version.id if version else None)
        )
    )
    if already is not None and (already.seen_on, already.seen_where) == (signed.seen_on, signed.seen_where):
        return already
    if reason := why_not(session, opened, evidence, has_signed=already is not None):
        raise Refused(reason)
    sha256 = version_sha256(queries.content_of(version)) if version else ""
    if version is None or (str(version.id), sha256) != (signed.version_id, signed.version_sha256):
        raise ChangedMeanwhile(CHANGED)
    if reason := rules.why_not_seen_on(signed.seen_on, today=london_day(now)):
        raise Refused(reason)
    sighting = Sighting(
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        evidence_id=evidence.id,
        version_id=version.id,
        version_number=version.number,
        version_sha256=sha256,
        signed_by_id=person_id,
        role=opened.role.value,
        seen_on=signed.seen_on,
        seen_where=signed.seen_where,
        statement=rules.statement(signed.seen_on, signed.seen_where),
        signed_at=now,
    )
    session.add(sighting)
    session.flush()
    audit.record(
        session,
        "feedback.original_confirmed",
        by=person_id,
        now=now,
        record="sighting",
        record_id=sighting.id,
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        evidence_id=str(evidence.id),
        version=version.number,
        sha256=sha256,
    )
    return sighting


def why_not(session: Session, opened: Opened, evidence: Evidence, *, has_signed: bool) -> str:
    """Why this viewer cannot confirm the original of this piece now; empty if they can."""
    version = queries.newest_submitted(session, evidence.id)
    return rules.why_no_sighting(
        rules.SightingFacts(
            state=evidence.state,
            closed=queries.why_closed(session, opened.id),
            is_own=opened.is_own,
            says_where=version is not None and bool(version.original_kept_at),
            has_signed=has_signed,
        )
    )
