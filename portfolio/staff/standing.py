"""How members of staff stand: what was chosen and recorded for each, put together for the rules in a fixed number of
queries.

What counts towards a refresher is recorded training at the framework and level that were chosen; a level is held from
the first such training at it. Without a choice nothing falls due. Supervision and induction are not recorded for staff,
so of a row only refresher and level say anything. No free text is loaded for any of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, or_, select
from sqlalchemy.orm import Session

from kbs.framework import Framework, UnknownLevel
from kbs.frameworks import Frameworks, UnknownFramework
from kbs.refresher import Done
from portfolio.apprenticeships.models import Employer
from portfolio.library.queries import frameworks_for
from portfolio.staff.models import StaffChoice, StaffLearning, StaffMember
from portfolio.training.rules import report


@dataclass(frozen=True)
class Standing:
    """One member of staff as a list or a page shows them."""

    staff_id: UUID
    name: str
    title: str
    employer_id: UUID
    left_on: date | None
    row: report.Row

    @property
    def refresher_overdue(self) -> bool:
        return "refresher" in self.row.overdue


def on_staff(today: date) -> ColumnElement[bool]:
    """Whoever's last day is not past."""
    return or_(StaffMember.left_on.is_(None), StaffMember.left_on >= today)


def standings(
    session: Session,
    provider_id: UUID,
    which: Sequence[ColumnElement[bool]],
    today: date,
    *,
    first: int = 0,
    most: int | None = None,
) -> list[Standing]:
    """Of these members of staff of one provider, by name, those from `first` on and at most so many. `which` says
    which, about StaffMember. Four queries, and one more where the provider has frameworks of its own to be read."""
    asked = (
        select(
            StaffMember.id,
            StaffMember.name,
            StaffMember.title,
            StaffMember.started_on,
            StaffMember.left_on,
            StaffMember.employer_id,
            Employer.name.label("employer"),
        )
        .join(Employer, Employer.id == StaffMember.employer_id)
        .where(StaffMember.provider_id == provider_id, *which)
        .order_by(StaffMember.name, StaffMember.id)
    )
    found = session.execute(asked.offset(first).limit(most) if most is not None else asked).all()
    if not found:
        return []
    ids: Select[UUID] | list[UUID] = (
        select(StaffMember.id).where(StaffMember.provider_id == provider_id, *which)
        if most is None
        else [one.id for one in found]
    )
    choices, learning = _choices(session, ids), _learning(session, ids)
    frameworks = frameworks_for(session, provider_id)
    return [
        Standing(one.id, one.name, one.title, one.employer_id, one.left_on,
                 report.row(_person(one, choices.get(one.id), learning.get(one.id, ()), frameworks), today))
        for one in found
    ]  # fmt: skip


def standing_of(session: Session, member: StaffMember, today: date) -> Standing:
    """One person's."""
    (found,) = standings(session, member.provider_id, [StaffMember.id == member.id], today)
    return found


def overdue_of(session: Session, provider_id: UUID, today: date) -> tuple[int, int]:
    """How many are on the staff of the provider's employers today, and of how many the refresher is overdue."""
    every = standings(session, provider_id, [on_staff(today)], today)
    return len(every), sum(1 for one in every if one.refresher_overdue)


def held_levels(session: Session, member: StaffMember, framework_id: str) -> dict[str, date]:
    """Each level of a framework that somebody holds, and since when."""
    rows = session.execute(
        select(StaffLearning.level_id, func.min(StaffLearning.day))
        .where(StaffLearning.staff_member_id == member.id, StaffLearning.framework_id == framework_id)
        .group_by(StaffLearning.level_id)
    )
    return {level_id: day for level_id, day in rows}  # noqa: C416  # rows are not pairs to a type checker


def _person(one: Any, choice: Any, entries: Collection[Any], frameworks: Frameworks) -> report.Person:
    framework = _framework(frameworks, choice)
    of_framework = [entry for entry in entries if framework and entry.framework_id == framework.id]
    counted = [entry for entry in of_framework if entry.level_id == choice.level_id]
    levels: dict[str, date] = {}
    for entry in of_framework:
        levels[entry.level_id] = min(entry.day, levels.get(entry.level_id, entry.day))
    return report.Person(
        id=str(one.id),
        employer=one.employer,
        starts_on=one.started_on,
        framework=framework,
        target=choice.level_id if framework else None,
        designated_lead=bool(choice and choice.designated_lead),
        learning=tuple(Done(entry.day, entry.minutes / 60) for entry in counted),
        levels=levels,
    )


def _framework(frameworks: Frameworks, choice: Any) -> Framework | None:
    """The framework that was chosen; one that is not at hand any more, or without its level, asks for nothing."""
    if choice is None:
        return None
    try:
        framework = frameworks.get(choice.framework_id)
        framework.level(choice.level_id)
    except (UnknownFramework, UnknownLevel):
        return None
    return framework


def _choices(session: Session, ids: Select[UUID] | list[UUID]) -> dict[UUID, Any]:
    """The choice that stands for each who has one, without its reason."""
    place = func.row_number().over(partition_by=StaffChoice.staff_member_id, order_by=StaffChoice.id.desc())
    every = (
        select(
            StaffChoice.staff_member_id,
            StaffChoice.framework_id,
            StaffChoice.level_id,
            StaffChoice.designated_lead,
            place.label("place"),
        )
        .where(StaffChoice.staff_member_id.in_(ids))
        .subquery()
    )
    rows = session.execute(select(every).where(every.c.place == 1))
    return {one.staff_member_id: one for one in rows}


def _learning(session: Session, ids: Select[UUID] | list[UUID]) -> dict[UUID, list[Any]]:
    found: dict[UUID, list[Any]] = {}
    rows = session.execute(
        select(
            StaffLearning.staff_member_id,
            StaffLearning.day,
            StaffLearning.minutes,
            StaffLearning.framework_id,
            StaffLearning.level_id,
        ).where(StaffLearning.staff_member_id.in_(ids))
    )
    for one in rows:
        found.setdefault(one.staff_member_id, []).append(one)
    return found
