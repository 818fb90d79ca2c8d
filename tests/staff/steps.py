"""What the tests of members of staff do again and again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Employer
from portfolio.audit.models import AuditEvent
from portfolio.database import Database
from portfolio.people.models import Person
from portfolio.staff.models import StaffChoice, StaffLearning, StaffMember
from tests.builders import NOW, Cast

LATER = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
NAME, TITLE = "Wanda Whitlow", "Class teacher"
MK, PA3, ROTHERHAM = "mk-together-2020", "pa3-2022", "rotherham-2018-19"
WHY = "Plans with other services and chairs meetings."
COURSE = "Working together at level 3"


def staff_path(cast: Cast, member: StaffMember | None = None, rest: str = "") -> str:
    return f"/providers/{cast.provider.id}/staff" + (f"/{member.id}" if member else "") + rest


def boxes(name: str, day: date | None) -> dict[str, str]:
    """A date as its three boxes are sent."""
    return {
        f"{name}_day": str(day.day) if day else "",
        f"{name}_month": str(day.month) if day else "",
        f"{name}_year": str(day.year) if day else "",
    }


def typed_member(employer: Employer, **changes: str) -> dict[str, str]:
    return {
        "name": NAME,
        "title": TITLE,
        "employer": str(employer.id),
        **boxes("started_on", date(2025, 9, 1)),
        "form_key": "m" * 32,
    } | changes


def typed_choice(**changes: str) -> dict[str, str]:
    return {
        "level": f"{PA3}:3",
        "strand": "child",
        "lead": "no",
        "reason": WHY,
        "form_key": "c" * 32,
    } | changes


def typed_learning(**changes: str) -> dict[str, str]:
    return {
        "what": COURSE,
        **boxes("day", date(2026, 10, 20)),
        "minutes": "180",
        "level": f"{PA3}:3",
        "form_key": "l" * 32,
    } | changes


def a_member(session: Session, employer: Employer, by: Person, name: str = NAME, **more: Any) -> StaffMember:
    values: dict[str, Any] = {"title": TITLE, "started_on": date(2025, 9, 1)} | more
    row = StaffMember(
        provider_id=employer.provider_id,
        employer_id=employer.id,
        name=name,
        recorded_by_id=by.id,
        recorded_at=NOW,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def a_choice(session: Session, member: StaffMember, by: Person, **more: Any) -> StaffChoice:
    """Level 3 of PA3, for children, no designated lead, unless said otherwise."""
    values: dict[str, Any] = {
        "framework_id": PA3,
        "level_id": "3",
        "strand": "child",
        "designated_lead": False,
        "reason": WHY,
        "chosen_at": NOW,
    } | more
    row = StaffChoice(provider_id=member.provider_id, staff_member_id=member.id, chosen_by_id=by.id, **values)
    session.add(row)
    session.flush()
    return row


def a_training(session: Session, member: StaffMember, by: Person, day: date, **more: Any) -> StaffLearning:
    """Three hours at level 3 of PA3, unless said otherwise."""
    values: dict[str, Any] = {
        "minutes": 180,
        "what": COURSE,
        "framework_id": PA3,
        "level_id": "3",
        "at": NOW,
    } | more
    row = StaffLearning(
        provider_id=member.provider_id, staff_member_id=member.id, day=day, recorded_by_id=by.id, **values
    )
    session.add(row)
    session.flush()
    return row


def rows(database: Database, model: Any) -> Sequence[Any]:
    with database.session(write=False, across=True) as session:
        return session.scalars(select(model).order_by(model.id)).all()


def trail(database: Database) -> list[tuple[str, dict[str, Any]]]:
    """What was done about staff, in its order, with the details."""
    return [(one.action, one.detail) for one in rows(database, AuditEvent) if one.action.startswith("staff.")]
