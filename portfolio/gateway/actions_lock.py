"""Declaring, locking and unlocking. Each checks its rule again while nobody else can change the portfolio."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from kbs.coverage import CoverageMap
from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.assessment.queries import item_facts
from portfolio.audit import actions as audit
from portfolio.database import turn_taken
from portfolio.gateway import history
from portfolio.gateway.check_text import as_text
from portfolio.gateway.declaration_texts import declaration_text
from portfolio.gateway.declarations import LOCKED, reason_of_person
from portfolio.gateway.facts import GatewayFacts, Party
from portfolio.gateway.fingerprint import fingerprint
from portfolio.gateway.models import Declaration, GatewayLock, GatewayUnlock, UnlockRequest
from portfolio.gateway.portfolio_query import portfolio_parts
from portfolio.gateway.queries import current_round, facts_for, standing_lock
from portfolio.gateway.rules import (
    check,
    reasons_not_to_declare,
    reasons_not_to_lock,
    reasons_not_to_unlock,
)
from portfolio.refusals import Refused
from portfolio.web.formats import london_day

ALREADY_LOCKED = "The portfolio is already locked."
NOT_LOCKED = "The portfolio is not locked."


def hold(session: Session, opened: Opened) -> None:
    """From here until the transaction ends nobody else writes to this portfolio, and everything is read afresh.

    On SQLite there is one writer at a time anyway. On PostgreSQL the row of the apprenticeship is locked FOR UPDATE;
    the triggers on every table that a lock freezes take the same row FOR KEY SHARE before they look for the lock
    (migration 0001). So a decision that was begun first is waited for, and is in the check and in the fingerprint; one
    that comes later waits, finds the lock and is refused. Reading goes on all the while.
    """
    session.scalars(
        select(Apprenticeship)
        .where(Apprenticeship.id == opened.id)
        .options(
            joinedload(Apprenticeship.apprentice),
            joinedload(Apprenticeship.cohort),
            joinedload(Apprenticeship.employer),
        )
        .execution_options(populate_existing=True)
        .with_for_update(of=Apprenticeship)
    ).one()
    turn_taken(session, opened.id)


def refuse_if_locked(session: Session, opened: Opened) -> None:
    """Raises Refused while the portfolio is locked. The triggers would refuse as well, less politely."""
    if standing_lock(session, opened.apprenticeship) is not None:
        raise Refused(LOCKED)


def facts_now(session: Session, opened: Opened) -> GatewayFacts:
    """What the check of this apprenticeship rests on."""
    coverage = CoverageMap.from_facts(opened.standard, item_facts(session, opened.id))
    return facts_for(session, opened.apprenticeship, opened.standard, coverage)


def words_for(opened: Opened, party: Party) -> str:
    """The text that this party would sign."""
    words, apprenticeship = opened.standard.words, opened.apprenticeship
    return declaration_text(
        party,
        {
            "standard": opened.standard.title,
            "reference": opened.standard.reference,
            "version": opened.standard.version,
            "apprentice": apprenticeship.apprentice.name,
            "employer": apprenticeship.employer.name,
            "assessment": words.assessment,
            "assessment_plan": words.assessment_plan,
            "assessment_organisation": words.assessment_organisation,
            "gateway": words.gateway,
        },
    )


def of_round(rows: Sequence[Declaration], round_: int) -> dict[Party, Declaration]:
    """The declarations that count in a round, by party."""
    return {Party(row.party): row for row in rows if row.round == round_}


def declare(session: Session, opened: Opened, party: Party, *, now: datetime) -> Declaration:
    """Sign this party's declaration for the round that runs. Signing twice is signing once.

    Raises Refused while anything else is open, once locked, or if this person declared for another party.
    """
    hold(session, opened)
    round_ = current_round(session, opened.apprenticeship)
    made = of_round(history.declarations(session, opened.id), round_)
    person_id = opened.viewer.person_id
    if party in made and made[party].signed_by_id == person_id:
        return made[party]
    locked = standing_lock(session, opened.apprenticeship) is not None
    checked = check(facts_now(session, opened), london_day(now))
    reasons = reasons_not_to_declare(checked, party, set(made), locked=locked)
    reasons += reason_of_person(party, {one: row.signed_by_id for one, row in made.items()}, person_id)
    if reasons:
        raise Refused(" ".join(reasons))
    row = Declaration(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        round=round_,
        party=party.value,
        text=words_for(opened, party),
        signed_by_id=person_id,
        signed_at=now,
    )
    session.add(row)
    session.flush()
    _record(session, opened, "gateway.declared", "declaration", row.id, now, party=party.value, round=round_)
    return row


def lock(session: Session, opened: Opened, *, now: datetime) -> GatewayLock:
    """Freeze the portfolio with the check and the fingerprint as they stand. Locking twice is locking once.

    Raises Refused if a line is open, or if somebody else was faster."""
    hold(session, opened)
    if (standing := standing_lock(session, opened.apprenticeship)) is not None:
        if standing.locked_by_id == opened.viewer.person_id:
            return standing
        raise Refused(ALREADY_LOCKED)
    checked = check(facts_now(session, opened), london_day(now))
    if reasons := reasons_not_to_lock(checked):
        raise Refused(" ".join(reasons))
    row = GatewayLock(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        round=current_round(session, opened.apprenticeship),
        check_text=as_text(checked),
        portfolio_sha256=fingerprint(portfolio_parts(session, opened.id)),
        locked_by_id=opened.viewer.person_id,
        locked_at=now,
    )
    session.add(row)
    session.flush()
    _record(session, opened, "gateway.locked", "gateway_lock", row.id, now, round=row.round)
    return row


def ask_to_unlock(session: Session, opened: Opened, reason: str, *, now: datetime) -> UnlockRequest:
    """Ask a second person to open the lock. Asking twice is asking once.

    Raises Refused if it is not locked or if it has been asked already, by somebody else or for another reason."""
    hold(session, opened)
    story = _standing_story(session, opened)
    if story.request is not None:
        if story.request.asked_by_id == opened.viewer.person_id:
            if story.request.reason != reason:
                raise Refused(f"You have asked already, and gave this reason: “{story.request.reason}”.")
            return story.request
        raise Refused(f"{story.request.asked_by.name} has already asked. You can agree instead.")
    row = UnlockRequest(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        lock_id=story.lock.id,
        reason=reason,
        asked_by_id=opened.viewer.person_id,
        asked_at=now,
    )
    session.add(row)
    session.flush()
    _record(session, opened, "gateway.unlock_asked", "unlock_request", row.id, now)
    return row


def approve_unlock(session: Session, opened: Opened, *, now: datetime) -> GatewayUnlock:
    """Agree as the second person: the lock opens and the next round of declarations begins.

    Agreeing twice is agreeing once. Raises Refused if nobody asked, or if the person who asked is the one who
    agrees.
    """
    hold(session, opened)
    if opened_before := _opened_by(session, opened):
        return opened_before
    story = _standing_story(session, opened)
    request, person_id = story.request, opened.viewer.person_id
    reasons = reasons_not_to_unlock(
        request.asked_by_id if request else None, person_id, request.reason if request else "-"
    )
    if request is None or reasons:
        raise Refused(" ".join(reasons))
    row = GatewayUnlock(
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        lock_id=story.lock.id,
        request_id=request.id,
        approved_by_id=person_id,
        approved_at=now,
    )
    session.add(row)
    session.flush()
    _record(session, opened, "gateway.unlocked", "gateway_unlock", row.id, now, round=story.lock.round)
    return row


def _opened_by(session: Session, opened: Opened) -> GatewayUnlock | None:
    """The lock that this person opened just before, if none stands now: their form came twice."""
    stories = history.lock_stories(session, opened.id)
    if any(story.stands for story in stories):
        return None
    unlocks = [story.unlock for story in stories if story.unlock is not None]
    newest = max(unlocks, key=lambda unlock: unlock.id, default=None)
    return newest if newest and newest.approved_by_id == opened.viewer.person_id else None


def _standing_story(session: Session, opened: Opened) -> history.LockStory:
    standing = [story for story in history.lock_stories(session, opened.id) if story.stands]
    if not standing:
        raise Refused(NOT_LOCKED)
    return standing[0]


def _record(
    session: Session,
    opened: Opened,
    action: str,
    record: str,
    record_id: UUID,
    now: datetime,
    *,
    party: str | None = None,
    round: int | None = None,  # noqa: A002  # the name of the column
) -> None:
    audit.record(
        session,
        action,
        by=opened.viewer.person_id,
        now=now,
        record=record,
        record_id=record_id,
        provider_id=opened.apprenticeship.provider_id,
        apprenticeship_id=opened.id,
        party=party,
        round=round,
    )
