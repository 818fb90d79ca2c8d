"""Pieces that wait for somebody, for many people at once: the same that their home pages and queues show."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, and_, func, select
from sqlalchemy.orm import Session

from portfolio.access import Role
from portfolio.apprenticeships.models import Apprenticeship, Assignment, Progress
from portfolio.evidence.models import Evidence
from portfolio.feedback.models import Comment, Testimony
from portfolio.people.models import Member

ON_PROGRAMME = ("active", "break")


def running(statement: Any, ids: list[UUID], *roles: Role) -> Any:
    """Narrow a statement over Assignment to those that run, of these people, in one of these roles, where they hold
    the role today, and not towards their own apprenticeship."""
    return (
        statement.join(
            Member,
            and_(
                Member.person_id == Assignment.person_id,
                Member.provider_id == Assignment.provider_id,
                Member.role == Assignment.role,
                Member.ended_at.is_(None),
            ),
        )
        .join(Apprenticeship, Apprenticeship.id == Assignment.apprenticeship_id)
        .join(Progress, Progress.apprenticeship_id == Assignment.apprenticeship_id)
        .where(
            Assignment.person_id.in_(ids),
            Assignment.role.in_([role.value for role in roles]),
            Assignment.until_at.is_(None),
            Apprenticeship.apprentice_id != Assignment.person_id,
        )
    )


def to_assess(session: Session, ids: list[UUID]) -> dict[UUID, tuple[int, datetime]]:
    """How many pieces wait for the decision of each assessor, and since when the oldest does. One query."""
    rows = session.execute(
        running(_submitted(), ids, Role.ASSESSOR)
        .where(Progress.stage.in_(ON_PROGRAMME), ~_by(Testimony))
        .group_by(Assignment.person_id)
    )
    return {person: (number, since) for person, number, since in rows}


def to_say_something_about(session: Session, ids: list[UUID]) -> dict[UUID, int]:
    """How many pieces are new to each mentor: no comment and no testimony of theirs yet. One query."""
    rows = session.execute(
        running(_submitted(), ids, Role.MENTOR)
        .where(Progress.stage.in_(ON_PROGRAMME), ~_by(Testimony), ~_by(Comment))
        .group_by(Assignment.person_id)
    )
    return {person: number for person, number, _ in rows}


def returned(session: Session, ids: list[UUID]) -> dict[UUID, dict[UUID, tuple[int, datetime]]]:
    """Own pieces that were given back, by provider, with the day the oldest was. One query."""
    rows = session.execute(
        select(
            Progress.apprentice_id,
            Progress.provider_id,
            func.count(Evidence.id),
            func.min(Evidence.state_since),
        )
        .join(Evidence, Evidence.apprenticeship_id == Progress.apprenticeship_id)
        .where(
            Progress.apprentice_id.in_(ids),
            Progress.stage.in_(ON_PROGRAMME),
            Evidence.state == "returned",
        )
        .group_by(Progress.apprentice_id, Progress.provider_id)
    )
    found: dict[UUID, dict[UUID, tuple[int, datetime]]] = {}
    for person, provider_id, number, since in rows:
        found.setdefault(person, {})[provider_id] = (number, since)
    return found


def _submitted() -> Select[UUID, int, datetime]:
    return (
        select(Assignment.person_id, func.count(Evidence.id.distinct()), func.min(Evidence.state_since))
        .join(Evidence, Evidence.apprenticeship_id == Assignment.apprenticeship_id)
        .where(Evidence.state == "submitted")
    )


def _by(said: type[Testimony] | type[Comment]) -> ColumnElement[bool]:
    """They have said something of this kind on the piece."""
    return (
        select(said.id)
        .where(said.evidence_id == Evidence.id, said.author_id == Assignment.person_id)
        .exists()
    )
