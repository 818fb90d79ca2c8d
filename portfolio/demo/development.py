"""Continuing development in the demonstration: refreshers in every state, inductions, supervision, and what employers
ask for. With most people all of it is in order; about one in five has something overdue. Amina has reviews too."""

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
DUE_IN_DAYS = (140, 200, 75, 310, None, 250, 110, 20, 170, -40, 280, 230, 60)
"""Until the refresher is due, one after the other, give or take two weeks; never done with one, overdue with another."""
STORY_DUE_IN = 165
EVERY_MONTHS = {"school": 12, "care": 24}
"""Set by employers in place of the framework's interval, which is three years where there is one."""
POLICY = {
    12: "Our training policy asks for a refresher every year.",
    24: "Our training policy asks for a refresher every two years.",
}
FRAMEWORKS_DAYS, MONTHS_DAYS = 1095, 30.4
ASKS = {"school": (30, 2), "care": (30, 4), "housing": (28, 6)}
"""By kind of employer: days for the induction, months between supervisions."""
NO_INDUCTION = (5, 31, 47)
"""Nobody has recorded one for them."""
NO_SUPERVISION = (13,)
LATE_SUPERVISION = (7, 23, 40, 50)
"""Their last one is so long ago that the next is overdue."""
LATE_DAYS = 40


def developed(session: Session, world: World, at: Apprenticeship, number: int, *, mentor_id: UUID) -> None:
    """The records of one apprenticeship."""
    owner = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    setting = world.setting_of(world.name_of(at.apprentice_id))
    begun = at.start_on + timedelta(days=3 + number * 7 % 19)
    set_at = min(datetime.combine(begun, time(9, 30), LONDON), world.now)
    by = {"set_by_id": mentor_id, "role": "mentor", "set_at": set_at}
    _asks(session, world, at, setting)
    _refreshed(session, world, at, number, setting, by)
    if number not in NO_INDUCTION and begun <= world.today:
        session.add(Induction(**owner, **by, day=begun, covered=" ".join(COVERS)))
    if number == STORY:
        _own(session, world, owner)
    else:
        _supervised(session, world, at, number, ASKS[setting][1])
    session.flush()


def _asks(session: Session, world: World, at: Apprenticeship, setting: str) -> None:
    """Once for each employer."""
    if session.scalar(select(EmployerAsks.id).where(EmployerAsks.employer_id == at.employer_id).limit(1)):
        return
    provider = next(key for key, one in world.providers.items() if one.id == at.provider_id)
    days, months = ASKS[setting]
    session.add(
        EmployerAsks(
            provider_id=at.provider_id,
            employer_id=at.employer_id,
            induction_days=days,
            supervision_months=months,
            set_by_id=world.of("managers", provider)[0].id,
            role="manager",
            set_at=world.now,
        )
    )


def _supervised(session: Session, world: World, at: Apprenticeship, number: int, months: int) -> None:
    """The last three, oldest first, as far back as the apprenticeship goes. Between two of them lies somewhat less than
    what the employer asks for."""
    if number in NO_SUPERVISION:
        return
    every = round(months * MONTHS_DAYS)
    newest = (
        every + LATE_DAYS - number % 27 if number in LATE_SUPERVISION else 5 + number * 13 % (every * 3 // 4)
    )
    texts_ = texts("development")["supervisions"]
    for back in (2, 1, 0):
        day = world.today - timedelta(days=newest + back * (every - 6))
        if day < at.start_on + timedelta(days=14):
            continue
        says = _says(texts_[(number + back) % len(texts_)])
        at_ = datetime.combine(day, time(17, 0), LONDON)
        session.add(
            Supervision(
                provider_id=at.provider_id,
                apprenticeship_id=at.id,
                day=day,
                form_key=new_id().hex,
                entered_at=at_,
                edited_at=at_,
                **says,
            )
        )


def _says(entry: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in entry.items() if name != "days_ago"}


def _refreshed(
    session: Session, world: World, at: Apprenticeship, number: int, setting: str, by: dict[str, Any]
) -> None:
    """The employer's interval where it has one, and training at the chosen level, from before the apprenticeship too: no
    off-the-job hours."""
    choice = choice_of(session, at.id)
    if choice is None:
        return
    months = EVERY_MONTHS.get(setting)
    if months is not None:
        session.add(
            RefresherOverride(
                provider_id=at.provider_id,
                apprenticeship_id=at.id,
                **by,
                months=months,
                designated_lead=False,
                reason=POLICY[months],
            )
        )
    due_in = STORY_DUE_IN if number == STORY else DUE_IN_DAYS[number * 5 % len(DUE_IN_DAYS)]
    if due_in is None:
        return
    interval = round(months * MONTHS_DAYS) if months is not None else FRAMEWORKS_DAYS
    day = world.today - timedelta(days=interval - due_in + number % 17)
    entered_at = min(datetime.combine(day + timedelta(days=3), time(12, 0), LONDON), world.now)
    session.add(
        TrainingEntry(
            provider_id=at.provider_id,
            apprenticeship_id=at.id,
            day=day,
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
            entered_at=max(entered_at, at.created_at),
            edited_at=max(entered_at, at.created_at),
        )
    )


def _own(session: Session, world: World, owner: dict[str, UUID]) -> None:
    found: dict[str, list[dict[str, Any]]] = texts("development")
    for model, entries in ((Supervision, found["supervisions"]), (ReviewLearnt, found["reviews"])):
        for entry in entries[:3]:
            day = world.today - timedelta(days=entry["days_ago"])
            at = datetime.combine(day, time(17, 0), LONDON)
            row = model(**owner, **_says(entry), day=day, form_key=new_id().hex, entered_at=at, edited_at=at)
            session.add(row)
