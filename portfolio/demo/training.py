"""The training log of the demonstration: a week of taught days at the start, then about one entry a week, a taught day
and something between in turn. Most people keep up with their plan, some are a little behind, a few far behind. Some
entries wait or were returned, and with Amina there is one of each kind that is not in order, and a month without
learning."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import Enum
from itertools import count
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
WEEK, PLANNED = 37 * 60 + 30, 430 * 60
LEAVE_WEEKS = 8
"""Statutory leave of eighteen months."""
WAITING_DAYS, SLOW_WAITING_DAYS = 8, 33
"""What is younger waits for its confirmation: with most mentors, and with the slow ones."""
SETTLED_DAYS = 90
"""Before that even a slow mentor looks often."""
STORY = 0
"""Amina."""
WEEKDAYS, FIRST_WEEK = (1, 2, 3), (0, 1, 2, 3)
"""The day of the week, by number; the first week has four."""
FRIDAY, SUNDAY = 4, 6
RETURNED_OF = (6, 15, 27, 45)
"""The newest entry that their mentor looked at was returned; beside Amina's."""
RETURNED = "The visit itself was one hour; the way there is no training. Please correct the length."
RETURNED_ELSE = (
    "You were called back to the office at noon that day. Please enter the hours that you were there.",
    "Say what was new to you: this reads like the meeting as it always is.",
)
NOT_IN_ORDER: list[dict[str, Any]] = [
    {"what": "English lesson: writing formal letters.", "english_maths": True, "minutes": 120, "codes": ["K20"]},
    {"what": "Read about domestic abuse on a Sunday evening at home.", "in_paid_hours": False, "minutes": 90, "codes": ["K13"], "activity": "study", "weekday": SUNDAY},
    {"what": "Team briefing on the new log.", "new_learning": None, "minutes": 30, "codes": []},
]  # fmt: skip


class Pace(Enum):
    """How somebody keeps up with the plan: thousandths of an even pace, and minutes that the first week is ahead."""

    STEADY = (1040, 26 * 60)
    A_LITTLE_BEHIND = (900, 7 * 60)
    FAR_BEHIND = (550, 0)
    FINISHED = (1040, 4 * 60)
    """The whole plan by their last day, however early that is."""


@dataclass(frozen=True)
class Learnt:
    """One entry to be: its day, and what of `texts("training")` it says."""

    day: date
    text: dict[str, Any]


def logged(
    session: Session, world: World, at: Apprenticeship, number: int, *, mentor_id: UUID, assessor_id: UUID, quiet_days: int,
    pace: Pace,
) -> None:  # fmt: skip
    """Fill the log of one apprenticeship up to its last quiet days, oldest entry first; a few have no plan."""
    owner = {"provider_id": at.provider_id, "apprenticeship_id": at.id}
    is_finished = pace is Pace.FINISHED
    if is_finished or number % 13 != 9:
        session.add(_plan(world, at, owner))
    last = world.today - timedelta(days=quiet_days if number else 1)
    slow = number % 9 == 5 and not is_finished and at.start_on < world.today - timedelta(days=SETTLED_DAYS)
    waits_from = world.today - timedelta(days=SLOW_WAITING_DAYS if slow else WAITING_DAYS)
    learnt = list(_learnt(session, world, at, number, last, pace))
    seen = [one for one in learnt if one.day < waits_from or is_finished]
    for made, one in enumerate(learnt):
        entry = _entry(owner, one.day, one.text, world.now)
        _add(session, entry)
        if made >= len(seen):
            continue
        by = (assessor_id, "assessor") if made % 4 == 3 else (mentor_id, "mentor")
        if number in RETURNED_OF and made == len(seen) - 1:
            reason = RETURNED_ELSE[number % len(RETURNED_ELSE)]
            _answer(session, entry, owner, by, world.now, "returned", reason)
        else:
            _answer(session, entry, owner, by, world.now)
    if number == STORY:
        _not_in_order(session, world, owner, mentor_id)
    elif number % 10 == 3 and learnt:
        text = NOT_IN_ORDER[1 + number // 10 % 2]
        _add(session, _entry(owner, _day_for(text, learnt[-1].day), text, world.now))


def _learnt(
    session: Session, world: World, at: Apprenticeship, number: int, last: date, pace: Pace
) -> Iterator[Learnt]:
    """In each week nothing, one day or two: as many as it takes to keep the pace."""
    without = month_start(world.today, 3).replace(day=1) if number % 18 == STORY else None
    weeks = list(_weeks(at, _breaks(session, at), last))
    whole = (at.planned_gateway_on - at.start_on).days // 7
    spread_over = len(weeks) if pace is Pace.FINISHED else max(whole, len(weeks))
    share, ahead = pace.value
    taught, between = _taught(), _between(number)
    done = 0
    for place, monday in enumerate(weeks):
        asked = share * (PLANNED * (place + 1) // spread_over + ahead) // 1000
        for day in (monday + timedelta(days=one) for one in _days_of(place, number)):
            if done >= asked or day > last or day.replace(day=1) == without:
                continue
            text = next(taught) if place == 0 or day.toordinal() // 7 % 2 else next(between)
            done += text["minutes"]
            yield Learnt(day, text)


def _days_of(place: int, number: int) -> tuple[int, ...]:
    """Days of the week, Monday is 0."""
    return FIRST_WEEK if place == 0 else (WEEKDAYS[number % len(WEEKDAYS)], FRIDAY)


def _weeks(at: Apprenticeship, breaks: Sequence[BreakInLearning], last: date) -> Iterator[date]:
    """The Mondays from the start to the last day, without weeks that touch a break."""
    monday = at.start_on + timedelta(days=-at.start_on.weekday() % 7)
    while monday <= last:
        if not any(_away(breaks, monday + timedelta(days=one)) for one in (0, FRIDAY)):
            yield monday
        monday += timedelta(days=7)


def _taught() -> Iterator[dict[str, Any]]:
    """Everybody is taught the same in the same order."""
    found = texts("training")["taught"]
    return (found[place % len(found)] for place in count())


def _between(number: int) -> Iterator[dict[str, Any]]:
    found = texts("training")["between"]
    return (found[(number * 5 + place) % len(found)] for place in count())


def _breaks(session: Session, at: Apprenticeship) -> Sequence[BreakInLearning]:
    return session.scalars(select(BreakInLearning).where(BreakInLearning.apprenticeship_id == at.id)).all()


def _away(breaks: Sequence[BreakInLearning], day: date) -> bool:
    return any(one.began_on <= day and (one.ended_on is None or day < one.ended_on) for one in breaks)


def _day_for(text: dict[str, Any], day: date) -> date:
    """The last day up to this one that fits what it says: a weekday, unless the text names another."""
    if "weekday" in text:
        return day - timedelta(days=(day.weekday() - int(text["weekday"])) % 7)
    return day - timedelta(days=max(0, day.weekday() - FRIDAY))


def _not_in_order(session: Session, world: World, owner: dict[str, UUID], mentor_id: UUID) -> None:
    for back, text in enumerate(NOT_IN_ORDER):
        day = _day_for(text, world.today - timedelta(days=9 - 2 * back))
        _add(session, _entry(owner, day, text, world.now))
    text = {"what": "Visited a refuge and its team.", "activity": "event", "minutes": 150, "codes": ["K14"]}
    returned = _entry(owner, _day_for(text, world.today - timedelta(days=12)), text, world.now)
    _add(session, returned)
    _answer(session, returned, owner, (mentor_id, "mentor"), world.now, "returned", RETURNED)
    text = texts("training")["between"][5]
    waiting = _entry(owner, _day_for(text, world.today - timedelta(days=1)), text, world.now)
    _add(session, waiting)


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
