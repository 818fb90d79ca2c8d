"""The life of a piece: submitted, taken back, returned, decided, withdrawn. Drafts are kept by `drafting`.

Every action first asks whether the portfolio is closed and raises Refused with the reason.
"""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.guards import Opened
from portfolio.evidence import queries, revisions, rules
from portfolio.evidence.drafting import draft_of, refuse_if
from portfolio.evidence.models import Evidence, EvidenceVersion
from portfolio.evidence.trail import note
from portfolio.refusals import Refused


def submit(
    session: Session, opened: Opened, evidence: Evidence, *, now: datetime, today: date
) -> EvidenceVersion:
    """Give the draft to the assessor. From here on the version, its claims and its files never change.

    Raises Refused, with every reason, while something is missing."""
    refuse_if(rules.reasons_not_to_edit(evidence.state, queries.stage_of(session, opened.id)))
    draft = queries.newest(session, evidence.id)
    if draft.submitted_at is not None:
        raise Refused("Nothing has been changed since it was returned. Change the piece first.")
    missing = rules.reasons_not_to_submit(queries.facts_of(draft), today)
    refuse_if([" ".join(reason.sentence for reason in missing)] if missing else [])
    revisions.refuse_if_undecided(session, draft)
    revisions.forget(session, draft.id)
    session.flush()  # claims and files are written before the version is frozen
    draft.submitted_at = now
    _move(evidence, "submitted", now)
    claims = [claim.item_code for claim in draft.claims]
    by = opened.viewer.person_id
    note(session, "submitted", draft, by=by, now=now, claims=claims, files=len(draft.attachments))
    session.flush()
    return draft


def take_back(session: Session, opened: Opened, evidence: Evidence, *, now: datetime) -> EvidenceVersion:
    """Take a piece back from the assessor to change it: a draft of the next version, with everything in it."""
    refuse_if(rules.reasons_not_to_take_back(evidence.state, queries.stage_of(session, opened.id)))
    version = draft_of(session, evidence, now=now)
    _move(evidence, "draft", now)
    note(session, "taken_back", version, by=opened.viewer.person_id, now=now)
    session.flush()
    return version


def withdraw(session: Session, opened: Opened, evidence: Evidence, *, reason: str, now: datetime) -> None:
    """Take a piece out of the portfolio. It is kept with its reason, and no longer listed or waited for."""
    stage = queries.stage_of(session, opened.id)
    refuse_if(rules.reasons_not_to_withdraw(evidence.state, stage, part_covered=evidence.part_covered))
    before = evidence.state
    evidence.withdrawn_reason = reason
    _move(evidence, "withdrawn", now)
    version = queries.newest(session, evidence.id)
    revisions.forget(session, version.id)
    note(session, "withdrawn", version, by=opened.viewer.person_id, now=now, before=before)
    session.flush()


def return_piece(
    session: Session, evidence: Evidence, *, by: UUID, now: datetime, part_covered: bool = False
) -> None:
    """The assessor's decisions leave something open: the piece goes back to its author.

    `part_covered`: something in it was found covered, so it can no longer be withdrawn."""
    _leave_assessor(session, evidence, "returned", by=by, now=now, part_covered=part_covered)


def mark_decided(session: Session, evidence: Evidence, *, by: UUID, now: datetime) -> None:
    """Everything that the piece claims is decided and nothing is left to do: it stays as it is for good."""
    _leave_assessor(session, evidence, "decided", by=by, now=now, part_covered=True)


def _leave_assessor(
    session: Session, evidence: Evidence, state: str, *, by: UUID, now: datetime, part_covered: bool
) -> None:
    refuse_if(rules.reasons_closed(queries.stage_of(session, evidence.apprenticeship_id)))
    refuse_if(rules.reasons_not_to_decide(evidence.state))
    evidence.part_covered = evidence.part_covered or part_covered
    _move(evidence, state, now)
    note(session, state, queries.newest(session, evidence.id), by=by, now=now)
    session.flush()


def _move(evidence: Evidence, state: str, now: datetime) -> None:
    evidence.state, evidence.state_since = state, now
