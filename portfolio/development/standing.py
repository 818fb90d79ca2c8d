"""How people stand: what the records say of each, put together for the rules in a fixed number of queries.

What counts towards a refresher is an entry of the training log that names the chosen framework and level, from the day
it was entered, unless it was returned and not changed since. Where no framework is chosen, an entry that names any
framework counts towards the employer's own interval. A level is held from the first such entry at it. An induction
counts if it covered the procedures. No free text is loaded for any of it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import Session

from kbs.framework import Framework
from kbs.frameworks import Frameworks, UnknownFramework
from kbs.refresher import Done, DueState, Override
from portfolio.apprenticeships.models import Apprenticeship, Cohort, Employer
from portfolio.development.models import EmployerAsks, Induction, RefresherOverride, Supervision
from portfolio.development.rules import PROCEDURES
from portfolio.frameworks.models import FrameworkChoice
from portfolio.library.queries import frameworks_for
from portfolio.people.models import Person as Somebody
from portfolio.training.models import TrainingEntry
from portfolio.training.queries import answered
from portfolio.training.rules import report
from portfolio.training.rules.report import Asks, Person

BY_THE_EMPLOYER = "As the employer set it"
"""Stands for a reason where texts are not loaded."""
REFRESHER_FROM = frozenset(
    {"apprenticeship", "framework_choice", "refresher_override", "training_entry", "hours_confirmation"}
)
"""The tables that say when somebody's refresher is due. The frameworks do too, and an edition never changes."""
ANY_DAY = date(9000, 1, 1)
"""The last day in time does not depend on the day that is asked about: no form takes learning that has not happened."""
NOW = 0
"""For a day that is always past: nothing is recorded, and no rule leaves time for the first training."""


@dataclass(frozen=True)
class Standing:
    """One person as a report or a page shows them."""

    apprenticeship_id: UUID
    name: str
    employer_id: UUID
    cohort_id: UUID
    row: report.Row


def standings(
    session: Session, provider_id: UUID, which: Sequence[ColumnElement[bool]], today: date
) -> list[Standing]:
    """Of these apprenticeships of one provider, those with most overdue first. `which` says which, about
    Apprenticeship. Eight queries, however many they are."""
    found = _people(session, provider_id, which)
    if not found:
        return []
    ids = select(Apprenticeship.id).where(Apprenticeship.provider_id == provider_id, *which)
    records = _Records(session, provider_id, ids, today)
    people = [_person(one, records) for one in found]
    known = {str(one.id): one for one in found}
    return [
        Standing(known[row.person.id].id, known[row.person.id].name, known[row.person.id].employer_id,
                 known[row.person.id].cohort_id, row)
        for row in report.rows(people, today, records.asks)
    ]  # fmt: skip


def standing_of(session: Session, at: Apprenticeship, today: date) -> Standing:
    """One person's."""
    (found,) = standings(session, at.provider_id, [Apprenticeship.id == at.id], today)
    return found


def refresher_due_day(session: Session, at: Apprenticeship) -> int | None:
    """The last day on which the refresher of this person is in time, as an ordinal; NOW where nothing is recorded and no
    time is left for it; None where neither a framework nor the employer asks for one. Four queries."""
    ids = select(Apprenticeship.id).where(Apprenticeship.id == at.id)
    trained = _trained(at.id, _Training(session, at.provider_id, ids))
    found = report.refresher_of(replace(trained, starts_on=at.start_on), ANY_DAY)
    if found.due_on is not None:
        return found.due_on.toordinal()
    return NOW if found.state is DueState.NEVER_DONE else None


def _people(session: Session, provider_id: UUID, which: Sequence[ColumnElement[bool]]) -> Sequence[Any]:
    return session.execute(
        select(
            Apprenticeship.id,
            Apprenticeship.start_on,
            Apprenticeship.employer_id,
            Apprenticeship.cohort_id,
            Somebody.name,
            Employer.name.label("employer"),
            Cohort.name.label("cohort"),
        )
        .join(Somebody, Somebody.id == Apprenticeship.apprentice_id)
        .join(Employer, Employer.id == Apprenticeship.employer_id)
        .join(Cohort, Cohort.id == Apprenticeship.cohort_id)
        .where(Apprenticeship.provider_id == provider_id, *which)
        .order_by(Somebody.name, Apprenticeship.id)
    ).all()


class _Training:
    """What is on record about the training of these people, each kind read once."""

    def __init__(self, session: Session, provider_id: UUID, ids: Select[UUID]) -> None:
        self.frameworks: Frameworks = frameworks_for(session, provider_id)
        columns = (FrameworkChoice.framework_id, FrameworkChoice.level_id)
        self.choices = {row[0]: row for row in newest(session, FrameworkChoice, columns, ids)}
        own = (RefresherOverride.months, RefresherOverride.designated_lead)
        self.overrides = {row[0]: row for row in newest(session, RefresherOverride, own, ids)}
        self.learning: dict[UUID, list[Any]] = {}
        for entry in _learning(session, ids):
            self.learning.setdefault(entry.apprenticeship_id, []).append(entry)

    def framework(self, framework_id: str) -> Framework | None:
        """One that is not at hand any more asks for nothing."""
        try:
            return self.frameworks.get(framework_id)
        except UnknownFramework:
            return None


class _Records(_Training):
    """The same, with induction, supervision and what their employers ask."""

    def __init__(self, session: Session, provider_id: UUID, ids: Select[UUID], today: date) -> None:
        super().__init__(session, provider_id, ids)
        self.inductions = dict(
            _days(session, Induction, func.min(Induction.day), ids, Induction.covered.contains(PROCEDURES))
        )
        self.supervisions = dict(
            _days(session, Supervision, func.max(Supervision.day), ids, Supervision.day <= today)
        )
        self.asks = _asks(session, provider_id)


def _person(one: Any, records: _Records) -> Person:
    supervised = records.supervisions.get(one.id)
    return replace(
        _trained(one.id, records),
        employer=one.employer,
        cohort=one.cohort,
        starts_on=one.start_on,
        induction_on=records.inductions.get(one.id),
        supervised_on=(supervised,) if supervised else (),
    )


def _trained(apprenticeship_id: UUID, records: _Training) -> Person:
    """Framework, level and what was learnt, without employer and start."""
    choice, own = records.choices.get(apprenticeship_id), records.overrides.get(apprenticeship_id)
    framework = records.framework(choice.framework_id) if choice else None
    known = framework is not None and any(level.id == choice.level_id for level in framework.levels)  # type: ignore[union-attr]
    target = choice.level_id if choice and known else None
    entries = records.learning.get(apprenticeship_id, [])
    of_framework = [entry for entry in entries if framework and entry.framework_id == framework.id]
    counted = [entry for entry in of_framework if entry.level_id == target] if framework else entries
    levels: dict[str, date] = {}
    for entry in of_framework:
        levels[entry.level_id] = min(entry.day, levels.get(entry.level_id, entry.day))
    return Person(
        id=str(apprenticeship_id),
        employer="",
        framework=framework if target else None,
        target=target,
        designated_lead=bool(own and own.designated_lead),
        learning=tuple(Done(entry.day, entry.minutes / 60) for entry in counted),
        levels=levels,
        override=Override(BY_THE_EMPLOYER, own.months) if own and own.months else None,
    )


def newest(session: Session, model: Any, columns: Collection[Any], ids: Select[UUID]) -> Sequence[Any]:
    """The newest row of each apprenticeship: its id, and these columns of it."""
    place = func.row_number().over(partition_by=model.apprenticeship_id, order_by=model.id.desc())
    every = (
        select(model.apprenticeship_id, *columns, place.label("place"))
        .where(model.apprenticeship_id.in_(ids))
        .subquery()
    )
    wanted = [every.c[one.key] for one in columns]
    return session.execute(select(every.c.apprenticeship_id, *wanted).where(every.c.place == 1)).all()


def _days(
    session: Session, model: Any, day: Any, ids: Select[UUID], condition: ColumnElement[bool]
) -> list[tuple[UUID, date]]:
    rows = session.execute(
        select(model.apprenticeship_id, day)
        .where(model.apprenticeship_id.in_(ids), condition)
        .group_by(model.apprenticeship_id)
    )
    return [(apprenticeship_id, found) for apprenticeship_id, found in rows]


def _learning(session: Session, ids: Select[UUID]) -> Sequence[Any]:
    return session.execute(
        select(
            TrainingEntry.apprenticeship_id,
            TrainingEntry.day,
            TrainingEntry.minutes,
            TrainingEntry.framework_id,
            TrainingEntry.level_id,
        ).where(
            TrainingEntry.apprenticeship_id.in_(ids),
            TrainingEntry.framework_id.is_not(None),
            ~answered("returned"),
        )
    ).all()


def _asks(session: Session, provider_id: UUID) -> dict[str, Asks]:
    """By the employer's name: the newest of each stands."""
    rows = session.execute(
        select(Employer.name, EmployerAsks.induction_days, EmployerAsks.supervision_months)
        .join(Employer, Employer.id == EmployerAsks.employer_id)
        .where(EmployerAsks.provider_id == provider_id)
        .order_by(EmployerAsks.id)
    )
    return {name: Asks(days, months) for name, days, months in rows}
