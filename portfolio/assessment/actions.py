"""Deciding on a piece: its decisions, the sign-offs that follow and the state of the piece, all at once.

Rows are added and never changed. Each action first waits for its turn, so that of two assessors at the same
moment the second one is told what the first decided.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy.orm import Session

from kbs.coverage import Outcome
from portfolio.apprenticeships.guards import Opened
from portfolio.assessment import queries, queries_review, rules
from portfolio.assessment.models import Decision
from portfolio.assessment.queries_review import Review
from portfolio.assessment.records import add_decision, add_sign_off
from portfolio.assessment.rules import Answer
from portfolio.audit import actions as audit
from portfolio.evidence import actions as evidence_actions
from portfolio.evidence.models import Evidence
from portfolio.evidence.queries import take_turn
from portfolio.refusals import Refused, SentBefore


class TooLate(Refused):
    """What the assessor had in front of them is not how it stands now."""


def decide(
    session: Session,
    opened: Opened,
    evidence: Evidence,
    *,
    version_id: str,
    answers: Mapping[str, Answer],
    form_key: str,
    now: datetime,
) -> None:
    """Record an answer for every claim that waits, sign off what is covered, and give the piece back or close it.

    Once per `form_key`: sent again with the same answers it does nothing, with others it raises SentBefore.
    Raises Refused with the reason; TooLate if another version was submitted, or another assessor decided, since
    the page was opened.
    """
    take_turn(session, opened.id)
    session.refresh(evidence)
    if before := queries_review.answered_with(session, evidence, form_key, opened.viewer.person_id):
        if dict(answers) != before:
            raise SentBefore
        return
    review = queries_review.review(session, opened, evidence)
    _refuse_if_too_late(session, opened, review, version_id)
    if evidence.state == "decided" and not review.waiting and not answers:
        return  # closed without an answer, since all was covered before: nothing tells a second tap from the first
    if review.why_not:
        raise Refused(review.why_not)
    if set(answers) != {one.claim.item_code for one in review.waiting}:
        raise TooLate("The claims of this piece are not those you answered. Look at it again as it is now.")
    decisions = [
        add_decision(session, opened, one.claim, evidence, answers[one.claim.item_code], form_key, now)
        for one in review.waiting
    ]
    signed_off = queries.signed_off_items(session, opened.id)
    new_sign_offs = [
        decision
        for decision in decisions
        if decision.outcome == Outcome.COVERED and decision.item_code not in signed_off
    ]
    for decision in new_sign_offs:
        add_sign_off(session, decision, kind="signed_off", basis="decision", now=now)
    _give_back_or_close(session, opened, review, answers, now)
    _note_decided(session, opened, evidence, review, decisions, new_sign_offs, now)


def _refuse_if_too_late(session: Session, opened: Opened, review: Review, version_id: str) -> None:
    if str(review.version.id) != version_id:
        raise TooLate(
            f"{opened.apprenticeship.apprentice.name} has submitted a new version since you opened this page. "
            "It is shown now. Nothing was recorded yet; what you chose is kept where it still fits."
        )
    if review.evidence.state in ("returned", "decided") and (
        reason := queries_review.who_decided(session, opened, review.version)
    ):
        raise TooLate(f"{reason} What you chose was not recorded.")


def _give_back_or_close(
    session: Session, opened: Opened, review: Review, answers: Mapping[str, Answer], now: datetime
) -> None:
    """Everything covered: decided. Anything else: back to the apprentice."""
    outcomes = [answer.outcome for answer in answers.values()]
    outcomes += [one.outcome for one in review.settled if one.outcome is not None]
    by = opened.viewer.person_id
    if rules.state_after(outcomes) == "decided":
        evidence_actions.mark_decided(session, review.evidence, by=by, now=now)
    else:
        covered = Outcome.COVERED in outcomes
        evidence_actions.return_piece(session, review.evidence, by=by, now=now, part_covered=covered)


def _note_decided(
    session: Session,
    opened: Opened,
    evidence: Evidence,
    review: Review,
    decisions: list[Decision],
    new_sign_offs: list[Decision],
    now: datetime,
) -> None:
    codes: dict[str, list[str]] = {word.value: [] for word in Outcome}
    for one in decisions:
        codes[one.outcome].append(one.item_code)
    audit.record(
        session,
        "assessment.decided",
        by=opened.viewer.person_id,
        now=now,
        record="evidence",
        record_id=evidence.id,
        provider_id=evidence.provider_id,
        apprenticeship_id=opened.id,
        version=review.version.number,
        state=evidence.state,
        covered=codes[Outcome.COVERED],
        partly=codes[Outcome.PARTLY],
        not_yet=codes[Outcome.NOT_YET],
        signed_off=[one.item_code for one in new_sign_offs],
    )
