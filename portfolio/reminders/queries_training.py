"""What there is to say of training to each of many people: what their home pages and training reports show.

An apprentice hears of their own, a mentor of those assigned to them, and who may see a provider's training report hears
how many are overdue in it. The statements are as many for one person as for a page of them: six, and eight for each
provider they are in."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, or_, select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.access import Role
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Progress
from portfolio.courses.models import Booking
from portfolio.development.due import lines_of, still_learning
from portfolio.development.standing import Standing, standings
from portfolio.development.unanswered import unanswered
from portfolio.reminders.queries import Held, facts_for, held_by
from portfolio.reminders.queries_pieces import running
from portfolio.reminders.rules import Facts, Limits, Report, Training
from portfolio.training.due import DueLine, most_urgent_first
from portfolio.training.rules.report import STILL_LEARNING
from portfolio.web.formats import london_day


@dataclass
class Overdue:
    """The apprenticeships of one provider with something overdue."""

    refresher: set[UUID] = field(default_factory=set)
    supervision: set[UUID] = field(default_factory=set)

    def add(self, one: Standing) -> None:
        if "refresher" in one.row.overdue:
            self.refresher.add(one.apprenticeship_id)
        if "supervision" in one.row.overdue:
            self.supervision.add(one.apprenticeship_id)


@dataclass(frozen=True)
class Around:
    """Whose apprenticeships those are, and what waits in them."""

    own: Mapping[UUID, set[UUID]]
    """By person: their own apprenticeships …"""
    mentored: Mapping[UUID, set[UUID]]
    """… and those whose mentor they are."""
    entries: Mapping[UUID, int]
    """By apprenticeship: entries of the log that wait."""
    bookings: Mapping[UUID, int]
    """By person: bookings that wait for their answer."""
    overdue: Mapping[UUID, Overdue]
    """By provider …"""
    due: Mapping[UUID, list[DueLine]]
    """… and by apprenticeship: what its owner is told."""


def everything_for(
    session: Session, catalogue: Catalogue, people: Collection[UUID], limits: Limits, now: datetime
) -> dict[UUID, Facts]:
    """All that a digest may speak of, for each of these people."""
    training = training_for(session, people, london_day(now))
    found = facts_for(session, catalogue, people, limits, now)
    return {person: replace(facts, training=training[person]) for person, facts in found.items()}


def training_for(session: Session, people: Collection[UUID], today: date) -> dict[UUID, Training]:
    """What a digest may say of training, for each of these people."""
    ids = list(people)
    held = held_by(session, ids)
    own = _own(session, ids, held)
    overdue, due = _standings(session, ids, held, today)
    around = Around(
        own=own,
        mentored=_mentored(session, ids),
        entries=unanswered(session, _mentored_by(ids), today),
        bookings=_bookings(session, ids),
        overdue=overdue,
        due=due,
    )
    nothing = Held()
    return {person: _training(person, held.get(person, nothing), around) for person in ids}


def _training(person: UUID, held: Held, around: Around) -> Training:
    own, theirs = around.own.get(person, set()), around.mentored.get(person, set())
    late = {one for overdue in around.overdue.values() for one in overdue.refresher}
    return Training(
        own=tuple(most_urgent_first(line for one in sorted(own) for line in around.due.get(one, ()))),
        refreshers=len(theirs & late),
        entries=sum(around.entries.get(one, 0) for one in theirs),
        bookings=around.bookings.get(person, 0),
        reports=tuple(
            Report(provider_id, len(overdue.refresher - own), len(overdue.supervision - own))
            for provider_id, overdue in sorted(around.overdue.items())
            if held.sees_reports(provider_id) and (overdue.refresher - own or overdue.supervision - own)
        ),
    )


def _own(session: Session, ids: list[UUID], held: Mapping[UUID, Held]) -> dict[UUID, set[UUID]]:
    rows = session.execute(
        select(Progress.apprentice_id, Progress.apprenticeship_id, Progress.provider_id).where(
            Progress.apprentice_id.in_(ids), Progress.stage.in_(STILL_LEARNING)
        )
    )
    return _sets((person, one) for person, one, at in rows if person in held and at in held[person].roles)


def _mentored(session: Session, ids: list[UUID]) -> dict[UUID, set[UUID]]:
    return _sets(
        session.execute(
            running(select(Assignment.person_id, Assignment.apprenticeship_id), ids, Role.MENTOR).where(
                Progress.stage.in_(STILL_LEARNING)
            )
        )
    )


def _sets(rows: Any) -> dict[UUID, set[UUID]]:
    found: dict[UUID, set[UUID]] = {}
    for person, apprenticeship_id in rows:
        found.setdefault(person, set()).add(apprenticeship_id)
    return found


def _mentored_by(ids: list[UUID]) -> Select[UUID]:
    found: Select[UUID] = running(select(Assignment.apprenticeship_id), ids, Role.MENTOR)
    return found


def _bookings(session: Session, ids: list[UUID]) -> dict[UUID, int]:
    """The same that wait on a mentor's home page."""
    rows = session.execute(
        running(
            select(Assignment.person_id, func.count(Booking.id.distinct())).join(
                Booking, Booking.apprenticeship_id == Assignment.apprenticeship_id
            ),
            ids,
            Role.MENTOR,
        )
        .where(Booking.state == "requested")
        .group_by(Assignment.person_id)
    )
    return {person: number for person, number in rows}  # noqa: C416


def _standings(
    session: Session, ids: list[UUID], held: Mapping[UUID, Held], today: date
) -> tuple[dict[UUID, Overdue], dict[UUID, list[DueLine]]]:
    """Of everybody on programme where somebody may see the report of them, else of these people's own and those they
    are mentors of."""
    overdue: dict[UUID, Overdue] = {}
    due: dict[UUID, list[DueLine]] = {}
    for provider_id in sorted({one for each in held.values() for one in each.roles}):
        which = still_learning(provider_id)
        if not any(each.sees_reports(provider_id) for each in held.values()):
            which = which.where(
                or_(Progress.apprentice_id.in_(ids), Progress.apprenticeship_id.in_(_mentored_by(ids)))
            )
        overdue[provider_id] = Overdue()
        for one in standings(session, provider_id, [Apprenticeship.id.in_(which)], today):
            overdue[provider_id].add(one)
            due[one.apprenticeship_id] = lines_of(one, today)
    return overdue, due
