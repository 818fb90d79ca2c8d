"""What a manager types, and rows that only these tests need."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning
from portfolio.database import Database
from portfolio.gateway.models import GatewayLock
from portfolio.people.models import Person
from tests.builders import NOW, Cast, a_person, an_apprenticeship, commit


def boxes(**days: date | None) -> dict[str, str]:
    """Three boxes for each day, as the page sends them; empty ones for None."""
    typed: dict[str, str] = {}
    for name, day in days.items():
        typed[f"{name}_day"] = str(day.day) if day else ""
        typed[f"{name}_month"] = str(day.month) if day else ""
        typed[f"{name}_year"] = str(day.year) if day else ""
    return typed


def new_form(cast: Cast, **more: Any) -> dict[str, str]:
    """The form for a new apprenticeship of somebody new, Bea Birch, filled in rightly unless said otherwise."""
    typed = {
        "apprentice_id": "",
        "apprentice_email": "bea.birch@example.org",
        "apprentice_name": "Bea Birch",
        "cohort_id": str(cast.cohort.id),
        "employer_id": str(cast.employer.id),
        "uln": "9100000001",
        "provider_reference": "",
        "mentor_email": "",
        "mentor_name": "",
        "assessor_id": "",
    } | boxes(start_on=date(2026, 10, 5), planned_gateway_on=date(2028, 4, 5), date_of_birth=date(2003, 2, 1))
    return typed | {name: str(value) for name, value in more.items()}


def edit_form(at: Apprenticeship, **more: Any) -> dict[str, str]:
    """The edit page as it would be sent back without a change, unless said otherwise."""
    typed = {
        "cohort_id": str(at.cohort_id),
        "employer_id": str(at.employer_id),
        "uln": at.uln,
        "provider_reference": at.provider_reference,
    } | boxes(start_on=at.start_on, planned_gateway_on=at.planned_gateway_on, date_of_birth=at.date_of_birth)
    return typed | {name: str(value) for name, value in more.items()}


def a_break(session: Session, at: Apprenticeship, began_on: date, **more: Any) -> BreakInLearning:
    row = BreakInLearning(
        provider_id=at.provider_id,
        apprenticeship_id=at.id,
        began_on=began_on,
        recorded_by_id=at.apprentice_id,
        recorded_at=NOW,
        **more,
    )
    session.add(row)
    session.flush()
    return row


def a_lock(session: Session, at: Apprenticeship, by: UUID) -> GatewayLock:
    """The gateway lock as the database knows it: the rules of locking are tested where they live."""
    columns = GatewayLock.__table__.columns.keys()
    values: dict[str, Any] = {
        "provider_id": at.provider_id,
        "apprenticeship_id": at.id,
        "round": 1,
        "locked_by_id": by,
        "locked_at": NOW,
    }
    for name in columns:
        if name not in values and name != "id" and not GatewayLock.__table__.columns[name].nullable:
            values[name] = ""
    lock = GatewayLock(**values)
    session.add(lock)
    session.flush()
    return lock


def a_locked_portfolio(session: Session, cast: Cast) -> None:
    """Amina's portfolio stands locked, committed."""
    a_lock(session, cast.amina_at, cast.priya.id)
    commit(session)


def many_more(session: Session, cast: Cast, number: int) -> list[Apprenticeship]:
    """So many more apprentices in Amina's cohort, committed."""
    made = []
    for index in range(number):
        person = a_person(session, f"Extra{index:03} Person{index:03}", cast.provider, "apprentice")
        made.append(an_apprenticeship(session, person, cast.cohort, cast.employer))
    commit(session)
    return made


def the_apprenticeship_of(database: Database, email: str) -> Apprenticeship:
    with database.reading() as session:
        return session.scalars(
            select(Apprenticeship)
            .join(Person, Person.id == Apprenticeship.apprentice_id)
            .where(Person.email == email)
            .options(joinedload(Apprenticeship.apprentice), joinedload(Apprenticeship.employer))
        ).one()
