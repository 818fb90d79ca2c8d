"""Confirmed off-the-job hours and the minimum they are held against, read from the training log. Two queries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from sqlalchemy import bindparam, select
from sqlalchemy.orm import Session

from kbs.statements import Standard
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.gateway.facts import HoursFact
from portfolio.training.models import HoursConfirmation, HoursPlan, TrainingEntry
from portfolio.training.queries import fact_of, programme_from
from portfolio.training.rules.hours_facts import Programme
from portfolio.training.rules.hours_minimum import minimum_of
from portfolio.training.rules.hours_picture import confirmed_minutes
from portfolio.training.rules.hours_year import WEEKS, year_of

EVERYWHERE = {"across_providers": True}
HOURS_FROM = frozenset(
    {"apprenticeship", "break_in_learning", "hours_plan", "training_entry", "hours_confirmation"}
)
"""The tables that say how many hours count."""
ANY_DAY = date(9000, 1, 1)
"""Hours do not depend on the day that is asked about: no form takes learning that has not happened."""

# These run in every commit that concerns somebody. They are made once: making one costs more than running it.
_CLAIMED = (
    select(TrainingEntry, HoursConfirmation)
    .outerjoin(HoursConfirmation, HoursConfirmation.entry_id == TrainingEntry.id)
    .where(TrainingEntry.apprenticeship_id == bindparam("one"), TrainingEntry.counts)
    .order_by(HoursConfirmation.id)
    .execution_options(**EVERYWHERE)
)
_PLAN = (
    select(HoursPlan)
    .where(HoursPlan.apprenticeship_id == bindparam("one"))
    .order_by(HoursPlan.id.desc())
    .limit(1)
    .execution_options(**EVERYWHERE)
)


def hours_of(
    session: Session,
    at: Apprenticeship,
    standard: Standard,
    breaks: Sequence[tuple[date, date | None]],
    *,
    confirmed: int | None = None,
) -> HoursFact:
    """What the gateway and the summary know of the hours of one apprenticeship. `breaks`: first day, and the first day
    back. `confirmed`: the minutes, where they are known already; a whole training log is not read again for them."""
    plan = session.scalar(_PLAN, {"one": at.id})
    programme = programme_from(
        at,
        standard,
        plan,
        planned_end=at.planned_gateway_on + timedelta(days=_days_away(breaks)),
        last_day=at.withdrawn_on,
        breaks=breaks,
    )
    minimum = minimum_of(programme)
    if confirmed is None:
        newest = {entry.id: (entry, said) for entry, said in session.execute(_CLAIMED, {"one": at.id})}
        confirmed = _confirmed(newest.values(), programme)
    year = year_of(at.start_on)
    return HoursFact(
        confirmed=confirmed,
        minimum=minimum.minutes,
        how=minimum.how,
        planned=programme.planned,
        plan_needed=plan is None and year is not None and year.by == WEEKS,
    )


def _confirmed(
    claimed: Iterable[tuple[TrainingEntry, HoursConfirmation | None]], programme: Programme
) -> int:
    """Beside what nobody confirmed yet: of two entries that say the same only the first counts."""
    facts = [fact_of(entry, said) for entry, said in claimed]
    return confirmed_minutes(facts, programme, ANY_DAY)


def _days_away(breaks: Sequence[tuple[date, date | None]]) -> int:
    """Days of breaks that ended, each day once: as the summary moves the planned gateway on."""
    away: set[int] = set()
    for began_on, back_on in breaks:
        if back_on is not None:
            away.update(range(began_on.toordinal(), back_on.toordinal()))
    return len(away)
