"""Signing an item off on the strength of several pieces, and withdrawing a sign-off, from the item's own page."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session, selectinload

from portfolio.apprenticeships.guards import Opened
from portfolio.assessment import queries, rules
from portfolio.assessment.models import SignOff, SignOffPiece
from portfolio.assessment.queries import ItemEvidence
from portfolio.audit import actions as audit
from portfolio.evidence.queries import take_turn
from portfolio.feedback.queries import why_closed, witnesses
from portfolio.refusals import Refused, SentBefore


class ChoosePieces(Refused):
    """The pieces that were chosen cannot carry the sign-off."""


def item_facts_for(session: Session, opened: Opened, code: str) -> rules.ItemSignOffFacts:
    """Who wants to sign off or withdraw, and how the item stands now."""
    newest = queries.newest_sign_off(session, opened.id, code)
    return rules.ItemSignOffFacts(
        decider_id=opened.viewer.person_id,
        apprentice_id=opened.apprenticeship.apprentice_id,
        signed_off=newest is not None and newest.kind == "signed_off",
        closed=why_closed(session, opened.id),
    )


def pieces_to_choose(session: Session, opened: Opened, code: str) -> list[ItemEvidence]:
    """Submitted versions that claim the item, but for the pieces this viewer bore witness to. Three queries."""
    found = queries.evidence_for_item(session, opened.id, code)
    signed = witnesses(session, [one.evidence.id for one in found])
    viewer_id = opened.viewer.person_id
    return [one for one in found if viewer_id not in signed.get(one.evidence.id, frozenset())]


def sign_off_item(
    session: Session,
    opened: Opened,
    code: str,
    *,
    version_ids: Collection[str],
    reason: str,
    form_key: str,
    now: datetime,
) -> SignOff:
    """Sign a statement or duty off on the strength of these submitted versions that claim it.

    Once per `form_key`; SentBefore if it came with other content. Raises ChoosePieces if none was chosen or one
    cannot be, else Refused.
    """
    take_turn(session, opened.id)
    if done := _made_with(session, opened, code, form_key, "signed_off", reason, version_ids):
        return done
    choosable = pieces_to_choose(session, opened, code)
    facts = item_facts_for(session, opened, code)
    if why_not := rules.why_not_sign_off(facts, pieces=len(choosable)):
        raise Refused(why_not)
    chosen = [one for one in choosable if str(one.version.id) in version_ids]
    if not chosen:
        raise ChoosePieces("Choose at least one piece that shows it.")
    if len(chosen) != len(set(version_ids)):
        raise ChoosePieces("One of the pieces changed meanwhile. Look at the list again and choose anew.")
    row = _add(session, opened, code, "signed_off", reason, form_key, now)
    for one in reversed(chosen):  # the oldest first, as they came in
        session.add(
            SignOffPiece(
                provider_id=row.provider_id,
                apprenticeship_id=opened.id,
                sign_off_id=row.id,
                version_id=one.version.id,
            )
        )
        one.evidence.part_covered = True  # a sign-off rests on it, so it can no longer be withdrawn
        session.flush()
    _note(session, opened, row, "assessment.signed_off", now, pieces=[str(one.version.id) for one in chosen])
    return row


def withdraw_sign_off(
    session: Session, opened: Opened, code: str, *, reason: str, form_key: str, now: datetime
) -> SignOff:
    """Say, with the reason, that an item no longer stands as covered. Once per `form_key`; SentBefore if it came
    with other content. Raises Refused."""
    take_turn(session, opened.id)
    if done := _made_with(session, opened, code, form_key, "withdrawn", reason):
        return done
    if why_not := rules.why_not_withdraw(item_facts_for(session, opened, code)):
        raise Refused(why_not)
    row = _add(session, opened, code, "withdrawn", reason, form_key, now)
    _note(session, opened, row, "assessment.sign_off_withdrawn", now)
    return row


def _made_with(
    session: Session,
    opened: Opened,
    code: str,
    form_key: str,
    kind: str,
    reason: str,
    version_ids: Collection[str] = (),
) -> SignOff | None:
    """The row that this very page made before, if any. Raises SentBefore if it says something else."""
    done = session.scalar(
        select(SignOff)
        .where(
            SignOff.apprenticeship_id == opened.id, SignOff.item_code == code, SignOff.form_key == form_key
        )
        .options(selectinload(SignOff.pieces))
    )
    if done is None:
        return None
    pieces = {str(piece.version_id) for piece in done.pieces}
    says = (done.kind, done.reason, done.signed_by_id, pieces)
    if says != (kind, reason, opened.viewer.person_id, set(version_ids)):
        raise SentBefore
    return done


def _add(
    session: Session, opened: Opened, code: str, kind: str, reason: str, form_key: str, now: datetime
) -> SignOff:
    row = SignOff(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        item_code=code,
        kind=kind,
        basis="several_pieces",
        reason=reason,
        signed_by_id=opened.viewer.person_id,
        signed_at=now,
        form_key=form_key,
    )
    session.add(row)
    session.flush()
    return row


def _note(
    session: Session,
    opened: Opened,
    row: SignOff,
    action: str,
    now: datetime,
    *,
    pieces: Sequence[str] | None = None,
) -> None:
    audit.record(
        session,
        action,
        by=opened.viewer.person_id,
        now=now,
        record="sign_off",
        record_id=row.id,
        provider_id=row.provider_id,
        apprenticeship_id=opened.id,
        item=row.item_code,
        pieces=list(pieces) if pieces is not None else None,
    )
