"""Letters that ask for the evaluation of a course, in the background: on the day, ten weeks later, and again twice.

- `evaluations.plan`, once a day from seven in London: a job for each form that is to be asked for today.
- `evaluations.ask`: looks again, sends the letter, and notes the day.

As a digest, a letter leaves first and is noted then: at least once, and a crash between the two makes it leave again
with the same Message-ID. Who has stopped the digests gets none of these either: their home page shows what is open.
No course, no place and nobody else is named in it.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from portfolio.courses import evaluations_due
from portfolio.courses.after_models import EvaluationAsked
from portfolio.courses.evaluations import One
from portfolio.courses.models import Booking
from portfolio.database import narrow, new_id
from portfolio.jobs import actions as jobs
from portfolio.jobs.work import Handler, Payload, Recurring, Work
from portfolio.people import mail
from portfolio.people.letters import address
from portfolio.people.mail import Delivery, Letter
from portfolio.people.models import Person
from portfolio.reminders import queries_people, rules
from portfolio.reminders.jobs import post
from portfolio.reminders.letters import SETTINGS_PATH, STOP_PATH, list_headers
from portfolio.reminders.tokens import message_name, stop_token
from portfolio.settings import Settings
from portfolio.web.formats import date_words, london_day

PLAN, ASK = "evaluations.plan", "evaluations.ask"
SUBJECTS = {
    "day": "How was the course that you attended?",
    "follow_up": "What has changed since the course that you attended?",
}
SAYS = {
    "day": "you attended a course. What you say of it takes two minutes and helps those who come after you.",
    "follow_up": (
        "ten weeks ago you attended a course. Say what has changed in what you do since then; if nothing has, say what "
        "stood in the way. If you wish, your answer becomes a draft of evidence."
    ),
}


def plan(work: Work, payload: Payload) -> None:
    """A job for each form to be asked for. Without any mail set up there is nothing to plan."""
    if mail.open_mailer(work.settings).reached is Delivery.FAILED:
        return
    with work.database.reading() as session:
        providers = queries_people.providers_with_people(session)
    for provider_id in providers:
        after: UUID | None = None
        while True:
            with work.database.reading() as session:
                narrow(session, [provider_id])
                due, after = evaluations_due.to_ask(session, work.now, provider_id, after)
            if due:
                with work.database.writing() as session:
                    for booking_id, key in due:
                        _add(session, work, payload["period"], provider_id, booking_id, key)
            if after is None:
                break


def _add(session: Session, work: Work, period: str, provider_id: UUID, booking_id: UUID, key: str) -> None:
    jobs.enqueue(
        session,
        ASK,
        now=work.now,
        key=f"{ASK}:{period}:{booking_id}:{key}",
        provider=str(provider_id),
        booking=str(booking_id),
        form=key,
    )


def ask(work: Work, payload: Payload) -> None:
    """The letter of one form, if it still is to be asked for and its owner wants letters."""
    provider_id, booking_id = UUID(payload["provider"]), UUID(payload["booking"])
    with work.database.reading() as session:
        narrow(session, [provider_id])
        one = evaluations_due.still_to_ask(session, work.now, booking_id, payload["form"])
        person = queries_people.recipient(session, one.booking.person_id) if one is not None else None
    if one is None or person is None or not _wants(work, provider_id, person.id):
        return
    today = london_day(work.now)
    post(work, letter(work.settings, person, one, today))
    with work.database.writing() as session:
        _note(session, one.booking, one.key, today)


def _wants(work: Work, provider_id: UUID, person_id: UUID) -> bool:
    with work.database.reading() as session:
        narrow(session, [provider_id], person_id)
        return queries_people.choice_of(session, person_id).weekly


def letter(settings: Settings, person: Person, one: One, today: date) -> Letter:
    """No name in it but the receiver's."""
    page = f"/apprenticeships/{one.booking.apprenticeship_id}/bookings/{one.booking.id}/evaluation/{one.key}"
    stop = address(settings, STOP_PATH + stop_token(settings, person.id))
    text = "\n\n".join(
        (
            f"Dear {' '.join(person.name.split())},",
            SAYS[one.key],
            f"The form is open until {date_words(one.window.closes_on)}:\n{address(settings, page)}",
            f"Choose whether reminders come at all:\n{address(settings, SETTINGS_PATH)}",
            f"Stop them without signing in:\n{stop}",
            "KSB Portfolio",
        )
    )
    return Letter(
        person.name,
        person.email,
        SUBJECTS[one.key],
        text + "\n",
        headers=list_headers(settings, stop),
        message_name=message_name(settings, person.id, f"{one.booking.id}:{one.key}:{today}"),
    )


def _note(session: Session, booking: Booking, key: str, today: date) -> None:
    """A second note of the same day changes nothing."""
    dialect: Any = sqlite if session.get_bind().dialect.name == "sqlite" else postgresql
    session.execute(
        dialect.insert(EvaluationAsked)
        .values(
            id=new_id(),
            provider_id=booking.provider_id,
            apprenticeship_id=booking.apprenticeship_id,
            booking_id=booking.id,
            form=key,
            asked_on=today,
        )
        .on_conflict_do_nothing(index_elements=["booking_id", "form", "asked_on"])
    )


HANDLERS: dict[str, Handler] = {PLAN: plan, ASK: ask}
RECURRING = [Recurring(PLAN, rules.plan_period)]
