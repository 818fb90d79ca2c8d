"""Who belongs to a provider, who signs in where, and what the installation holds in numbers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, distinct, exists, func, or_, select
from sqlalchemy.orm import Session

from portfolio.access import Right, Role
from portfolio.audit.models import AuditEvent
from portfolio.database import across
from portfolio.people.models import KeptForm, Member, Person, Provider, SignedInSession
from portfolio.web.paging import PER_PAGE, Slice, cut

SUSPENDED = "suspended"
"""The filter for people who were members and hold no role now."""


@dataclass(frozen=True)
class PersonHere:
    """Somebody as one provider sees them: their running roles there, a manager's rights, or neither."""

    person: Person
    roles: tuple[Role, ...]
    rights: frozenset[Right]

    @property
    def is_suspended(self) -> bool:
        return not self.roles

    @property
    def is_waiting(self) -> bool:
        """Invited, and no password set yet."""
        return not self.person.password_hash


@dataclass(frozen=True)
class ProviderNumbers:
    provider: Provider
    people: int


def people_with_role(session: Session, provider_id: UUID, role: Role | str) -> Sequence[Person]:
    """Everybody who holds this role in the provider today, by name: what a choice of assessors offers."""
    return session.scalars(
        select(Person)
        .join(Member, Member.person_id == Person.id)
        .where(
            Member.provider_id == provider_id,
            Member.role == str(role),
            Member.ended_at.is_(None),
            Person.suspended_at.is_(None),
        )
        .order_by(func.lower(Person.name), Person.id)
    ).all()


def people_in(
    session: Session, provider_id: UUID, *, search: str = "", standing: str = "", number: int = 1
) -> Slice[PersonHere]:
    """One page of a provider's people by name, in two queries.

    `standing` is a role, "suspended", or nothing for everybody who holds a role now.
    """
    running = [Member.person_id == Person.id, Member.provider_id == provider_id, Member.ended_at.is_(None)]
    if standing == SUSPENDED:
        here: ColumnElement[bool] = exists().where(
            Member.person_id == Person.id, Member.provider_id == provider_id
        ) & ~exists().where(*running)
    elif standing:
        here = exists().where(*running, Member.role == standing)
    else:
        here = exists().where(*running)
    statement = select(Person).where(here)
    if search:
        like = f"%{_escaped(search.lower())}%"
        statement = statement.where(
            or_(func.lower(Person.name).like(like, escape="\\"), Person.email.like(like, escape="\\"))
        )
    people = session.scalars(
        statement.order_by(func.lower(Person.name), Person.id)
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    ).all()
    page = cut(people, number)
    return Slice(_with_roles(session, provider_id, page.rows), page.number, page.has_next)


def person_in(session: Session, provider_id: UUID, person_id: UUID) -> PersonHere | None:
    """Somebody who is or was a member of this provider; None for everybody else."""
    statement = select(Person).where(
        Person.id == person_id,
        exists().where(Member.person_id == Person.id, Member.provider_id == provider_id),
    )
    return next(iter(_with_roles(session, provider_id, session.scalars(statement).all())), None)


def _with_roles(session: Session, provider_id: UUID, people: Sequence[Person]) -> list[PersonHere]:
    members = session.scalars(
        select(Member)
        .where(
            Member.provider_id == provider_id,
            Member.person_id.in_([person.id for person in people]),
            Member.ended_at.is_(None),
        )
        .order_by(Member.id)
    ).all()
    held: dict[UUID, list[Member]] = {}
    for member in members:
        held.setdefault(member.person_id, []).append(member)
    return [
        PersonHere(
            person,
            tuple(role for role in Role if any(m.role == role.value for m in held.get(person.id, ()))),
            frozenset(Right(right) for m in held.get(person.id, ()) for right in m.rights),
        )
        for person in people
    ]


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def sessions_of(
    session: Session, person_id: UUID, *, seen_after: datetime, started_after: datetime
) -> Sequence[SignedInSession]:
    """Sessions of a person that still run, the one used last on top; the two moments come from the settings.

    Goes across: a manager sees how many there are of somebody else's."""
    statement = (
        select(SignedInSession)
        .where(
            SignedInSession.person_id == person_id,
            SignedInSession.ended_at.is_(None),
            SignedInSession.seen_at >= seen_after,
            SignedInSession.created_at >= started_after,
        )
        .order_by(SignedInSession.seen_at.desc(), SignedInSession.id.desc())
        .limit(100)
    )
    with across(session):
        return session.scalars(statement).all()


def sign_ins_of(session: Session, person_id: UUID, since: datetime) -> Sequence[AuditEvent]:
    """A person's own sign-ins from the audit trail, newest first, at most 100."""
    return session.scalars(
        select(AuditEvent)
        .where(
            AuditEvent.about_person_id == person_id,
            AuditEvent.action == "session.started",
            AuditEvent.at >= since,
        )
        .order_by(AuditEvent.at.desc(), AuditEvent.id.desc())
        .limit(100)
    ).all()


def kept_forms_of(session: Session, person_id: UUID, since: datetime) -> Sequence[KeptForm]:
    """What this person had typed when a session ended, newest first."""
    return session.scalars(
        select(KeptForm)
        .where(KeptForm.person_id == person_id, KeptForm.kept_at >= since)
        .order_by(KeptForm.kept_at.desc(), KeptForm.id.desc())
        .limit(50)
    ).all()


def providers_with_people(session: Session, number: int = 1) -> Slice[ProviderNumbers]:
    """Every provider by name with the number of its people: numbers only, for the installation admin."""
    statement = (
        select(Provider, func.count(distinct(Member.person_id)))
        .outerjoin(Member, (Member.provider_id == Provider.id) & Member.ended_at.is_(None))
        .group_by(Provider.id)
        .order_by(func.lower(Provider.name), Provider.id)
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    with across(session):
        rows = session.execute(statement).all()
    return cut([ProviderNumbers(provider, people) for provider, people in rows], number)
