"""How many apprenticeships each provider has: a number for the installation admin, and nothing besides."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import across


def apprenticeships_per_provider(session: Session, provider_ids: Sequence[UUID]) -> dict[UUID, int]:
    """Counts by provider. Goes across providers on purpose: the admin is a member of none, and gets numbers."""
    statement = (
        select(Apprenticeship.provider_id, func.count())
        .where(Apprenticeship.provider_id.in_(provider_ids))
        .group_by(Apprenticeship.provider_id)
        .order_by(Apprenticeship.provider_id)
    )
    with across(session):
        rows = session.execute(statement).all()
    return {row[0]: row[1] for row in rows}
