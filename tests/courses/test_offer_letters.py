"""The letter to whoever is offered a place from the waiting list: to whom, how often, and what never stands in it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from email.message import EmailMessage
from types import SimpleNamespace
from uuid import UUID

import pytest
import time_machine
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.background import handlers
from portfolio.courses import jobs as courses
from portfolio.courses.models import Booking, BookingStep
from portfolio.courses.offers import TELL
from portfolio.database import Database
from portfolio.jobs.worker import Worker
from portfolio.people.models import Person
from portfolio.reminders import actions
from portfolio.reminders.offers import HANDLERS
from portfolio.reminders.rules import Line
from portfolio.settings import Settings
from portfolio.web.formats import moment_words
from tests.builders import Cast, commit
from tests.client import Browser
from tests.courses.steps import (
    LATER,
    TITLE,
    a_booking,
    a_course,
    a_date,
    booking_path,
    bookings,
    steps,
)
from tests.courses.test_pages_booking import a_colleague
from tests.people.smtp import smtp_server
from tests.people.steps import mails
from tests.reminders.steps import Clock, a_worker, jobs, text_of, with_passwords

Open = Callable[..., Browser]


@pytest.fixture(autouse=True)
def _on_the_day() -> Iterator[None]:
    with time_machine.travel(LATER, tick=True):
        yield


@pytest.fixture
def clock() -> Clock:
    clock = Clock()
    clock.now = LATER
    return clock


def worker_of(database: Database, settings: Settings, catalogue: Catalogue, clock: Clock) -> Worker:
    worker = a_worker(database, settings, catalogue, clock)
    return Worker(worker.work, {**courses.HANDLERS, **HANDLERS}, courses.RECURRING, clock)


@pytest.fixture
def worker(database: Database, settings: Settings, catalogue: Catalogue, clock: Clock) -> Worker:
    return worker_of(database, settings, catalogue, clock)


@pytest.fixture
def line(session: Session, cast: Cast) -> SimpleNamespace:
    """A session with one place that is free: Amina waits for it, and Bea after her."""
    one = a_date(session, a_course(session, cast.priya, cast.provider.id), capacity=1)
    mine = a_booking(session, one, cast.amina_at, "waiting")
    bea, at = a_colleague(session, cast, "Bea Birch")
    second = a_booking(session, one, at, "waiting")
    second.waiting_since = mine.waiting_since + timedelta(days=1) if mine.waiting_since else None
    commit(session)
    with_passwords(session)
    return SimpleNamespace(session=one, mine=mine, bea=bea, second=second)


def to(settings: Settings, person: Person) -> list[EmailMessage]:
    assert settings.mail_folder is not None
    if not settings.mail_folder.exists():
        return []
    return [one for one in mails(settings.mail_folder) if person.email in str(one["To"])]


def offer(database: Database, booking: Booking) -> BookingStep:
    with database.reading() as fresh:
        return fresh.scalars(
            select(BookingStep)
            .where(BookingStep.booking_id == booking.id, BookingStep.step == "offer")
            .order_by(BookingStep.id.desc())
            .limit(1)
        ).one()


def ask(worker: Worker, step: BookingStep, clock: Clock | None = None) -> None:
    """The job of this offer, whatever was done of it before."""
    work = replace(worker.work, now=clock.now) if clock else worker.work
    HANDLERS[TELL](work, {"provider": str(step.provider_id), "step": str(step.id)})


def states(database: Database) -> dict[UUID, str]:
    return {one.id: one.state for one in bookings(database)}


def test_who_is_offered_a_place_gets_one_letter_and_nobody_else_does(
    worker: Worker, clock: Clock, settings: Settings, database: Database, line: SimpleNamespace, cast: Cast
) -> None:
    for _ in range(4):
        worker.work_off()
        clock.pass_by(minutes=15)
    assert steps(database, line.mine)[-1] == "offer"
    (letter,) = to(settings, cast.amina)
    until = moment_words(offer(database, line.mine).offer_until)
    said = text_of(letter)
    assert letter["Subject"] == "A place on a course is kept for you"
    assert (
        f"a place on a course you wait for is kept for you until {until}. Sign in to take or leave it:"
        in said
    )
    assert booking_path(line.mine) in said
    assert to(settings, line.bea) == to(settings, cast.marek) == to(settings, cast.priya) == []
    (job,) = jobs(database, TELL)
    assert job.done_at is not None
    assert set(job.payload) == {"provider", "step"}, "ids alone"


def test_no_name_no_course_and_no_place_is_in_it_and_it_can_be_stopped(
    worker: Worker, settings: Settings, line: SimpleNamespace, cast: Cast
) -> None:
    worker.work_off()
    (letter,) = to(settings, cast.amina)
    whole = letter.as_string() + text_of(letter)
    for word in (TITLE, "Training room 2", cast.provider.name, cast.employer.name, "Marek", "Bea", "Priya"):
        assert word not in whole
    assert "Dear Amina Archer," in whole
    assert "/reminders/stop/" in str(letter["List-Unsubscribe"])
    assert str(letter["List-Unsubscribe"]).strip("<>") in text_of(letter)


def test_the_address_in_it_opens_the_place_to_take(
    worker: Worker, settings: Settings, line: SimpleNamespace, cast: Cast, browser: Open
) -> None:
    worker.work_off()
    (letter,) = to(settings, cast.amina)
    paths = [
        one.removeprefix("http://testserver")
        for one in text_of(letter).splitlines()
        if one.startswith("http://testserver/apprenticeships/")
    ]
    (path,) = paths
    assert "Accept the place" in browser(cast.amina).get(path).text


@pytest.mark.parametrize("state", ["confirmed", "cancelled", "lapsed", "called_off"])
def test_a_place_that_is_taken_left_or_gone_needs_no_letter(
    worker: Worker,
    settings: Settings,
    database: Database,
    session: Session,
    line: SimpleNamespace,
    cast: Cast,
    state: str,
) -> None:
    courses.move_on(worker.work, {})
    step = offer(database, line.mine)
    session.execute(
        update(Booking)
        .where(Booking.id == line.mine.id)
        .values(state=state, offer_until=None)
        .execution_options(synchronize_session=False)
    )
    session.commit()
    ask(worker, step)
    assert to(settings, cast.amina) == []


def test_one_that_is_taken_on_the_page_before_the_worker_comes_needs_none(
    worker: Worker, settings: Settings, database: Database, line: SimpleNamespace, cast: Cast, browser: Open
) -> None:
    courses.move_on(worker.work, {})
    assert (
        browser(cast.amina).post(booking_path(line.mine, "/own"), data={"step": "accept"}).status_code == 303
    )
    assert states(database)[line.mine.id] == "confirmed"
    worker.work_off()
    assert to(settings, cast.amina) == []
    assert jobs(database, TELL)[0].done_at is not None


def test_when_an_offer_runs_out_the_next_gets_a_letter_and_the_first_none_more(
    worker: Worker, clock: Clock, settings: Settings, database: Database, line: SimpleNamespace, cast: Cast
) -> None:
    worker.work_off()
    first = offer(database, line.mine)
    clock.pass_by(days=3, minutes=1)
    worker.work_off()
    assert states(database) == {line.mine.id: "lapsed", line.second.id: "offered"}
    ask(worker, first, clock)
    assert len(to(settings, cast.amina)) == len(to(settings, line.bea)) == 1


def test_an_offer_that_ran_out_before_the_letter_could_leave_is_not_written_about(
    database: Database,
    settings: Settings,
    catalogue: Catalogue,
    clock: Clock,
    session: Session,
    line: SimpleNamespace,
    cast: Cast,
) -> None:
    """Its place has not been moved on yet: the moment alone decides."""
    courses.move_on(worker_of(database, settings, catalogue, clock).work, {})
    clock.pass_by(days=3, minutes=1)
    late = worker_of(database, settings, catalogue, clock)
    ask(late, offer(database, line.mine))
    assert states(database)[line.mine.id] == "offered"
    assert to(settings, cast.amina) == []


def test_who_stopped_the_digests_or_may_get_no_mail_gets_none(
    worker: Worker,
    settings: Settings,
    session: Session,
    database: Database,
    line: SimpleNamespace,
    cast: Cast,
) -> None:
    actions.choose(
        session, cast.amina.id, weekly=False, weekday=1, wanted=list(Line), offered=list(Line), now=LATER
    )
    commit(session)
    worker.work_off()
    assert states(database)[line.mine.id] == "offered"
    assert to(settings, cast.amina) == []
    actions.choose(
        session, cast.amina.id, weekly=True, weekday=1, wanted=list(Line), offered=list(Line), now=LATER
    )
    person = session.get(Person, cast.amina.id)
    assert person is not None
    person.suspended_at = LATER
    commit(session)
    ask(worker, offer(database, line.mine))
    assert to(settings, cast.amina) == []
    person.suspended_at = None
    commit(session)
    ask(worker, offer(database, line.mine))
    assert len(to(settings, cast.amina)) == 1


def test_an_offer_that_is_not_written_leaves_no_job(
    session: Session, database: Database, worker: Worker, line: SimpleNamespace
) -> None:
    """The job is added in the transaction of the offer: what is rolled back asks for no letter."""
    writing = database.session(write=True, across=True)
    with writing as undone:
        assert courses.actions.move_on(undone, line.session.id, LATER) == 1
        undone.rollback()
    assert states(database)[line.mine.id] == "waiting"
    assert jobs(database, TELL) == []


def test_while_mail_is_down_it_waits_and_sent_twice_it_has_one_name(
    database: Database,
    settings: Settings,
    catalogue: Catalogue,
    clock: Clock,
    line: SimpleNamespace,
    cast: Cast,
) -> None:
    with smtp_server(hang_up_after_data=1) as server:
        values = {"smtp_host": "127.0.0.1", "smtp_port": server.port, "smtp_starttls": False}
        worker = worker_of(database, settings.model_copy(update=values), catalogue, clock)
        for _ in range(5):
            worker.work_off()
            clock.pass_by(minutes=1)
    assert len(server.messages) == 2
    assert len({str(one["Message-ID"]) for one in server.messages}) == 1
    assert jobs(database, TELL)[0].done_at is not None


def test_without_any_mail_nothing_is_sent_and_nothing_fails(
    database: Database, settings: Settings, catalogue: Catalogue, clock: Clock, line: SimpleNamespace
) -> None:
    worker = worker_of(database, settings.model_copy(update={"mail_folder": None}), catalogue, clock)
    worker.work_off()
    (job,) = jobs(database, TELL)
    assert (job.done_at is not None, job.last_error) == (True, "")


def test_every_worker_knows_how_to_do_it() -> None:
    assert handlers()[TELL] is HANDLERS[TELL]
