"""What is on record about the people, employers and numbers of a list: read once for all rows."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.access import Role
from portfolio.apprenticeships.actions_setup import same
from portfolio.apprenticeships.lists.values import Given
from portfolio.apprenticeships.models import (
    Apprenticeship,
    Assignment,
    BreakInLearning,
    Cohort,
    Employer,
    Progress,
)
from portfolio.apprenticeships.queries import as_away
from portfolio.apprenticeships.queries_contacts import has_contact, with_lead
from portfolio.apprenticeships.rules import Away
from portfolio.people.models import Member, Person


@dataclass
class Known:
    """The record as far as a list touches it. Keys are as they stand in the rows; names are folded."""

    cohort: Cohort
    by_uln: dict[str, list[Apprenticeship]] = field(default_factory=dict)
    by_reference: dict[str, list[Apprenticeship]] = field(default_factory=dict)
    by_email: dict[str, list[Apprenticeship]] = field(default_factory=dict)
    people: dict[str, Person] = field(default_factory=dict)
    roles: dict[UUID, set[Role]] = field(default_factory=dict)
    """What each of these people is in this provider today."""
    employers: dict[str, Employer] = field(default_factory=dict)
    led: set[UUID] = field(default_factory=set)
    """The employers that have a safeguarding lead on record."""
    has_contact: bool = False
    """Whether the provider has a safeguarding contact of its own."""
    assigned: dict[UUID, set[tuple[str, UUID]]] = field(default_factory=dict)
    breaks: dict[UUID, list[Away]] = field(default_factory=dict)
    locked: set[UUID] = field(default_factory=set)

    def holds(self, email: str, role: Role) -> bool:
        person = self.people.get(email)
        return person is not None and role in self.roles.get(person.id, ())


def look_up(session: Session, cohort: Cohort, rows: Sequence[Given]) -> Known:
    """Everything that any row may need, in ten queries however many rows there are."""
    known = Known(cohort)
    addresses = _values(rows, "email", "mentor_email", "assessor_email", "iqa_email")
    for person in session.scalars(select(Person).where(Person.email.in_(addresses))):
        known.people[person.email] = person
    _look_up_roles(session, known)
    for employer in session.scalars(select(Employer).where(Employer.provider_id == cohort.provider_id)):
        known.employers[same(employer.name)] = employer
    known.led = with_lead(session, cohort.provider_id)
    known.has_contact = has_contact(session, cohort.provider_id)
    found = _apprenticeships(session, known, rows)
    for one in found:
        known.by_uln.setdefault(one.uln, []).append(one)
        known.by_reference.setdefault(one.provider_reference, []).append(one)
        known.by_email.setdefault(one.apprentice.email, []).append(one)
    _look_up_surroundings(session, known, [one.id for one in found])
    return known


def _values(rows: Iterable[Given], *names: str) -> list[str]:
    return sorted({value for row in rows for name in names if (value := getattr(row, name))})


def _look_up_roles(session: Session, known: Known) -> None:
    members = select(Member).where(
        Member.provider_id == known.cohort.provider_id,
        Member.person_id.in_([person.id for person in known.people.values()]),
        Member.ended_at.is_(None),
    )
    for member in session.scalars(members):
        known.roles.setdefault(member.person_id, set()).add(Role(member.role))


def _apprenticeships(session: Session, known: Known, rows: Sequence[Given]) -> Sequence[Apprenticeship]:
    learners = [person.id for email in _values(rows, "email") if (person := known.people.get(email))]
    return session.scalars(
        select(Apprenticeship)
        .where(
            Apprenticeship.provider_id == known.cohort.provider_id,
            or_(
                Apprenticeship.uln.in_(_values(rows, "uln")),
                Apprenticeship.provider_reference.in_(_values(rows, "provider_ref")),
                Apprenticeship.apprentice_id.in_(learners),
            ),
        )
        .options(
            joinedload(Apprenticeship.apprentice),
            joinedload(Apprenticeship.employer),
            joinedload(Apprenticeship.cohort),
        )
        .order_by(Apprenticeship.start_on, Apprenticeship.id)
    ).all()


def _look_up_surroundings(session: Session, known: Known, ids: Sequence[UUID]) -> None:
    running = select(Assignment).where(Assignment.apprenticeship_id.in_(ids), Assignment.until_at.is_(None))
    for one in session.scalars(running):
        known.assigned.setdefault(one.apprenticeship_id, set()).add((one.role, one.person_id))
    for away in session.scalars(select(BreakInLearning).where(BreakInLearning.apprenticeship_id.in_(ids))):
        known.breaks.setdefault(away.apprenticeship_id, []).append(as_away(away))
    locked = select(Progress.apprenticeship_id).where(
        Progress.apprenticeship_id.in_(ids), Progress.through_day.is_not(None)
    )
    known.locked = set(session.scalars(locked))
