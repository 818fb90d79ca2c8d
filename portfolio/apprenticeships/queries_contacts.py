"""Whom to turn to: at an employer, at the provider, and where nobody is on record yet."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships import rules_contacts
from portfolio.apprenticeships.models import Apprenticeship, Employer, SafeguardingContact
from portfolio.people.models import Provider

FEW = 5
"""How many employers without a lead are named before it leads to the whole list."""


@dataclass(frozen=True)
class Contacts:
    """Both whom an apprentice can turn to; None where nobody is on record yet."""

    lead: SafeguardingContact | None
    of_provider: SafeguardingContact | None


@dataclass(frozen=True)
class Unreachable:
    """Where somebody is still to be named: in one provider."""

    provider_id: UUID
    provider_name: str
    without_contact: bool
    employers: int
    first: Sequence[Employer]

    @property
    def asks(self) -> bool:
        return self.without_contact or self.employers > 0


def contacts_of(session: Session, provider_id: UUID, employer_id: UUID | None) -> Contacts:
    """Both contacts of an apprenticeship, in one query. No employer: the provider's alone."""
    which: list[ColumnElement[bool]] = [SafeguardingContact.employer_id.is_(None)]
    if employer_id is not None:
        which.append(SafeguardingContact.employer_id == employer_id)
    rows = session.scalars(
        select(SafeguardingContact).where(SafeguardingContact.provider_id == provider_id, or_(*which))
    ).all()
    lead = next((row for row in rows if row.employer_id is not None), None)
    return Contacts(lead, next((row for row in rows if row.employer_id is None), None))


def contacts_around(session: Session, apprenticeship: Apprenticeship) -> Contacts:
    """Both contacts of this apprentice."""
    return contacts_of(session, apprenticeship.provider_id, apprenticeship.employer_id)


def missing(session: Session, employer: Employer) -> Mapping[str, str]:
    """Why nobody can start at this employer yet: form field -> sentence."""
    found = contacts_of(session, employer.provider_id, employer.id)
    return rules_contacts.missing(
        employer.name, has_lead=found.lead is not None, has_contact=found.of_provider is not None
    )


def with_lead(session: Session, provider_id: UUID, employer_ids: Sequence[UUID] | None = None) -> set[UUID]:
    """Which of these employers have a safeguarding lead on record; of all of the provider if none are named."""
    statement = select(SafeguardingContact.employer_id).where(
        SafeguardingContact.provider_id == provider_id, SafeguardingContact.employer_id.is_not(None)
    )
    if employer_ids is not None:
        statement = statement.where(SafeguardingContact.employer_id.in_(employer_ids))
    return {one for one in session.scalars(statement) if one is not None}


def has_contact(session: Session, provider_id: UUID) -> bool:
    return contacts_of(session, provider_id, None).of_provider is not None


def unreachable(
    session: Session, provider_ids: Sequence[UUID], *, cohort_id: UUID | None = None
) -> list[Unreachable]:
    """For each provider: whether it has no contact, and which employers with apprentices have no lead.

    One query, and one more for each provider of which an employer has no lead."""
    led = select(SafeguardingContact.employer_id).where(SafeguardingContact.employer_id.is_not(None))
    here = [Apprenticeship.employer_id == Employer.id, Apprenticeship.withdrawn_on.is_(None)]
    if cohort_id is not None:
        here.append(Apprenticeship.cohort_id == cohort_id)
    open_ = [
        Employer.provider_id.in_(provider_ids),
        Employer.id.not_in(led),
        select(Apprenticeship.id).where(*here).exists(),
    ]
    how_many = select(func.count(Employer.id)).where(Employer.provider_id == Provider.id, *open_)
    contact = select(SafeguardingContact.id).where(
        SafeguardingContact.provider_id == Provider.id, SafeguardingContact.employer_id.is_(None)
    )
    rows = session.execute(
        select(Provider.id, Provider.name, contact.exists(), how_many.scalar_subquery())
        .where(Provider.id.in_(provider_ids))
        .order_by(Provider.name, Provider.id)
    ).all()
    return [
        Unreachable(one, name, not has, employers, _first(session, one, open_) if employers else ())
        for one, name, has, employers in rows
    ]


def starting(session: Session, provider_id: UUID, employer_id: str) -> Unreachable:
    """What stands in the way of a start at the employer that a form names: nothing, or whom to add first."""
    found = contacts_of(session, provider_id, None)
    without = []
    if (chosen := _id(employer_id)) is not None:
        employer = session.scalar(
            select(Employer).where(Employer.id == chosen, Employer.provider_id == provider_id)
        )
        without = [employer] if employer and not with_lead(session, provider_id, [employer.id]) else []
    name = session.scalar(select(Provider.name).where(Provider.id == provider_id)) or ""
    return Unreachable(provider_id, name, found.of_provider is None, len(without), without)


def _id(typed: str) -> UUID | None:
    try:
        return UUID(typed)
    except ValueError:
        return None


def _first(session: Session, provider_id: UUID, open_: Sequence[ColumnElement[bool]]) -> Sequence[Employer]:
    return session.scalars(
        select(Employer)
        .where(Employer.provider_id == provider_id, *open_)
        .order_by(Employer.name, Employer.id)
        .limit(FEW)
    ).all()
