"""Frameworks in the demonstration: most apprentices have one chosen; Amina was rated on several days by both sides,
with differences, own ratings newer than her mentor's, and links to evidence and the training log."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.framework import BOTH, CHILD, Competency
from portfolio.apprenticeships.models import Apprenticeship
from portfolio.demo.world import World
from portfolio.evidence.models import Evidence
from portfolio.frameworks.linked import LINKABLE
from portfolio.frameworks.models import CompetencyLink, CompetencyRating, FrameworkChoice
from portfolio.library.queries import shipped
from portfolio.training.models import TrainingEntry

LONDON = ZoneInfo("Europe/London")
STORY = 0
"""Amina."""
WITHOUT = 4
"""Every fifth has no framework yet."""
CHOICES = (
    ("mk-together-2020", "2", BOTH, "First point of contact for concerns about children and adults; triages and refers."),
    ("mk-together-2020", "3", BOTH, "Helps to assess and to plan with others, so the level above first contact fits."),
    ("pa3-2022", "3", CHILD, "Works mainly with children and takes part in planning with other services."),
    ("rotherham-2018-19", "3", CHILD, "Works mainly with children and families; the employer keeps to this framework."),
)  # fmt: skip
EARLIER = (
    "pa3-2022",
    "2",
    CHILD,
    "For the first weeks, until it was clear that the role is about adults too.",
)
"""What Amina had before: something is linked under it."""
DAYS = (310, 200, 120, 60, 12)
"""How long ago Amina rated herself; each time a few more, or one step further."""
MENTOR_DAYS = (190, 58)
STEPS = ("not yet", "developing", "competent")
NOTES = {
    ("own", 60): "I did this on my own for the first time and checked it with my mentor afterwards.",
    ("second", 58): "Seen twice at work. Next: say earlier what you are not sure of.",
}


def rated(session: Session, world: World, at: Apprenticeship, number: int, *, mentor_id: UUID) -> None:
    """The choice of one apprenticeship, a month after its start, and for the first one everything that hangs on it."""
    if number % 5 == WITHOUT:
        return
    owner = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    if number == STORY:
        _choose(session, world, at, owner, EARLIER, mentor_id, days=6)
    choice = CHOICES[number % len(CHOICES)] if number else CHOICES[1]
    _choose(session, world, at, owner, choice, mentor_id, days=20)
    if number == STORY:
        _story(session, world, at, owner, mentor_id)


def _choose(
    session: Session,
    world: World,
    at: Apprenticeship,
    owner: dict[str, Any],
    choice: tuple[str, str, str, str],
    mentor_id: UUID,
    *,
    days: int,
) -> None:
    framework_id, level_id, strand, reason = choice
    session.add(
        FrameworkChoice(
            **owner,
            framework_id=framework_id,
            level_id=level_id,
            strand=strand,
            reason=reason,
            chosen_by_id=mentor_id,
            role="mentor",
            form_key="",
            chosen_at=min(
                datetime.combine(at.start_on + timedelta(days=days), time(11, 0), LONDON),
                world.now - timedelta(minutes=50 - days),
            ),
        )
    )
    session.flush()


def _story(
    session: Session, world: World, at: Apprenticeship, owner: dict[str, Any], mentor_id: UUID
) -> None:
    framework_id, level_id, strand, _ = CHOICES[1]
    asked = shipped().get(framework_id).asked_at(level_id, strand)
    for days_ago in sorted((*DAYS, *MENTOR_DAYS), reverse=True):
        side = "second" if days_ago in MENTOR_DAYS else "own"
        by = mentor_id if side == "second" else at.apprentice_id
        when = datetime.combine(world.today - timedelta(days=days_ago), time(15, 20), LONDON)
        for place, one in enumerate(asked):
            if value := _value(side, days_ago, place):
                note = NOTES.get((side, days_ago), "") if place == 1 else ""
                session.add(_rating(owner, one, side, value, by, min(when, world.now), note, framework_id))
        session.flush()
    _link(session, world, at, owner, framework_id, asked)
    before = shipped().get(EARLIER[0]).asked_at(EARLIER[1], EARLIER[2])
    _link(session, world, at, owner, EARLIER[0], before, most=1)


def _value(side: str, days_ago: int, place: int) -> str:
    """Early competencies come first and are further on; of the last ones nobody has said anything yet."""
    if side == "own":
        round_ = DAYS.index(days_ago)
        if place > 8 + 9 * round_ or (days_ago == DAYS[-1] and place % 7):
            return ""
        return STEPS[min(2, max(0, round_ + 1 - place // 12))]
    round_ = MENTOR_DAYS.index(days_ago)
    if place > 14 + 12 * round_:
        return ""
    return STEPS[min(2, max(0, 1 + round_ - (place % 5 == 3) - place // 20))]


def _rating(
    owner: dict[str, Any],
    competency: Competency,
    side: str,
    value: str,
    by: UUID,
    at: datetime,
    note: str,
    framework_id: str,
) -> CompetencyRating:
    return CompetencyRating(
        **owner,
        framework_id=framework_id,
        competency_id=competency.id,
        side=side,
        rating=value,
        note=note,
        by_id=by,
        form_key="",
        at=at,
    )


def _link(
    session: Session,
    world: World,
    at: Apprenticeship,
    owner: dict[str, Any],
    framework_id: str,
    asked: tuple[Competency, ...],
    *,
    most: int = 6,
) -> None:
    pieces = session.scalars(
        select(Evidence.id)
        .where(Evidence.apprenticeship_id == at.id, Evidence.state.in_(LINKABLE))
        .order_by(Evidence.id)
        .limit(most)
    ).all()
    entries = session.scalars(
        select(TrainingEntry.id)
        .where(TrainingEntry.apprenticeship_id == at.id)
        .order_by(TrainingEntry.id)
        .limit(most)
    ).all()
    for records, column in ((pieces, "evidence_id"), (entries, "entry_id")):
        for place, record in enumerate(records):
            session.add(
                CompetencyLink(
                    **owner,
                    framework_id=framework_id,
                    competency_id=asked[place].id,
                    by_id=at.apprentice_id,
                    at=world.now - timedelta(days=11, minutes=place),
                    **{column: record},
                )
            )
