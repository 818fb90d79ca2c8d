"""What people said of a course, over all its sessions: figures in whole groups of five, and words that may be quoted."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from portfolio.courses.after_models import EvaluationAnswer
from portfolio.courses.evaluations import FORMS, as_answer
from portfolio.courses.models import Booking, Course, CourseSession
from portfolio.refusals import NotFound
from portfolio.sealing.rules import CLOSED, REMOVED
from portfolio.training.rules.evaluation import ASKED, Results, results


def course_in(session: Session, provider_id: UUID, course_id: UUID) -> Course:
    """Raises NotFound."""
    found = session.scalar(select(Course).where(Course.id == course_id, Course.provider_id == provider_id))
    if found is None:
        raise NotFound
    return found


def results_of(session: Session, course: Course) -> dict[str, Results]:
    """Of each form, in two queries. Words that were closed or removed since they identified somebody are not shown."""
    here = select(CourseSession.id).where(CourseSession.course_id == course.id)
    attended = session.scalars(
        select(Booking.id).where(
            Booking.session_id.in_(here), Booking.state.in_([one.name.lower() for one in ASKED])
        )
    ).all()
    given = session.scalars(
        select(EvaluationAnswer)
        .join(Booking, Booking.id == EvaluationAnswer.booking_id)
        .where(Booking.session_id.in_(here))
        .order_by(EvaluationAnswer.id)
    ).all()
    found = {}
    for key in FORMS:
        of_form = [one for one in given if one.form == key]
        answers = [as_answer(one, "" if one.words in (CLOSED, REMOVED) else None) for one in of_form]
        found[key] = results(answers, max(len(attended), len(answers)))
    return found
