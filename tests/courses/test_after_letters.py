"""Letters that ask for an evaluation: on which days, to whom, how often, and what never stands in one."""

from __future__ import annotations

from datetime import UTC, date, datetime
from email.message import EmailMessage

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.courses import evaluations_due
from portfolio.courses.after_models import EvaluationAsked
from portfolio.courses.models import Booking
from portfolio.database import Database, new_id
from portfolio.jobs.work import Work
from portfolio.jobs.worker import Worker
from portfolio.people.models import Person
from portfolio.reminders import actions
from portfolio.reminders.evaluations import HANDLERS, RECURRING
from portfolio.reminders.rules import Line
from portfolio.settings import Settings
from storage.memory import MemoryStore
from tests.builders import NOW, Cast, commit
from tests.counting import queries
from tests.courses.after_steps import TITLE, a_booking, a_session, an_answer, others
from tests.people.steps import mails
from tests.reminders.steps import Clock, text_of, with_passwords

HELD_ON = date(2026, 11, 2)


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.set(2026, 11, 2, 8, 0)
    return clock


@pytest.fixture
def worker(database: Database, settings: Settings, catalogue: Catalogue, clock: Clock) -> Worker:
    work = Work(database, MemoryStore(), settings, catalogue, clock.now)
    return Worker(work, HANDLERS, RECURRING, clock)


@pytest.fixture
def booking(session: Session, cast: Cast) -> Booking:
    """Amina attended on 2 November; Olu of the other provider did too."""
    a_booking(session, a_session(session, cast, other=True), cast.other_at)
    made = a_booking(session, a_session(session, cast), cast.amina_at)
    commit(session)
    with_passwords(session)
    return made


def to(settings: Settings, person: Person) -> list[EmailMessage]:
    assert settings.mail_folder is not None
    if not settings.mail_folder.exists():
        return []
    return [one for one in mails(settings.mail_folder) if person.email in str(one["To"])]


def days(worker: Worker, clock: Clock, number: int) -> None:
    """So many mornings with a worker, the first on the clock's own day."""
    for _ in range(number):
        worker.work_off()
        clock.pass_by(days=1)


def asked(database: Database, booking: Booking) -> list[tuple[str, date]]:
    with database.reading() as fresh:
        rows = fresh.scalars(
            select(EvaluationAsked)
            .where(EvaluationAsked.booking_id == booking.id)
            .order_by(EvaluationAsked.asked_on)
        ).all()
        return [(one.form, one.asked_on) for one in rows]


def test_each_form_is_asked_for_on_its_days_and_no_more(
    worker: Worker, clock: Clock, settings: Settings, database: Database, booking: Booking, cast: Cast
) -> None:
    days(worker, clock, 110)
    after = [(form, (on - HELD_ON).days) for form, on in asked(database, booking)]
    assert after == [
        ("day", 1), ("day", 3), ("day", 7), ("follow_up", 70), ("follow_up", 77), ("follow_up", 91),
    ]  # fmt: skip
    assert len(to(settings, cast.amina)) == 6
    assert len(to(settings, cast.olu)) == 6
    assert to(settings, cast.marek) == []


def test_who_has_answered_is_not_asked_again(
    worker: Worker, clock: Clock, settings: Settings, session: Session, booking: Booking, cast: Cast
) -> None:
    days(worker, clock, 2)
    an_answer(session, booking)
    commit(session)
    days(worker, clock, 20)
    assert len(to(settings, cast.amina)) == 1


def test_who_stopped_the_digests_gets_none_of_these(
    worker: Worker, clock: Clock, settings: Settings, session: Session, database: Database, booking: Booking, cast: Cast
) -> None:  # fmt: skip
    actions.choose(
        session, cast.amina.id, weekly=False, weekday=1, wanted=list(Line), offered=list(Line), now=NOW
    )
    commit(session)
    days(worker, clock, 20)
    assert to(settings, cast.amina) == []
    assert asked(database, booking) == []
    assert len(to(settings, cast.olu)) == 3


def test_after_days_without_a_worker_one_letter_makes_up_for_all(
    worker: Worker, clock: Clock, settings: Settings, booking: Booking, cast: Cast
) -> None:
    clock.pass_by(days=9)
    days(worker, clock, 3)
    assert len(to(settings, cast.amina)) == 1


def test_done_twice_in_a_day_it_leaves_once(
    worker: Worker, clock: Clock, settings: Settings, database: Database, booking: Booking, cast: Cast
) -> None:
    clock.pass_by(days=1)
    worker.work_off()
    period = {
        "period": "2026-11-03",
        "provider": str(booking.provider_id),
        "booking": str(booking.id),
        "form": "day",
    }
    HANDLERS["evaluations.ask"](
        Work(database, MemoryStore(), settings, worker.work.catalogue, clock.now), period
    )
    assert len(to(settings, cast.amina)) == 1


def test_nothing_personal_stands_in_it_but_the_receivers_name(
    worker: Worker, clock: Clock, settings: Settings, session: Session, booking: Booking, cast: Cast
) -> None:
    days(worker, clock, 80)
    every = to(settings, cast.amina)
    assert len(every) == 5
    for one in every:
        said = f"{one['Subject']}\n{text_of(one)}"
        assert "Dear Amina Archer," in said
        for word in (TITLE, "Room 2", cast.provider.name, cast.employer.name, "Marek", "Priya"):
            assert word not in said
        assert "/reminders/stop/" in said
    assert f"/bookings/{booking.id}/evaluation/day" in text_of(every[0])
    assert "open until 16 November 2026" in text_of(every[0])
    assert "has changed" in str(every[-1]["Subject"])


def test_who_may_get_no_mail_gets_none(
    worker: Worker, clock: Clock, settings: Settings, session: Session, booking: Booking, cast: Cast
) -> None:
    person = session.get(Person, cast.amina.id)
    assert person is not None
    person.suspended_at = NOW
    commit(session)
    days(worker, clock, 10)
    assert to(settings, cast.amina) == []


def test_looking_who_is_due_takes_the_same_queries_however_many_attended(
    session: Session, database: Database, cast: Cast
) -> None:
    of, now, numbers = a_session(session, cast), datetime(2026, 11, 3, 8, 0, tzinfo=UTC), []
    others(session, cast, of, 1)
    for _ in range(2):
        commit(session)
        session.expire_all()
        with queries(database) as counted:
            evaluations_due.to_ask(session, now, cast.provider.id)
        numbers.append(counted.number)
        for one in others(session, cast, of, 20):
            session.add(
                EvaluationAsked(
                    id=new_id(),
                    provider_id=one.provider_id,
                    apprenticeship_id=one.apprenticeship_id,
                    booking_id=one.id,
                    form="day",
                    asked_on=HELD_ON,
                )
            )
    assert numbers[0] == numbers[1]
