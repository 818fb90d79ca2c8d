"""The training log of the demonstration: two entries in most months, and with Amina one of each kind that is not
in order: a month without learning, entries that do not count, one that was returned, some that wait."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship, BreakInLearning
from portfolio.database import new_id
from portfolio.demo.texts import texts
from portfolio.demo.world import World, month_start
from portfolio.training.models import HoursConfirmation, HoursPlan, TrainingEntry
from portfolio.training.queries import sha256_of

LONDON = ZoneInfo("Europe/London")
DAYS = (7, 20)
"""Of each month."""
WEEK, PLANNED = 37 * 60 + 30, 430 * 60
WAITING_DAYS = 21
"""What is younger waits for its confirmation; with the first apprentice always something does."""
TAUGHT_DAY = {"activity": "taught", "given_by": "The training provider", "minutes": 8 * 60}
LEAVE_WEEKS = 8
"""Statutory leave of eighteen months."""
STORY = 0
"""Amina."""
RETURNED = "The visit itself was one hour; the way there is no training. Please correct the length."
NOT_IN_ORDER: list[dict[str, Any]] = [
    {"what": "English lesson: writing formal letters.", "english_maths": True, "minutes": 120, "codes": ["K20"]},
    {"what": "Read about domestic abuse on a Sunday evening at home.", "in_paid_hours": False, "minutes": 90, "codes": ["K13"], "activity": "study"},
    {"what": "Team briefing on the new log.", "new_learning": None, "minutes": 30, "codes": []},
]  # fmt: skip


def logged(
    session: Session, world: World, at: Apprenticeship, number: int, *, mentor_id: UUID, assessor_id: UUID, quiet_days: int,
    finished: bool = False,
) -> None:  # fmt: skip
    """Fill the log of one apprenticeship up to its last quiet days, oldest entry first; every fifth has no plan.
    `finished`: with a plan and a taught day in every week, so that the hours of the gateway are there."""
    owner = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    if finished or number % 5 != 4:
        session.add(_plan(world, at, owner))
    days: list[tuple[date, dict[str, Any]]] = [
        (day, {}) for day in _days(session, world, at, number, quiet_days)
    ]
    if finished:
        days = sorted([*days, *_taught_days(session, world, at, quiet_days)], key=lambda one: one[0])
    for made, (day, more) in enumerate(days):
        entry = _entry(owner, day, _text(number + made) | more, world.now)
        _add(session, entry)
        by = (assessor_id, "assessor") if made % 4 == 3 else (mentor_id, "mentor")
        if (world.today - day).days > WAITING_DAYS:
            _answer(session, entry, owner, by, world.now)
    if number == STORY:
        _not_in_order(session, world, owner, mentor_id)


def _days(session: Session, world: World, at: Apprenticeship, number: int, quiet_days: int) -> Iterator[date]:
    breaks = _breaks(session, at)
    without = month_start(world.today, 3) if number % 6 == STORY else None
    month, last = (
        at.start_on.replace(day=1),
        world.today - timedelta(days=min(quiet_days, 40) if number else 1),
    )
    while month <= last:
        for day in (month.replace(day=one) for one in DAYS):
            if at.start_on < day <= last and not _away(breaks, day) and month != without:
                yield day
        month = (month + timedelta(days=31)).replace(day=1)


def _taught_days(
    session: Session, world: World, at: Apprenticeship, quiet_days: int
) -> Iterator[tuple[date, dict[str, Any]]]:
    breaks, day = _breaks(session, at), at.start_on + timedelta(days=3)
    while day <= world.today - timedelta(days=max(quiet_days, WAITING_DAYS + 1)):
        if not _away(breaks, day):
            yield day, TAUGHT_DAY
        day += timedelta(days=7)


def _breaks(session: Session, at: Apprenticeship) -> Sequence[BreakInLearning]:
    return session.scalars(select(BreakInLearning).where(BreakInLearning.apprenticeship_id == at.id)).all()


def _away(breaks: Sequence[BreakInLearning], day: date) -> bool:
    return any(one.began_on <= day and (one.ended_on is None or day < one.ended_on) for one in breaks)


def _not_in_order(session: Session, world: World, owner: dict[str, UUID], mentor_id: UUID) -> None:
    for back, text in enumerate(NOT_IN_ORDER):
        _add(session, _entry(owner, world.today - timedelta(days=9 - 2 * back), text, world.now))
    text = {"what": "Visited a refuge and its team.", "activity": "event", "minutes": 150, "codes": ["K14"]}
    returned = _entry(owner, world.today - timedelta(days=12), text, world.now)
    _add(session, returned)
    _answer(session, returned, owner, (mentor_id, "mentor"), world.now, "returned", RETURNED)
    waiting = _entry(owner, world.today - timedelta(days=1), _text(2), world.now)
    _add(session, waiting)


def _text(number: int) -> dict[str, Any]:
    found: list[dict[str, Any]] = texts("training")
    return found[number % len(found)]


def _entry(owner: dict[str, UUID], day: date, text: dict[str, Any], now: datetime) -> TrainingEntry:
    at = min(datetime.combine(day, time(16, 40), LONDON), now - timedelta(minutes=5))
    return TrainingEntry(
        **owner,
        day=day,
        minutes=text["minutes"],
        what=text["what"],
        objective="",
        activity=text.get("activity", "taught"),
        given_by=text.get("given_by", ""),
        in_paid_hours=text.get("in_paid_hours", True),
        new_learning=text.get("new_learning", True),
        english_maths=text.get("english_maths", False),
        assessment_or_review=False,
        impact=text.get("impact", ""),
        statements=" ".join(text["codes"]),
        counts=True,
        form_key=new_id().hex,
        entered_at=at,
        edited_at=at,
    )


def _add(session: Session, entry: TrainingEntry) -> None:
    session.add(entry)
    session.flush()


def _answer(
    session: Session,
    entry: TrainingEntry,
    owner: dict[str, UUID],
    by: tuple[UUID, str],
    now: datetime,
    outcome: str = "confirmed",
    reason: str = "",
) -> None:
    session.add(
        HoursConfirmation(
            **owner,
            entry_id=entry.id,
            outcome=outcome,
            reason=reason,
            entry_sha256=sha256_of(entry),
            by_id=by[0],
            role=by[1],
            at=min(entry.entered_at + timedelta(days=3), now - timedelta(minutes=1)),
        )
    )


def _plan(world: World, at: Apprenticeship, owner: dict[str, UUID]) -> HoursPlan:
    provider = next(key for key, one in world.providers.items() if one.id == at.provider_id)
    return HoursPlan(
        **owner,
        weekly_paid_minutes=WEEK,
        planned_minutes=PLANNED,
        delivery="spread",
        prior_learning_minutes=0,
        leave_weeks=LEAVE_WEEKS,
        reason="First plan, as signed at the start.",
        set_by_id=world.of("managers", provider)[0].id,
        set_at=min(datetime.combine(at.start_on, time(10, 0), LONDON), world.now),
    )
