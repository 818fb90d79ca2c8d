"""Members of staff of a provider's employers, one by one and in pages, with what was chosen and recorded for each."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session, joinedload

from portfolio.apprenticeships.models import Employer
from portfolio.refusals import NotFound
from portfolio.staff.models import StaffChoice, StaffLearning, StaffMember
from portfolio.staff.standing import Standing, on_staff, standings
from portfolio.web.paging import PER_PAGE, Slice, cut

MOST_CHOICES = 20


@dataclass(frozen=True)
class Asked:
    """What is asked of the list. `left`: those who have left, instead of those who are there."""

    search: str = ""
    employer: UUID | None = None
    overdue: bool = False
    left: bool = False

    @property
    def is_narrowed(self) -> bool:
        return bool(self.search or self.employer or self.overdue or self.left)

    def conditions(self, today: date) -> list[ColumnElement[bool]]:
        found = [StaffMember.left_on < today if self.left else on_staff(today)]
        if self.search:
            found.append(StaffMember.name.icontains(self.search, autoescape=True))
        if self.employer is not None:
            found.append(StaffMember.employer_id == self.employer)
        return found


def staff_page(
    session: Session, provider_id: UUID, asked: Asked, today: date, number: int
) -> Slice[Standing]:
    """A page by name. Whose refresher is overdue the rules say, so for those alone everybody is looked at."""
    which, first = asked.conditions(today), (number - 1) * PER_PAGE
    if not asked.overdue:
        return cut(standings(session, provider_id, which, today, first=first, most=PER_PAGE + 1), number)
    every = [one for one in standings(session, provider_id, which, today) if one.refresher_overdue]
    return cut(every[first : first + PER_PAGE + 1], number)


def member_in(session: Session, provider_id: UUID, staff_id: UUID) -> StaffMember:
    """With the employer. Raises NotFound."""
    found = session.scalar(
        select(StaffMember)
        .where(StaffMember.id == staff_id, StaffMember.provider_id == provider_id)
        .options(joinedload(StaffMember.employer))
    )
    if found is None:
        raise NotFound
    return found


def employers_of(session: Session, provider_id: UUID) -> list[tuple[str, str]]:
    """Ids and names, as a box to choose from has them."""
    rows = session.execute(
        select(Employer.id, Employer.name)
        .where(Employer.provider_id == provider_id)
        .order_by(Employer.name, Employer.id)
    )
    return [(str(found), name) for found, name in rows]


def choices_of(session: Session, member: StaffMember) -> Sequence[StaffChoice]:
    """What was chosen over time, newest first: the first one stands."""
    return session.scalars(
        select(StaffChoice)
        .where(StaffChoice.staff_member_id == member.id)
        .options(joinedload(StaffChoice.chosen_by))
        .order_by(StaffChoice.id.desc())
        .limit(MOST_CHOICES)
    ).all()


def learning_page(session: Session, member: StaffMember, number: int) -> Slice[StaffLearning]:
    """A page of the training that is recorded, newest day first."""
    rows = session.scalars(
        select(StaffLearning)
        .where(StaffLearning.staff_member_id == member.id)
        .options(joinedload(StaffLearning.recorded_by))
        .order_by(StaffLearning.day.desc(), StaffLearning.id.desc())
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    return cut(rows.all(), number)


def learning_in(session: Session, member: StaffMember, learning_id: UUID) -> StaffLearning:
    """Raises NotFound."""
    found = session.scalar(
        select(StaffLearning).where(
            StaffLearning.id == learning_id, StaffLearning.staff_member_id == member.id
        )
    )
    if found is None:
        raise NotFound
    return found


def made_with_key(
    session: Session, model: Any, conditions: Sequence[ColumnElement[bool]], form_key: str
) -> Any:
    """The row that this page made before, or None; an empty key makes none."""
    if not form_key:
        return None
    return session.scalar(select(model).where(model.form_key == form_key[:64], *conditions).limit(1))
