"""What came after the sessions of the demonstration: certificates, materials, what people said, one withheld."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from portfolio.courses.after_models import Certificate, CourseMaterial, EvaluationAnswer
from portfolio.courses.certificates import new_number
from portfolio.courses.evaluations import window_of
from portfolio.courses.models import Booking, CourseSession
from portfolio.courses.standing import state_of
from portfolio.database import new_id
from portfolio.demo.world import World
from portfolio.training.rules.booking import ATTENDANCE
from portfolio.training.rules.certificate import certificate
from portfolio.training.rules.evaluation import ASKED

WORDS = {
    "day": (
        "Sorting invented concerns together showed me how differently we read the same facts.",
        "The worked examples. I would have liked more time for questions.",
        "",
        "I know now whom to ring first, and what to have ready.",
    ),
    "follow_up": (
        "I write the reason for the level beside the level, so that the next reader can follow it.",
        "I ask one open question and then wait. My mentor noticed it in supervision.",
        "Little so far: our form has no place for it. I have asked for one.",
        "I looked up our local thresholds and put them on the wall of the office.",
    ),
}
CHANGED = ("yes", "yes", "no", "partly")
LINK, GUIDE = (
    "https://materials.example/slides",
    "Read the two worked examples again before your next referral.",
)


def followed(session: Session, world: World) -> None:
    """After every session that was held, as far as today goes. The last session waits for its certificates."""
    held = session.scalars(
        select(CourseSession)
        .where(CourseSession.ends_at < world.now, CourseSession.cancelled_at.is_(None))
        .order_by(CourseSession.ends_at, CourseSession.id)
    ).all()
    newest = {one.provider_id: one.id for one in held}
    for of in held:
        by = _manager(world, of.provider_id)
        session.add_all(_materials(of, by))
        for number, booking in enumerate(_attended(session, of)):
            if newest[of.provider_id] != of.id:
                session.add(_certificate(booking, of, by))
            if state_of(booking) in ASKED:
                session.add_all(_answers(booking, of, number, world.now))
    session.flush()


def _manager(world: World, provider_id: UUID) -> UUID:
    provider = next(key for key, one in world.providers.items() if one.id == provider_id)
    return world.of("managers", provider)[0].id


def _attended(session: Session, of: CourseSession) -> list[Booking]:
    states = [one.name.lower() for one in ATTENDANCE]
    return list(
        session.scalars(
            select(Booking)
            .where(Booking.session_id == of.id, Booking.state.in_(states))
            .options(joinedload(Booking.session))
            .order_by(Booking.id)
        )
    )


def _materials(of: CourseSession, by: UUID) -> list[CourseMaterial]:
    texts = (("Slides of the day", LINK, ""), ("To read afterwards", "", GUIDE))
    return [
        CourseMaterial(
            provider_id=of.provider_id,
            session_id=of.id,
            title=title,
            link=link,
            note=note,
            form_key=new_id().hex,
            by_id=by,
            at=of.ends_at,
        )
        for title, link, note in texts
    ]


def _certificate(booking: Booking, of: CourseSession, by: UUID) -> Certificate:
    outcome = certificate(state_of(booking))
    return Certificate(
        provider_id=booking.provider_id,
        apprenticeship_id=booking.apprenticeship_id,
        booking_id=booking.id,
        outcome=outcome.certificate.value,
        reason=outcome.reason,
        by_trainer=False,
        number=new_number(of.ends_at),
        by_id=by,
        at=of.ends_at + timedelta(hours=1),
    )


def _answers(booking: Booking, of: CourseSession, number: int, now: datetime) -> list[EvaluationAnswer]:
    """The first, and every sixth after, leave a form that is still open unanswered."""
    made = []
    for key, words in WORDS.items():
        frame = window_of(key, of.ends_at)
        at = frame.opens_at + timedelta(days=1)
        if at > now or (number % 6 == 0 and not frame.is_over(now)):
            continue
        on_the_day = key == "day"
        made.append(
            EvaluationAnswer(
                provider_id=booking.provider_id,
                apprenticeship_id=booking.apprenticeship_id,
                booking_id=booking.id,
                form=key,
                useful=3 + number % 3 if on_the_day else None,
                confidence_before=2 + number % 2 if on_the_day else None,
                confidence_now=3 + number % 3,
                changed=None if on_the_day else CHANGED[number % 4],
                words=words[number % 4],
                may_be_quoted=number % 2 == 0 and bool(words[number % 4]),
                form_key=new_id().hex,
                at=at,
            )
        )
    return made
