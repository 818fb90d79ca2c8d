"""Through a real mail server: its headers, and that nothing is lost when it is down, slow, or hangs up."""

from __future__ import annotations

import logging
import socket
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.database import Database
from portfolio.jobs.worker import Worker
from portfolio.reminders.jobs import SEND
from portfolio.reminders.tokens import person_in
from portfolio.settings import Settings
from portfolio.web.logs import JsonLines
from tests.builders import Cast, a_submitted, commit
from tests.people.smtp import smtp_server
from tests.reminders.steps import MONDAY, Clock, a_worker, jobs, run_until_idle, sent, sent_to, with_passwords


@pytest.fixture(autouse=True)
def waiting(session: Session, cast: Cast) -> None:
    """Only Otto can get mail: two pieces of Olu's wait for him."""
    for _ in range(2):
        a_submitted(session, cast.other_at, "K6")
    commit(session)
    with_passwords(session, cast.amina, cast.marek, cast.asha, cast.priya, cast.noor)


def worker_at(
    port: int, database: Database, settings: Settings, catalogue: Catalogue, clock: Clock
) -> Worker:
    values = {
        "smtp_host": "127.0.0.1",
        "smtp_port": port,
        "smtp_starttls": False,
        "smtp_timeout_seconds": 1,
        "public_url": "https://a-rather-long-host-name-of-a-provider.portfolio.example.org",
    }
    return a_worker(database, settings.model_copy(update=values), catalogue, clock)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        return int(taken.getsockname()[1])


def test_a_digest_carries_what_mail_programs_need_to_stop_it(
    database: Database, settings: Settings, catalogue: Catalogue, clock: Clock, cast: Cast
) -> None:
    with smtp_server() as server:
        run_until_idle(worker_at(server.port, database, settings, catalogue, clock), clock)
    (message,) = server.messages
    assert message["To"] == "Otto Owens <otto.owens@example.org>"
    assert message["Subject"] == "2 pieces wait for you"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    link = str(message["List-Unsubscribe"])
    assert link.startswith(
        "<https://a-rather-long-host-name-of-a-provider.portfolio.example.org/reminders/stop/"
    )
    assert person_in(settings, link.rstrip(">").rsplit("/", 1)[1]) == cast.otto.id
    assert link.strip("<>") in message.get_content()
    assert sent(database, cast.otto)[0].delivery == "sent"


def test_without_https_no_program_is_asked_to_press_the_button_by_itself(
    worker: Worker, clock: Clock, settings: Settings
) -> None:
    run_until_idle(worker, clock)
    letter = sent_to(settings)["otto.owens@example.org"]
    assert str(letter["List-Unsubscribe"]).startswith("<http://testserver/reminders/stop/")
    assert letter["List-Unsubscribe-Post"] is None


def test_while_mail_is_down_the_job_waits_and_it_arrives_once(
    database: Database,
    settings: Settings,
    catalogue: Catalogue,
    clock: Clock,
    cast: Cast,
    caplog: pytest.LogCaptureFixture,
) -> None:
    down = worker_at(free_port(), database, settings, catalogue, clock)
    with caplog.at_level(logging.DEBUG, logger="portfolio"):
        run_until_idle(down, clock)
    (job,) = jobs(database, SEND)
    assert (job.done_at, job.dead_at, job.last_error) == (None, None, "NotSent")
    assert job.attempts > 1
    assert sent(database, cast.otto) == []
    assert not [line for line in map(JsonLines().format, caplog.records) if "otto" in line.lower()]
    clock.pass_by(minutes=30)
    with smtp_server() as server:
        run_until_idle(worker_at(server.port, database, settings, catalogue, clock), clock)
    assert len(server.messages) == 1
    assert len(sent(database, cast.otto)) == 1


def test_what_died_while_mail_was_down_for_hours_is_tried_again_the_next_morning(
    database: Database, settings: Settings, catalogue: Catalogue, clock: Clock, cast: Cast
) -> None:
    impatient = settings.model_copy(update={"job_attempts": 8})  # gives up within half an hour
    down = worker_at(free_port(), database, impatient, catalogue, clock)
    run_until_idle(down, clock, minutes=40)
    assert jobs(database, SEND)[0].dead_at is not None
    clock.now = MONDAY + timedelta(days=1)
    with smtp_server() as server:
        run_until_idle(worker_at(server.port, database, settings, catalogue, clock), clock)
    assert len(server.messages) == 1
    assert [one.week for one in sent(database, cast.otto)] == ["2026-W45"]


def test_an_address_that_is_refused_for_good_is_left_for_the_admin(
    database: Database, settings: Settings, catalogue: Catalogue, clock: Clock, cast: Cast
) -> None:
    with smtp_server(refuse="RCPT") as server:
        worker = worker_at(server.port, database, settings, catalogue, clock)
        run_until_idle(worker, clock)
        clock.now = MONDAY + timedelta(days=1)
        run_until_idle(worker, clock)
        assert server.commands.count("RCPT") == 1
    (job,) = jobs(database, SEND)
    assert job.last_error == "address_refused"
    assert job.dead_at is not None
    assert sent(database, cast.otto) == []


def test_a_server_that_hangs_up_before_it_confirms_may_get_it_twice_under_one_name(
    database: Database, settings: Settings, catalogue: Catalogue, clock: Clock, cast: Cast
) -> None:
    """The one moment in which nobody can know: it is sent again, with the same Message-ID, and never lost."""
    with smtp_server(hang_up_after_data=1) as server:
        run_until_idle(worker_at(server.port, database, settings, catalogue, clock), clock)
    assert len(server.messages) == 2
    assert len({str(message["Message-ID"]) for message in server.messages}) == 1
    assert len(sent(database, cast.otto)) == 1


def test_a_server_that_says_nothing_is_left_alone_for_a_minute(
    database: Database,
    settings: Settings,
    catalogue: Catalogue,
    clock: Clock,
    cast: Cast,
    session: Session,
) -> None:
    """Otherwise ten thousand digests would each wait for it, and previews and scans behind them."""
    with_passwords(session)
    with socket.create_server(
        ("127.0.0.1", 0), backlog=20
    ) as silent:  # connections are taken, never answered
        worker = worker_at(silent.getsockname()[1], database, settings, catalogue, clock)
        worker.work_off()
        clock.pass_by(seconds=1)
        worker.work_off()
        found = jobs(database, SEND)
        assert len(found) == 3, [job.payload for job in found]
        assert {job.last_error for job in found} == {"NotSent"}
        assert _connections(silent) == 1
        clock.pass_by(minutes=2)
        worker.one()
        assert _connections(silent) == 1


def _connections(listener: socket.socket) -> int:
    listener.settimeout(0.2)
    count = 0
    while True:
        try:
            listener.accept()[0].close()
        except TimeoutError:
            return count
        count += 1
