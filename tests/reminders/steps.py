"""Steps of the tests of reminders: everybody has a password, a worker with a clock, and what it sent."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email.message import EmailMessage
from pathlib import Path

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from kbs.catalogue import Catalogue
from portfolio.apprenticeships.models import Progress
from portfolio.database import Database
from portfolio.jobs.models import Job
from portfolio.jobs.work import Work
from portfolio.jobs.worker import Worker
from portfolio.people.models import Person
from portfolio.reminders.jobs import HANDLERS, RECURRING
from portfolio.reminders.models import ReminderSent
from portfolio.settings import Settings
from storage.memory import MemoryStore
from tests.builders import NOW, Cast, commit
from tests.people.steps import mails

MONDAY = NOW
"""2 November 2026, half past nine in London."""
SUNDAY = MONDAY - timedelta(days=1)


class Clock:
    def __init__(self, now: datetime = MONDAY) -> None:
        self.now = now

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, **time: float) -> None:
        self.now += timedelta(**time)

    def set(self, *moment: int) -> None:
        self.now = datetime(*moment, tzinfo=UTC)  # type: ignore[arg-type, misc]


def a_worker(database: Database, settings: Settings, catalogue: Catalogue, clock: Clock) -> Worker:
    work = Work(database, MemoryStore(), settings, catalogue, clock.now)
    return Worker(work, HANDLERS, RECURRING, clock)


def with_passwords(session: Session, *but: Person) -> None:
    """Everybody has set a password, but these have not."""
    session.execute(
        update(Person)
        .where(Person.id.not_in([person.id for person in but]))
        .values(password_hash="set")
        .execution_options(synchronize_session=False)
    )
    commit(session)


def run_until_idle(worker: Worker, clock: Clock, minutes: int = 5) -> None:
    """Everything that is due now or within so many minutes: digests are spread over a minute."""
    for _ in range(minutes):
        worker.work_off()
        clock.pass_by(minutes=1)
    worker.work_off()


def sent_to(settings: Settings) -> dict[str, EmailMessage]:
    """The letters in the folder, by address; nobody got two."""
    assert settings.mail_folder is not None
    found = mails(settings.mail_folder) if Path(settings.mail_folder).exists() else []
    by_address = {str(mail["To"]).split("<")[-1].rstrip(">"): mail for mail in found}
    assert len(by_address) == len(found), "somebody got two"
    return by_address


def text_of(mail: EmailMessage) -> str:
    return str(mail.get_content()).replace("\r\n", "\n")


def jobs(database: Database, kind: str) -> list[Job]:
    with database.reading() as session:
        return list(session.scalars(select(Job).where(Job.kind == kind).order_by(Job.id)))


def sent(database: Database, person: Person) -> list[ReminderSent]:
    with database.reading() as session:
        statement = select(ReminderSent).where(ReminderSent.person_id == person.id)
        return list(session.scalars(statement.order_by(ReminderSent.sent_at)))


def set_summary(session: Session, cast: Cast, **values: object) -> None:
    """Write Amina's summary as it should be for a test, past what computes it."""
    session.execute(
        update(Progress)
        .where(Progress.apprenticeship_id == cast.amina_at.id)
        .values(**values)
        .execution_options(synchronize_session=False)
    )
    session.commit()


NEARLY = {
    "stage": "active",
    "statements_covered": 66,
    "duties_covered": 15,
    "gaps": "english",
    "earliest_gateway_day": MONDAY.date().toordinal(),
    "dbs_due_day": None,
}
"""A summary that is nearly ready for the gateway."""
