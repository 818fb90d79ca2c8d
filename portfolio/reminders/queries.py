"""What there is to say to each of many people: a constant number of statements, for one person or for a page of them.

Everything starts from what somebody is *today*: roles that run, in the provider of the apprenticeship, and assignments
that run. Nobody is reminded of their own apprenticeship as if it were somebody else's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import and_, func, select
from sqlalchemy.orm import Session, aliased

from kbs.catalogue import Catalogue
from portfolio.access import Permission, Right, Role, permissions
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Progress
from portfolio.cohorts.standing import facts_of
from portfolio.database import across
from portfolio.people.models import Member
from portfolio.reminders import marking, rules
from portfolio.reminders.marking import Tally
from portfolio.reminders.models import ReminderSent
from portfolio.reminders.queries_pieces import returned, to_assess, to_say_something_about
from portfolio.reminders.rules import Facts, Limits, Marks
from portfolio.web.formats import london_day

LATER = aliased(Assignment)
"""Another assignment of the same person to the same apprenticeship. Made once: making an alias costs."""


@dataclass
class Held:
    """What one person is today: roles and named rights by provider."""

    roles: dict[UUID, set[Role]] = field(default_factory=dict)
    rights: dict[UUID, set[Right]] = field(default_factory=dict)

    def manages(self, provider_id: UUID) -> bool:
        return Role.MANAGER in self.roles.get(provider_id, ())

    def sees_dbs(self, provider_id: UUID) -> bool:
        return self.manages(provider_id) and Right.DBS in self.rights.get(provider_id, ())

    def sees_reports(self, provider_id: UUID) -> bool:
        return Permission.VIEW_COHORTS in permissions(self.roles.get(provider_id, ()))

    def holds(self, role: Role) -> bool:
        return any(role in roles for roles in self.roles.values())


@dataclass(frozen=True)
class Own:
    """One's own apprenticeship."""

    provider_id: UUID
    word: str
    marks: Marks


def facts_for(
    session: Session, catalogue: Catalogue, people: Collection[UUID], limits: Limits, now: datetime
) -> dict[UUID, Facts]:
    """What a digest may speak of besides training (`queries_training`), for each of these people. Nine statements."""
    ids = list(people)
    today = london_day(now)
    measure = marking.Measure(catalogue, limits, today.toordinal())
    held = held_by(session, ids)
    assess, say, back = to_assess(session, ids), to_say_something_about(session, ids), returned(session, ids)
    own, ended = _own(session, measure, ids), _ended(session, ids, now)
    around = marking.around(session, measure, ids)
    managed = marking.managed(session, measure, {one for h in held.values() for one in _managed_by(h)})
    nothing = Held()
    return {
        person: _facts(
            held.get(person, nothing),
            own=own.get(person, []),
            around=around.get(person, {}),
            managed=managed,
            pieces=(assess.get(person), say.get(person, 0), back.get(person, {})),
            ended=ended.get(person, {}),
        )
        for person in ids
    }


def _facts(
    held: Held,
    *,
    own: list[Own],
    around: Mapping[UUID, Tally],
    managed: Mapping[UUID, Tally],
    pieces: tuple[tuple[int, datetime] | None, int, Mapping[UUID, tuple[int, datetime]]],
    ended: Mapping[UUID, int],
) -> Facts:
    own = [one for one in own if one.provider_id in held.roles]
    over = Tally()
    for provider_id, tally in around.items():
        if not held.manages(provider_id):  # a manager counts everybody of the provider, and these with them
            over.add(tally)
    for provider_id in _managed_by(held):
        over.add(managed.get(provider_id, Tally()), dbs=held.sees_dbs(provider_id))
    for one in own:
        if held.manages(one.provider_id):  # nobody manages their own apprenticeship
            over.take_away(one.word, one.marks, dbs=held.sees_dbs(one.provider_id))
    assess, say, back = pieces
    mine = [found for provider_id, found in back.items() if provider_id in held.roles]
    return Facts(
        to_assess=assess[0] if assess else 0,
        oldest_to_assess=london_day(assess[1]) if assess else None,
        new_to_mentor=say,
        returned=sum(number for number, _ in mine),
        oldest_returned=min((london_day(since) for _, since in mine), default=None),
        quiet=over.quiet,
        waits_long=over.waits_long,
        dbs_due=over.dbs_due,
        nearly_ready={word: number for word, number in over.nearly_ready.items() if number > 0},
        own_dbs_due=any(one.marks.dbs_due for one in own),
        own_nearly_ready=tuple(sorted({one.word for one in own if one.marks.nearly_ready})),
        ended=sum(number for provider_id, number in ended.items() if provider_id in held.roles),
        is_manager=held.holds(Role.MANAGER),
    )


def _managed_by(held: Held) -> Iterator[UUID]:
    return (provider_id for provider_id in held.roles if held.manages(provider_id))


def held_by(session: Session, ids: list[UUID]) -> dict[UUID, Held]:
    """What each of these people is today. One query."""
    found: dict[UUID, Held] = {}
    for member in session.scalars(select(Member).where(Member.person_id.in_(ids), Member.ended_at.is_(None))):
        held = found.setdefault(member.person_id, Held())
        held.roles.setdefault(member.provider_id, set()).add(Role(member.role))
        held.rights.setdefault(member.provider_id, set()).update(Right(right) for right in member.rights)
    return found


def _own(session: Session, measure: marking.Measure, ids: list[UUID]) -> dict[UUID, list[Own]]:
    """By the rule itself: they are few for each person, and the sums of others are checked against it."""
    rows = session.execute(
        select(Progress, Apprenticeship.standard_reference, Apprenticeship.standard_version)
        .join(Apprenticeship, Apprenticeship.id == Progress.apprenticeship_id)
        .where(Progress.apprentice_id.in_(ids), Progress.stage.in_(("active", "break")))
    ).all()
    found: dict[UUID, list[Own]] = {}
    for progress, reference, version in rows:
        marks = rules.marks(facts_of(progress), progress.waiting_day, measure.today, measure.limits)
        one = Own(progress.provider_id, measure.word(reference, version), marks)
        found.setdefault(progress.apprentice_id, []).append(one)
    return found


def _ended(session: Session, ids: list[UUID], now: datetime) -> dict[UUID, dict[UUID, int]]:
    """Assignments that ended since the person's last digest, by provider. One that was given again has not ended."""
    earliest = now - timedelta(days=rules.ENDED_DAYS)
    newest = (
        select(ReminderSent.person_id, func.max(ReminderSent.sent_at))
        .where(ReminderSent.person_id.in_(ids))
        .group_by(ReminderSent.person_id)
    )
    with across(session):  # what was sent is each person's own, and here it may be about many
        told: dict[UUID, datetime] = {person: at for person, at in session.execute(newest)}  # noqa: C416
    again = (
        select(LATER.id)
        .where(
            LATER.person_id == Assignment.person_id,
            LATER.apprenticeship_id == Assignment.apprenticeship_id,
            LATER.until_at.is_(None),
        )
        .exists()
    )
    rows: Any = session.execute(
        select(
            Assignment.person_id, Assignment.provider_id, Assignment.apprenticeship_id, Assignment.until_at
        )
        .where(and_(Assignment.person_id.in_(ids), Assignment.until_at > earliest, ~again))
        .order_by(Assignment.id)
    )
    seen = {
        (person, provider_id, apprenticeship_id)
        for person, provider_id, apprenticeship_id, until_at in rows
        if until_at > told.get(person, earliest)
    }
    found: dict[UUID, dict[UUID, int]] = {}
    for person, provider_id, _ in seen:
        found.setdefault(person, Counter())[provider_id] += 1
    return found
