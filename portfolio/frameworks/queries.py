"""What was chosen and how it was rated, read in a fixed number of queries."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session, joinedload

from portfolio.frameworks.models import CompetencyRating, FrameworkChoice
from portfolio.training.rules.ratings import Rated, Rating, Side
from portfolio.web.formats import london_day
from portfolio.web.paging import PER_PAGE, Slice, cut

SIDES = {"own": Side.OWN, "second": Side.SECOND}


def choice_of(session: Session, apprenticeship_id: UUID) -> FrameworkChoice | None:
    """The choice that stands: the newest."""
    return choices_of(session, [apprenticeship_id]).get(apprenticeship_id)


def choices_of(session: Session, apprenticeship_ids: Collection[UUID]) -> dict[UUID, FrameworkChoice]:
    """The choice that stands for each of these apprenticeships that has one, in one query."""
    if not apprenticeship_ids:
        return {}
    place = func.row_number().over(
        partition_by=FrameworkChoice.apprenticeship_id, order_by=FrameworkChoice.id.desc()
    )
    newest = (
        select(FrameworkChoice.id, place.label("place"))
        .where(FrameworkChoice.apprenticeship_id.in_(apprenticeship_ids))
        .subquery()
    )
    rows = session.scalars(
        select(FrameworkChoice)
        .join(newest, newest.c.id == FrameworkChoice.id)
        .where(newest.c.place == 1)
        .options(joinedload(FrameworkChoice.chosen_by))
    )
    return {one.apprenticeship_id: one for one in rows}


def choices_before(session: Session, apprenticeship_id: UUID, most: int = 20) -> list[FrameworkChoice]:
    """What was chosen over time, newest first."""
    return list(
        session.scalars(
            select(FrameworkChoice)
            .where(FrameworkChoice.apprenticeship_id == apprenticeship_id)
            .options(joinedload(FrameworkChoice.chosen_by))
            .order_by(FrameworkChoice.id.desc())
            .limit(most)
        )
    )


def ratings_of(session: Session, apprenticeship_id: UUID, framework_id: str) -> list[CompetencyRating]:
    """Every rating against a framework, in the order they were given."""
    return list(
        session.scalars(
            select(CompetencyRating)
            .where(
                CompetencyRating.apprenticeship_id == apprenticeship_id,
                CompetencyRating.framework_id == framework_id,
            )
            .options(joinedload(CompetencyRating.by))
            .order_by(CompetencyRating.id)
        )
    )


def as_rated(rows: Iterable[CompetencyRating]) -> list[Rated]:
    """Ratings as the rules read them. Days are London's."""
    return [
        Rated(one.competency_id, SIDES[one.side], Rating(one.rating), london_day(one.at), number)
        for number, one in enumerate(rows)
    ]


def ratings_page(session: Session, apprenticeship_id: UUID, number: int) -> Slice[CompetencyRating]:
    """A page of every rating that was ever given here, also against an earlier framework, newest first."""
    rows = session.scalars(
        select(CompetencyRating)
        .where(CompetencyRating.apprenticeship_id == apprenticeship_id)
        .options(joinedload(CompetencyRating.by))
        .order_by(CompetencyRating.id.desc())
        .offset((number - 1) * PER_PAGE)
        .limit(PER_PAGE + 1)
    )
    return cut(rows.all(), number)


def made_with_key(
    session: Session, apprenticeship_id: UUID, by: UUID, form_key: str
) -> list[CompetencyRating]:
    """The ratings that this page of this person made before; an empty key makes none."""
    if not form_key:
        return []
    return list(
        session.scalars(
            select(CompetencyRating).where(
                CompetencyRating.apprenticeship_id == apprenticeship_id,
                CompetencyRating.by_id == by,
                CompetencyRating.form_key == form_key[:64],
            )
        )
    )
