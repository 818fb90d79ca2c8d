"""What the tests of the training log's pages do again and again."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import Database, new_id
from portfolio.training.models import HoursConfirmation, HoursPlan, TrainingEntry
from portfolio.training.queries import sha256_of
from tests.builders import NOW, Cast
from tests.client import Browser

LATER = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
WHAT = "How our local authority decides on a strategy meeting."


def log_path(cast: Cast) -> str:
    return f"/apprenticeships/{cast.amina_at.id}/training"


def entry_path(entry: TrainingEntry) -> str:
    return f"/apprenticeships/{entry.apprenticeship_id}/training/{entry.id}"


def typed(**changes: Any) -> dict[str, Any]:
    """The form of an entry, filled in so that it counts."""
    return {
        "what": WHAT,
        "day_day": "2",
        "day_month": "11",
        "day_year": "2026",
        "hours": "1",
        "minutes": "30",
        "in_paid_hours": "yes",
        "new_learning": "yes",
        "english_maths": "no",
        "assessment_or_review": "no",
        "statements": ["K7", "S7"],
        "counts": "yes",
        "activity": "taught",
        "form_key": "f" * 32,
    } | changes


def an_entry(session: Session, at: Apprenticeship, **more: Any) -> TrainingEntry:
    """An entry of 2 November 2026 that counts and that nobody has answered, unless said otherwise."""
    values: dict[str, Any] = {
        "day": date(2026, 11, 2),
        "minutes": 90,
        "what": WHAT,
        "objective": "",
        "activity": "taught",
        "given_by": "",
        "certificate": "",
        "in_paid_hours": True,
        "new_learning": True,
        "english_maths": False,
        "assessment_or_review": False,
        "impact": "",
        "statements": "K7 S7",
        "counts": True,
        "form_key": new_id().hex,
        "entered_at": NOW,
        "edited_at": NOW,
    } | more
    entry = TrainingEntry(provider_id=at.provider_id, apprenticeship_id=at.id, **values)
    session.add(entry)
    session.flush()
    return entry


def an_answer(
    session: Session,
    entry: TrainingEntry,
    by: Any,
    outcome: str = "confirmed",
    reason: str = "",
    role: str = "mentor",
) -> HoursConfirmation:
    row = HoursConfirmation(
        provider_id=entry.provider_id,
        apprenticeship_id=entry.apprenticeship_id,
        entry_id=entry.id,
        outcome=outcome,
        reason=reason,
        entry_sha256=sha256_of(entry),
        by_id=by.id,
        role=role,
        at=NOW,
    )
    session.add(row)
    session.flush()
    return row


def a_plan(session: Session, at: Apprenticeship, by: Any, **more: Any) -> HoursPlan:
    values: dict[str, Any] = {
        "weekly_paid_minutes": 37 * 60,
        "planned_minutes": 400 * 60,
        "delivery": "spread",
        "prior_learning_minutes": 0,
        "leave_weeks": 0,
        "reason": "First plan.",
    } | more
    plan = HoursPlan(
        provider_id=at.provider_id, apprenticeship_id=at.id, set_by_id=by.id, set_at=NOW, **values
    )
    session.add(plan)
    session.flush()
    return plan


def entries(database: Database) -> Sequence[TrainingEntry]:
    with database.reading() as fresh:
        return fresh.scalars(select(TrainingEntry).order_by(TrainingEntry.id)).all()


def answers(database: Database) -> Sequence[HoursConfirmation]:
    with database.reading() as fresh:
        return fresh.scalars(select(HoursConfirmation).order_by(HoursConfirmation.id)).all()


def ticks(shown: str) -> list[str]:
    """What the boxes beside the entries of a list stand for."""
    return re.findall(r'name="chosen" value="([^"]+)"', shown)


def say(page: Browser, entry: TrainingEntry, outcome: str, **more: str) -> Any:
    """Confirm or return it from its own page."""
    found = re.search(r'name="sha256" value="(\w+)"', page.get(entry_path(entry)).text)
    fields = {"outcome": outcome, "sha256": found[1] if found else ""} | more
    return page.post(entry_path(entry) + "/answer", data=fields)
