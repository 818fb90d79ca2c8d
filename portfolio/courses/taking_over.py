"""A course of a dated example as a provider's own: its words without its old dates."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from kbs import training_catalogue as shipped
from kbs.training_catalogue import CourseKind, TrainingCatalogue, UnknownCourse
from portfolio.apprenticeships.actions_setup import hold
from portfolio.courses import queries_catalogue as queries
from portfolio.courses.actions_catalogue import note
from portfolio.courses.models import Course
from portfolio.courses.standing import catalogues
from portfolio.refusals import NotFound

KIND_OF = {
    CourseKind.WORKSHOP: "workshop",
    CourseKind.E_LEARNING: "elearning",
    CourseKind.BRIEFING: "briefing",
}


def source_of(catalogue: TrainingCatalogue, course: shipped.Course) -> str:
    return f"{catalogue.id}:{course.id}"


def take_over(session: Session, provider_id: UUID, source: str, *, by: UUID, now: datetime) -> Course:
    """The course that it became; one that was taken over before is not taken again. Raises NotFound."""
    catalogue_id, _, course_id = source.partition(":")
    catalogue = next((one for one in catalogues() if one.id == catalogue_id), None)
    if catalogue is None:
        raise NotFound
    try:
        shown = catalogue.course(course_id)
    except UnknownCourse:
        raise NotFound from None
    hold(session, provider_id)
    if (made := queries.taken_from(session, provider_id).get(source)) is not None:
        return queries.course_in(session, provider_id, made)
    course = Course(
        provider_id=provider_id, added_by_id=by, added_at=now, source=source, **_columns(catalogue, shown)
    )
    session.add(course)
    session.flush()
    note(session, "courses.taken_over", course, by=by, now=now)
    return course


def _columns(catalogue: TrainingCatalogue, shown: shipped.Course) -> dict[str, Any]:
    return {
        "title": shown.title[:200],
        "kind": KIND_OF[shown.kind],
        "mode": "own_pace" if shown.kind is CourseKind.E_LEARNING else "in_person",
        "minutes": _minutes(shown),
        "about": "\n".join(one for one in (shown.aim, shown.note) if one),
        "framework_id": catalogue.framework if shown.level_from else None,
        "level_id": shown.level_from or None,
        "not_for": "\n".join(shown.not_for),
        "outcomes": "\n".join(shown.outcomes),
        "statements": " ".join(shown.suggested),
        "edition": f"{catalogue.title}, {catalogue.edition}"[:200],
    }


def _minutes(shown: shipped.Course) -> int | None:
    """From the times of its first old date, where they are known."""
    known = next((one for one in shown.sessions if one.starts and one.ends), None)
    if known is None or known.starts is None or known.ends is None:
        return None
    return (known.ends.hour - known.starts.hour) * 60 + known.ends.minute - known.starts.minute
