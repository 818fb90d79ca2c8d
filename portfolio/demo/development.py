"""Continuing development in the demonstration: refreshers in every state, inductions, what employers ask for, and with
Amina supervision, reviews, and an interval that her employer set."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import new_id
from portfolio.demo.texts import texts
from portfolio.demo.world import World
from portfolio.development.models import (
    EmployerAsks,
    Induction,
    RefresherOverride,
    ReviewLearnt,
    Supervision,
)
from portfolio.development.rules import COVERS
from portfolio.frameworks.queries import choice_of
from portfolio.training.models import TrainingEntry

LONDON = ZoneInfo("Europe/London")
STORY = 0
"""Amina."""
REFRESHED_DAYS_AGO = (1030, 1150, 1080, None, 400)
"""Counted from three years: amber, overdue, red, never done and in date, one after the other."""
STORY_DAYS_AGO = 300
"""Amber by the twelve months that Amina's employer asks for."""
ASKS = (30, 2)


def developed(session: Session, world: World, at: Apprenticeship, number: int, *, mentor_id: UUID) -> None:
    """The records of one apprenticeship; every third has no induction on record."""
    owner = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    _asks(session, world, at)
    _refreshed(session, world, at, number)
    begun = at.start_on + timedelta(days=10)
    set_at = min(datetime.combine(begun, time(9, 30), LONDON), world.now)
    by = {"set_by_id": mentor_id, "role": "mentor", "set_at": set_at}
    if number % 3 != 2 and begun <= world.today:
        session.add(Induction(**owner, **by, day=begun, covered=" ".join(COVERS)))
    if number == STORY:
        reason = "Our training policy asks for a refresher every year."
        session.add(RefresherOverride(**owner, **by, months=12, designated_lead=False, reason=reason))
        _own(session, world, owner)
    session.flush()


def _asks(session: Session, world: World, at: Apprenticeship) -> None:
    """Once for each employer."""
    if session.scalar(select(EmployerAsks.id).where(EmployerAsks.employer_id == at.employer_id).limit(1)):
        return
    provider = next(key for key, one in world.providers.items() if one.id == at.provider_id)
    session.add(
        EmployerAsks(
            provider_id=at.provider_id,
            employer_id=at.employer_id,
            induction_days=ASKS[0],
            supervision_months=ASKS[1],
            set_by_id=world.of("managers", provider)[0].id,
            role="manager",
            set_at=world.now,
        )
    )


def _refreshed(session: Session, world: World, at: Apprenticeship, number: int) -> None:
    """Training at the chosen level, from before the apprenticeship too: no off-the-job hours."""
    choice = choice_of(session, at.id)
    days_ago = STORY_DAYS_AGO if number == STORY else REFRESHED_DAYS_AGO[number // 4 % 5]
    if choice is None or days_ago is None:
        return
    session.add(
        TrainingEntry(
            provider_id=at.provider_id,
            apprenticeship_id=at.id,
            day=world.today - timedelta(days=days_ago),
            minutes=180,
            what="Safeguarding training at our level, given by the employer.",
            objective="",
            activity="taught",
            given_by="The employer",
            certificate="",
            framework_id=choice.framework_id,
            level_id=choice.level_id,
            in_paid_hours=True,
            new_learning=False,
            english_maths=False,
            assessment_or_review=False,
            impact="",
            statements="",
            counts=False,
            form_key=new_id().hex,
            entered_at=world.now - timedelta(minutes=20),
            edited_at=world.now - timedelta(minutes=20),
        )
    )


def _own(session: Session, world: World, owner: dict[str, UUID]) -> None:
    found: dict[str, list[dict[str, Any]]] = texts("development")
    for model, entries in ((Supervision, found["supervisions"]), (ReviewLearnt, found["reviews"])):
        for entry in entries:
            day = world.today - timedelta(days=entry["days_ago"])
            at = datetime.combine(day, time(17, 0), LONDON)
            says = {name: value for name, value in entry.items() if name != "days_ago"}
            row = model(**owner, **says, day=day, form_key=new_id().hex, entered_at=at, edited_at=at)
            session.add(row)
