"""The weekly job: who gets a digest, when, how often, and what never stands in it."""

from __future__ import annotations

import logging
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Assignment
from portfolio.database import Database, new_id
from portfolio.jobs.actions import enqueue
from portfolio.jobs.worker import Worker
from portfolio.people.models import Member, Person
from portfolio.reminders import actions
from portfolio.reminders.jobs import PAGE, PLAN, SEND
from portfolio.reminders.queries_people import PAGE as PAGE_SIZE
from portfolio.reminders.rules import Line
from portfolio.settings import Settings
from portfolio.web.logs import JsonLines
from tests.builders import NOW, Cast, a_submitted, commit
from tests.reminders.steps import (
    MONDAY,
    Clock,
    a_worker,
    jobs,
    run_until_idle,
    sent,
    sent_to,
    text_of,
    with_passwords,
)

AROUND_AMINA = {"asha.abbott@example.org", "marek.mason@example.org", "priya.parker@example.org"}
TITLE = "Canary: what Child A said"


@pytest.fixture(autouse=True)
def waiting(session: Session, cast: Cast) -> None:
    """A piece of Amina's has waited for 20 days, two of Olu's for four; everybody has signed in before."""
    a_submitted(session, cast.amina_at, "K6", days_ago=20, title=TITLE)
    for _ in range(2):
        a_submitted(session, cast.other_at, "K6", title=TITLE)
    commit(session)
    with_passwords(session)


def choose(session: Session, person: Person, **more: Any) -> None:
    values: dict[str, Any] = {"weekly": True, "weekday": 1, "wanted": Line, "offered": Line, "now": NOW}
    actions.choose(session, person.id, **(values | more))
    commit(session)


def test_on_monday_everybody_who_has_something_to_be_told_gets_one_letter(
    worker: Worker, clock: Clock, settings: Settings, database: Database, cast: Cast
) -> None:
    run_until_idle(worker, clock)
    letters = sent_to(settings)
    assert set(letters) == AROUND_AMINA | {"otto.owens@example.org"}
    asha = letters["asha.abbott@example.org"]
    assert asha["Subject"] == "1 piece waits for you"
    assert "1 piece of evidence waits for your decision. The oldest has waited 20 days.\nhttp://testserver/queue" in text_of(asha)  # fmt: skip
    assert letters["otto.owens@example.org"]["Subject"] == "2 pieces wait for you"
    assert "waited for an assessor for more than 14 days" in text_of(letters["priya.parker@example.org"])
    (noted,) = sent(database, cast.asha)
    assert (noted.week, noted.delivery) == ("2026-W45", "folder")
    assert noted.said == ["1 piece of evidence waits for your decision. The oldest has waited 20 days."]


def test_no_name_no_title_and_nothing_anybody_wrote_is_in_a_mail(
    worker: Worker, clock: Clock, settings: Settings, cast: Cast, session: Session
) -> None:
    run_until_idle(worker, clock)
    people = list(session.scalars(select(Person)))
    words = [TITLE, cast.provider.name, cast.employer.name, cast.cohort.name, "A colleague told me"]
    for address, letter in sent_to(settings).items():
        whole = letter.as_string() + text_of(letter)
        for person in people:
            if person.email != address:
                assert person.name.split()[0] not in whole, f"{person.name} is named to {address}"
                assert person.email not in whole
        assert not [word for word in words if word in whole]
        assert str(cast.amina_at.id) not in whole


def test_it_goes_once_a_week_however_often_it_is_planned(
    worker: Worker,
    clock: Clock,
    settings: Settings,
    database: Database,
    catalogue: Catalogue,
    cast: Cast,
    session: Session,
) -> None:
    second = a_worker(database, settings, catalogue, clock)
    for _ in range(6):  # Monday to Saturday, two workers
        run_until_idle(worker, clock)
        run_until_idle(second, clock)
        clock.pass_by(days=1)
    assert len(sent(database, cast.asha)) == 1
    assert len(sent_to(settings)) == 4
    choose(session, cast.asha, weekday=7)  # moved to Sunday, after this week's has gone
    run_until_idle(worker, clock)
    assert len(sent(database, cast.asha)) == 1
    clock.pass_by(days=7)
    run_until_idle(worker, clock)
    assert [one.week for one in sent(database, cast.asha)] == ["2026-W45", "2026-W46"]


def test_what_was_noted_as_sent_is_not_sent_again_whatever_job_asks_for_it(
    worker: Worker, clock: Clock, database: Database, settings: Settings, cast: Cast
) -> None:
    """Keys of jobs are forgotten after some weeks, and a worker may die before it says that it is done."""
    run_until_idle(worker, clock)
    with database.writing() as session:
        payload = {"day": "2026-11-02", "person": str(cast.asha.id)}
        enqueue(session, SEND, now=clock.now, key="another", **payload)
    assert worker.work_off() == 1
    assert len(sent_to(settings)) == 4
    assert len(sent(database, cast.asha)) == 1


def test_it_waits_for_the_morning_and_for_the_day_that_was_chosen(
    worker: Worker, clock: Clock, settings: Settings, session: Session, cast: Cast
) -> None:
    choose(session, cast.asha, weekday=3)
    clock.set(2026, 11, 2, 6, 58)
    worker.work_off()
    assert sent_to(settings) == {}
    clock.set(2026, 11, 2, 7, 1)
    run_until_idle(worker, clock)
    assert set(sent_to(settings)) == (AROUND_AMINA | {"otto.owens@example.org"}) - {"asha.abbott@example.org"}
    clock.set(2026, 11, 4, 7, 1)
    run_until_idle(worker, clock)
    assert "asha.abbott@example.org" in sent_to(settings)


def test_who_is_not_to_get_mail_gets_none(
    worker: Worker, clock: Clock, settings: Settings, session: Session, cast: Cast
) -> None:
    """Suspended, without a password, without a role today, turned off, only muted lines."""
    people = {one: one.id for one in (cast.asha, cast.marek, cast.priya, cast.otto)}
    session.execute(update(Person).where(Person.id == people[cast.asha]).values(suspended_at=NOW))
    session.execute(update(Person).where(Person.id == people[cast.marek]).values(password_hash=""))
    session.execute(update(Member).where(Member.person_id == people[cast.priya]).values(ended_at=NOW))
    choose(session, cast.otto, wanted=[line for line in Line if line is not Line.WAITING])
    run_until_idle(worker, clock)
    assert sent_to(settings) == {}
    assert jobs(worker.work.database, SEND) == []


def test_what_changes_between_planning_and_sending_counts(
    worker: Worker, clock: Clock, settings: Settings, session: Session, cast: Cast
) -> None:
    for _ in range(3):  # the plan, and a page for each provider
        worker.one()
    assert len(jobs(worker.work.database, SEND)) == 4
    choose(session, cast.marek, weekly=False)
    session.execute(update(Person).where(Person.id == cast.priya.id).values(suspended_at=NOW))
    session.execute(update(Member).where(Member.person_id == cast.otto.id).values(ended_at=NOW))
    a_submitted(session, cast.amina_at, "K7")
    commit(session)
    run_until_idle(worker, clock)
    letters = sent_to(settings)
    assert set(letters) == {"asha.abbott@example.org"}
    assert letters["asha.abbott@example.org"]["Subject"] == "2 pieces wait for you"


def test_a_monday_on_which_no_worker_ran_is_made_up_for_in_the_same_week(
    worker: Worker, clock: Clock, settings: Settings, session: Session, cast: Cast
) -> None:
    choose(session, cast.asha, weekday=2)
    clock.set(2026, 10, 29, 8)
    worker.work_off()
    clock.set(2026, 11, 4, 15)
    run_until_idle(worker, clock)
    assert len(sent_to(settings)) == 4


def test_an_installation_does_not_begin_with_yesterday_s_mail(
    worker: Worker, clock: Clock, settings: Settings
) -> None:
    clock.set(2026, 11, 3, 8)
    run_until_idle(worker, clock)
    assert sent_to(settings) == {}
    assert [job.done_at is not None for job in jobs(worker.work.database, PLAN)] == [True]


def test_without_any_mail_nothing_is_planned(
    database: Database, settings: Settings, catalogue: Catalogue, clock: Clock
) -> None:
    nothing = settings.model_copy(update={"mail_folder": None})
    run_until_idle(a_worker(database, nothing, catalogue, clock), clock)
    assert len(jobs(database, PLAN)) == 1
    assert jobs(database, PAGE) == []
    assert jobs(database, SEND) == []


def test_what_is_too_late_is_dropped_since_the_next_one_says_it(
    worker: Worker, clock: Clock, settings: Settings, database: Database
) -> None:
    for _ in range(3):
        worker.one()
    clock.now = MONDAY + timedelta(days=7)
    run_until_idle(worker, clock)
    assert len(sent_to(settings)) == 4, "this week's, and nothing of the last"
    assert {job.payload["day"] for job in jobs(database, SEND)} == {"2026-11-02", "2026-11-09"}
    assert all(job.done_at for job in jobs(database, SEND))


def test_many_people_are_planned_for_in_pages_and_spread_over_minutes(
    worker: Worker, clock: Clock, database: Database, session: Session, cast: Cast
) -> None:
    count = 2 * PAGE_SIZE + 100
    ids = [new_id() for _ in range(count)]
    session.execute(
        insert(Person),
        [{"id": one, "email": f"{one.hex}@example.org", "name": "Mentor", "created_at": NOW, "password_hash": "set"} for one in ids],
    )  # fmt: skip
    common = {"provider_id": cast.provider.id, "role": "mentor"}
    session.execute(
        insert(Member), [{**common, "id": new_id(), "person_id": one, "rights": [], "created_at": NOW} for one in ids]
    )  # fmt: skip
    session.execute(
        insert(Assignment),
        [{**common, "id": new_id(), "person_id": one, "apprenticeship_id": cast.amina_at.id, "from_at": NOW} for one in ids],
    )  # fmt: skip
    commit(session)
    for _ in range(3):
        worker.one()
    first = jobs(database, SEND)
    assert PAGE_SIZE - 10 <= len(first) <= PAGE_SIZE + 4, "one page of the large provider, and the small one"
    assert max(job.run_at for job in first) - clock.now < timedelta(minutes=1)
    for _ in range(2):
        clock.pass_by(minutes=1)
        due = [job for job in jobs(database, PAGE) if job.done_at is None]
        assert len(due) == 1
        # the page alone: what it adds is what is looked at, not the sending of a thousand letters
        worker.handlers[PAGE](_work_now(worker, clock), due[0].payload)
        with database.writing() as writing:
            writing.execute(
                update(type(due[0])).where(type(due[0]).id == due[0].id).values(done_at=clock.now)
            )
    found = jobs(database, SEND)
    assert len(found) == count + 4
    assert len({job.key for job in found}) == len(found)
    assert all(set(job.payload) == {"day", "person"} for job in found), "ids and days only"


def _work_now(worker: Worker, clock: Clock) -> Any:
    return replace(worker.work, now=clock.now)


def test_logs_and_jobs_hold_no_address_and_no_name(
    worker: Worker, clock: Clock, database: Database, caplog: pytest.LogCaptureFixture, session: Session
) -> None:
    with caplog.at_level(logging.DEBUG, logger="portfolio"):
        run_until_idle(worker, clock)
    lines = [JsonLines().format(record) for record in caplog.records]
    assert any('"kind": "reminders.send"' in line for line in lines)
    kept = [
        repr((job.key, job.payload, job.last_error))
        for kind in (PLAN, PAGE, SEND)
        for job in jobs(database, kind)
    ]
    for person in session.scalars(select(Person)):
        for text in (person.email, person.name):
            assert not any(text in line for line in (*lines, *kept))
