"""Record members of staff, correct them, choose for them, and record or remove their training.

Each writes, notes it in the trail (never a name, a reason or a title), and flushes; the request commits. The same form
sent twice does it once."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.apprenticeships.actions_setup import hold
from portfolio.audit import actions as audit
from portfolio.findings import actions as findings
from portfolio.refusals import Refused, SentBefore
from portfolio.staff import queries
from portfolio.staff.models import StaffChoice, StaffLearning, StaffMember
from portfolio.web.formats import date_words, london_day

Row = TypeVar("Row", StaffMember, StaffChoice, StaffLearning)
HAS_LEFT = (
    "This person has left, so what was chosen stays as it is. If that is not so, correct the last day first."
)


def add(
    session: Session, provider_id: UUID, says: Mapping[str, Any], *, by: UUID, form_key: str, now: datetime
) -> StaffMember:
    """Raises SentBefore if the same page added somebody else before."""
    hold(session, provider_id)
    mine = (StaffMember.provider_id == provider_id, StaffMember.recorded_by_id == by)
    made: StaffMember | None = queries.made_with_key(session, StaffMember, mine, form_key)
    if made is not None:
        return _as_said(made, says)
    member = StaffMember(
        provider_id=provider_id, form_key=form_key[:64], recorded_by_id=by, recorded_at=now, **says
    )
    session.add(member)
    session.flush()
    _note(session, "staff.added", member, by=by, now=now)
    return member


def correct(
    session: Session, member: StaffMember, says: Mapping[str, Any], *, by: UUID, now: datetime
) -> None:
    """Name, role at work or first day. Saying the same again changes nothing."""
    take_turn(session, member)
    changed = [name for name, value in says.items() if getattr(member, name) != value]
    if not changed:
        return
    for name in changed:
        setattr(member, name, says[name])
    session.flush()
    _note(session, "staff.corrected", member, by=by, now=now, changed=changed)


def set_left(session: Session, member: StaffMember, left_on: date | None, *, by: UUID, now: datetime) -> None:
    """The last day, or None: they are still there."""
    take_turn(session, member)
    if member.left_on == left_on:
        return
    member.left_on = left_on
    session.flush()
    action = "staff.left" if left_on else "staff.still_there"
    _note(session, action, member, by=by, now=now, effective_on=left_on.isoformat() if left_on else None)


def choose(
    session: Session,
    member: StaffMember,
    says: Mapping[str, Any],
    *,
    by: UUID,
    form_key: str,
    now: datetime,
) -> StaffChoice:
    """Another choice; the newest stands. What stands already is not written again.

    Raises Refused once somebody has left, and SentBefore if the same page said something else before."""
    take_turn(session, member)
    mine = (StaffChoice.staff_member_id == member.id, StaffChoice.chosen_by_id == by)
    made: StaffChoice | None = queries.made_with_key(session, StaffChoice, mine, form_key)
    if made is not None:
        return _as_said(made, says)
    stands = next(iter(queries.choices_of(session, member)), None)
    if stands is not None and all(getattr(stands, name) == value for name, value in says.items()):
        return stands
    if member.has_left(london_day(now)):
        raise Refused(HAS_LEFT)
    row = StaffChoice(
        provider_id=member.provider_id,
        staff_member_id=member.id,
        chosen_by_id=by,
        form_key=form_key[:64],
        chosen_at=now,
        **says,
    )
    session.add(row)
    session.flush()
    detail = {"framework_id": row.framework_id, "level_id": row.level_id, "strand": row.strand}
    _note(session, "staff.chosen", row, by=by, now=now, designated_lead=row.designated_lead, **detail)
    return row


def record_learning(
    session: Session,
    member: StaffMember,
    says: Mapping[str, Any],
    *,
    by: UUID,
    form_key: str,
    now: datetime,
) -> StaffLearning:
    """Training that somebody completed. Raises Refused for a day after their last one, and SentBefore if the same
    page said something else before."""
    take_turn(session, member)
    mine = (StaffLearning.staff_member_id == member.id, StaffLearning.recorded_by_id == by)
    made: StaffLearning | None = queries.made_with_key(session, StaffLearning, mine, form_key)
    if made is not None:
        return _as_said(made, says)
    if member.left_on is not None and says["day"] > member.left_on:
        raise Refused(
            f"This person’s last day was {date_words(member.left_on)}. Correct the day of the training or the last day."
        )
    row = StaffLearning(
        provider_id=member.provider_id,
        staff_member_id=member.id,
        recorded_by_id=by,
        form_key=form_key[:64],
        at=now,
        **says,
    )
    session.add(row)
    session.flush()
    _note(session, "staff.training_recorded", row, by=by, now=now, day=row.day.isoformat(), **_level(row))
    return row


def remove_learning(
    session: Session, member: StaffMember, learning_id: UUID, *, by: UUID, now: datetime
) -> None:
    """Take away what was recorded by mistake. That it was there, and for which day, stays in the trail.
    Raises NotFound."""
    take_turn(session, member)
    row = queries.learning_in(session, member, learning_id)
    _note(session, "staff.training_removed", row, by=by, now=now, day=row.day.isoformat(), **_level(row))
    findings.keep(session, row.__tablename__, row.id, (), provider_id=row.provider_id, by=by, now=now)
    session.delete(row)
    session.flush()


def take_turn(session: Session, member: StaffMember) -> None:
    """Whoever writes about the same person at the same moment comes after another, and sees what the first left.
    (SQLite has one writer at a time and needs no lock.)"""
    session.scalar(
        select(StaffMember)
        .where(StaffMember.id == member.id)
        .options(joinedload(StaffMember.employer))
        .with_for_update(of=StaffMember),
        execution_options={"populate_existing": True},
    )


def _as_said(made: Row, says: Mapping[str, Any]) -> Row:
    if any(getattr(made, name) != value for name, value in says.items()):
        raise SentBefore
    return made


def _level(row: StaffLearning) -> dict[str, str]:
    return {"framework_id": row.framework_id, "level_id": row.level_id}


def _note(
    session: Session,
    action: str,
    row: StaffMember | StaffChoice | StaffLearning,
    *,
    by: UUID,
    now: datetime,
    **detail: Any,
) -> None:
    audit.record(
        session,
        action,
        by=by,
        now=now,
        record=row.__tablename__,
        record_id=row.id,
        provider_id=row.provider_id,
        **detail,
    )
