"""What a viewer may see of apprenticeships, and what the pages of one apprenticeship show."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, false, or_, select
from sqlalchemy.orm import Session, joinedload

from portfolio.access import Membership, Role, Viewer
from portfolio.apprenticeships.models import (
    Apprenticeship,
    Assignment,
    BreakInLearning,
    Progress,
    WithdrawalEvent,
)
from portfolio.apprenticeships.rules import Away
from portfolio.web.paging import PER_PAGE, Slice, cut

ASSIGNED_ROLES = (Role.MENTOR, Role.ASSESSOR, Role.IQA)
"""The roles that an assignment gives; the others come with the record itself or with the provider."""


def visible_to(viewer: Viewer) -> Select[Apprenticeship]:
    """The apprenticeships that this viewer may open: every list starts from this one select.

    Own ones; those they are assigned to today in a role they still hold; for managers all of the provider.
    """
    return select(Apprenticeship).where(or_(false(), *(_within(viewer, one) for one in viewer.memberships)))


def _within(viewer: Viewer, membership: Membership) -> ColumnElement[bool]:
    in_provider = Apprenticeship.provider_id == membership.provider_id
    if Role.MANAGER in membership.roles:
        return in_provider
    own = Apprenticeship.apprentice_id == viewer.person_id
    held = [role.value for role in ASSIGNED_ROLES if role in membership.roles]
    assigned = Apprenticeship.id.in_(_running(viewer, held).with_only_columns(Assignment.apprenticeship_id))
    return and_(in_provider, or_(own, assigned))


def _running(viewer: Viewer, roles: Sequence[str]) -> Select[Assignment]:
    return select(Assignment).where(
        Assignment.person_id == viewer.person_id, Assignment.until_at.is_(None), Assignment.role.in_(roles)
    )


@dataclass(frozen=True)
class Stood:
    """One line of the list: the apprenticeship, its summary, and what the viewer is to it."""

    apprenticeship: Apprenticeship
    progress: Progress
    roles: tuple[Role, ...]


def standing_around(session: Session, viewer: Viewer, *, search: str = "", number: int = 1) -> Slice[Stood]:
    """By family name, with apprentice, employer and cohort: one page in two queries.

    Every word of `search` must occur in the name.
    """
    statement = (
        visible_to(viewer)
        .add_columns(Progress)
        .join(Progress, Progress.apprenticeship_id == Apprenticeship.id)
        .options(
            joinedload(Apprenticeship.apprentice),
            joinedload(Apprenticeship.employer),
            joinedload(Apprenticeship.cohort),
        )
        .order_by(Progress.sort_name, Apprenticeship.id)
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    for word in search.lower().split():
        statement = statement.where(Progress.sort_name.contains(word, autoescape=True))
    rows = session.execute(statement).all()
    roles = _roles_of(session, viewer, [one.id for one, _ in rows])
    stood = [Stood(one, progress, _as_what(viewer, one, roles)) for one, progress in rows]
    return cut(stood, number)


def _roles_of(session: Session, viewer: Viewer, ids: Sequence[UUID]) -> dict[UUID, set[Role]]:
    found: dict[UUID, set[Role]] = {}
    running = _running(viewer, [role.value for role in ASSIGNED_ROLES])
    for assignment in session.scalars(running.where(Assignment.apprenticeship_id.in_(ids))):
        found.setdefault(assignment.apprenticeship_id, set()).add(Role(assignment.role))
    return found


def _as_what(viewer: Viewer, one: Apprenticeship, assigned: dict[UUID, set[Role]]) -> tuple[Role, ...]:
    if one.apprentice_id == viewer.person_id:
        return (Role.APPRENTICE,)
    membership = viewer.membership(one.provider_id)
    held = membership.roles if membership else frozenset()
    around = (assigned.get(one.id, set()) | {Role.MANAGER}) & held
    return tuple(role for role in Role if role in around)


def is_locked(session: Session, apprenticeship_id: UUID) -> bool:
    """Whether a gateway lock stands: read from the summary, which is kept in the transaction of the lock."""
    row = session.execute(
        select(Progress.stage, Progress.through_day).where(Progress.apprenticeship_id == apprenticeship_id)
    ).one_or_none()
    return row is not None and (row.stage in ("through", "assessed") or row.through_day is not None)


@dataclass(frozen=True)
class About:
    """What the About page shows beside the apprenticeship itself."""

    progress: Progress
    around: Sequence[Assignment]
    before: Sequence[Assignment]
    """Assignments that have ended, the latest first."""
    breaks: Sequence[BreakInLearning]
    withdrawals: Sequence[WithdrawalEvent]
    """Each withdrawal and each undoing of one, the latest first."""

    @property
    def locked(self) -> bool:
        return self.progress.through_day is not None

    @property
    def planned_gateway_on(self) -> date:
        """As planned, with the days of ended breaks added."""
        return date.fromordinal(self.progress.planned_gateway_day)


def about(session: Session, apprenticeship_id: UUID) -> About:
    """Everything around one apprenticeship, in four queries."""
    progress = session.scalars(select(Progress).where(Progress.apprenticeship_id == apprenticeship_id)).one()
    assignments = session.scalars(
        select(Assignment)
        .where(Assignment.apprenticeship_id == apprenticeship_id)
        .options(joinedload(Assignment.person))
        .order_by(Assignment.from_at, Assignment.id)
    ).all()
    return About(
        progress=progress,
        around=in_role_order([one for one in assignments if one.until_at is None]),
        before=[one for one in reversed(assignments) if one.until_at is not None],
        breaks=breaks_of(session, apprenticeship_id),
        withdrawals=session.scalars(
            select(WithdrawalEvent)
            .where(WithdrawalEvent.apprenticeship_id == apprenticeship_id)
            .options(joinedload(WithdrawalEvent.by))
            .order_by(WithdrawalEvent.id.desc())
        ).all(),
    )


def in_role_order(assignments: Sequence[Assignment]) -> list[Assignment]:
    """Mentor, assessor, IQA; within a role the longest first."""
    order = [role.value for role in ASSIGNED_ROLES]
    return sorted(assignments, key=lambda one: order.index(one.role))


def running_assignments(session: Session, apprenticeship_id: UUID) -> list[Assignment]:
    """Who stands around it today, with the person."""
    return in_role_order(
        session.scalars(
            select(Assignment)
            .where(Assignment.apprenticeship_id == apprenticeship_id, Assignment.until_at.is_(None))
            .options(joinedload(Assignment.person))
            .order_by(Assignment.from_at, Assignment.id)
        ).all()
    )


def breaks_of(session: Session, apprenticeship_id: UUID) -> Sequence[BreakInLearning]:
    """The latest first."""
    return session.scalars(
        select(BreakInLearning)
        .where(BreakInLearning.apprenticeship_id == apprenticeship_id)
        .order_by(BreakInLearning.began_on.desc(), BreakInLearning.id)
    ).all()


def as_away(one: BreakInLearning) -> Away:
    return Away(one.began_on, one.ended_on, one.expected_back_on)
