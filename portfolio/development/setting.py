"""Record an induction, set the employer's own refresher interval, and say what an employer asks for. Each is only
added, never written twice in a row, and noted in the trail; the request commits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.apprenticeships.guards import Opened
from portfolio.apprenticeships.models import Employer
from portfolio.audit import actions as audit
from portfolio.development.models import EmployerAsks, Induction, RefresherOverride
from portfolio.evidence.queries import take_turn

MOST_SHOWN = 20


def record_induction(
    session: Session, opened: Opened, day: date, covered: Sequence[str], *, now: datetime
) -> Induction:
    """An induction of that day. What stands already is not written again."""
    take_turn(session, opened.id)
    words = " ".join(covered)
    before = session.scalar(
        select(Induction)
        .where(Induction.apprenticeship_id == opened.id, Induction.day == day, Induction.covered == words)
        .limit(1)
    )
    if before is not None:
        return before
    row = Induction(**_common(opened, now), day=day, covered=words)
    session.add(row)
    session.flush()
    _note(session, opened, "induction.recorded", "induction", row.id, now, day=day.isoformat())
    return row


def set_refresher(
    session: Session,
    opened: Opened,
    *,
    months: int | None,
    designated_lead: bool,
    reason: str,
    now: datetime,
) -> RefresherOverride:
    """What the employer says of this person's refresher; the newest stands."""
    take_turn(session, opened.id)
    before = next(iter(overrides_of(session, opened.id, most=1)), None)
    if before and (before.months, before.designated_lead, before.reason) == (months, designated_lead, reason):
        return before
    row = RefresherOverride(
        **_common(opened, now), months=months, designated_lead=designated_lead, reason=reason
    )
    session.add(row)
    session.flush()
    detail = {"months": months, "designated_lead": designated_lead}
    _note(session, opened, "refresher.set", "refresher_override", row.id, now, **detail)
    return row


def set_asks(
    session: Session,
    employer: Employer,
    *,
    induction_days: int | None,
    supervision_months: int | None,
    by: UUID,
    now: datetime,
) -> EmployerAsks:
    """What this employer asks for of its apprentices; the newest stands."""
    session.execute(select(Employer.id).where(Employer.id == employer.id).with_for_update())
    before = asks_of(session, employer.id)
    if before and (before.induction_days, before.supervision_months) == (induction_days, supervision_months):
        return before
    row = EmployerAsks(
        provider_id=employer.provider_id,
        employer_id=employer.id,
        induction_days=induction_days,
        supervision_months=supervision_months,
        set_by_id=by,
        role="manager",
        set_at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        "employer.asks_set",
        by=by,
        now=now,
        record="employer",
        record_id=employer.id,
        provider_id=employer.provider_id,
        induction_days=induction_days,
        supervision_months=supervision_months,
    )
    return row


def asks_of(session: Session, employer_id: UUID) -> EmployerAsks | None:
    return session.scalar(
        select(EmployerAsks)
        .where(EmployerAsks.employer_id == employer_id)
        .options(joinedload(EmployerAsks.set_by))
        .order_by(EmployerAsks.id.desc())
        .limit(1)
    )


def overrides_of(
    session: Session, apprenticeship_id: UUID, most: int = MOST_SHOWN
) -> Sequence[RefresherOverride]:
    """Newest first: the first one stands."""
    return session.scalars(
        select(RefresherOverride)
        .where(RefresherOverride.apprenticeship_id == apprenticeship_id)
        .options(joinedload(RefresherOverride.set_by))
        .order_by(RefresherOverride.id.desc())
        .limit(most)
    ).all()


def inductions_of(session: Session, apprenticeship_id: UUID) -> Sequence[Induction]:
    """Newest first."""
    return session.scalars(
        select(Induction)
        .where(Induction.apprenticeship_id == apprenticeship_id)
        .options(joinedload(Induction.set_by))
        .order_by(Induction.id.desc())
        .limit(MOST_SHOWN)
    ).all()


def _common(opened: Opened, now: datetime) -> dict[str, Any]:
    return {
        "provider_id": opened.apprenticeship.provider_id,
        "apprenticeship_id": opened.id,
        "set_by_id": opened.viewer.person_id,
        "role": opened.role.value,
        "set_at": now,
    }


def _note(
    session: Session, opened: Opened, action: str, record: str, record_id: UUID, now: datetime, **detail: Any
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
        **detail,
    )
