"""What a provider has set up: employers, cohorts, and the people to choose from. Never beyond that provider."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from portfolio.access import Role
from portfolio.apprenticeships.models import Apprenticeship, Cohort, Employer
from portfolio.people.models import Member, Person
from portfolio.refusals import NotFound
from portfolio.web.paging import PER_PAGE, Slice, cut

Row = TypeVar("Row", Employer, Cohort)
TO_CHOOSE = 20
"""How many people a search offers at once."""
UNPLACED = 200


@dataclass(frozen=True)
class Counted:
    """An employer or a cohort, and how many apprenticeships are with it."""

    row: Employer | Cohort
    apprenticeships: int


@dataclass(frozen=True)
class Totals:
    employers: int
    cohorts: int
    apprenticeships: int


def totals(session: Session, provider_id: UUID) -> Totals:
    """How much is set up: for the page that says what to do first."""
    counts = [
        session.scalar(select(func.count(model.id)).where(model.provider_id == provider_id)) or 0
        for model in (Employer, Cohort, Apprenticeship)
    ]
    return Totals(*counts)


def employers_page(
    session: Session, provider_id: UUID, *, search: str = "", number: int = 1
) -> Slice[Counted]:
    """By name, with how many apprenticeships are there: two queries a page."""
    statement = select(Employer).where(Employer.provider_id == provider_id)
    if search:
        statement = statement.where(Employer.name.icontains(search, autoescape=True))
    rows = session.scalars(_paged(statement.order_by(Employer.name, Employer.id), number)).all()
    counts = _counts(session, Apprenticeship.employer_id, [row.id for row in rows])
    return cut([Counted(row, counts.get(row.id, 0)) for row in rows], number)


def cohorts_page(session: Session, provider_id: UUID, *, number: int = 1) -> Slice[Counted]:
    """Newest first, with how many apprenticeships are in each: two queries a page."""
    statement = select(Cohort).where(Cohort.provider_id == provider_id)
    rows = session.scalars(
        _paged(statement.order_by(Cohort.created_at.desc(), Cohort.id.desc()), number)
    ).all()
    counts = _counts(session, Apprenticeship.cohort_id, [row.id for row in rows])
    return cut([Counted(row, counts.get(row.id, 0)) for row in rows], number)


def _paged(statement: Select[Row], number: int) -> Select[Row]:
    return statement.offset((number - 1) * PER_PAGE).limit(PER_PAGE + 1)


def _counts(session: Session, column: InstrumentedAttribute[UUID], ids: Sequence[UUID]) -> dict[UUID, int]:
    rows = session.execute(
        select(column, func.count(Apprenticeship.id)).where(column.in_(ids)).group_by(column)
    )
    return {key: number for key, number in rows.all()}  # noqa: C416  # rows are not pairs to a type checker


def all_employers(session: Session, provider_id: UUID) -> Sequence[Employer]:
    """To choose from, by name."""
    return session.scalars(
        select(Employer).where(Employer.provider_id == provider_id).order_by(Employer.name, Employer.id)
    ).all()


def all_cohorts(session: Session, provider_id: UUID) -> Sequence[Cohort]:
    """To choose from, newest first."""
    return session.scalars(
        select(Cohort)
        .where(Cohort.provider_id == provider_id)
        .order_by(Cohort.created_at.desc(), Cohort.id.desc())
    ).all()


def employer_in(session: Session, provider_id: UUID, employer_id: UUID) -> Employer | None:
    """The employer with this id, if it is this provider's: an id from a form or address proves nothing."""
    return session.scalar(
        select(Employer).where(Employer.id == employer_id, Employer.provider_id == provider_id)
    )


def cohort_in(session: Session, provider_id: UUID, cohort_id: UUID) -> Cohort | None:
    """The cohort with this id, if it is this provider's."""
    return session.scalar(select(Cohort).where(Cohort.id == cohort_id, Cohort.provider_id == provider_id))


def the_cohort(session: Session, provider_id: UUID, cohort_id: UUID) -> Cohort:
    """The cohort that an address names. Raises NotFound."""
    cohort = cohort_in(session, provider_id, cohort_id)
    if cohort is None:
        raise NotFound
    return cohort


def the_employer(session: Session, provider_id: UUID, employer_id: UUID) -> Employer:
    """The employer that an address names. Raises NotFound."""
    employer = employer_in(session, provider_id, employer_id)
    if employer is None:
        raise NotFound
    return employer


def has_apprenticeships(session: Session, cohort_id: UUID) -> bool:
    found = session.scalar(select(Apprenticeship.id).where(Apprenticeship.cohort_id == cohort_id).limit(1))
    return found is not None


def holders(provider_id: UUID, role: Role) -> Select[Person]:
    """People who hold this role in this provider today, and whose account is open."""
    return (
        select(Person)
        .join(Member, Member.person_id == Person.id)
        .where(
            Member.provider_id == provider_id,
            Member.role == role.value,
            Member.ended_at.is_(None),
            Person.suspended_at.is_(None),
        )
        .order_by(Person.name, Person.id)
    )


def holder(session: Session, provider_id: UUID, role: Role, person_id: UUID) -> Person | None:
    """That person, if they hold the role here today."""
    return session.scalar(holders(provider_id, role).where(Person.id == person_id))


def find_holders(session: Session, provider_id: UUID, role: Role, search: str) -> Sequence[Person]:
    """Up to 21 people with the role whose name or e-mail has every word of the search."""
    statement = holders(provider_id, role)
    for word in search.split():
        statement = statement.where(
            Person.name.icontains(word, autoescape=True) | Person.email.icontains(word, autoescape=True)
        )
    return session.scalars(statement.limit(TO_CHOOSE + 1)).all()


def unplaced(session: Session, provider_id: UUID) -> Sequence[Person]:
    """People with the apprentice role who are on no apprenticeship here yet."""
    placed = select(Apprenticeship.apprentice_id).where(Apprenticeship.provider_id == provider_id)
    statement = holders(provider_id, Role.APPRENTICE).where(Person.id.not_in(placed))
    return session.scalars(statement.limit(UNPLACED)).all()
