"""What was decided, how each item stands by it, and how it came to that."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, bindparam, select
from sqlalchemy.orm import Session, aliased, joinedload, selectinload

from kbs.coverage import ItemFacts, Outcome
from kbs.statements import Standard
from portfolio.assessment.models import Decision, SignOff
from portfolio.evidence.models import Claim, Evidence, EvidenceVersion
from portfolio.evidence.queries import newest_submitted
from portfolio.findings import queries as findings
from portfolio.findings.queries import Shown

LATER = aliased(Decision)
"""A decision that supersedes another. Made once: making an alias costs more than most queries here."""


def item_facts(session: Session, apprenticeship_id: UUID) -> dict[str, ItemFacts]:
    """What is on record about each item of one apprenticeship: the facts that its state is derived from.

    An item is *signed off* if its newest sign-off row says so; *waiting* if a submitted piece claims it and
    that claim has no decision, on this version or, if covered there, on an earlier version of the piece;
    the *latest outcome* is that of its newest decision that was not superseded. Three queries.
    """
    signed_off = signed_off_items(session, apprenticeship_id)
    outcomes = _latest_outcomes(session, apprenticeship_id)
    waiting = waiting_items(session, apprenticeship_id)
    return {
        code: ItemFacts(code in signed_off, code in waiting, outcomes.get(code))
        for code in signed_off | outcomes.keys() | waiting
    }


# These run in every commit that concerns somebody. They are made once: making one costs more than running it.
_SIGNED_OFF = (
    select(SignOff.item_code, SignOff.kind)
    .where(SignOff.apprenticeship_id == bindparam("one"))
    .order_by(SignOff.id)
    .execution_options(across_providers=True)
)


def signed_off_items(session: Session, apprenticeship_id: UUID) -> set[str]:
    """Codes of the items that are signed off now. One query."""
    rows = session.execute(_SIGNED_OFF, {"one": apprenticeship_id})
    state = {code: kind for code, kind in rows}  # noqa: C416  # the last row of an item wins
    return {code for code, kind in state.items() if kind == "signed_off"}


_OUTCOMES = (
    select(Decision.item_code, Decision.outcome)
    .join(Evidence, Evidence.id == Decision.evidence_id)
    .outerjoin(LATER, LATER.supersedes_id == Decision.id)
    .where(
        Decision.apprenticeship_id == bindparam("one"),
        LATER.id.is_(None),
        Evidence.state != "withdrawn",
    )
    .order_by(Decision.id)
    .execution_options(across_providers=True)
)


def _latest_outcomes(session: Session, apprenticeship_id: UUID) -> dict[str, Outcome]:
    rows = session.execute(_OUTCOMES, {"one": apprenticeship_id})
    return {code: Outcome(outcome) for code, outcome in rows}


_WAITING = (
    select(Claim.item_code, Claim.id, Evidence.id)
    .join(EvidenceVersion, EvidenceVersion.id == Claim.version_id)
    .join(Evidence, Evidence.id == EvidenceVersion.evidence_id)
    .where(
        Claim.apprenticeship_id == bindparam("one"),
        Evidence.state == "submitted",
        EvidenceVersion.is_latest,
    )
    .execution_options(across_providers=True)
)


def waiting_items(session: Session, apprenticeship_id: UUID) -> set[str]:
    """Items claimed by a piece that is with the assessor, and not decided yet."""
    rows = session.execute(_WAITING, {"one": apprenticeship_id}).all()
    if not rows:
        return set()
    standing = standing_decisions(session, [evidence_id for _, _, evidence_id in rows])
    return {
        code
        for code, claim_id, evidence_id in rows
        if not is_decided(standing, evidence_id=evidence_id, claim_id=claim_id, code=code)
    }


def standing_decisions(session: Session, evidence_ids: list[UUID]) -> dict[tuple[UUID, str], Decision]:
    """The newest decision on each item of these pieces that was not superseded, over all their versions."""
    rows = session.scalars(
        select(Decision)
        .outerjoin(LATER, LATER.supersedes_id == Decision.id)
        .where(Decision.evidence_id.in_(evidence_ids), LATER.id.is_(None))
        .order_by(Decision.id)
        .execution_options(across_providers=True)
    )
    return {(decision.evidence_id, decision.item_code): decision for decision in rows}


def is_decided(
    standing: dict[tuple[UUID, str], Decision], *, evidence_id: UUID, claim_id: UUID, code: str
) -> bool:
    """A claim needs no (further) decision if it has one, or if an earlier version of the piece was found to
    cover the item: that decision binds to what was seen then, and stands."""
    decision = standing.get((evidence_id, code))
    return decision is not None and (decision.claim_id == claim_id or decision.outcome == Outcome.COVERED)


@dataclass(frozen=True)
class ShownDecision:
    """A decision in its history. `stands`: it is the one that counts for its piece and item today."""

    decision: Decision
    version_number: int
    title: str
    superseded: bool
    stands: bool
    kept: Sequence[Shown] = ()
    """What the identity check found in its words and the assessor kept."""

    @property
    def outcome(self) -> Outcome:
        return Outcome(self.decision.outcome)


def decisions_on_piece(session: Session, evidence_id: UUID) -> list[ShownDecision]:
    """Every decision on any version of a piece, newest first, with who decided. Two queries."""
    return _decisions(session, Decision.evidence_id == evidence_id)


def in_item_order(standard: Standard, decisions: Iterable[ShownDecision]) -> list[ShownDecision]:
    """K2 before K10 and duties last; of the same item, the order they came in."""
    return sorted(decisions, key=lambda shown: standard.position(shown.decision.item_code))


def decisions_on_item(session: Session, apprenticeship_id: UUID, code: str) -> list[ShownDecision]:
    """Every decision on one statement or duty over all pieces, newest first, with who decided. Two queries."""
    return _decisions(session, Decision.apprenticeship_id == apprenticeship_id, Decision.item_code == code)


def _decisions(session: Session, *which: ColumnElement[bool]) -> list[ShownDecision]:
    rows = session.execute(
        select(Decision, EvidenceVersion.number, EvidenceVersion.title)
        .join(EvidenceVersion, EvidenceVersion.id == Decision.version_id)
        .where(*which)
        .options(joinedload(Decision.decided_by))
        .order_by(Decision.id.desc())
    ).all()
    superseded = {decision.supersedes_id for decision, _, _ in rows}
    standing: dict[tuple[UUID, str], UUID] = {}
    for decision, _, _ in rows:  # newest first: the first that nobody superseded stands
        if decision.id not in superseded:
            standing.setdefault((decision.evidence_id, decision.item_code), decision.id)
    said = {decision.id: {"missing": decision.missing, "reason": decision.reason} for decision, _, _ in rows}
    kept = findings.shown_in(session, said)
    return [
        ShownDecision(
            decision,
            number,
            title,
            superseded=decision.id in superseded,
            stands=standing.get((decision.evidence_id, decision.item_code)) == decision.id,
            kept=kept.get(decision.id, ()),
        )
        for decision, number, title in rows
    ]


@dataclass(frozen=True)
class PieceOfStrength:
    """A version on whose strength an item was signed off."""

    evidence_id: UUID
    version_number: int
    title: str


@dataclass(frozen=True)
class ShownSignOff:
    """A sign-off, or the withdrawal of one, and what it rests on. `stands`: it is the newest of its item."""

    sign_off: SignOff
    pieces: tuple[PieceOfStrength, ...]
    stands: bool
    kept: Sequence[Shown] = ()
    """What the identity check found in its reason and the assessor kept."""

    @property
    def is_withdrawal(self) -> bool:
        return self.sign_off.kind == "withdrawn"


def sign_off_history(session: Session, apprenticeship_id: UUID, code: str) -> list[ShownSignOff]:
    """How an item came to be signed off or not, newest first, with who and on which pieces. Three queries, and one
    more where a reason was given."""
    rows = session.scalars(
        select(SignOff)
        .where(SignOff.apprenticeship_id == apprenticeship_id, SignOff.item_code == code)
        .options(joinedload(SignOff.signed_by), joinedload(SignOff.decision), selectinload(SignOff.pieces))
        .order_by(SignOff.id.desc())
    ).all()
    ids = {one.decision.version_id for one in rows if one.decision}
    ids |= {piece.version_id for one in rows for piece in one.pieces}
    titles = _pieces_of_strength(session, ids)
    kept = findings.shown_in(session, {one.id: {"reason": one.reason} for one in rows if one.reason})
    return [
        ShownSignOff(
            one,
            tuple(titles[version] for version in _rests_on(one)),
            stands=one is rows[0],
            kept=kept.get(one.id, ()),
        )
        for one in rows
    ]


def _rests_on(sign_off: SignOff) -> list[UUID]:
    if sign_off.decision is not None:
        return [sign_off.decision.version_id]
    return [piece.version_id for piece in sign_off.pieces]


def _pieces_of_strength(session: Session, version_ids: set[UUID]) -> dict[UUID, PieceOfStrength]:
    rows = session.scalars(
        select(EvidenceVersion).where(EvidenceVersion.id.in_(version_ids)).order_by(EvidenceVersion.id)
    )
    return {row.id: PieceOfStrength(row.evidence_id, row.number, row.title) for row in rows}


def newest_sign_off(session: Session, apprenticeship_id: UUID, code: str) -> SignOff | None:
    """The row that says whether the item is signed off now."""
    return session.scalar(
        select(SignOff)
        .where(SignOff.apprenticeship_id == apprenticeship_id, SignOff.item_code == code)
        .options(joinedload(SignOff.signed_by))
        .order_by(SignOff.id.desc())
        .limit(1)
    )


@dataclass(frozen=True)
class ItemEvidence:
    """A submitted version that claims an item, and the decision on the item that stands for its piece."""

    evidence: Evidence
    version: EvidenceVersion
    claim: Claim
    decision: Decision | None
    is_newest: bool
    """False if a later submitted version of the piece no longer claims the item."""

    @property
    def waits(self) -> bool:
        return (
            self.is_newest
            and self.evidence.state == "submitted"
            and (
                self.decision is None
                or (self.decision.claim_id != self.claim.id and self.decision.outcome != Outcome.COVERED)
            )
        )


def evidence_for_item(session: Session, apprenticeship_id: UUID, code: str) -> Sequence[ItemEvidence]:
    """The newest submitted version of each piece that claims this item, newest first; withdrawn pieces are
    left out. Three queries."""
    rows = session.execute(
        select(Evidence, EvidenceVersion, Claim, newest_submitted())
        .join(EvidenceVersion, EvidenceVersion.evidence_id == Evidence.id)
        .join(Claim, Claim.version_id == EvidenceVersion.id)
        .where(
            Claim.apprenticeship_id == apprenticeship_id,
            Claim.item_code == code,
            EvidenceVersion.submitted_at.is_not(None),
            Evidence.state != "withdrawn",
        )
        .options(selectinload(EvidenceVersion.attachments))
        .order_by(EvidenceVersion.submitted_at, EvidenceVersion.id)
    ).all()
    newest = {evidence.id: (evidence, version, claim, last) for evidence, version, claim, last in rows}
    standing = standing_decisions(session, list(newest))
    found = [
        ItemEvidence(evidence, version, claim, standing.get((evidence.id, code)), bool(last))
        for evidence, version, claim, last in newest.values()
    ]
    return sorted(found, key=lambda one: one.version.id, reverse=True)
