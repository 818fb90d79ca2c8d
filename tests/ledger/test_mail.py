"""Heads leave the system every day, by the worker, to the address that each provider named."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from fastapi import FastAPI
from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from portfolio.background import make_worker
from portfolio.database import Database
from portfolio.jobs.worker import Worker
from portfolio.ledger import actions
from portfolio.ledger.models import LedgerEntry, LedgerSalt
from portfolio.settings import Settings
from tests.builders import NOW, Cast, commit
from tests.ledger.steps import by_hand, head_of, players
from tests.ledger.test_pages import letters

DAY = timedelta(days=1)


class Clock:
    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def worker(app: FastAPI, clock: Clock) -> Worker:
    made = make_worker(app)
    made.clock = clock
    return made


def heads(settings: Settings) -> list[str]:
    return [one for one in letters(settings) if "ledger of" in one.lower()]


def day_after_day(worker: Worker, clock: Clock, days: int) -> None:
    for _ in range(days):
        clock.now += DAY
        worker.work_off()
        worker.work_off()  # asked again the same day: nothing more is due


def test_the_head_is_mailed_once_a_day_when_something_was_added(
    session: Session, cast: Cast, database: Database, worker: Worker, clock: Clock, settings: Settings
) -> None:
    player = players(session, cast)[0]
    player.submit()
    day_after_day(worker, clock, 1)
    assert heads(settings) == [], "nobody asked for it"
    actions.set_address(session, cast.provider.id, "heads@example.org", by=cast.priya.id, now=NOW)
    commit(session)
    day_after_day(worker, clock, 1)
    (first,) = heads(settings)
    head = head_of(database, cast.provider.id)
    assert "To: heads@example.org" in first
    assert f"{head.seq}:{head.hash}" in first.replace("=\n", "")
    assert f"python -m portfolio verify --head {head.provider_id}:{head.seq}:{head.hash}" in first
    for name in ("Amina", "Asha", "Marek", "Child A"):
        assert name not in first
    player.decide()
    day_after_day(worker, clock, 1)
    assert len(heads(settings)) == 2
    newest = head_of(database, cast.provider.id)
    assert f"{newest.seq}:{newest.hash}" in heads(settings)[-1]


def test_where_nothing_is_added_a_letter_comes_once_a_week(
    session: Session, cast: Cast, worker: Worker, clock: Clock, settings: Settings
) -> None:
    players(session, cast)[0].submit()
    actions.set_address(session, cast.provider.id, "heads@example.org", by=cast.priya.id, now=NOW)
    commit(session)
    day_after_day(worker, clock, 15)
    assert len(heads(settings)) == 3


def test_a_letter_that_does_not_leave_is_tried_again(
    session: Session, cast: Cast, worker: Worker, clock: Clock, settings: Settings
) -> None:
    players(session, cast)[0].submit()
    actions.set_address(session, cast.provider.id, "heads@example.org", by=cast.priya.id, now=NOW)
    commit(session)
    assert settings.mail_folder is not None
    settings.mail_folder.write_text("in the way")
    day_after_day(worker, clock, 1)
    settings.mail_folder.unlink()
    clock.now += timedelta(hours=1)
    worker.work_off()
    assert len(heads(settings)) == 1


def test_that_the_head_goes_elsewhere_is_told_once_mail_is_back(
    session: Session, cast: Cast, worker: Worker, clock: Clock, settings: Settings
) -> None:
    actions.set_address(session, cast.provider.id, "heads@example.org", by=cast.priya.id, now=NOW)
    commit(session)
    assert settings.mail_folder is not None
    settings.mail_folder.write_text("in the way")
    actions.set_address(session, cast.provider.id, "", by=cast.priya.id, now=NOW)
    commit(session)
    worker.work_off()
    settings.mail_folder.unlink()
    clock.now += timedelta(hours=1)
    worker.work_off()
    (told,) = heads(settings)
    assert "To: heads@example.org" in told
    assert "no longer comes here" in told


@pytest.mark.parametrize("anew", [False, True], ids=["cut off", "written anew"])
def test_a_ledger_that_no_longer_leads_to_the_letter_before_is_said_every_day(
    session: Session,
    cast: Cast,
    database: Database,
    worker: Worker,
    clock: Clock,
    settings: Settings,
    anew: bool,
    caplog: pytest.LogCaptureFixture,
) -> None:
    player = players(session, cast)[0]
    for _ in range(3):
        player.submit()
    actions.set_address(session, cast.provider.id, "heads@example.org", by=cast.priya.id, now=NOW)
    commit(session)
    day_after_day(worker, clock, 1)
    left = head_of(database, cast.provider.id)
    entries, salts = LedgerEntry.__table__, LedgerSalt.__table__
    with by_hand(database) as connection:
        if anew:
            connection.execute(update(entries).where(entries.c.seq == left.seq).values(hash="7" * 64))
        else:
            gone = select(entries.c.id).where(entries.c.seq == left.seq).scalar_subquery()
            connection.execute(delete(salts).where(salts.c.entry_id == gone))
            connection.execute(delete(entries).where(entries.c.seq == left.seq))
    day_after_day(worker, clock, 2)
    _, first, second = heads(settings)
    for letter in (first, second):
        assert "WARNING: the ledger of" in letter
        assert "The ledger no longer leads there." in letter
        assert f"{left.seq}:{left.hash}" in letter
        assert f"verify --head {left.whole}" in letter
        assert "-1 new" not in letter
    assert "ledger.mailed_head_lost" in {one.getMessage() for one in caplog.records}
    for email in ("", "heads@example.org"):
        actions.set_address(session, cast.provider.id, email, by=cast.priya.id, now=NOW)
    commit(session)
    day_after_day(worker, clock, 1)
    assert "WARNING" not in heads(settings)[-1], "begun anew"
