"""The rows that the gateway's pages show, newest or oldest first, with who and when."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.findings import queries as findings
from portfolio.findings.queries import Shown
from portfolio.gateway.assessment_rules import Step, StepKind
from portfolio.gateway.models import (
    AssessmentEvent,
    DbsRecord,
    Declaration,
    GatewayLock,
    GatewayUnlock,
    QualificationRecord,
    SupportRecord,
    UnlockRequest,
)

Record = TypeVar("Record", DbsRecord, QualificationRecord, SupportRecord)


@dataclass(frozen=True)
class LockStory:
    """One lock with what followed: who asked to open it and why, who agreed."""

    lock: GatewayLock
    request: UnlockRequest | None
    unlock: GatewayUnlock | None
    kept: Sequence[Shown] = ()
    """What the identity check found in the reason to open it and its writer kept."""

    @property
    def stands(self) -> bool:
        return self.unlock is None


def records(
    session: Session, model: type[Record], apprenticeship_id: UUID, subject: str = ""
) -> Sequence[Record]:
    """All entries of one kind, newest first, each with who recorded it: the first one stands."""
    statement = (
        select(model)
        .where(model.apprenticeship_id == apprenticeship_id)
        .options(joinedload(model.recorded_by))
        .order_by(model.id.desc())
    )
    if subject:
        statement = statement.where(QualificationRecord.subject == subject)
    return session.scalars(statement).all()


def declarations(session: Session, apprenticeship_id: UUID) -> Sequence[Declaration]:
    """Every declaration of every round, oldest first, with who signed."""
    return session.scalars(
        select(Declaration)
        .where(Declaration.apprenticeship_id == apprenticeship_id)
        .options(joinedload(Declaration.signed_by))
        .order_by(Declaration.id)
    ).all()


def lock_stories(session: Session, apprenticeship_id: UUID) -> list[LockStory]:
    """Every lock, newest first, with the newest request to open it and the agreement. Three queries, and one more where
    somebody asked."""
    locks = session.scalars(
        select(GatewayLock)
        .where(GatewayLock.apprenticeship_id == apprenticeship_id)
        .options(joinedload(GatewayLock.locked_by))
        .order_by(GatewayLock.round.desc(), GatewayLock.id)
    ).all()
    requests = session.scalars(
        select(UnlockRequest)
        .where(UnlockRequest.apprenticeship_id == apprenticeship_id)
        .options(joinedload(UnlockRequest.asked_by))
        .order_by(UnlockRequest.id)
    ).all()
    unlocks = session.scalars(
        select(GatewayUnlock)
        .where(GatewayUnlock.apprenticeship_id == apprenticeship_id)
        .options(joinedload(GatewayUnlock.approved_by))
        .order_by(GatewayUnlock.id)
    ).all()
    by_lock = {request.lock_id: request for request in requests}
    opened = {unlock.lock_id: unlock for unlock in unlocks}
    kept = findings.shown_in(session, {one.id: {"reason": one.reason} for one in by_lock.values()})
    return [
        LockStory(
            lock,
            asked := by_lock.get(lock.id),
            opened.get(lock.id),
            kept.get(asked.id, ()) if asked else (),
        )
        for lock in locks
    ]


def assessment_events(session: Session, apprenticeship_id: UUID) -> Sequence[AssessmentEvent]:
    """The record of the assessment in the order it was written, with who wrote it."""
    return session.scalars(
        select(AssessmentEvent)
        .where(AssessmentEvent.apprenticeship_id == apprenticeship_id)
        .options(joinedload(AssessmentEvent.recorded_by))
        .order_by(AssessmentEvent.id)
    ).all()


def step_of(event: AssessmentEvent) -> Step:
    """The row as the rules take it."""
    return Step(
        id=event.id,
        kind=StepKind(event.kind),
        organisation=event.organisation,
        component=event.component,
        attempt=event.attempt,
        on=event.on,
        result=event.result,
        note=event.note,
        corrects_id=event.corrects_id,
    )
