"""What the tests of continuing development do again and again."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy.orm import Session

from portfolio.apprenticeships.models import Apprenticeship
from portfolio.database import new_id
from portfolio.development.models import (
    EmployerAsks,
    Induction,
    RefresherOverride,
    ReviewLearnt,
    Supervision,
)
from tests.builders import NOW, Cast

TAKEN = "That I may ask for a second opinion before I refer."
WELLBEING = "Sleeping badly since the strategy meeting; took Friday off."
FOUND = "Agencies held parts of the picture and nobody put them together."
DAY = {"day_day": "2", "day_month": "11", "day_year": "2026"}


def path(cast: Cast, part: str) -> str:
    return f"/apprenticeships/{cast.amina_at.id}/{part}"


def typed_supervision(**changes: Any) -> dict[str, Any]:
    return {
        **DAY,
        "kind": "one_to_one",
        "with_role": "line_manager",
        "taken": TAKEN,
        "wellbeing": WELLBEING,
        "form_key": "s" * 32,
    } | changes


def typed_review(**changes: Any) -> dict[str, Any]:
    return {
        **DAY,
        "title": "Neglect that nobody put together",
        "publisher": "A safeguarding partnership",
        "year": "2022",
        "link": "https://reviews.example.org/neglect",
        "found": FOUND,
        "changed": "I write down who else knows before I close a record.",
        "form_key": "r" * 32,
    } | changes


def a_supervision(session: Session, at: Apprenticeship, **more: Any) -> Supervision:
    values: dict[str, Any] = {
        "day": date(2026, 11, 2),
        "kind": "one_to_one",
        "with_role": "line_manager",
        "taken": TAKEN,
        "wellbeing": WELLBEING,
    }
    row: Supervision = _own(session, at, Supervision, values | more)
    return row


def a_review(session: Session, at: Apprenticeship, **more: Any) -> ReviewLearnt:
    values: dict[str, Any] = {
        "day": date(2026, 11, 2),
        "title": "Neglect that nobody put together",
        "publisher": "A safeguarding partnership",
        "year": 2022,
        "link": "",
        "found": FOUND,
        "changed": "",
    }
    row: ReviewLearnt = _own(session, at, ReviewLearnt, values | more)
    return row


def _own(session: Session, at: Apprenticeship, model: Any, values: dict[str, Any]) -> Any:
    common = {"provider_id": at.provider_id, "apprenticeship_id": at.id, "form_key": new_id().hex}
    row = model(**common, entered_at=NOW, edited_at=NOW, **values)
    session.add(row)
    session.flush()
    return row


def an_induction(session: Session, at: Apprenticeship, by: Any, **more: Any) -> Induction:
    values = {"day": date(2026, 9, 3), "covered": "procedures"}
    row: Induction = _set(session, at, by, Induction, values | more)
    return row


def an_override(session: Session, at: Apprenticeship, by: Any, **more: Any) -> RefresherOverride:
    values = {"months": 12, "designated_lead": False, "reason": "Our policy asks for it."}
    row: RefresherOverride = _set(session, at, by, RefresherOverride, values | more)
    return row


def asks(session: Session, employer: Any, by: Any, **more: Any) -> EmployerAsks:
    values: dict[str, Any] = {"induction_days": 30, "supervision_months": 2} | more
    row = EmployerAsks(
        provider_id=employer.provider_id,
        employer_id=employer.id,
        set_by_id=by.id,
        role="manager",
        set_at=NOW,
        **values,
    )
    session.add(row)
    session.flush()
    return row


def _set(session: Session, at: Apprenticeship, by: Any, model: Any, values: dict[str, Any]) -> Any:
    row = model(
        provider_id=at.provider_id,
        apprenticeship_id=at.id,
        set_by_id=by.id,
        **{"role": "mentor", "set_at": NOW} | values,
    )
    session.add(row)
    session.flush()
    return row
