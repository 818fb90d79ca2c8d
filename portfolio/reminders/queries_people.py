"""Who gets a digest, what each of them chose, and what was sent to them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import func, select, true
from sqlalchemy.orm import Session

from portfolio.database import across
from portfolio.people.models import Member, Person
from portfolio.reminders.models import ReminderChoice, ReminderSent
from portfolio.reminders.rules import Choice

PAGE = 500
"""So many people are planned for in one transaction."""


def choice_of(session: Session, person_id: UUID) -> Choice:
    """What this person chose, or the defaults."""
    return _choice(session.scalar(select(ReminderChoice).where(ReminderChoice.person_id == person_id)))


def last_sent(session: Session, person_id: UUID) -> ReminderSent | None:
    """The newest digest that left for this person."""
    return session.scalar(
        select(ReminderSent)
        .where(ReminderSent.person_id == person_id)
        .order_by(ReminderSent.sent_at.desc(), ReminderSent.id.desc())
        .limit(1)
    )


def was_sent(session: Session, person_id: UUID, week: str) -> bool:
    return (
        session.scalar(
            select(ReminderSent.id).where(ReminderSent.person_id == person_id, ReminderSent.week == week)
        )
        is not None
    )


def providers_with_people(session: Session) -> list[UUID]:
    """Every provider in which somebody holds a role today."""
    return list(
        session.scalars(
            select(Member.provider_id)
            .where(Member.ended_at.is_(None))
            .distinct()
            .order_by(Member.provider_id)
        )
    )


def recipients(
    session: Session, provider_id: UUID, day: date, after: UUID | None
) -> list[tuple[UUID, Choice]]:
    """A page of those in this provider who want a digest on this day of the week, by id. Nobody who is suspended, has
    never set a password, or holds no role there today. One query, which goes across for what each of them chose."""
    holds_a_role = (
        select(Member.id)
        .where(Member.person_id == Person.id, Member.provider_id == provider_id, Member.ended_at.is_(None))
        .exists()
    )
    statement = (
        select(Person.id, ReminderChoice)
        .outerjoin(ReminderChoice, ReminderChoice.person_id == Person.id)
        .where(
            Person.suspended_at.is_(None),
            Person.password_hash != "",
            holds_a_role,
            func.coalesce(ReminderChoice.weekly, true()),
            func.coalesce(ReminderChoice.weekday, Choice().weekday) == day.isoweekday(),
            Person.id > after if after is not None else true(),
        )
        .order_by(Person.id)
        .limit(PAGE)
    )
    with across(session):
        rows = session.execute(statement).all()
    return [(person_id, _choice(row)) for person_id, row in rows]


def recipient(session: Session, person_id: UUID) -> Person | None:
    """This person, if mail may go to them now: not suspended, with a password, with a role somewhere."""
    holds_a_role = select(Member.id).where(Member.person_id == Person.id, Member.ended_at.is_(None)).exists()
    return session.scalar(
        select(Person).where(
            Person.id == person_id, Person.suspended_at.is_(None), Person.password_hash != "", holds_a_role
        )
    )


def providers_of(session: Session, person_id: UUID) -> frozenset[UUID]:
    return frozenset(
        session.scalars(
            select(Member.provider_id).where(Member.person_id == person_id, Member.ended_at.is_(None))
        )
    )


def _choice(row: ReminderChoice | None) -> Choice:
    return Choice() if row is None else Choice(row.weekly, row.weekday, frozenset(row.muted))
