"""Time away and the end before the end: breaks in learning and withdrawal."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy.orm import Session

from portfolio.apprenticeships.actions import hold_apprenticeship
from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning, WithdrawalEvent
from portfolio.apprenticeships.queries import as_away, breaks_of, is_locked
from portfolio.apprenticeships.rules import LOCKED, Away, Mistakes, break_problems, withdrawal_problem
from portfolio.audit import actions as audit
from portfolio.refusals import Refused
from portfolio.web.formats import date_words, london_day


def record_break(
    session: Session, apprenticeship: Apprenticeship, away: Away, reason: str, *, by: UUID, now: datetime
) -> BreakInLearning:
    """A break begins, or is entered afterwards with its first day back.

    Raises Mistakes for dates that cannot stand, Refused while the portfolio is locked.
    """
    _check(session, apprenticeship, away, None, now)
    row = BreakInLearning(
        provider_id=apprenticeship.provider_id,
        apprenticeship_id=apprenticeship.id,
        began_on=away.began_on,
        expected_back_on=away.expected_back_on,
        ended_on=away.ended_on,
        reason=reason,
        recorded_by_id=by,
        recorded_at=now,
    )
    session.add(row)
    session.flush()
    _note(session, "break.recorded", apprenticeship, row, by, now)
    return row


def change_break(
    session: Session,
    apprenticeship: Apprenticeship,
    row: BreakInLearning,
    away: Away,
    reason: str,
    *,
    by: UUID,
    now: datetime,
) -> None:
    """Record the return or correct the dates. Raises Mistakes, or Refused while the portfolio is locked."""
    if (as_away(row), row.reason) == (away, reason):
        return
    _check(session, apprenticeship, away, row.id, now)
    row.began_on, row.expected_back_on, row.ended_on = away.began_on, away.expected_back_on, away.ended_on
    row.reason = reason
    session.flush()
    _note(session, "break.changed", apprenticeship, row, by, now)


def remove_break(
    session: Session, apprenticeship: Apprenticeship, row: BreakInLearning, *, by: UUID, now: datetime
) -> None:
    """A break that never was. Its dates stay in the audit trail. Refused while the portfolio is locked."""
    _refuse_locked(session, apprenticeship)
    _note(session, "break.removed", apprenticeship, row, by, now)
    session.delete(row)
    session.flush()


def _check(
    session: Session, apprenticeship: Apprenticeship, away: Away, but: UUID | None, now: datetime
) -> None:
    _refuse_locked(session, apprenticeship)
    others = [as_away(one) for one in breaks_of(session, apprenticeship.id) if one.id != but]
    found = break_problems(
        away,
        others,
        start_on=apprenticeship.start_on,
        withdrawn_on=apprenticeship.withdrawn_on,
        today=london_day(now),
    )
    if found:
        raise Mistakes(found)


def _refuse_locked(session: Session, apprenticeship: Apprenticeship) -> None:
    hold_apprenticeship(session, apprenticeship)
    if is_locked(session, apprenticeship.id):
        raise Refused(LOCKED)


def withdraw(
    session: Session, apprenticeship: Apprenticeship, day: date, reason: str, *, by: UUID, now: datetime
) -> None:
    """The apprentice leaves before the end; `day` is the last one. Everything stays readable.

    Also possible after the gateway lock: it changes nothing in the portfolio. Raises Mistakes, and Refused
    if it stands already.
    """
    hold_apprenticeship(session, apprenticeship)
    if apprenticeship.withdrawn_on is not None:
        raise Refused(
            f"The withdrawal on {date_words(apprenticeship.withdrawn_on)} stands already. Undo it to correct it."
        )
    if sentence := withdrawal_problem(day, start_on=apprenticeship.start_on, today=london_day(now)):
        raise Mistakes({"withdrawn_on": sentence})
    apprenticeship.withdrawn_on, apprenticeship.withdrawn_reason = day, reason
    apprenticeship.withdrawn_by_id = by
    _append(session, "withdrawn", apprenticeship, day, reason, by, now)


def undo_withdrawal(
    session: Session, apprenticeship: Apprenticeship, reason: str, *, by: UUID, now: datetime
) -> None:
    """It was a mistake, or they came back. Both reasons stay on record. Refused if none stands."""
    hold_apprenticeship(session, apprenticeship)
    day = apprenticeship.withdrawn_on
    if day is None:
        raise Refused("There is no withdrawal to undo: somebody has done it already.")
    apprenticeship.withdrawn_on, apprenticeship.withdrawn_reason = None, ""
    apprenticeship.withdrawn_by_id = None
    _append(session, "undone", apprenticeship, day, reason, by, now)


def _append(
    session: Session,
    kind: str,
    apprenticeship: Apprenticeship,
    day: date,
    reason: str,
    by: UUID,
    now: datetime,
) -> None:
    event = WithdrawalEvent(
        provider_id=apprenticeship.provider_id,
        apprenticeship_id=apprenticeship.id,
        kind=kind,
        effective_on=day,
        reason=reason,
        by_id=by,
        at=now,
    )
    session.add(event)
    session.flush()
    action = "apprenticeship.withdrawn" if kind == "withdrawn" else "apprenticeship.withdrawal_undone"
    audit.record(
        session, action, by=by, now=now, record="apprenticeship", record_id=apprenticeship.id,
        provider_id=apprenticeship.provider_id, apprenticeship_id=apprenticeship.id,
        person_id=apprenticeship.apprentice_id, effective_on=day.isoformat(),
    )  # fmt: skip


def _note(
    session: Session,
    action: str,
    apprenticeship: Apprenticeship,
    row: BreakInLearning,
    by: UUID,
    now: datetime,
) -> None:
    audit.record(
        session, action, by=by, now=now, record="break", record_id=row.id, provider_id=row.provider_id,
        apprenticeship_id=row.apprenticeship_id, person_id=apprenticeship.apprentice_id,
        began_on=row.began_on.isoformat(),
        expected_back_on=row.expected_back_on.isoformat() if row.expected_back_on else None,
        ended_on=row.ended_on.isoformat() if row.ended_on else None,
    )  # fmt: skip
