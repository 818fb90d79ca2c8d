"""What an assessor needs side by side to decide on one piece."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from kbs.coverage import Outcome
from kbs.statements import Item
from portfolio.apprenticeships.guards import Opened
from portfolio.assessment import rules
from portfolio.assessment.models import Decision
from portfolio.assessment.queries import is_decided, standing_decisions
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.evidence.types import label_of
from portfolio.feedback.queries import newest_submitted, why_closed, witnesses
from portfolio.people.models import Person
from portfolio.refusals import NotFound
from portfolio.web.formats import moment_words


@dataclass(frozen=True)
class ReviewClaim:
    """A claim of the version under review. `standing`: the decision on its item that counts for the piece."""

    claim: Claim
    item: Item
    standing: Decision | None
    standing_version: int
    waits: bool

    @property
    def outcome(self) -> Outcome | None:
        return Outcome(self.standing.outcome) if self.standing else None


@dataclass(frozen=True)
class Review:
    """A piece as its assessor reads it: the newest submitted version and how each of its claims stands."""

    evidence: Evidence
    version: EvidenceVersion
    claims: Sequence[ReviewClaim]
    why_not: str
    """Why this viewer cannot decide on it now, or empty."""

    @property
    def waiting(self) -> list[ReviewClaim]:
        return [one for one in self.claims if one.waits]

    @property
    def settled(self) -> list[ReviewClaim]:
        return [one for one in self.claims if not one.waits]

    @property
    def labels(self) -> dict[str, str]:
        """Code and label of each item that waits, in the order of the page."""
        return {one.claim.item_code: one.item.label for one in self.waiting}

    @property
    def type_label(self) -> str:
        return label_of(self.version.type)


def review(session: Session, opened: Opened, evidence: Evidence) -> Review:
    """The newest submitted version with claims, files and standing decisions. Raises NotFound for a piece that
    was never submitted. A constant number of queries."""
    version = newest_submitted(session, evidence.id)
    if version is None:
        raise NotFound
    standing = standing_decisions(session, [evidence.id])
    rows = session.execute(
        select(EvidenceVersion.id, EvidenceVersion.number).where(EvidenceVersion.evidence_id == evidence.id)
    )
    numbers = {version_id: number for version_id, number in rows}  # noqa: C416  # rows are no pairs to mypy
    claims = [_claim(opened, evidence, claim, standing, numbers) for claim in version.claims]
    return Review(evidence, version, claims, rules.why_not_decide(facts_for(session, opened, evidence)))


def _claim(
    opened: Opened,
    evidence: Evidence,
    claim: Claim,
    standing: dict[tuple[UUID, str], Decision],
    numbers: dict[UUID, int],
) -> ReviewClaim:
    code = claim.item_code
    decision = standing.get((evidence.id, code))
    return ReviewClaim(
        claim,
        opened.standard.item(code),
        decision,
        numbers.get(decision.version_id, 0) if decision else 0,
        waits=not is_decided(standing, evidence_id=evidence.id, claim_id=claim.id, code=code),
    )


def facts_for(session: Session, opened: Opened, evidence: Evidence) -> rules.DecideFacts:
    """Who wants to decide on this piece, and how it stands now."""
    return rules.DecideFacts(
        decider_id=opened.viewer.person_id,
        apprentice_id=opened.apprenticeship.apprentice_id,
        witnesses=witnesses(session, [evidence.id]).get(evidence.id, frozenset()),
        state=evidence.state,
        closed=why_closed(session, opened.id),
    )


def who_decided(session: Session, opened: Opened, version: EvidenceVersion) -> str:
    """For whoever comes second: who decided on this version, when, and what. Empty if nobody did."""
    rows = session.scalars(
        select(Decision)
        .where(Decision.version_id == version.id)
        .options(joinedload(Decision.decided_by))
        .order_by(Decision.id)
    ).all()
    if not rows:
        return ""
    by = dict.fromkeys((row.decided_by.name, moment_words(row.decided_at)) for row in rows)
    outcomes = {opened.standard.item(row.item_code).label: Outcome(row.outcome) for row in rows}
    return rules.already_decided_words(list(by), outcomes)


def answered_with(
    session: Session, evidence: Evidence, form_key: str, person_id: UUID
) -> dict[str, rules.Answer]:
    """What this person recorded on this piece from the page with this key, by item; empty if nothing."""
    rows = session.scalars(
        select(Decision).where(
            Decision.evidence_id == evidence.id,
            Decision.form_key == form_key,
            Decision.decided_by_id == person_id,
            Decision.supersedes_id.is_(None),
        )
    )
    return {row.item_code: answer_of(row) for row in rows}


def answer_of(decision: Decision) -> rules.Answer:
    """A decision as the answer that it recorded."""
    five = {name: bool(getattr(decision, name)) for name in rules.QUESTIONS}
    return rules.Answer(decision.item_code, Outcome(decision.outcome), five, decision.missing)


def find_decision(session: Session, evidence: Evidence, decision_id: UUID) -> Decision:
    """A decision on this piece, with who decided. Raises NotFound."""
    decision = session.scalar(
        select(Decision)
        .where(Decision.id == decision_id, Decision.evidence_id == evidence.id)
        .options(joinedload(Decision.decided_by))
    )
    if decision is None:
        raise NotFound
    return decision


def superseded_by(session: Session, decision: Decision) -> str:
    """Who superseded it and when, in words; empty if nobody did."""
    row = session.execute(
        select(Person.name, Decision.decided_at)
        .join(Decision, Decision.decided_by_id == Person.id)
        .where(Decision.supersedes_id == decision.id)
    ).one_or_none()
    return f"{row[0]} on {moment_words(row[1])}" if row else ""
